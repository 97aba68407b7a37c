"""Gathers the DAIR list: one file of all weeks, or a table of contents and files of years."""

from collections import deque
from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import urljoin

from bot.model.papers import Parsed
from bot.ports.errors import TryLater
from bot.ports.source_state import PageState
from bot.sources.crawlers.pages import Batch, Content, Pages, Seen, unread
from bot.sources.parsers.dair import document
from bot.sources.parsers.detect import read
from bot.sources.parsers.errors import Unreadable

_MOST = 60
"""How many files are asked for; a year has one."""


class ListCrawl:
    """All files are one batch, as weeks move between them; see `bot.sources.crawlers.pages`."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def batches(self) -> AsyncIterator[Batch]:
        root = self._pages.source.url
        # A file that is no longer led to is asked all the same: its weeks may be lost with it.
        waiting = deque(dict.fromkeys([root, *self._pages.known.pages]))
        met = set(waiting)
        seen: list[Seen] = []
        try:
            while waiting and len(seen) < _MOST:
                address = waiting.popleft()
                found = await self._see(self._pages.of(address))
                seen.append(found)
                fresh = [lead for lead in found.state.leads if lead not in met]
                waiting.extend(fresh)
                met.update(fresh)
            if any(each.parsed for each in seen):
                seen = [await self._again(each) for each in seen]
        except TryLater:
            yield Batch(tuple(seen), is_whole=False)
            raise
        yield Batch(tuple(seen))

    async def _see(self, known: PageState) -> Seen:
        return await self._pages.see(known, partial(self._read, known.address))

    async def _again(self, seen: Seen) -> Seen:
        """Read a file anew that raised an alarm: what it lost may stand in another one now."""
        is_alarming = seen.state.alarm and seen.parsed is None and not seen.trouble
        return await self._see(unread(seen.state)) if is_alarming else seen

    def _read(self, address: str, body: bytes) -> Content:
        leads = _leads(address, body)
        try:
            parsed = read(body, address, self._pages.source.series or None)
        except Unreadable:
            if not leads:
                raise
            parsed = Parsed()  # a table of contents
        return Content(parsed, leads)


def _leads(address: str, body: bytes) -> tuple[str, ...]:
    """Return the files that a table of contents links to, on its own host, newest first."""
    paths = document.files(body.decode("utf-8", "replace"))
    return tuple(urljoin(address, path) for path in sorted(paths, reverse=True))
