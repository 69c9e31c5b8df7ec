"""A study in shards, one for each job of an array, and the merge of their results logs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from partload.benchmarks.gap.results_log import ResultsLog, read_log
from partload.benchmarks.gap.rows import Row, RunKey
from partload.benchmarks.gap.run import Task
from partload.instances import arguments
from partload.instances.errors import InputError


class Shard(NamedTuple):
    """One of several parts of a study. The parts are disjoint, and together they are the study."""

    number: int
    """From 1 to ``total``."""
    total: int

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"


def read_shard(text: str) -> Shard:
    """Read ``3/20``, the third of twenty shards.

    Raises
    ------
    InputError
        When the text is not of this form, or the number is not from 1 to the count.
    """
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    shard = Shard(int(found[1]), int(found[2])) if found else Shard(0, 0)
    if not 1 <= shard.number <= shard.total:
        raise InputError(
            f"expected NUMBER/COUNT, such as 3/20, with a number from 1 to the count, got {text!r}", "shard"
        )
    return shard


def tasks_of(tasks: Sequence[Task], shard: Shard) -> list[Task]:
    """Select the tasks of a shard.

    The shard of a run is the number of its instance plus the number of its method, modulo the count. So the slow runs
    of one method, and those on one large instance, are spread over all shards.
    """
    instances: dict[tuple[str, object], int] = {}
    methods: Counter[tuple[str, object]] = Counter()
    selected = []
    for task in tasks:
        case = (task.asked.instance_sha256, task.asked.swept)
        number = instances.setdefault(case, len(instances)) + methods[case]
        methods[case] += 1
        if number % shard.total == shard.number - 1:
            selected.append(task)
    return selected


class Merged(NamedTuple):
    """The rows of several results logs."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    """What a reader must know: rows that are double, incomplete or missing."""


def merge_logs(logs: Sequence[str | Path], output: str | Path | None = None) -> Merged:
    """Merge results logs, and write all rows into one.

    Parameters
    ----------
    logs
        Files of rows, at least one. They stay as they are.
    output
        File of all rows; it may exist and have rows already. None for no file.

    Raises
    ------
    InputError
        When a log cannot be read, has a line that is not a row, or is the output, or when the output cannot be written.
    """
    paths = [arguments.path(log, "merge") for log in arguments.items(logs, "a sequence of results logs", "merge")]
    output = arguments.optional_path(output, "output")
    if not paths:
        raise InputError("expected at least one results log, got none", source="merge")
    if output is not None and any(_same_file(path, output) for path in paths):
        raise InputError("expected another file: the output is one of the logs to merge", source=str(output))
    read = [(path, *read_log(path)) for path in paths]
    notes = [f"{path} ends in an incomplete row, which is left out" for path, _, complete in read if not complete]
    with ResultsLog(output) as log:
        given = [row for _, rows, _ in read for row in rows]
        for row in given:
            if row.asked not in log.rows:
                log.add(row)
        rows = _in_order(list(log.rows.values()))
    double = len(given) - len({row.asked for row in given})
    if double:
        notes.append(f"{double} runs are in more than one row; the first row of a run counts")
    return Merged(rows, (*notes, *_missing(row.asked for row in rows)))


def _in_order(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows instance by instance, and method by method, each in the order in which the logs name them first."""
    cases = list(dict.fromkeys((row.asked.instance_sha256, row.asked.swept) for row in rows))
    methods = list(dict.fromkeys((row.asked.sharing, row.asked.method) for row in rows))
    case_numbers = {case: number for number, case in enumerate(cases)}
    method_numbers = {method: number for number, method in enumerate(sorted(methods, key=lambda one: not one[0]))}

    def place(row: Row) -> tuple[int, int]:
        asked = row.asked
        return case_numbers[asked.instance_sha256, asked.swept], method_numbers[asked.sharing, asked.method]

    return tuple(sorted(rows, key=place))


def _missing(asked: Iterable[RunKey]) -> list[str]:
    """A note for each method that ran on some instances of a study and not on others: a shard may be missing."""
    keys = list(asked)
    cases = {(key.instance_sha256, key.swept) for key in keys}
    ran: dict[tuple[str, bool], set[tuple[str, object]]] = {}
    for key in keys:
        ran.setdefault((key.method, key.sharing), set()).add((key.instance_sha256, key.swept))
    return [
        f"{method}{'' if sharing else ', no sharing'} has no run on {len(cases - on)} of {len(cases)} instances: "
        "a log may be missing or incomplete"
        for (method, sharing), on in ran.items()
        if cases - on
    ]


def _same_file(a: Path, b: Path) -> bool:
    return a.exists() and b.exists() and a.samefile(b)
