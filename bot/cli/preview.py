"""`paperboy preview`: the messages of a digest."""

import asyncio
import json
from typing import Annotated

import typer

from adapters.console import NAME as TERMINAL
from bot.app.archive import open_archive
from bot.cards.digest import digest_card
from bot.cli import settings as configuration
from bot.cli.ask import (
    JsonOption,
    LanguageOption,
    PlatformOption,
    check_language,
    format_native,
    renderer,
    request,
)
from bot.cli.exit import fail, warn
from bot.cli.output import print_line
from bot.digests.layouts import digest_parts
from bot.model import weeks
from bot.model.subscriptions import Layout
from bot.ports.archive import SeriesPreference
from bot.ports.platform import Renderer
from config.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview")(preview)


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
    settings = configuration.load()
    check_language(lang, settings)
    asyncio.run(_preview(settings, week, renderer(platform), layout, (lang, as_json)))


async def _preview(
    settings: Settings, asked: str, render: Renderer, layout: Layout, how: tuple[str, bool]
) -> None:
    lang, as_json = how
    reference = weeks.parse(asked)
    if reference is None:
        fail(f"{asked!r} is not a week. Write it like 2023-10-09, 2023-W41 or latest.")
        return
    async with open_archive(settings, warn) as context:
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
        locale = context.locale(request("", lang))
        for place in digest_parts(found.issue, layout):
            for native in render(digest_card(locale, found.issue, place)):
                if as_json:
                    print_line(json.dumps(native, ensure_ascii=False))
                else:
                    print_line(format_native(native) + "\n")
