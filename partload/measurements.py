"""What commands print of a measured run: its verdict, and measured beside predicted times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from partload import console
from partload.instances.measured import Cause, MeasuredReport, Row


def show(report: MeasuredReport) -> None:
    """Print the verdict and the comparison."""
    if report.feasible:
        print(f"feasible as measured, objective {console.number(report.objective)}")
    else:
        console.violations(report.violations)
    compare(report)


def compare(report: MeasuredReport) -> None:
    """Print each slot or user with what the model predicts, and the error of the last end by cause."""
    last = report.last
    if last is None:
        return
    names = [name for name in last.causes if name != "waiting"]
    columns = [
        "place",
        "name",
        *(f"{text}>" for name in names for text in (name, "error")),
        "end>",
        "predicted>",
        "error>",
    ]
    console.table(columns, (_cells(row, names) for row in report.rows))
    print(
        f"last end {console.seconds(last.end.measured_s)}, predicted {console.seconds(last.end.predicted_s)}, ", end=""
    )
    shares = (f"{name} {_signed(share)}" for name, share in last.shares_s.items())
    print(f"error {_relative(last.end)}: {', '.join(shares)}")


def _cells(row: Row, names: list[str]) -> Iterator[str]:
    yield row.place
    yield row.name
    for name in names:
        yield console.seconds(row.causes[name].measured_s)
        yield _signed(row.causes[name].error_s)
    yield console.seconds(row.end.measured_s)
    yield console.seconds(row.end.predicted_s)
    yield _relative(row.end)


def _signed(time_s: float) -> str:
    return f"{time_s:+.3g} s" if abs(time_s) >= 5e-7 else "0 s"


def _relative(end: Cause) -> str:
    return f"{end.error_s / end.predicted_s:+.1%}" if end.predicted_s > 0 else _signed(end.error_s)


def document(report: MeasuredReport) -> dict[str, object]:
    """The verdict and the comparison as JSON has them."""
    last = report.last
    return {
        "feasible": report.feasible,
        "objective": report.objective,
        "violations": [console.violation_document(violation) for violation in report.violations],
        "rows": [_row_document(row) for row in report.rows],
        "last_end": None if last is None else {**_cause_document(last.end), "error_by_cause_s": dict(last.shares_s)},
    }


def show_json(report: MeasuredReport) -> None:
    """Print the verdict and the comparison as JSON."""
    from json import dumps

    print(dumps(document(report), indent=1, ensure_ascii=False))


def _row_document(row: Row) -> Mapping[str, object]:
    causes = {name: _cause_document(cause) for name, cause in row.causes.items()}
    return {
        "place": row.place,
        "name": row.name,
        **causes,
        "end": _cause_document(row.end),
        "error_by_cause_s": dict(row.shares_s),
    }


def _cause_document(cause: Cause) -> dict[str, float]:
    return {"predicted_s": cause.predicted_s, "measured_s": cause.measured_s, "error_s": cause.error_s}
