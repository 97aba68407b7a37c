"""The command line, a module per noun."""

import typer

from bot.cli import (
    archive,
    asking,
    curating,
    declaring,
    delivering,
    enriching,
    examining,
    importing,
    posting,
    running,
    syncing,
)

app = typer.Typer(
    name="paperboy",
    help="Brings a community the week's machine-learning papers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

for module in (
    running,
    asking,
    delivering,
    posting,
    examining,
    declaring,
    syncing,
    importing,
    enriching,
    archive,
    curating,
):
    module.register(app)
