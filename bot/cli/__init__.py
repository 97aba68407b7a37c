"""The command line, a module per command."""

from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from bot.cli import (
    archive,
    ask,
    conflicts,
    curate,
    doctor,
    edits,
    embed,
    enrich,
    health,
    import_,
    manifest,
    post,
    reports,
    review,
    run,
    site,
    status,
    sync,
    translate,
)

app = typer.Typer(
    name="paperboy",
    help="Brings a community the week's machine-learning papers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

for module in (
    run,
    ask,
    status,
    health,
    post,
    doctor,
    manifest,
    sync,
    import_,
    enrich,
    embed,
    translate,
    archive,
    curate,
    edits,
    reports,
    review,
    conflicts,
    site,
):
    module.register(app)


def _print_version(is_wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if is_wanted:
        typer.echo(f"paperboy {installed_version('paperboy')}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Bring a community the week's machine-learning papers."""
