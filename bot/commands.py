"""Every command and every action of a control, a row each, for every platform alike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rapidfuzz import process

from bot.answers import guidance, issues, papers, tags, texts
from bot.library import Library
from bot.ports import Reply, Request
from bot.wording.guidance import help_card, unknown_command_card, usage_card
from bot.wording.voice import Voice

Answer = Callable[[Library, Request], Awaitable[Reply]]

_NEAR = 60
"""How alike (of 100) a command has to be to what was typed to be named instead."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What is written after a command."""

    name: str
    """What it is called where options have names: one word, a-z."""
    korean: str
    description: str
    """A sentence of the catalogues."""
    completes: str
    """What is offered while it is typed: 'paper', 'week', 'tag', or nothing."""
    is_required: bool


@dataclass(frozen=True, slots=True)
class Command:
    """One row."""

    name: str
    korean: str
    """The name that Korean platforms show it under."""
    description: str
    """A sentence of the catalogues, at most 100 characters in every language."""
    argument: Argument | None
    answer: Answer


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues; it is said when the language is known."""
    return sentence


async def help_(library: Library, request: Request) -> Reply:
    """Answer with all commands."""
    voice = library.voice(request)
    return Reply(
        help_card(voice, [(usage(voice, row), voice.say(row.description)) for row in COMMANDS]),
        private=True,
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "paper",
        "논문",
        _("Shows a paper: by name, part of a name, arXiv id or address"),
        Argument("name", "이름", _("name, arXiv id or address"), "paper", is_required=True),
        papers.paper,
    ),
    Command(
        "week",
        "주간",
        _("Shows the papers of a week"),
        Argument("day", "날짜", _("day, week, last, latest or -1"), "week", is_required=False),
        issues.week,
    ),
    Command(
        "tag",
        "태그",
        _("Lists the papers of a subject; without a name, all subjects"),
        Argument("name", "이름", _("tag and page"), "tag", is_required=False),
        tags.tag,
    ),
    Command(
        "find",
        "찾기",
        _("Finds words in titles, summaries and abstracts"),
        Argument("words", "검색어", _("words"), "", is_required=True),
        texts.find,
    ),
    Command("help", "도움말", _("Lists what Paperboy answers"), None, help_),
    Command(
        "about", "소개", _("Tells where the texts come from"), None, guidance.about
    ),
)  # fmt: skip

ACTIONS: dict[str, Answer] = {
    "abstract": papers.abstract,
    "tag_page": tags.tag_page,
    "find_page": texts.find_page,
}
"""What controls ask for beside commands."""

_ROWS = {row.name: row for row in COMMANDS} | {row.korean: row for row in COMMANDS}


async def answer(library: Library, request: Request) -> Reply:
    """Answer a command or a control; never raises for anything that a person can send."""
    action = ACTIONS.get(request.name)
    if action is not None:
        return await action(library, request)
    voice = library.voice(request)
    row = _ROWS.get(request.name.casefold())
    if row is None:
        nearest = process.extract(request.name, list(_ROWS), score_cutoff=_NEAR, limit=2)
        card = unknown_command_card(
            voice, f"/{request.name}", [f"/{name}" for name, _score, _place in nearest]
        )
        return Reply(card, private=True, suggestions=tuple(f"/{each[0]}" for each in nearest))
    if row.argument and row.argument.is_required and not request.argument.strip():
        return Reply(
            usage_card(voice, usage(voice, row), voice.say(row.description)), private=True
        )
    return await row.answer(library, request)


def usage(voice: Voice, row: Command) -> str:
    """Return how a command is written, such as `/week [day]`."""
    if row.argument is None:
        return f"/{row.name}"
    name = row.argument.korean if voice.languages[0] == "ko" else row.argument.name
    return f"/{row.name} {name.upper() if row.argument.is_required else f'[{name}]'}"
