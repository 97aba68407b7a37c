"""`paperboy ask`: one answer, or one for each line of a file."""

import asyncio
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from adapters import get_renderer
from adapters.console import NAME as TERMINAL
from adapters.console import TARGET, terminal_user
from adapters.console.command_lines import parse_command
from adapters.console.render import render_text
from bot.app.archive import open_archive
from bot.cards.locale import LANGUAGE_CHOICES
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.cli.language import system_language
from bot.cli.output import print_line
from bot.commands.dispatcher import dispatch
from bot.model.card import Code, Form
from bot.model.papers import Paper
from bot.ports.conversation import Reply, Request
from bot.ports.platform import Renderer
from config.settings import Settings

LanguageOption = Annotated[str, typer.Option("--lang", help="ko, en or both.")]
PlatformOption = Annotated[str, typer.Option(help="Whose form the answer is shown in.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ask")(ask)


def ask(  # noqa: PLR0913 - each is an option of the command line
    query: Annotated[str, typer.Argument(help='A command, such as "/paper ringattention".')] = "",
    *,
    lang: LanguageOption = "",
    as_json: JsonOption = False,
    platform: PlatformOption = TERMINAL,
    batch: Annotated[
        str, typer.Option(help="A file with a command a line, or - for the input.")
    ] = "",
    explain: Annotated[bool, typer.Option(help="Tell how it was found.")] = False,
) -> None:
    """Answer one command, or each line of a file, and end."""
    settings = configuration.load()
    check_language(lang, settings)
    render = renderer(platform)
    if not query and not batch:
        fail('Nothing is asked. Write for example: paperboy ask "/paper ringattention"')
    queries = [query] if query else _lines(batch)
    asyncio.run(_ask(settings, lang, queries, render, (as_json, bool(batch), explain)))


async def _ask(
    settings: Settings,
    lang: str,
    queries: Iterable[str],
    render: Renderer,
    how: tuple[bool, bool, bool],
) -> None:
    as_json, is_batch, explain = how
    async with open_archive(settings, warn) as context:
        for query in queries:
            started = time.perf_counter()
            reply = await dispatch(context, request(query, lang))
            took = (time.perf_counter() - started) * 1000
            if as_json or is_batch:
                print_line(json.dumps(_as_json(query, took, reply), ensure_ascii=False))
            else:
                _show(query, reply, render)
            if explain:
                print_line("\n".join(reply.explanation))


def _paper_as_json(paper: Paper) -> Mapping[str, object]:
    return {
        "key": paper.key,
        "title": dict(paper.without_machine_texts().titles),
        "machine_texts": [text.facts() for text in paper.machine_texts if text.field == "title"],
        "retracted": paper.retraction.reason if paper.retraction else None,
        "week": str(paper.appearances[0].week) if paper.appearances else None,
        "series": paper.appearances[0].series if paper.appearances else None,
    }


def _as_json(query: str, took: float, reply: Reply) -> Mapping[str, object]:
    return {
        "query": query,
        "ms": round(took, 3),
        "private": reply.is_private,
        "papers": [_paper_as_json(paper) for paper in reply.papers],
        "maybe": [_paper_as_json(paper) for paper in reply.guesses],
        "text": render_text(reply.content),
        "suggestions": list(reply.suggestions),
    }


def _show(query: str, reply: Reply, render: Renderer) -> None:
    if isinstance(reply.content, Form):
        print_line(render_text(reply.content))
        return
    entries = [block.text for block in reply.content.blocks if isinstance(block, Code)]
    if entries:
        # Its module is there, as it answered.
        from bot.commands.handlers.papers import BIBTEX_FLAG  # noqa: PLC0415

        if BIBTEX_FLAG in query.split():
            print_line("\n\n".join(entries))  # and nothing else, as it goes into a file
            return
    for native in render(reply.content):
        print_line(format_native(native))


def format_native(native: Mapping[str, object]) -> str:
    """Return a native message as it is printed."""
    text = native.get("text")
    if isinstance(text, str) and len(native) == 1:
        return text
    return json.dumps(native, ensure_ascii=False, indent=2)


def request(query: str, lang: str) -> Request:
    """Return what a person at the terminal asks."""
    name, argument = parse_command(query.strip())
    return Request(name, argument, terminal_user(lang or system_language()), TARGET)


def _lines(batch: str) -> Iterator[str]:
    if batch == "-":
        yield from filter(None, map(str.strip, sys.stdin))
        return
    try:
        with Path(batch).open(encoding="utf-8") as file:
            yield from filter(None, map(str.strip, file))
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{batch} cannot be read: {error}.")


def check_language(lang: str, settings: Settings) -> None:
    """End the program where a language is none."""
    known = (*LANGUAGE_CHOICES, *settings.translation.other_languages)
    if lang and lang not in known:
        fail(f"{lang!r} is not one of the languages: {', '.join(known)}.")


def renderer(platform: str) -> Renderer:
    """Return how a platform shows cards; end the program where there is none of this name."""
    try:
        return get_renderer(platform)
    except LookupError:
        configuration.require_platform(platform)
        raise
