"""`paperboy enrich`: learns the records of papers now."""

import asyncio
import json
import sys
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bot.app.archive import open_archive
from bot.app.ingestion import build_enrichment, open_web
from bot.cli import settings as configuration
from bot.cli.exit import EXIT_PARTIAL, fail, warn
from bot.enrichment.enricher import EnrichmentResult

_STOP_TIMEOUT = timedelta(seconds=15)
"""How long a service may want to be left alone before the rest is left to the running bot."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("enrich")(enrich)


def enrich(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Ask arXiv for the records of all papers, and Hugging Face for their code."""
    learnt = asyncio.run(_enrich())
    if as_json:
        counts = {"records": learnt.records, "unknown": learnt.unknown}
        more = {"repositories": learnt.repositories, "left": learnt.remaining}
        typer.echo(json.dumps({**counts, **more, "reasons": learnt.reasons}, ensure_ascii=False))
    else:
        for reason in learnt.reasons:
            warn(reason)
        typer.echo(
            f"Records: {learnt.records} learnt, {learnt.unknown} unknown to arXiv. "
            f"Repositories: {learnt.repositories} learnt. Left for later: {learnt.remaining}."
        )
    sys.exit(EXIT_PARTIAL if learnt.remaining else 0)


async def _enrich() -> EnrichmentResult:
    settings = configuration.load()
    if not settings.record.enabled:
        fail("Nothing is asked, as record.enabled is false in the settings.")
    shown = Console(stderr=True)
    async with open_archive(settings, warn) as context, open_web(settings) as web:
        with Progress(console=shown, disable=not shown.is_terminal, transient=True) as progress:
            task = progress.add_task("Learning", total=None)

            def tell(learnt: EnrichmentResult) -> None:
                done = learnt.records + learnt.unknown + learnt.repositories
                progress.update(task, completed=done, total=done + learnt.remaining)

            return await build_enrichment(settings, context, web).run_to_completion(
                _STOP_TIMEOUT, tell
            )
