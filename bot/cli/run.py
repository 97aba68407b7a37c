"""`paperboy run`: the bot itself."""

import asyncio
import io
import logging
import sys
from collections.abc import Sequence
from signal import SIGINT, SIGTERM
from threading import Event, Timer
from typing import Annotated, TextIO

import typer

from adapters.console import TARGET, terminal_user
from bot.app.archive import chat_history_file, import_sample_if_empty, open_archive
from bot.app.health import MonitoringUnavailable
from bot.app.ingestion import run_ingestion
from bot.app.platforms import connect_platforms
from bot.app.service import deliver, serve
from bot.cards.locale import Locale
from bot.cli import settings as configuration
from bot.cli.exit import EXIT_FAILURE, fail, warn
from bot.cli.language import system_language
from bot.cli.logs import configure_logging
from bot.cli.site import PagesUnavailable, serve_pages
from bot.commands.autocomplete import complete
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.commands.reviews import review_warnings
from bot.ports.conversation import Reply, Request, Suggestion
from bot.ports.errors import Refused
from bot.ports.platform import Platform
from bot.ports.roles import EVERY_ROLE, Role
from config.settings import Settings

_LOG = logging.getLogger(__name__)

_SILENCE_SECONDS = 2.0
"""How long piped input may take to come before it is said that no platform is set up."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    role: Annotated[
        list[Role] | None,
        typer.Option(help="Do this alone, where several processes share the work; repeatable."),
    ] = None,
) -> None:
    """Start Paperboy: the platforms that are set up, or else the terminal chat."""
    settings = configuration.load()
    roles = frozenset(role or EVERY_ROLE)
    served = connect_platforms(settings) if roles != {Role.SYNC} else ()
    if served or settings.site.enabled or roles == {Role.SYNC}:
        configure_logging(settings)
        asyncio.run(_serve(settings, served, roles))
    elif role:
        fail(configuration.explain_no_platform(settings))
    else:
        _require_input(settings)
        asyncio.run(_chat(settings))


def _require_input(settings: Settings) -> None:
    """End the program where no platform is set up and there is no input to answer either."""
    if sys.stdin is not None and sys.stdin.isatty():
        return
    sentence, said = configuration.explain_no_platform(settings), Event()

    def explain() -> None:
        said.set()
        warn(sentence)

    # A pipe may stay open for long without a line: what is missing is said while it is awaited.
    waiting = Timer(_SILENCE_SECONDS, explain)
    waiting.daemon = True
    waiting.start()
    buffer = sys.stdin and sys.stdin.buffer
    has_input = isinstance(buffer, io.BufferedReader) and bool(buffer.peek(1))
    waiting.cancel()
    waiting.join()
    if not has_input:
        if not said.is_set():
            warn(sentence)
        sys.exit(EXIT_FAILURE)


async def _serve(settings: Settings, served: Sequence[Platform], roles: frozenset[Role]) -> None:
    stop = asyncio.Event()
    for signal in (SIGINT, SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal, stop.set)
    async with open_archive(settings, _LOG.warning, for_long=True) as context:
        if await import_sample_if_empty(context):
            _LOG.info("Loaded sample weeks into the empty archive")
        names = ", ".join(platform.name for platform in served)
        fields = {
            "version": context.version,
            "platforms": names,
            "roles": ", ".join(sorted(roles)),
        }
        _LOG.info("Started", extra={"fields": fields})
        for reason in await review_warnings(context):
            _LOG.warning("Weeks cannot be reviewed", extra={"fields": {"reason": reason}})
        pages = asyncio.create_task(_serve_pages(settings, context, stop, roles))
        try:
            await serve(settings, context, served, stop, roles)
        except Refused as error:
            fail(error.reason)
        except MonitoringUnavailable as error:
            fail(str(error))
        finally:
            stop.set()
            await _end(pages)
    _LOG.info("Stopped")


async def _end(pages: "asyncio.Task[None]") -> None:
    try:
        await pages
    except PagesUnavailable as error:
        fail(str(error))


async def _serve_pages(
    settings: Settings, context: Context, stop: asyncio.Event, roles: frozenset[Role]
) -> None:
    if settings.site.enabled and Role.ANSWER in roles:
        await serve_pages(settings, context, stop)


async def _chat(settings: Settings) -> None:
    # Only the chat needs the terminal.
    from adapters.console.platform import serve as talk  # noqa: PLC0415

    async with open_archive(settings, warn, for_long=True) as context:
        if await import_sample_if_empty(context):
            warn("The archive was empty; the bundled sample weeks were loaded.")
        language = system_language()
        locale = context.locale(_request("help", language))

        async def answer(request: Request) -> Reply:
            return await dispatch(context, request)

        async def offers(name: str, prefix: str) -> tuple[Suggestion, ...]:
            return await complete(context, locale, name, prefix)

        stop = asyncio.Event()
        loading = asyncio.create_task(_load(settings, context, stop))
        delivering = asyncio.create_task(_deliver(settings, context, stop))
        try:
            await talk(
                answer,
                offers,
                language=language,
                greeting=_greeting(context, locale),
                history=chat_history_file(settings),
            )
        finally:
            stop.set()
            await loading
            await delivering


async def _load(settings: Settings, context: Context, stop: asyncio.Event) -> None:
    """Load new weeks while a person chats; piped input is answered from the archive as it is."""
    if sys.stdin.isatty():
        configure_logging(settings, stream=_StderrProxy())
        await run_ingestion(settings, context, stop)


async def _deliver(settings: Settings, context: Context, stop: asyncio.Event) -> None:
    """Show what a person follows and is reminded of while they chat."""
    if sys.stdin.isatty():
        from adapters.console.terminal import Terminal  # noqa: PLC0415 - as only a chat needs it

        await deliver(settings, context, Terminal(), stop)


class _StderrProxy(io.TextIOBase, TextIO):
    """The error output of the moment: while a line is typed, what is written stands above it."""

    def write(self, text: str) -> int:
        """Write to the error output."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush the error output."""
        sys.stderr.flush()

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return sys.stderr.isatty()


def _request(name: str, language: str) -> Request:
    return Request(name, "", terminal_user(language), TARGET)


def _greeting(context: Context, locale: Locale) -> str:
    return locale.translate(
        "Paperboy {version}. /help lists what it answers; Ctrl-D leaves.",
        version=context.version,
    )
