"""The command line, a module per noun."""

import typer

from bot.cli import (
    archive,
    ask,
    curate,
    doctor,
    enrich,
    import_,
    manifest,
    post,
    run,
    status,
    sync,
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
    post,
    doctor,
    manifest,
    sync,
    import_,
    enrich,
    archive,
    curate,
):
    module.register(app)
