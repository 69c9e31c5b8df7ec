"""``partload generate``: an instance of a family; the options of the command are the fields of the family's options.

The options are read when the command runs, so that ``partload --help`` does not import them: ``generate`` accepts any
arguments and passes them to a group with one command for each family.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from partload import console

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from partload.instances.generation.families import Family

Json = Annotated[bool, typer.Option("--json", help="Print the families and their options as JSON and nothing else.")]
SETTINGS: dict[str, Any] = {
    "add_help_option": False,
    "context_settings": {"ignore_unknown_options": True},
    "options_metavar": "FAMILY [OPTIONS]",
}
"""Settings of the command: it parses no option itself."""


def generate(arguments: Annotated[list[str] | None, typer.Argument(hidden=True)] = None) -> int:
    """Make an instance of a family."""
    from partload.cli import HELP, CommandGroup, run
    from partload.instances.generators import FAMILIES

    group = typer.Typer(
        cls=CommandGroup,
        help="Make an instance of a family and write it to a file.",
        add_completion=False,
        context_settings=HELP,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    group.callback(invoke_without_command=True)(_start)
    for name, family in FAMILIES.items():
        described = family.description[:1].upper() + family.description[1:] + "."
        group.command(name, help=described, context_settings=HELP)(_command(name, family))
    return run(arguments or ["--help"], group, "partload generate")


def _start(context: typer.Context, json: Json = False) -> None:
    """Print the families, where that is asked for; the families themselves are commands."""
    if not json:
        if context.invoked_subcommand is None:
            print(context.get_help())
        return
    if context.invoked_subcommand is not None:
        raise typer.BadParameter(
            f"expected it behind the family: {context.invoked_subcommand} --json", param_hint="--json"
        )
    from partload.listings import families

    console.print_json(families())


def _command(name: str, family: Family) -> Callable[..., None]:
    """The command of one family, with one parameter for each field of its options."""

    def write(output: Path | None, json: bool, **chosen: object) -> None:
        if json:
            from partload.listings import families

            console.print_json(families([name])[0])
            return
        if output is None:
            from partload.cli import UsageError

            raise UsageError("Missing option '-o' / '--output'.")
        from partload.instances import files
        from partload.instances.errors import InputError
        from partload.instances.generators import generate as make
        from partload.instances.problems import problem_of

        console.ensure_writable(output)
        try:
            instance = make(name, **chosen)
        except InputError as error:
            option = "--" + error.path.replace("_", "-")
            raise InputError(error.problem, option) from None
        files.write(instance, output)
        problem = problem_of(instance)
        asking = f"{len(instance.demand)} {problem.demand_name}"
        print(f"wrote {output}: {len(instance.models)} models, {asking}")

    output = typer.Option(None, "-o", "--output", help="File for the instance.", metavar="INSTANCE")
    json = typer.Option(False, "--json", help="Print the options of the family as JSON and nothing else.")
    only = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("output", only, default=output, annotation=Path | None),
        inspect.Parameter("json", only, default=json, annotation=bool),
    ]
    parameters += [_parameter(name, field) for name, field in vars(family.options)["__pydantic_fields__"].items()]
    write.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    write.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return write


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    """A field of the options as a parameter of the command; the options check the range of the value."""
    kind = _value_type(field.annotation)
    flag = f"--{name.replace('_', '-')}"
    choices = _choices(field.annotation)
    option = typer.Option(
        field.default,
        flag,
        help=(field.description or "") + (f": {', '.join(choices)}" if choices else ""),
        show_default=field.default is not None and kind is not bool,
        metavar="NAME" if choices else {int: "N", float: "X"}.get(kind),
    )
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=kind | None)


def _choices(annotation: object) -> tuple[str, ...]:
    return typing.get_args(annotation) if typing.get_origin(annotation) is Literal else ()


def _value_type(annotation: object) -> type:
    """The type of one value: ``float`` for ``Positive | None``, ``str`` for a choice of names."""
    if isinstance(annotation, type):
        return annotation
    if typing.get_origin(annotation) is Literal:
        return str
    inner = next(part for part in typing.get_args(annotation) if part is not types.NoneType)
    return _value_type(inner)
