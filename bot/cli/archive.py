"""`paperboy export`, `backup`, `restore` and `check`: the archive as a whole."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.app import open_archive
from bot.cli import settings as configuration
from bot.cli.exit import EXIT_FAILURE, fail, warn
from bot.model import weeks
from bot.model.papers import Issue
from bot.model.weeks import Week
from bot.ports.archive import SeriesPreference
from bot.sources.parsers.bundle import dump
from storage import database
from storage.restore import restore as restore_copy


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("export")(export)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("check")(check)


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
    path = _database_path()
    database.copy(path, target)
    typer.echo(f"Copied to {target}.")


def restore(
    source: Annotated[Path, typer.Argument(help="The copy that `paperboy backup` wrote.")],
) -> None:
    """Put a copy in the place of the archive; nothing is posted twice for it."""
    path = database.database_path(configuration.load().database_url)
    former = restore_copy(path, source)
    typer.echo(f"Restored {source}.")
    if former:
        typer.echo(f"The archive before is kept as {former}.")
    typer.echo("What may have been posted since the copy is looked for before it is posted.")


def check() -> None:
    """Verify that the archive's file is whole."""
    path = _database_path()
    broken = database.check_integrity(path)
    for line in broken:
        typer.echo(line, err=True)
    if broken:
        typer.echo("Stop the bot, and restore a copy: paperboy restore FILE.", err=True)
        raise typer.Exit(EXIT_FAILURE)
    typer.echo(f"{path} is whole.")


def _database_path() -> Path:
    path = database.database_path(configuration.load().database_url)
    if not path.exists() or not path.stat().st_size:
        fail(f"There is no archive at {path} yet; `paperboy import` makes it.")
    return path
