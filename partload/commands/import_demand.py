"""``partload import-requests`` and ``import-users``: an instance from a base instance and a CSV table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.commands import completion

if TYPE_CHECKING:
    from partload.instances.records import AnyInstance

Base = Annotated[
    str,
    typer.Argument(
        help="Base instance: a file, the name of an instance of the library, or - for standard input.",
        autocompletion=completion.instances,
    ),
]
Requests = Annotated[Path, typer.Argument(metavar="REQUESTS.csv", help="Table, also .gz, or - for standard input.")]
Users = Annotated[Path, typer.Argument(metavar="USERS.csv", help="Table, also .gz, or - for standard input.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="File for the instance.", metavar="INSTANCE")]
Name = Annotated[str | None, typer.Option(help="Name of the instance [those of base and table].", metavar="NAME")]
Deadline = Annotated[float | None, typer.Option(help="Deadline in seconds of rows without one.", metavar="S")]
Kind = Annotated[
    str | None, typer.Option(help="What snr_db and distance_m become: flat or power-limited [flat].", metavar="NAME")
]
Power = Annotated[float | None, typer.Option(help="With distance_m: transmit power in dBm [23].", metavar="DBM")]
LossAt1Km = Annotated[
    float | None,
    typer.Option("--path-loss-at-1-km", help="With distance_m: path loss at 1 km in dB [128.1].", metavar="DB"),
]
LossPerDecade = Annotated[
    float | None, typer.Option(help="With distance_m: path loss per tenfold distance in dB [37.6].", metavar="DB")
]
Noise = Annotated[float | None, typer.Option(help="With distance_m: noise density in dBm/Hz [-174].", metavar="DBM")]
Reference = Annotated[
    float | None,
    typer.Option(
        help="Bandwidth in Hz over which a flat channel spreads its power [20e6], or over which snr_db was measured.",
        metavar="HZ",
    ),
]
FLAGS = {
    "deadline": "--deadline",
    "channel": "--channel",
    "transmit_power_dbm": "--transmit-power",
    "path_loss_at_1_km_db": "--path-loss-at-1-km",
    "path_loss_per_decade_db": "--path-loss-per-decade",
    "noise_dbm_per_hz": "--noise-density",
    "reference_bandwidth_hz": "--reference-bandwidth",
}
"""The flag of each option that errors of the functions name."""


def import_requests(
    base: Base,
    table: Requests,
    output: Output,
    name: Name = None,
    deadline: Deadline = None,
    channel: Kind = None,
    transmit_power: Power = None,
    path_loss_at_1_km: LossAt1Km = None,
    path_loss_per_decade: LossPerDecade = None,
    noise_density: Noise = None,
    reference_bandwidth: Reference = None,
) -> None:
    """Make an instance of PartialLoading from a CSV table.

    Server, blocks and models are those of the base instance, the requests those of the table. Columns: id, model,
    input_bits; the channel as one of spectral_efficiency_bps_per_hz, snr_hz, snr_db, distance_m; deadline_s, weight and
    arrival_s where wanted.
    """
    from partload.instances.partial_loading import importing

    _write(
        base,
        table,
        output,
        lambda record: importing.import_requests(
            record,
            table,
            name=name,
            deadline_s=deadline,
            channel=channel,
            transmit_power_dbm=transmit_power,
            path_loss_at_1_km_db=path_loss_at_1_km,
            path_loss_per_decade_db=path_loss_per_decade,
            noise_dbm_per_hz=noise_density,
            reference_bandwidth_hz=reference_bandwidth,
        ),
    )


def import_users(
    base: Base,
    table: Users,
    output: Output,
    name: Name = None,
    deadline: Deadline = None,
    channel: Kind = None,
    transmit_power: Power = None,
    path_loss_at_1_km: LossAt1Km = None,
    path_loss_per_decade: LossPerDecade = None,
    noise_density: Noise = None,
    reference_bandwidth: Reference = None,
) -> None:
    """Make an instance of SLIDE from a CSV table of users.

    Downlink and models are those of the base instance, the users those of the table. Columns: id, models with ; between
    them, max_flop_per_s; the channel as one of spectral_efficiency_bps_per_hz, snr_hz, snr_db, distance_m; deadline_s,
    weight, min_flop_per_s, min_accuracy, energy_budget_j and energy_coefficient where wanted.
    """
    from partload.instances.slide import importing

    _write(
        base,
        table,
        output,
        lambda record: importing.import_users(
            record,
            table,
            name=name,
            deadline_s=deadline,
            channel=channel,
            transmit_power_dbm=transmit_power,
            path_loss_at_1_km_db=path_loss_at_1_km,
            path_loss_per_decade_db=path_loss_per_decade,
            noise_dbm_per_hz=noise_density,
            reference_bandwidth_hz=reference_bandwidth,
        ),
    )


def _write(base: str, table: Path, output: Path, make: Callable[[str], AnyInstance]) -> None:
    """Make an instance, write it and say what it is."""
    from partload.instances import files
    from partload.instances.errors import InputError
    from partload.instances.problems import problem_of

    if Path(base) == table == files.STANDARD_INPUT:
        raise InputError("expected the standard input for one of base and table, not for both", source="-")
    console.ensure_writable(output, inputs=(base, table))
    try:
        instance = make(base)
    except InputError as error:
        if error.source == "" and error.path in FLAGS:
            raise InputError(error.problem, FLAGS[error.path]) from None
        raise InputError(error.problem.replace("import_", "import-"), error.path, error.source) from None
    files.write(instance, output)
    problem = problem_of(instance)
    print(f"wrote {output}: {len(instance.models)} models, {len(instance.demand)} {problem.demand_name}")
