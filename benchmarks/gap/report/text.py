"""Text of a report: definitions, the headline, the effect of sharing, the versions that made the rows."""

from __future__ import annotations

import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.table import EQUAL, Line, MethodSummary, Reference
from partload.instances.problems import PROBLEMS

DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("Gap", "(reference - weight served) / reference; 0 when the reference is 0. A run without a plan has none."),
    (
        "Optimum",
        "The reference where a plan is proved to be the best: by the run that found it, by the bound of another run "
        "that it meets, or by what the library knows of the instance.",
    ),
    (
        "Bound",
        "The reference where no optimum is proved: the least weight of which some run, or the library, proved that no "
        "plan serves more. The true gap is at most the gap to a bound. The two are never averaged together.",
    ),
    (
        "Refused, failed, infeasible",
        "The method does not cover the instance; it raised, crashed, took too much memory or did not stop; its plan "
        "breaks a rule. Such runs have no gap, and no part in means of gaps or times; profiles count them as never "
        "solved.",
    ),
    ("Time", "Of the whole run, building the model and checking the plan included."),
)
UNSHARED = (
    "Without sharing",
    "The run was on a copy of the instance in which every model has private copies of its blocks. Its gap is to "
    "the optimum with sharing: what not sharing costs. Proved then means proved for the copy.",
)
"""Definition that a report with runs without sharing needs as well."""


def escape_invisible(text: str) -> str:
    """Text on one line: invisible characters, such as line feeds and controls, become escape sequences."""
    invisible = ("C", "Zl", "Zp")
    return "".join(
        repr(letter)[1:-1] if unicodedata.category(letter).startswith(invisible) else letter for letter in text
    )


def percent(share: float) -> str:
    """A share in percent without a line break. A share above 0 is never written as 0."""
    return ("< 0.01" if EQUAL < share < 5e-5 else f"{100 * share:.2f}") + "\N{NO-BREAK SPACE}%"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 run``, ``2 runs``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def demand(rows: Iterable[Row]) -> str:
    """The noun for what the plans of the rows serve: ``requests``, ``users``, or both."""
    found = {row.problem for row in rows}
    return " or ".join(problem.demand_name for problem in PROBLEMS if problem.name in found) or "requests"


def headline(lines: Sequence[Line], summaries: Sequence[MethodSummary], unshared: Mapping[str, Reference]) -> list[str]:
    """The results of a study in a few sentences.

    Parameters
    ----------
    lines, summaries
        Lines and summaries of ``partload.benchmarks.gap.table``.
    unshared
        References of the copies without sharing, by the hash of the instance.
    """
    found = {line.row.asked.instance_sha256: line.reference for line in lines}
    kinds = Counter(_kind(reference) for reference in found.values())
    methods = len({line.label for line in lines})
    proved = f"The optimum is proved for {kinds['optimum']:,} of them"
    proved += f", for {kinds['bound']:,} there is only a bound" if kinds["bound"] else ""
    proved += f", for {kinds['nothing']:,} not even a bound" if kinds["nothing"] else ""
    proved += f"; on {kinds['contradiction']:,} the runs contradict each other" if kinds["contradiction"] else ""
    limits = {line.row.asked.time_limit for line in lines}
    limit = f", at most {limits.pop():g} s each" if len(limits) == 1 and None not in limits else ""
    runs = f"{counted(len(lines), 'run')} of {counted(methods, 'method')} on {counted(len(found), 'instance')}{limit}"
    return [
        f"{runs}. {proved}.",
        *_means(summaries),
        *_sharing(found, unshared),
        *_losses(lines),
    ]


def _kind(reference: Reference | None) -> str:
    """The kind of reference of an instance."""
    if reference is None:
        return "nothing"
    return "contradiction" if reference.contradiction else reference.kind


def _means(summaries: Sequence[MethodSummary]) -> list[str]:
    means = [
        f"{part.method} {percent(part.to_optimum.mean)}"
        for part in sorted(summaries, key=lambda part: part.to_optimum.mean or 0.0)
        if part.sharing and part.to_optimum.mean is not None
    ]
    return (
        [f"Mean gap to the optimum, where it is proved and the method has a plan: {', '.join(means)}."] if means else []
    )


def _sharing(shared: Mapping[str, Reference | None], unshared: Mapping[str, Reference]) -> list[str]:
    """The gain of the optimum by sharing, over the instances where both optima are proved."""
    pairs = [
        (with_sharing.value, unshared[sha256].value)
        for sha256, with_sharing in shared.items()
        if with_sharing and with_sharing.kind == "optimum" and sha256 in unshared
        if unshared[sha256].kind == "optimum"
    ]
    gains = [(more - less) / less for more, less in pairs if less > 0]
    if not gains:
        return []
    none, mean, most = sum(gain <= EQUAL for gain in gains), percent(statistics.fmean(gains)), percent(max(gains))
    sentence = (
        f"Where both optima are proved, on {counted(len(gains), 'instance')}, sharing raises the weight served by "
        f"{mean} on average and by {most} at most; on {none:,} of them it brings nothing."
    )
    nothing = sum(more > 0 and less == 0 for more, less in pairs)
    return [sentence + (f" On {nothing:,} more, nobody at all is served without it." if nothing else "")]


def _losses(lines: Sequence[Line]) -> list[str]:
    counts = Counter(line.row.status for line in lines)
    parts = [
        f"{counted(counts['failed'], 'run')} failed" if counts["failed"] else "",
        f"{counted(counts['infeasible'], 'plan')} broke a rule" if counts["infeasible"] else "",
        f"{counted(counts['refused'], 'run')} {'was' if counts['refused'] == 1 else 'were'} refused"
        if counts["refused"]
        else "",
    ]
    counts_text = ", ".join(part for part in parts if part)
    return [f"{counts_text}; the table says why."] if counts_text else []


def provenance(rows: Sequence[Row]) -> list[str]:
    """A sentence for each set of versions that made rows: how many rows, and when the first and the last one ended."""
    by_versions: dict[str, list[str]] = {}
    for row in rows:
        versions = ", ".join(f"{name} {version}" for name, version in row.versions.items())
        by_versions.setdefault(versions, []).append(row.ended)
    return [
        f"{counted(len(ended), 'run')}, ended from {min(ended)} to {max(ended)}: {versions}"
        for versions, ended in by_versions.items()
    ]
