"""The command line: which commands there are, and how every way of going wrong ends in one line and an exit status.

Exit status: 0 done, 1 the answer is no, 2 the input or the call is wrong, 130 interrupted.

A command imports what it needs when it runs, so that ``partload --help`` is instant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from partload.commands import catalogue, check, explain, export, gap, generate, plot, solve
from partload.instances.errors import InputError

NO, WRONG, INTERRUPTED = 1, 2, 130
COMMANDS: tuple[Callable[..., int | None], ...] = (
    solve.solve,
    check.check,
    gap.gap,
    generate.generate,
    export.export,
    explain.explain,
    plot.plot,
    catalogue.methods,
    catalogue.formulations,
    catalogue.library,
    catalogue.schema,
)
UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises on a call that it cannot parse; its home differs between versions of typer."""


class Commands(typer.core.TyperGroup):
    """Commands of which Ctrl-C is heard here; left alone, typer ends them without a word."""

    def make_context(self, *call: Any, **extra: Any) -> Any:
        """Read the call."""
        with _hearing():
            return super().make_context(*call, **extra)

    def invoke(self, context: Any) -> Any:
        """Run the command that was asked for."""
        with _hearing():
            return super().invoke(context)


@contextmanager
def _hearing() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Abort from None


app = typer.Typer(
    name="partload",
    cls=Commands,
    help="Exact scheduling and bandwidth allocation for AI models at the wireless edge.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in COMMANDS:
    app.command(**generate.PASS_ON if command is generate.generate else {})(command)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context, version: bool = typer.Option(False, "--version", help="Print the version and leave.")
) -> None:
    """Exact scheduling and bandwidth allocation for AI models at the wireless edge."""
    if version:
        from partload import __version__

        print(f"partload {__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


def run(arguments: Sequence[str], commands: typer.Typer = app, name: str = "partload") -> int:
    """Run one call and return its exit status; what is wrong with it goes to standard error, in one line."""
    try:
        status = int(commands(args=list(arguments), prog_name=name, standalone_mode=False) or 0)
        sys.stdout.flush()
        return status
    except InputError as error:
        return _wrong(str(error), WRONG)
    except UsageError as error:
        context = getattr(error, "ctx", None)
        command = [word for word in arguments[:1] if not word.startswith("-")]
        place = context.command_path if context else " ".join((name, *command))
        message = error.format_message().rstrip(".")  # type: ignore[attr-defined]
        see = " See" if message.endswith("?") else "; see"
        return _wrong(f"{message[:1].lower()}{message[1:]}{see} '{place} --help'", WRONG)
    except (KeyboardInterrupt, typer.Abort):
        return _wrong("interrupted", INTERRUPTED)
    except BrokenPipeError:  # The reader, such as `head`, has seen enough.
        _forget_output()
        return NO
    except OSError as error:  # Such as a disk that is full, for what is printed.
        _forget_output()
        return _wrong(f"{error.filename or 'the system reports'}: {error.strerror or error}", WRONG)


def _forget_output() -> None:
    """Have what is not yet printed go nowhere: Python would try, and complain once more, at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _wrong(problem: str, status: int) -> int:
    print(f"partload: {' '.join(problem.split())}", file=sys.stderr)
    return status


def main() -> None:
    """Entry point of the command ``partload``."""
    status = run(sys.argv[1:])
    if status == INTERRUPTED:  # A solver that has not yet heard of it is not waited for, nor let into a dying process.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
