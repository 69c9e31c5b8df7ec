"""The command line: the list of commands, the exit statuses, and the one line that every error ends in.

Exit status: 0 done, 1 the answer is no, 2 the input or the call is wrong, 130 interrupted.

Each command imports the libraries that it needs when it runs, so that ``partload --help`` stays instant.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from partload.commands import (
    calibrate,
    catalogue,
    check,
    explain,
    explore,
    export,
    gap,
    generate,
    import_demand,
    import_solution,
    new,
    plot,
    price,
    replay,
    scan,
    solve,
    trace,
)
from partload.instances.errors import InputError

ANSWER_IS_NO, WRONG_INPUT, INTERRUPTED = 1, 2, 130
COMMANDS: tuple[Callable[..., int | None], ...] = (
    solve.solve,
    check.check,
    gap.gap,
    price.price,
    generate.generate,
    import_demand.import_requests,
    import_demand.import_users,
    trace.trace,
    import_solution.import_solution,
    calibrate.calibrate,
    replay.replay,
    scan.scan,
    export.export,
    explain.explain,
    explore.explore,
    plot.plot,
    catalogue.methods,
    catalogue.formulations,
    catalogue.library,
    catalogue.schema,
    new.new,
)
HELP = {"help_option_names": ["-h", "--help"]}
UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""The exception of typer for a call that it cannot parse. The module that defines it differs between versions."""


class CommandGroup(typer.core.TyperGroup):
    """A group of commands that turns Ctrl-C into ``typer.Abort``, because typer itself would exit without a message."""

    def make_context(self, *call: Any, **extra: Any) -> Any:
        """Parse the call."""
        with _abort_on_interrupt():
            return super().make_context(*call, **extra)

    def invoke(self, context: Any) -> Any:
        """Run the command."""
        with _abort_on_interrupt():
            return super().invoke(context)


@contextmanager
def _abort_on_interrupt() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Abort from None


app = typer.Typer(
    name="partload",
    cls=CommandGroup,
    help="Exact scheduling and bandwidth allocation for AI models at the wireless edge.",
    context_settings=HELP,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in COMMANDS:
    app.command(**generate.SETTINGS if command is generate.generate else {"context_settings": HELP})(command)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context, version: bool = typer.Option(False, "--version", help="Print the version and exit.")
) -> None:
    """Exact scheduling and bandwidth allocation for AI models at the wireless edge."""
    if version:
        from partload import __version__

        print(f"partload {__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


def run(arguments: Sequence[str], commands: typer.Typer = app, name: str = "partload") -> int:
    """Run one call and return its exit status; an error is one line on standard error."""
    try:
        status = int(commands(args=list(arguments), prog_name=name, standalone_mode=False) or 0)
        sys.stdout.flush()
        return status
    except InputError as error:
        return _fail(str(error), WRONG_INPUT)
    except UsageError as error:
        context = getattr(error, "ctx", None)
        command = [word for word in arguments[:1] if not word.startswith("-")]
        place = context.command_path if context else " ".join((name, *command))
        message = error.format_message().rstrip(".")  # type: ignore[attr-defined]
        see = " See" if message.endswith("?") else "; see"
        return _fail(f"{message[:1].lower()}{message[1:]}{see} '{place} --help'", WRONG_INPUT)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:  # The reader of the output, such as `head`, has closed it.
        _discard_output()
        return ANSWER_IS_NO
    except OSError as error:  # For example, standard output goes to a full disk.
        _discard_output()
        return _fail(f"{error.filename or 'the system reports'}: {error.strerror or error}", WRONG_INPUT)


def _discard_output() -> None:
    """Discard the output that is still buffered; otherwise Python would try to print it at exit and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(problem: str, status: int) -> int:
    print(f"partload: {' '.join(problem.split())}", file=sys.stderr)
    return status


def run_process() -> None:
    """Run the call of this process and end the process with its exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # Names of files may hold what the terminal cannot show.
        sys.stdout.reconfigure(errors="backslashreplace")
    status = run(sys.argv[1:])
    if (
        status == INTERRUPTED
    ):  # A thread of a solver may still run: the process neither waits for it nor lets it see the exit.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
