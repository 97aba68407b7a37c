"""Asks for a page of a source and reads it, where it is not what was read before."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from bot.lib.clock import Clock
from bot.model.papers import Parsed
from bot.ports.errors import Refused
from bot.ports.source_state import PageState, SourceState
from bot.ports.web import Fetch, Fetched
from bot.sources.parsers.errors import Unreadable

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
class Means:
    """What gathering needs."""

    fetch: Fetch
    version: str
    """Of the program: what an older one read is read again, as this one may read more of it."""
    clock: Clock
    offload: Offload = asyncio.to_thread


@dataclass(frozen=True, slots=True)
class Content:
    """What was read of a page."""

    parsed: Parsed = field(default_factory=Parsed)
    leads: tuple[str, ...] = ()
    """The addresses that it leads to."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a page."""

    state: PageState
    """As it is to be remembered; its weeks are still those that were taken before."""
    parsed: Parsed | None = None
    """None where it is what was read before, or cannot be read."""
    trouble: str = ""
    """Why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages that are judged together, because weeks may have moved from one to another."""

    seen: tuple[Seen, ...]
    is_whole: bool = True
    """Whether all pages are here; otherwise what is missing may stand on one that did not come."""


class Crawl(Protocol):
    """Gathers the pages of one source."""

    def batches(self) -> AsyncIterator[Batch]:
        """Yield what came, the newest weeks first where that can be told.

        Raises TryLater where the source does not answer now, after what had come until then.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a source: what is known of them, and the way to ask for them."""

    source: Source
    means: Means
    known: SourceState
    is_afresh: bool = False
    """Whether all of it is read again, whatever is known."""

    def of(self, address: str) -> PageState:
        """Return what is remembered of an address."""
        return self.known.pages.get(address, PageState(address))

    async def see(self, known: PageState, read: Callable[[bytes], Content]) -> Seen:
        """Ask for a page, and read it where it changed; raises TryLater."""
        address = known.address
        tags = {"etag": known.etag, "last_modified": known.last_modified}
        if not self.is_read(known):
            tags = {}
        try:
            fetched = await self.means.fetch.get(address, **tags)
        except Refused as error:
            # What comes back one day is read anew, though it may be what was there before.
            return Seen(unread(known), trouble=error.reason)
        return await self.seen(known, fetched, read)

    async def seen(
        self, known: PageState, fetched: Fetched, read: Callable[[bytes], Content]
    ) -> Seen:
        """Return what is to be made of what came."""
        if fetched.is_unchanged:
            return Seen(known)
        digest = self.digest(fetched.body)
        now = self.means.clock.now()
        state = replace(
            known,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            digest=digest,
            checked_at=now,
        )
        if digest == known.digest and not self.is_afresh:
            return Seen(state)
        try:
            content = await self.means.offload(read, fetched.body)
        except Unreadable as error:
            return Seen(state, trouble=str(error))
        return Seen(replace(state, leads=content.leads), content.parsed)

    def digest(self, body: bytes) -> str:
        """Return what is remembered of a content."""
        return f"{self.means.version}:{hashlib.sha256(body).hexdigest()[:32]}"

    def is_read(self, known: PageState) -> bool:
        """Tell whether what is remembered of a page was read by this version, and is wanted so."""
        return known.digest.startswith(f"{self.means.version}:") and not self.is_afresh


def unread(known: PageState) -> PageState:
    """Return what is remembered of a page as if it had not been read, so that it is read anew."""
    return replace(known, etag="", last_modified="", digest="")
