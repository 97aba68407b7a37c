"""`paperboy correct` and `paperboy retag`: what curators decide, above every source."""

import asyncio
from typing import Annotated, Literal

import typer

from bot.app import open_archive
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.model.papers import LANGUAGES
from bot.papers import tagging
from bot.papers.identifiers import find_keys

PaperArgument = Annotated[
    str, typer.Argument(help="arXiv id, address, or key such as arxiv:2310.01889.")
]
TakeBackOption = Annotated[bool, typer.Option("--take-back", help="Let the sources speak again.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("correct")(correct)
    app.command("retag")(retag)


def correct(
    paper: PaperArgument,
    field: Annotated[Literal["title", "summary", "abstract"], typer.Argument(help="Which text.")],
    language: Annotated[str, typer.Argument(help="ko or en.")],
    text: Annotated[str, typer.Argument(help="The right text.")] = "",
    *,
    take_back: TakeBackOption = False,
) -> None:
    """Put a text right; no later import changes it."""
    if language not in LANGUAGES:
        fail(f"{language!r} is not one of the languages: {', '.join(LANGUAGES)}.")
    if bool(text.strip()) == take_back:
        fail("Write the right text, or --take-back to return to the sources' own.")
    found = asyncio.run(_correct(paper, field, language, text.strip() or None))
    _print_result(paper, found=found)


async def _correct(paper: str, field: str, language: str, text: str | None) -> bool:
    async with open_archive(configuration.load(), warn) as context:
        return await context.archive.override_text(_parse_key(paper), field, language, text)


def retag(
    paper: PaperArgument,
    tag: Annotated[str, typer.Argument(help="A tag of the vocabulary, or a word of your own.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag away.")] = False,
    take_back: TakeBackOption = False,
) -> None:
    """Give a paper a tag, or take one away; no later import changes it."""
    wanted = None if take_back else not remove
    found = asyncio.run(_retag(paper, tag.lstrip("#"), wanted=wanted))
    _print_result(paper, found=found)


async def _retag(paper: str, tag: str, *, wanted: bool | None) -> bool:
    async with open_archive(configuration.load(), warn) as context:
        slug = tagging.resolve_tag(context.vocabulary, tag) or tag.casefold().replace(" ", "-")
        return await context.archive.override_tag(_parse_key(paper), slug, wanted=wanted)


def _parse_key(paper: str) -> str:
    found = find_keys(paper)
    return found[0] if found else paper


def _print_result(paper: str, *, found: bool) -> None:
    if not found:
        fail(f"No paper is known as {paper!r}; `paperboy ask /paper NAME --json` shows its key.")
    typer.echo("Kept.")
