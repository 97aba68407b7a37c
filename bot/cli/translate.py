"""`paperboy translate`: makes the texts that papers lack, in the languages that are wanted."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bot.app.archive import open_archive
from bot.app.ingestion import build_translator, open_language_model, translation_scope
from bot.cli import settings as configuration
from bot.cli.exit import EXIT_PARTIAL, fail, warn
from bot.commands.context import Context
from bot.enrichment.translation.run import TranslationResult
from bot.model.weeks import Week, parse
from bot.ports.translations import TranslationScope
from config.settings import Settings

_ALL = 100_000
"""More papers than an archive has."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("translate")(translate)


def translate(
    weeks: Annotated[
        list[str] | None,
        typer.Argument(help="Weeks such as 2026-W24; the newest ones if none is named."),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what is missing, and ask nothing.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Make once more what failed the checks.")
    ] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Show what failed the checks and why; ask nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make missing titles, summaries, abstracts and introductions with a language model."""
    settings = configuration.load()
    if not settings.translation.enabled:
        fail("Nothing is translated, as translation.enabled is false in the settings.")
    scope = translation_scope(settings, [_parse_week(week) for week in weeks or ()], again=again)
    if dry_run:
        asyncio.run(_count(settings, scope, as_json=as_json))
        return
    if failed:
        asyncio.run(_show_failed(settings, scope, as_json=as_json))
        return
    result = asyncio.run(_translate(settings, scope))
    _print_result(result, as_json=as_json)
    sys.exit(EXIT_PARTIAL if result.failed or result.reason else 0)


def _parse_week(text: str) -> Week:
    week = parse(text)
    if not isinstance(week, Week):
        fail(f"{text!r} is no week; write one like 2026-W24.")
    return week


async def _count(settings: Settings, scope: TranslationScope, *, as_json: bool) -> None:
    async with open_archive(settings, warn) as context:
        papers = await context.translations.pending_translations(scope, _ALL)
    texts = [text for paper in papers for text in paper.texts]
    numbers = {paper.paper_id for paper in papers if paper.paper_id}
    characters = sum(len(text.source) for text in texts)
    if as_json:
        counts = {"papers": len(numbers), "texts": len(texts), "characters": characters}
        typer.echo(json.dumps(counts))
    else:
        typer.echo(
            f"Missing: {len(texts)} texts, {characters} characters, of {len(numbers)} papers "
            "and of introductions."
        )


async def _show_failed(settings: Settings, scope: TranslationScope, *, as_json: bool) -> None:
    async with open_archive(settings, warn) as context:
        found = await context.translations.failed_texts(scope)
    if as_json:
        listed = [asdict(text) | {"week": str(text.week)} for text in found]
        typer.echo(json.dumps(listed, ensure_ascii=False))
        return
    for text in found:
        of = text.key or text.series
        typer.echo(
            f"{text.week} {of}, {text.field} ({text.language}): {text.fault}\n  {text.text}"
        )
    if not found:
        typer.echo("No text failed the checks.")


async def _translate(settings: Settings, scope: TranslationScope) -> TranslationResult:
    shown = Console(stderr=True)
    async with open_archive(settings, warn) as context, open_language_model(settings) as model:
        total = await _count_texts(context, scope)
        with Progress(console=shown, disable=not shown.is_terminal, transient=True) as progress:
            task = progress.add_task("Translating", total=total)

            def tell(found: TranslationResult) -> None:
                progress.update(task, completed=found.kept + found.failed)

            return await build_translator(settings, context, model).run_once(scope, tell)


async def _count_texts(context: Context, scope: TranslationScope) -> int:
    papers = await context.translations.pending_translations(scope, _ALL)
    return sum(len(paper.texts) for paper in papers)


def _print_result(result: TranslationResult, *, as_json: bool) -> None:
    usage = result.usage
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "kept": result.kept,
                    "failed": result.failed,
                    "prompt_tokens": usage.prompt_tokens,
                    "completion_tokens": usage.completion_tokens,
                    "cost": usage.cost,
                    "faults": result.faults,
                    "reason": result.reason,
                },
                ensure_ascii=False,
            )
        )
        return
    _warn_all((*result.faults, result.reason))
    typer.echo(
        f"Texts: {result.kept} kept, {result.failed} failed the checks. "
        f"Tokens: {usage.tokens}, cost {usage.cost:.4f}."
    )


def _warn_all(sentences: Sequence[str]) -> None:
    for sentence in filter(None, sentences):
        warn(sentence)
