"""`paperboy ask` and `paperboy preview`: one answer, or the messages of a digest."""

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
from bot.cards.digest import digest_card
from bot.cards.locale import LANGUAGE_CHOICES
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.cli.language import system_language
from bot.cli.output import print_line
from bot.commands.dispatcher import dispatch
from bot.commands.handlers.papers import BIBTEX_FLAG
from bot.digests.layouts import digest_parts
from bot.model import weeks
from bot.model.card import Code, Form
from bot.model.papers import Paper
from bot.model.subscriptions import Layout
from bot.ports.archive import SeriesPreference
from bot.ports.conversation import Reply, Request
from bot.ports.platform import Renderer

LanguageOption = Annotated[str, typer.Option("--lang", help="ko, en or both.")]
PlatformOption = Annotated[str, typer.Option(help="Whose form the answer is shown in.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("ask")(ask)
    app.command("preview")(preview)


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
    _check_language(lang)
    render = _renderer(platform)
    if not query and not batch:
        fail('Nothing is asked. Write for example: paperboy ask "/paper ringattention"')
    asyncio.run(
        _ask(lang, [query] if query else _lines(batch), render, (as_json, bool(batch), explain))
    )


def preview(
    week: Annotated[str, typer.Argument(help="A day or a week: 2023-10-09, 2023-W41, latest.")],
    *,
    platform: PlatformOption = TERMINAL,
    layout: Annotated[
        Layout, typer.Option(help="How the digest fills a channel.")
    ] = Layout.OVERVIEW,
    lang: LanguageOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the messages that a digest of a week would post."""
    _check_language(lang)
    asyncio.run(_preview(week, _renderer(platform), layout, (lang, as_json)))


async def _ask(
    lang: str, queries: Iterable[str], render: Renderer, how: tuple[bool, bool, bool]
) -> None:
    as_json, is_batch, explain = how
    async with open_archive(configuration.load(), warn) as context:
        for query in queries:
            started = time.perf_counter()
            reply = await dispatch(context, _request(query, lang))
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


async def _preview(asked: str, render: Renderer, layout: Layout, how: tuple[str, bool]) -> None:
    lang, as_json = how
    reference = weeks.parse(asked)
    if reference is None:
        fail(f"{asked!r} is not a week. Write it like 2023-10-09, 2023-W41 or latest.")
        return
    async with open_archive(configuration.load(), warn) as context:
        wanted = SeriesPreference(context.series)
        found = await context.archive.find_issue(reference, context.today(), wanted)
        if found.issue is None:
            near = [str(issue.week) for issue in (found.before, found.after) if issue]
            fail(
                f"There is no issue for {asked}. "
                + (
                    f"The nearest: {', '.join(near)}."
                    if near
                    else "Import some first: paperboy import."
                )
            )
            return
        locale = context.locale(_request("", lang))
        for place in digest_parts(found.issue, layout):
            for native in render(digest_card(locale, found.issue, place)):
                if as_json:
                    print_line(json.dumps(native, ensure_ascii=False))
                else:
                    print_line(_format_native(native) + "\n")


def _show(query: str, reply: Reply, render: Renderer) -> None:
    if isinstance(reply.content, Form):
        print_line(render_text(reply.content))
        return
    entries = [block.text for block in reply.content.blocks if isinstance(block, Code)]
    if BIBTEX_FLAG in query.split() and entries:
        print_line("\n\n".join(entries))  # and nothing else, as it goes into a file
        return
    for native in render(reply.content):
        print_line(_format_native(native))


def _format_native(native: Mapping[str, object]) -> str:
    text = native.get("text")
    if isinstance(text, str) and len(native) == 1:
        return text
    return json.dumps(native, ensure_ascii=False, indent=2)


def _request(query: str, lang: str) -> Request:
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


def _check_language(lang: str) -> None:
    known = (*LANGUAGE_CHOICES, *configuration.load().translation.other_languages)
    if lang and lang not in known:
        fail(f"{lang!r} is not one of the languages: {', '.join(known)}.")


def _renderer(platform: str) -> Renderer:
    try:
        return get_renderer(platform)
    except LookupError:
        configuration.require_platform(platform)
        raise
