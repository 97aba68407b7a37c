"""`paperboy conflicts`: corrected texts that their source has changed, and what is decided."""

import asyncio
from typing import Annotated

import typer

from bot.app.archive import open_archive
from bot.cards.locale import Locale
from bot.cards.reports import text_name
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.cli.operator import attribution
from bot.cli.output import print_line
from bot.commands import curation
from bot.lib.clean import one_line
from bot.ports.curation import CurationRefused

_MOST_LISTED = 50

NumberArgument = Annotated[int, typer.Argument(help="The number of the conflict.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Lists corrected texts that their source has changed, and decides.")
    group.callback(invoke_without_command=True)(list_conflicts)
    group.command("keep")(keep)
    group.command("take")(take)
    app.add_typer(group, name="conflicts")


def list_conflicts(context: typer.Context) -> None:
    """List the conflicts that are open, oldest first, each with the three versions."""
    if context.invoked_subcommand is None:
        asyncio.run(_list())


def keep(number: NumberArgument) -> None:
    """Keep the corrected text."""

    async def decide() -> None:
        async with open_archive(configuration.load(), warn) as context:
            try:
                await context.conflicts.keep_ours(number, attribution())
            except CurationRefused as error:
                fail(str(error))

    asyncio.run(decide())
    print_line(f"Conflict {number}: the corrected text stays.")


def take(number: NumberArgument) -> None:
    """Show what the source says now; `paperboy correct` words it anew instead."""

    async def decide() -> int:
        async with open_archive(configuration.load(), warn) as context:
            found = await context.conflicts.conflict(number)
            papers = await context.archive.papers([found.paper]) if found else ()
            paper = papers[0] if papers else None
            request = curation.settlement_of(context, found, paper) if found else None
            if request is None:
                fail(f"There is no conflict {number}.")
            try:
                done = await context.conflicts.settle_conflict(number, request, attribution())
            except CurationRefused as error:
                fail(str(error))
            return done.edit

    edit = asyncio.run(decide())
    print_line(
        f"Conflict {number}: the source's text is shown. To take it back: paperboy undo {edit}"
    )


async def _list() -> None:
    async with open_archive(configuration.load(), warn) as context:
        found = await context.conflicts.open_conflicts(_MOST_LISTED, 0)
        papers = await context.archive.papers([each.paper for each in found.conflicts])
        names = {paper.id: curation.paper_name(paper) for paper in papers}
        locale = Locale(context.catalogues, "en")
        for each in found.conflicts:
            name = text_name(locale, each.field, each.language)
            place = " ".join(map(str, each.issue)) if each.issue else f"id:{each.paper}"
            paper = one_line(names.get(each.paper, place))
            print_line(f"{each.id}  {each.made_at:%Y-%m-%d %H:%M} UTC  {paper}: {name}")
            print_line(f"    the source before: {one_line(each.before) or '-'}")
            print_line(f"    the source now: {one_line(each.theirs) or '-'}")
            print_line(f"    corrected here: {one_line(each.ours) or '-'}")
        print_line(f"Open: {found.total}.")
