"""Fetches the pages of a source, and parses those that changed."""

import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from bot.lib.clock import Clock
from bot.model.papers import ParseResult
from bot.ports.errors import TryLater
from bot.ports.source_state import PageState, SourceState
from bot.ports.web import FetchRefused, FetchResult, WebClient
from bot.sources.daily_weeks import WeeklySelection
from bot.sources.parser_process import run_parser
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.feed.document import Post
from bot.sources.parsers.html_tree import looks_like_page
from bot.sources.parsers.lists.listed import ListedPaper
from bot.sources.parsers.sanitizer import sanitize

WEB_PAGE = "it answered with a web page, such as a login; check the address and its access."
PARSER_FAILED = "the parser failed on it; the log has the error."

_LOG = logging.getLogger(__name__)

Offload = Callable[..., Awaitable[Any]]
"""Runs a parser away from the event loop: called with the function and its arguments."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source of new weeks, as configured."""

    name: str
    kind: str
    """`dair`, `discourse`, `feed`, `daily` or `folder`."""
    series: str = ""
    """The series that its weeks are stored under; empty for the one that they name."""
    language: str = ""
    """The language of a feed's texts; empty for English."""
    url: str = ""
    path: Path = Path()
    """Of a folder source."""
    tag: str = ""
    """Of a forum source: only topics with this tag; empty for all."""
    selection: WeeklySelection = field(default_factory=WeeklySelection)
    """Of a list of daily papers: how they become weeks."""

    @property
    def location(self) -> str:
        """The URL or path, for display."""
        return self.url or str(self.path)

    @property
    def identity(self) -> str:
        """All that determines what is read of it: if it changes, it is read from scratch."""
        return " ".join((self.kind, self.series, self.language, self.tag, self.location))


@dataclass(frozen=True, slots=True)
class CrawlTools:
    """What crawlers need."""

    web: WebClient
    version: str
    """Of the program: pages that another version parsed are parsed again."""
    clock: Clock
    offload: Offload = run_parser


@dataclass(frozen=True, slots=True)
class PageContent:
    """The parsed content of a page."""

    parsed: ParseResult = field(default_factory=ParseResult)
    leads: tuple[str, ...] = ()
    """The URLs of further pages that it links to."""
    posts: tuple[Post, ...] = ()
    """The posts of a feed."""
    daily: tuple[ListedPaper, ...] = ()
    """The papers of a list of daily papers."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """The outcome of fetching a page."""

    state: PageState
    """The state to store; its weeks are still those that were accepted before."""
    parsed: ParseResult | None = None
    """None if the page is unchanged or cannot be read."""
    posts: tuple[Post, ...] = ()
    """The posts of a feed that changed."""
    daily: tuple[ListedPaper, ...] = ()
    """The papers of a list of daily papers that changed."""
    read_error: str = ""
    """Why the page cannot be read; empty if it can."""


@dataclass(frozen=True, slots=True)
class PageBatch:
    """Pages that are checked together, because weeks may have moved between them."""

    results: tuple[PageResult, ...]
    is_complete: bool = True
    """Whether all pages were fetched; otherwise missing weeks may be on one that was not."""


class Crawler(Protocol):
    """Fetches the pages of one source."""

    def batches(self) -> AsyncIterator[PageBatch]:
        """Yield the fetched pages, the newest weeks first where the source orders them.

        Raises TryLater if the source does not answer now, after yielding what was fetched, and
        FetchRefused if it refuses its first page.
        """
        ...


@dataclass(frozen=True, slots=True)
class PageReader:
    """Fetches and parses pages of a source, given their stored states."""

    source: Source
    tools: CrawlTools
    source_state: SourceState
    is_full_reread: bool = False
    """Whether pages are parsed again even if they are unchanged."""

    def state_of(self, address: str) -> PageState:
        """Return the stored state of an address, blank if there is none."""
        return self.source_state.pages.get(address, PageState(address))

    async def fetch_page(
        self, known: PageState, parse: Callable[[bytes], PageContent]
    ) -> PageResult:
        """Fetch a page and parse it if it changed; raises TryLater."""
        try:
            fetched = await self.tools.web.get(known.address, **self._validators(known))
        except FetchRefused as error:
            # If it comes back it is parsed again, even with its old content.
            return PageResult(without_validators(known), read_error=error.reason)
        return await self.parse_fetched(known, fetched, parse)

    async def fetch_root(
        self, known: PageState, parse: Callable[[bytes], PageContent]
    ) -> PageResult:
        """Fetch the first page of a source, which a source that works never refuses.

        Raises TryLater if it is refused, or answered with a page for people such as a login: that
        is a failure of the source, and says nothing about its content.
        """
        try:
            fetched = await self.tools.web.get(known.address, **self._validators(known))
        except FetchRefused as error:
            raise TryLater(None, f"{known.address}: {error.reason}") from None
        if looks_like_page(fetched.body):
            raise TryLater(None, f"{known.address}: {WEB_PAGE}")
        return await self.parse_fetched(known, fetched, parse)

    async def parse_fetched(
        self, known: PageState, fetched: FetchResult, parse: Callable[[bytes], PageContent]
    ) -> PageResult:
        """Parse a fetched page if its content changed; an unreadable one has a read_error."""
        if fetched.is_not_modified:
            return PageResult(known)
        digest = self.digest(fetched.body)
        now = self.tools.clock.now()
        state = replace(
            known,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            digest=digest,
            checked_at=now,
        )
        if digest == known.digest and not self.is_full_reread:
            return PageResult(state)
        return await self.parse(state, parse, fetched.body)

    async def parse(
        self, state: PageState, parse: Callable[..., PageContent], *args: Any
    ) -> PageResult:
        """Parse a page; one that cannot be read has a `read_error`."""
        try:
            content = await self.tools.offload(parse, *args)
        except UnreadableSource as error:
            return PageResult(state, read_error=str(error))
        except Exception:  # noqa: BLE001 - a bug that one page meets must not end the others
            _LOG.exception("Failed to parse page", extra={"fields": {"page": state.address}})
            return PageResult(state, read_error=PARSER_FAILED)
        state = replace(state, leads=content.leads)
        return PageResult(state, sanitize(content.parsed), content.posts, content.daily)

    def _validators(self, known: PageState) -> dict[str, str]:
        if not self.is_up_to_date(known):
            return {}
        return {"etag": known.etag, "last_modified": known.last_modified}

    def digest(self, body: bytes) -> str:
        """Return the hash of a content, with the version of the program that parsed it."""
        return f"{self.tools.version}:{hashlib.sha256(body).hexdigest()[:32]}"

    def is_up_to_date(self, known: PageState) -> bool:
        """Return whether this version has parsed the page, and no full reread was requested."""
        return known.digest.startswith(f"{self.tools.version}:") and not self.is_full_reread


def without_validators(known: PageState) -> PageState:
    """Return the state without validators and hash, so that the page is parsed again."""
    return replace(known, etag="", last_modified="", digest="")
