"""Requests from a CSV table: a server and models from a base instance, one request for each row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from partload.instances.channels import Channel
from partload.instances.errors import InputError, expected_one_of
from partload.instances.importing import demand
from partload.instances.importing.channels import ChannelOptions, Conversion
from partload.instances.importing.csv_table import Column, Row
from partload.instances.numbers import exact
from partload.instances.partial_loading.instance import Instance, Request
from partload.instances.reading import instance_of

if TYPE_CHECKING:
    from typing import Unpack

COLUMNS = {
    "id": Column("the id of a request", required=True, number=False),
    "model": Column("the id of a model of the base instance", required=True, number=False),
    "input_bits": Column("the size of the input in bits", required=True, least=0),
    **demand.SHARED_COLUMNS,
    "arrival_s": Column("the arrival in seconds", least=0),
}
"""The columns of a table of requests."""


def import_requests(
    base: Instance | str | Path,
    table: str | Path,
    *,
    name: str | None = None,
    deadline_s: float | None = None,
    **channels: Unpack[ChannelOptions],
) -> Instance:
    """Make an instance from a base instance and a CSV table of requests, which replace those of the base.

    Parameters
    ----------
    base
        An instance of PartialLoading, a file, or the name of an instance of the library: its server, blocks and models.
    table
        A CSV file with the columns ``id``, ``model``, ``input_bits``, for each row one of
        ``spectral_efficiency_bps_per_hz``, ``snr_hz``, ``snr_db`` and ``distance_m``, and, where wanted,
        ``deadline_s``, ``weight`` and ``arrival_s``.
    name
        Name of the new instance; None for the names of the base and of the table.
    deadline_s
        Deadline [s] of the requests whose row has none.
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
        raise InputError(
            "expected an instance of partial-loading; import_users takes those of slide", source=record.name
        )

    def request(row: Row, channel: Channel) -> Request:
        due_s = demand.deadline_of(row, deadline_s)
        weight, arrival_s = row.numbers.get("weight", 1.0), _arrival(row, due_s)
        return Request(
            row.texts["id"], _model(row, record), row.numbers["input_bits"], channel, due_s, weight, arrival_s
        )

    return demand.imported(record, table, COLUMNS, rule, request, what="requests", name=name)


def _model(row: Row, base: Instance) -> str:
    model = row.texts["model"]
    if model not in base.model_index:
        raise row.error("model", expected_one_of(base.model_index, model))
    return model


def _arrival(row: Row, deadline_s: float) -> float:
    arrival = row.numbers.get("arrival_s", 0.0)
    if arrival and arrival >= deadline_s:
        raise row.error("arrival_s", f"expected a number below the deadline, {exact(deadline_s)}, got {exact(arrival)}")
    return arrival
