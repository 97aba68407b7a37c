"""`paperboy correct`, `retag`, `retract`, `withdraw`, `add`, `move` and `remove`."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from bot.cli.edits import EditRequest, SeriesOption, WhyOption, make_edits
from bot.cli.exit import fail
from bot.commands import curation
from bot.commands.context import Context
from bot.lib.clean import clean
from bot.model.curation import (
    AddPaper,
    CorrectIntroduction,
    CorrectLinks,
    CorrectTags,
    CorrectText,
    CurationRequest,
    MovePaper,
    RemovePaper,
    RetractPaper,
    WithdrawIssue,
)
from bot.model.papers import LANGUAGES, Link, Paper
from bot.ports.curation import CurationRefused

PaperArgument = Annotated[
    str, typer.Argument(help="Its name, arXiv id, address, or key such as arxiv:2310.01889.")
]
TakeBackOption = Annotated[bool, typer.Option("--take-back", help="Let the sources speak again.")]
PositionOption = Annotated[int, typer.Option(min=0, help="From 1; the end where none is given.")]

INTRODUCTION_FIELD = "introduction"
_TEXTS = ("title", "summary", "abstract")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, command in (
        ("correct", correct),
        ("retag", retag),
        ("retract", retract),
        ("withdraw", withdraw),
        ("add", add),
        ("move", move),
        ("remove", remove),
    ):
        app.command(name)(command)


def correct(  # noqa: PLR0913 - each is an option of the command line
    paper: Annotated[
        str,
        typer.Argument(help="Its name, arXiv id, address, or key; for an introduction, the week."),
    ],
    field: Annotated[
        str, typer.Argument(help="title, summary, abstract, tags, links or introduction.")
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Of a text: ko or en, and the right text. Of tags: all of them. "
            "Of links: all of them, as addresses, with a label before as in Code=https://…"
        ),
    ] = None,
    *,
    take_back: TakeBackOption = False,
    series: SeriesOption = "",
    why: WhyOption = "",
) -> None:
    """Put a text, the tags or the links right; no later import changes them."""
    given = words or []
    if field == INTRODUCTION_FIELD:
        language, text = _language_and_text(given, take_back=take_back)

        async def introduce(context: Context) -> CurationRequest:
            place = await curation.find_week(context, paper, series)
            return CorrectIntroduction(*place, {language: text})

        make_edits([introduce], why)
        return
    if field in _TEXTS:
        make = _text_request(field, given, take_back=take_back)
    elif field == "tags":
        make = _tags_request(given, take_back=take_back)
    elif field == "links":
        make = _links_request(given, take_back=take_back)
    else:
        known = ", ".join((*_TEXTS, "tags", "links", INTRODUCTION_FIELD))
        fail(f"{field!r} is none of: {known}.")

    async def request(context: Context) -> CurationRequest:
        return make(context, await curation.find_paper(context, paper))

    make_edits([request], why)


_Make = Callable[[Context, Paper], CurationRequest]


def _text_request(field: str, words: Sequence[str], *, take_back: bool) -> _Make:
    language, text = _language_and_text(words, take_back=take_back)
    return lambda _, paper: CorrectText(paper.key, field, language, text)


def _language_and_text(words: Sequence[str], *, take_back: bool) -> tuple[str, str | None]:
    language, text = (*words, "", "")[:2]
    if language not in LANGUAGES:
        fail(f"{language!r} is not one of the languages: {', '.join(LANGUAGES)}.")
    if bool(text.strip()) == take_back or len(words) > 2:  # noqa: PLR2004 - language and text
        fail("Write the right text, in quotes, or --take-back to return to the sources' own.")
    return language, None if take_back else text.strip()


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

    make_edits([request], why)


def retract(
    paper: PaperArgument, *, take_back: TakeBackOption = False, why: WhyOption = ""
) -> None:
    """Retract a paper: members see the reason in place of its texts, wherever it is shown."""
    reason = _reason(why, take_back=take_back)

    async def request(context: Context) -> CurationRequest:
        return RetractPaper((await curation.find_paper(context, paper)).key, reason)

    make_edits([request], why)


def withdraw(
    week: Annotated[str, typer.Argument(help="The week, such as 2026-W26.")],
    *,
    series: SeriesOption = "",
    take_back: TakeBackOption = False,
    why: WhyOption = "",
) -> None:
    """Withdraw a week: members see the reason in place of its papers; it is posted no more."""
    reason = _reason(why, take_back=take_back)

    async def request(context: Context) -> CurationRequest:
        return WithdrawIssue(*await curation.find_week(context, week, series), reason)

    make_edits([request], why)


def _reason(why: str, *, take_back: bool) -> str | None:
    if not take_back and not clean(why).strip():
        fail("Say why with --why: members are shown the reason.")
    return None if take_back else clean(why).strip()


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

    def request_of(number: int, address: str) -> EditRequest:
        async def request(context: Context) -> CurationRequest:
            paper = curation.new_paper(address, title)
            place = position + number if position else None
            return AddPaper(*await curation.find_week(context, week, series), paper, place)

        return request

    make_edits([request_of(*each) for each in enumerate(addresses)], why)


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

    make_edits([request], why)


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

    make_edits([request], why)
