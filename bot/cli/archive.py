"""`paperboy export`, `backup`, `restore`, `check` and `transfer`: the archive as a whole."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from bot.app.archive import open_archive, refuse_foreign_log
from bot.cli import settings as configuration
from bot.cli.exit import EXIT_FAILURE, fail, warn
from bot.model import weeks
from bot.model.papers import Issue
from bot.model.weeks import Week
from bot.ports.archive import SeriesPreference
from bot.sources.parsers.bundle import dump
from storage.addresses import find_database
from storage.database import Database
from storage.restore import record_restored
from storage.restore import restore as restore_copy
from storage.transfer import transfer as transfer_archive


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("export")(export)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("check")(check)
    app.command("transfer")(transfer)


def export(
    *,
    week: Annotated[str, typer.Option(help="Only this week, such as 2023-W41.")] = "",
    series: Annotated[str, typer.Option(help="Only this series.")] = "",
    form: Annotated[
        Literal["json", "yaml"], typer.Option("--format", help="How it is written.")
    ] = "json",
) -> None:
    """Write the archive as a bundle that `paperboy import` reads."""
    issues = asyncio.run(_export(series or None, week))
    if not issues and (week or series):
        fail("No issue is stored under this week and series; `paperboy ask /about` lists them.")
    typer.echo(dump(issues, form), nl=False)


async def _export(series: str | None, week: str) -> list[Issue]:
    async with open_archive(configuration.load(), warn) as context:
        wanted = None
        if week:
            reference = weeks.parse(week)
            if reference is None:
                fail(f"{week!r} is not a week. Write it like 2023-W41 or 2023-10-09.")
            if isinstance(reference, Week):
                wanted = reference
            else:
                place = SeriesPreference(context.series, only=series)
                found = await context.archive.find_issue(reference, context.today(), place)
                if found.issue is None:
                    return []
                wanted = found.issue.week
        return [issue async for issue in context.archive.issues(series, wanted)]


def backup(target: Annotated[Path, typer.Argument(help="The new file.")]) -> None:
    """Write a consistent copy of the archive, also while the bot runs."""
    _existing_database().copy_to(target)
    typer.echo(f"Copied to {target}.")


def restore(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="The copy that `paperboy backup` wrote; none where it was put back otherwise, "
            "as with pg_restore."
        ),
    ] = None,
) -> None:
    """Put a copy in the place of the archive; nothing is posted twice for it."""
    if source is None:
        record_restored(_existing_database())
        typer.echo("Noted that the archive was restored.")
    else:
        database = find_database(configuration.load().database_url)
        refuse_foreign_log(database, warn)
        restored = restore_copy(database, source)
        typer.echo(f"Restored {source}.")
        if restored.former:
            typer.echo(f"The archive before is kept as {restored.former}.")
        if restored.forgotten:
            typer.echo(
                "Who asked to be forgotten since the copy was forgotten again: "
                f"{restored.forgotten}."
            )
    typer.echo("What may have been posted since the copy is looked for before it is posted.")


def check() -> None:
    """Verify that the archive is whole."""
    database = _existing_database()
    broken = database.check_integrity()
    for line in broken:
        typer.echo(line, err=True)
    if broken:
        typer.echo("Stop the bot, and restore a copy: paperboy restore FILE.", err=True)
        raise typer.Exit(EXIT_FAILURE)
    typer.echo(f"{database.name} is whole.")


def transfer(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Where the archive is.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty database or a new file.")],
) -> None:
    """Transfer the archive with all its deliveries to another database."""
    there = find_database(target)
    shown = Console(stderr=True)
    with Progress(console=shown, disable=not shown.is_terminal, transient=True) as progress:
        task = progress.add_task("Transferring", total=None)
        rows = transfer_archive(
            find_database(source),
            there,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    typer.echo(f"Transferred {rows} rows to {there.name}.")
    typer.echo("Set PAPERBOY_DATABASE_URL to it. The former archive is kept, and is used no more.")


def _existing_database() -> Database:
    database = find_database(configuration.load().database_url)
    if not database.exists():
        fail(f"There is no archive at {database.name} yet; `paperboy import` makes it.")
    refuse_foreign_log(database, warn)
    return database
