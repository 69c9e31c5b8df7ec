"""Users from a CSV table: a downlink and models from a base instance, one user for each row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from partload.instances.channels import Channel
from partload.instances.errors import InputError, expected_one_of
from partload.instances.importing import demand
from partload.instances.importing.channels import ChannelOptions, Conversion
from partload.instances.importing.csv_table import Column, Row
from partload.instances.numbers import exact
from partload.instances.reading import instance_of
from partload.instances.slide.instance import Instance, User

if TYPE_CHECKING:
    from typing import Unpack

BETWEEN_MODELS = ";"
"""Between the models of a user."""
BUDGET = ("energy_budget_j", "energy_coefficient")
COLUMNS = {
    "id": Column("the id of a user", required=True, number=False),
    "models": Column(
        f"the ids of the models that may serve a user, {BETWEEN_MODELS!r} between them", required=True, number=False
    ),
    "max_flop_per_s": Column("the greatest speed of the device in FLOP/s", required=True, least=0, above=True),
    **demand.SHARED_COLUMNS,
    "min_flop_per_s": Column("the least speed of the device in FLOP/s", least=0),
    "min_accuracy": Column("the least accuracy", least=0, most=1),
    "energy_budget_j": Column("the energy budget in joules", least=0, above=True),
    "energy_coefficient": Column("kappa in J s^2 / FLOP^3", least=0, above=True),
}
"""The columns of a table of users."""


def import_users(
    base: Instance | str | Path,
    table: str | Path,
    *,
    name: str | None = None,
    deadline_s: float | None = None,
    **channels: Unpack[ChannelOptions],
) -> Instance:
    """Make an instance from a base instance and a CSV table of users, who replace those of the base.

    Parameters
    ----------
    base
        An instance of SLIDE, a file, or the name of an instance of the library: its downlink, models and frequency.
    table
        A CSV file with the columns ``id``, ``models``, ``max_flop_per_s``, for each row one of
        ``spectral_efficiency_bps_per_hz``, ``snr_hz``, ``snr_db`` and ``distance_m``, and, where wanted,
        ``deadline_s``, ``weight``, ``min_flop_per_s``, ``min_accuracy``, ``energy_budget_j``, ``energy_coefficient``.
    name
        Name of the new instance; None for the names of the base and of the table.
    deadline_s
        Deadline [s] of the users whose row has none.
    channels
        What ``snr_db`` and ``distance_m`` become, see ``ChannelOptions``.

    Raises
    ------
    InputError
        When the table is not exactly right: it names the file, the line, the column and what was expected.
    """
    demand.ensure_positive(deadline_s, "deadline")
    rule = Conversion(channels)
    record = instance_of(base)
    if not isinstance(record, Instance):
        problem = "expected an instance of slide; import_requests takes those of partial-loading"
        raise InputError(problem, source=record.name)

    def user(row: Row, channel: Channel) -> User:
        _check(row)
        return User(
            id=row.texts["id"],
            models=_models(row, record),
            channel=channel,
            deadline_s=demand.deadline_of(row, deadline_s),
            max_flop_per_s=row.numbers["max_flop_per_s"],
            min_flop_per_s=row.numbers.get("min_flop_per_s", 0.0),
            min_accuracy=row.numbers.get("min_accuracy"),
            weight=row.numbers.get("weight", 1.0),
            energy_budget_j=row.numbers.get("energy_budget_j"),
            energy_coefficient=row.numbers.get("energy_coefficient"),
        )

    return demand.imported(record, table, COLUMNS, rule, user, what="users", name=name)


def _check(row: Row) -> None:
    """Raise InputError on values of a row that do not go together."""
    least, most = row.numbers.get("min_flop_per_s", 0.0), row.numbers["max_flop_per_s"]
    if least > most:
        raise row.error("min_flop_per_s", f"expected at most max_flop_per_s, {exact(most)}, got {exact(least)}")
    for given, missing in (BUDGET, BUDGET[::-1]):
        if given in row.numbers and missing not in row.numbers:
            raise row.error(missing, f"expected a value beside {given}, the cell is empty or the column missing")


def _models(row: Row, base: Instance) -> tuple[str, ...]:
    models = tuple(row.texts["models"].split(BETWEEN_MODELS))
    for number, model in enumerate(models):
        if model not in base.model_index:
            raise row.error("models", expected_one_of(base.model_index, model, also=f", {BETWEEN_MODELS!r} between"))
        if model in models[:number]:
            raise row.error("models", f"expected no repeats, {model!r} is there twice")
    return models
