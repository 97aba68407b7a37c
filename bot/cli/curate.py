"""`paperboy correct`, `add`, `move`, `remove`, `undo`, `history`: what curators decide."""

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
    AddPaper,
    Attribution,
    Change,
    CorrectLinks,
    CorrectTags,
    CorrectText,
    CurationRequest,
    Edit,
    MovePaper,
    RemovePaper,
    Undo,
)
from bot.model.papers import LANGUAGES, Link, Paper
from bot.ports.curation import CurationRefused

PaperArgument = Annotated[
    str, typer.Argument(help="Its name, arXiv id, address, or key such as arxiv:2310.01889.")
]
TakeBackOption = Annotated[bool, typer.Option("--take-back", help="Let the sources speak again.")]
SeriesOption = Annotated[str, typer.Option(help="The series, where several may be meant.")]
PositionOption = Annotated[int, typer.Option(min=0, help="From 1; the end where none is given.")]
WhyOption = Annotated[str, typer.Option(help="The reason, which is kept with the edit.")]

_TEXTS = ("title", "summary", "abstract")
_SHOWN = 60
"""The most characters of a text that the history shows."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, command in (
        ("correct", correct),
        ("retag", retag),
        ("add", add),
        ("move", move),
        ("remove", remove),
        ("undo", undo),
        ("history", history),
    ):
        app.command(name)(command)


def correct(
    paper: PaperArgument,
    field: Annotated[str, typer.Argument(help="title, summary, abstract, tags or links.")],
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Of a text: ko or en, and the right text. Of tags: all of them. "
            "Of links: all of them, as addresses, with a label before as in Code=https://…"
        ),
    ] = None,
    *,
    take_back: TakeBackOption = False,
    why: WhyOption = "",
) -> None:
    """Put a text, the tags or the links right; no later import changes them."""
    given = words or []
    if field in _TEXTS:
        make = _text_request(field, given, take_back=take_back)
    elif field == "tags":
        make = _tags_request(given, take_back=take_back)
    elif field == "links":
        make = _links_request(given, take_back=take_back)
    else:
        fail(f"{field!r} is none of: {', '.join((*_TEXTS, 'tags', 'links'))}.")

    async def request(context: Context) -> CurationRequest:
        return make(context, await curation.find_paper(context, paper))

    _curate([request], why)


_Make = Callable[[Context, Paper], CurationRequest]


def _text_request(field: str, words: Sequence[str], *, take_back: bool) -> _Make:
    language, text = (*words, "", "")[:2]
    if language not in LANGUAGES:
        fail(f"{language!r} is not one of the languages: {', '.join(LANGUAGES)}.")
    if bool(text.strip()) == take_back or len(words) > 2:  # noqa: PLR2004 - language and text
        fail("Write the right text, in quotes, or --take-back to return to the sources' own.")
    wanted = None if take_back else text.strip()
    return lambda _, paper: CorrectText(paper.key, field, language, wanted)


def _tags_request(words: Sequence[str], *, take_back: bool) -> _Make:
    if bool(words) == take_back:
        fail("Write all tags that it should have, or --take-back to return to the sources' own.")

    return lambda context, paper: curation.correct_tags(context, paper, words)


def _links_request(words: Sequence[str], *, take_back: bool) -> _Make:
    if bool(words) == take_back:
        fail("Write all links that it should have, or --take-back to return to the sources' own.")
    links = None if take_back else tuple(map(_link, words))
    return lambda _, paper: CorrectLinks(paper.key, links)


def _link(word: str) -> Link:
    try:
        return curation.parse_link(word)
    except CurationRefused as error:
        fail(str(error))


def retag(
    paper: PaperArgument,
    tag: Annotated[str, typer.Argument(help="A tag of the vocabulary, or a word of your own.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag away.")] = False,
    take_back: TakeBackOption = False,
    why: WhyOption = "",
) -> None:
    """Give a paper a tag, or take one away; no later import changes it."""
    wanted = None if take_back else not remove

    async def request(context: Context) -> CurationRequest:
        found = await curation.find_paper(context, paper)
        return CorrectTags(found.key, {curation.tag_slug(context, tag): wanted})

    _curate([request], why)


def add(  # noqa: PLR0913 - each is an option of the command line
    week: Annotated[str, typer.Argument(help="The week, such as 2026-W26 or latest.")],
    addresses: Annotated[list[str], typer.Argument(help="Addresses, arXiv ids or DOIs.")],
    *,
    series: SeriesOption = "",
    position: PositionOption = 0,
    title: Annotated[str, typer.Option(help="The title of the paper, where it is one.")] = "",
    why: WhyOption = "",
) -> None:
    """Add papers to a week; texts come from their records, or from other weeks."""
    if title and len(addresses) > 1:
        fail("--title is for one paper; add the others by themselves.")

    def request_of(number: int, address: str) -> "_Request":
        async def request(context: Context) -> CurationRequest:
            paper = curation.new_paper(address, title)
            place = position + number if position else None
            return AddPaper(*await curation.find_week(context, week, series), paper, place)

        return request

    _curate([request_of(*each) for each in enumerate(addresses)], why)


def move(  # noqa: PLR0913 - each is an option of the command line
    paper: PaperArgument,
    target: Annotated[str, typer.Argument(metavar="WEEK", help="The week that it belongs to.")],
    *,
    week: Annotated[
        str, typer.Option(help="The week that it is in, where it is in several.")
    ] = "",
    series: SeriesOption = "",
    position: PositionOption = 0,
    why: WhyOption = "",
) -> None:
    """Move a paper to another week of its series, or to another position of its week."""

    async def request(context: Context) -> CurationRequest:
        found = await curation.find_paper(context, paper)
        place = await curation.find_appearance(context, found, week, series)
        _, wanted = await curation.find_week(context, target, place.series)
        return MovePaper(place.series, place.week, found.key, wanted, position or None)

    _curate([request], why)


def remove(
    paper: PaperArgument,
    *,
    week: Annotated[str, typer.Option(help="The week, where it is in several.")] = "",
    series: SeriesOption = "",
    why: WhyOption = "",
) -> None:
    """Remove a paper from a week; no later import brings it back."""

    async def request(context: Context) -> CurationRequest:
        found = await curation.find_paper(context, paper)
        place = await curation.find_appearance(context, found, week, series)
        return RemovePaper(place.series, place.week, found.key)

    _curate([request], why)


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

    _curate([request], why)


def history(
    paper: Annotated[str, typer.Argument(help="A paper; without one, all edits.")] = "",
    *,
    limit: Annotated[int, typer.Option(min=1, help="The most edits.")] = 50,
) -> None:
    """Show what curators changed: who, when, why, before and after."""
    for edit in asyncio.run(_history(paper, limit)):
        state = " [taken back]" if edit.is_undone else ""
        undoes = f" of edit {edit.undoes}" if edit.undoes else ""
        reason = f" ({one_line(edit.by.reason)})" if edit.by.reason else ""
        print_line(
            f"{edit.id}  {edit.made_at:%Y-%m-%d %H:%M} UTC  {edit.by.actor}  "
            f"{edit.action}{undoes}  {edit.key}{reason}{state}"
        )
        for change in edit.changes:
            print_line(f"    {_change_line(change)}")


async def _history(paper: str, limit: int) -> tuple[Edit, ...]:
    async with open_archive(configuration.load(), warn) as context:
        key = paper or None
        if paper and not await context.curation.edits(paper, 1):
            try:  # what was removed has no name any more, but its key is known
                key = (await curation.find_paper(context, paper)).key
            except CurationRefused as error:
                fail(str(error))
        return await context.curation.edits(key, limit)


_Request = Callable[[Context], Awaitable[CurationRequest]]


def _curate(requests: Sequence[_Request], why: str) -> None:
    asyncio.run(_make_edits(requests, Attribution(_actor(), why.strip())))


async def _make_edits(requests: Sequence[_Request], by: Attribution) -> None:
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
