"""Asks for a page of a source and reads it, where it is not what was read before."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from bot.lib.clock import Clock
from bot.model.papers import ParseResult
from bot.ports.errors import Refused
from bot.ports.source_state import PageState, SourceState
from bot.ports.web import FetchResult, WebClient
from bot.sources.parsers.errors import UnreadableSource

Offload = Callable[..., Awaitable[Any]]
"""Runs work that takes a while away from the event loop."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where new weeks come from, as the operator set it up."""

    name: str
    kind: str
    """`dair`, `discourse`, `feed` or `folder`."""
    series: str = ""
    """The series that its weeks are kept under; empty for the one that they name themselves."""
    language: str = ""
    """The language of a feed's texts, where they do not tell; empty for English."""
    url: str = ""
    path: Path = Path()
    """Of a folder."""
    tag: str = ""
    """Of a forum: only topics with this tag; empty for all."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return self.url or str(self.path)

    @property
    def identity(self) -> str:
        """All that decides what is read of it: with another one it has to be read anew."""
        return " ".join((self.kind, self.series, self.language, self.tag, self.place))


@dataclass(frozen=True, slots=True)
class CrawlTools:
    """What gathering needs."""

    web: WebClient
    version: str
    """Of the program: what an older one read is read again, as this one may read more of it."""
    clock: Clock
    offload: Offload = asyncio.to_thread


@dataclass(frozen=True, slots=True)
class PageContent:
    """What was read of a page."""

    parsed: ParseResult = field(default_factory=ParseResult)
    leads: tuple[str, ...] = ()
    """The addresses that it leads to."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """What came of a page."""

    state: PageState
    """As it is to be remembered; its weeks are still those that were taken before."""
    parsed: ParseResult | None = None
    """None where it is what was read before, or cannot be read."""
    read_error: str = ""
    """Why it cannot be read."""


@dataclass(frozen=True, slots=True)
class PageBatch:
    """Pages that are judged together, because weeks may have moved from one to another."""

    seen: tuple[PageResult, ...]
    is_complete: bool = True
    """Whether all pages are here; otherwise what is missing may stand on one that did not come."""


class Crawler(Protocol):
    """Gathers the pages of one source."""

    def batches(self) -> AsyncIterator[PageBatch]:
        """Yield what came, the newest weeks first where that can be told.

        Raises TryLater where the source does not answer now, after what had come until then.
        """
        ...


@dataclass(frozen=True, slots=True)
class PageReader:
    """The pages of a source: what is known of them, and the way to ask for them."""

    source: Source
    tools: CrawlTools
    known: SourceState
    is_full_reread: bool = False
    """Whether all of it is read again, whatever is known."""

    def of(self, address: str) -> PageState:
        """Return what is remembered of an address."""
        return self.known.pages.get(address, PageState(address))

    async def fetch_page(
        self, known: PageState, parse: Callable[[bytes], PageContent]
    ) -> PageResult:
        """Ask for a page, and read it where it changed; raises TryLater."""
        address = known.address
        tags = {"etag": known.etag, "last_modified": known.last_modified}
        if not self.is_read(known):
            tags = {}
        try:
            fetched = await self.tools.web.get(address, **tags)
        except Refused as error:
            # What comes back one day is read anew, though it may be what was there before.
            return PageResult(without_validators(known), read_error=error.reason)
        return await self.seen(known, fetched, parse)

    async def seen(
        self, known: PageState, fetched: FetchResult, parse: Callable[[bytes], PageContent]
    ) -> PageResult:
        """Return what is to be made of what came."""
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
        try:
            content = await self.tools.offload(parse, fetched.body)
        except UnreadableSource as error:
            return PageResult(state, read_error=str(error))
        return PageResult(replace(state, leads=content.leads), content.parsed)

    def digest(self, body: bytes) -> str:
        """Return what is remembered of a content."""
        return f"{self.tools.version}:{hashlib.sha256(body).hexdigest()[:32]}"

    def is_read(self, known: PageState) -> bool:
        """Tell whether what is remembered of a page was read by this version, and is wanted so."""
        return known.digest.startswith(f"{self.tools.version}:") and not self.is_full_reread


def without_validators(known: PageState) -> PageState:
    """Return what is remembered of a page as if it had not been read, so that it is read anew."""
    return replace(known, etag="", last_modified="", digest="")
