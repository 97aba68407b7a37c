"""`paperboy embed`: computes the vectors of papers now, for the search by meaning."""

import asyncio

import typer
from rich.console import Console
from rich.progress import Progress

from bot.app.archive import open_archive
from bot.app.ingestion import build_vectorizer
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("embed")(embed)


def embed() -> None:
    """Compute the vectors of papers that have none; the running bot does it by itself."""
    done = asyncio.run(_embed())
    typer.echo(f"Vectors: {done} computed, none left.")


async def _embed() -> int:
    settings = configuration.load()
    shown = Console(stderr=True)
    async with open_archive(settings, warn) as context:
        if context.embedder is None:
            fail("The search by meaning is not installed: pip install 'paperboy[meaning]'.")
        with Progress(console=shown, disable=not shown.is_terminal, transient=True) as progress:
            task = progress.add_task("Reading papers", total=None)
            return await build_vectorizer(context, context.embedder).run_to_completion(
                lambda done, left: progress.update(task, completed=done, total=done + left)
            )
