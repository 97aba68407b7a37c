"""`paperboy site`: the archive as web pages, served or written as files."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from adapters import LibraryMissing
from bot.app.archive import import_sample_if_empty, open_archive
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.cli.logs import configure_logging
from bot.cli.recent_events import RecentEvents
from bot.cli.sync import load_source_states, source_warnings
from bot.commands.administration import Administration, SourceStatus
from bot.commands.context import Context
from bot.commands.library import Library
from bot.ports.source_state import SourceState
from bot.sources.crawlers.pages import Source
from config.settings import Settings


class PagesUnavailable(Exception):
    """The pages cannot be served; the message says why and what to do."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    site = typer.Typer(help="The archive as web pages.", invoke_without_command=True)
    site.callback()(serve)
    site.command("build")(build)
    app.add_typer(site, name="site")


def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "",
    port: Annotated[int, typer.Option(min=-1, max=65535, help="The port; 0 for any.")] = -1,
) -> None:
    """Serve the archive as web pages, alone; `paperboy run` does it beside the bot."""
    if context.invoked_subcommand:
        return
    settings = configuration.load()
    place = {"host": host or settings.site.host, "port": settings.site.port if port < 0 else port}
    wanted = settings.model_copy(update={"site": settings.site.model_copy(update=place)})
    configure_logging(settings)
    asyncio.run(_serve(wanted))


def build(
    folder: Annotated[Path, typer.Argument(help="Where the files go; it is made if need be.")],
    *,
    public_url: Annotated[
        str, typer.Option(help="Where the files will be read, if not [site] public_url.")
    ] = "",
) -> None:
    """Write the pages as files for a static host, such as GitHub Pages."""
    settings = configuration.load()
    address = public_url or settings.site.public_url
    if not address.startswith(("https://", "http://")):
        fail(
            "Where will the pages be read? Set public_url in [site], or say for example "
            "--public-url https://papers.example.org/"
        )
    if folder.exists() and not folder.is_dir():
        fail(f"{folder} is a file. Name a folder.")
    asyncio.run(_build(settings, folder, address.rstrip("/") + "/"))


async def serve_pages(
    settings: Settings,
    context: Context,
    stop: asyncio.Event,
    started: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve the pages until `stop` is set.

    Raises PagesUnavailable, and sets `stop`, where the port cannot be used.
    """
    wanted = settings.site
    with _require_library():
        from adapters.site.admin import Admin  # noqa: PLC0415
        from adapters.site.app import Site  # noqa: PLC0415
        from adapters.site.server import serve as serve_site  # noqa: PLC0415
        from adapters.site.server import spare_pauses  # noqa: PLC0415

        events = RecentEvents(settings.secrets())
        logging.getLogger().addHandler(events)

        async def sources() -> Sequence[SourceStatus]:
            return [
                _source_status(source, state, source_warnings(source, state))
                for source, state in await load_source_states(settings, context)
            ]

        administration = Administration(context, sources, events.lines)
        admin = Admin(administration, wanted.admin_token.get_secret_value())
        site = Site(Library(context), wanted.base_url, wanted.per_minute, admin=admin)
    spare_pauses()
    try:
        await serve_site(site, wanted.host, wanted.port, stop, started)
    except OSError as error:
        stop.set()
        raise PagesUnavailable(
            f"The pages cannot be served at {wanted.host}:{wanted.port}: {error.strerror}. "
            "Choose another port: PAPERBOY_SITE_PORT."
        ) from error
    finally:
        logging.getLogger().removeHandler(events)


def _source_status(source: Source, state: SourceState, warnings: tuple[str, ...]) -> SourceStatus:
    return SourceStatus(
        source.name,
        source.location,
        len(state.weeks),
        state.succeeded_at,
        state.next_at,
        warnings,
    )


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for signal in (SIGINT, SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal, stop.set)
    async with open_archive(settings, warn) as context:
        if await import_sample_if_empty(context):
            warn("The archive was empty; the bundled sample weeks were loaded.")
        host = settings.site.host
        try:
            await serve_pages(
                settings, context, stop, lambda port: warn(f"Read at http://{host}:{port}/")
            )
        except PagesUnavailable as error:
            fail(str(error))


async def _build(settings: Settings, folder: Path, public_url: str) -> None:
    with _require_library():
        from adapters.site.static_build import BuildFailed  # noqa: PLC0415
        from adapters.site.static_build import build as write  # noqa: PLC0415
    shown = Console(stderr=True)
    async with open_archive(settings, warn) as context:
        if await context.is_empty():
            fail("The archive is empty. Fill it first: paperboy sync, or paperboy import FILE.")
        with Progress(console=shown, disable=not shown.is_terminal, transient=True) as progress:
            task = progress.add_task("Writing", total=None)
            try:
                count = await write(
                    Library(context),
                    public_url,
                    folder,
                    lambda count: progress.update(task, completed=count),
                )
            except OSError as error:
                fail(f"{error.filename or folder} cannot be written: {error.strerror}.")
            except BuildFailed as error:
                fail(f"The pages cannot be written: {error}")
    typer.echo(f"{count} files were written to {folder}.")


@contextmanager
def _require_library() -> Iterator[None]:
    """Turn a library of the pages that is not installed into LibraryMissing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in {"starlette", "jinja2", "uvicorn"}:
            raise LibraryMissing("site", error.name or "") from error
        raise
