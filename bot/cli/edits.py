"""`paperboy undo` and `history`: makes curators' edits, and tells of them."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer

from bot.app.archive import open_archive
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.cli.output import print_line
from bot.commands import curation
from bot.commands.context import Context
from bot.lib.clean import one_line
from bot.model.curation import (
    Attribution,
    Change,
    CurationRequest,
    Edit,
    Undo,
    issue_key,
    parse_issue_key,
)
from bot.model.week_phrases import parse_week_phrase
from bot.ports.curation import CurationRefused

SeriesOption = Annotated[str, typer.Option(help="The series, where several may be meant.")]
WhyOption = Annotated[str, typer.Option(help="The reason, which is kept with the edit.")]
EditRequest = Callable[[Context], Awaitable[CurationRequest]]
"""Finds in the archive what an edit is about."""

_SHOWN = 60
"""The most characters of a text that the history shows."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("undo")(undo)
    app.command("history")(history)


def make_edits(requests: Sequence[EditRequest], why: str) -> None:
    """Make edits one after the other, and print each with its undo."""
    asyncio.run(_make(requests, Attribution(_actor(), why.strip())))


def undo(
    edit: Annotated[
        int | None, typer.Argument(help="Its number; without one, the newest edit.")
    ] = None,
    *,
    why: WhyOption = "",
) -> None:
    """Take an edit back; an undo can be undone by its own number."""

    async def request(_: Context) -> CurationRequest:
        return Undo(edit)

    make_edits([request], why)


def history(
    paper: Annotated[
        str, typer.Argument(help="A paper or a week, such as 2026-W26; without one, all edits.")
    ] = "",
    *,
    series: SeriesOption = "",
    limit: Annotated[int, typer.Option(min=1, help="The most edits.")] = 50,
) -> None:
    """Show what curators changed: who, when, why, before and after."""
    for edit in asyncio.run(_history(paper, series, limit)):
        state = " [taken back]" if edit.is_undone else ""
        undoes = f" of edit {edit.undoes}" if edit.undoes else ""
        reason = f" ({one_line(edit.by.reason)})" if edit.by.reason else ""
        print_line(
            f"{edit.id}  {edit.made_at:%Y-%m-%d %H:%M} UTC  {edit.by.actor}  "
            f"{edit.action}{undoes}  {edit.key}{reason}{state}"
        )
        for change in edit.changes:
            print_line(f"    {_change_line(change)}")


async def _history(paper: str, series: str, limit: int) -> tuple[Edit, ...]:
    async with open_archive(configuration.load(), warn) as context:
        key = paper or None
        if paper and parse_week_phrase(paper, context.today()):
            try:
                key = issue_key(*await curation.find_week(context, paper, series))
            except CurationRefused as error:
                fail(str(error))
        elif paper and not await context.curation.edits(paper, 1):
            try:  # what was removed has no name any more, but its key is known
                key = (await curation.find_paper(context, paper)).key
            except CurationRefused as error:
                fail(str(error))
        return await context.curation.edits(key, limit)


async def _make(requests: Sequence[EditRequest], by: Attribution) -> None:
    async with open_archive(configuration.load(), warn) as context:
        for request in requests:
            try:
                edit = await context.curation.curate(await request(context), by)
            except CurationRefused as error:
                fail(str(error))
            name = await _name(context, edit)
            for change in edit.changes:
                print_line(f"{name}: {_change_line(change)}")
            print_line(f"Kept. To take it back: paperboy undo {edit.id}")


async def _name(context: Context, edit: Edit) -> str:
    """Return the title and key of an edit's paper, as a name that was typed may mean another."""
    if parse_issue_key(edit.key):
        return edit.key
    places = (change.after or change.before for change in edit.changes if change.field == "place")
    titles = next((list(place["entry"]["titles"].values()) for place in places), [])
    if not titles:
        with suppress(CurationRefused):
            titles = [curation.paper_name(await curation.find_paper(context, edit.key))]
    title = one_line(titles[0]) if titles else ""
    return f"“{title}” ({edit.key})" if title and title != edit.key else edit.key


def _actor() -> str:
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):  # a user without a name, as in a container
        return "command line"


def _change_line(change: Change) -> str:
    if change.field == "place":
        return f"{change.name}: {_place(change.before)} → {_place(change.after)}"
    name = f"{change.field} {change.name}".strip()
    if change.field == "retraction":
        said = (_value(each) if each else "none" for each in (change.before, change.after))
        return f"{name}: {' → '.join(said)}"
    return f"{name}: {_value(change.before)} → {_value(change.after)}"


def _place(value: Any) -> str:
    if value is None:
        return "as its source has it"
    if not value["wanted"]:
        return "removed"
    return f"number {value['position']}" if value["position"] else "listed at the end"


def _value(value: Any) -> str:
    match value:
        case None:
            return "as the sources have it"
        case bool():
            return "yes" if value else "no"
        case str():
            line = one_line(value)
            return f"“{line[:_SHOWN]}{'…' if len(line) > _SHOWN else ''}”"
        case _:
            return ", ".join(str(link[-1]) for link in value) or "none"
