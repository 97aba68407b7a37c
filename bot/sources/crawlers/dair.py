"""Gathers the DAIR list: one file of all weeks, or a table of contents and files of years."""

from collections import deque
from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import urljoin

from bot.model.papers import ParseResult
from bot.ports.errors import TryLater
from bot.ports.source_state import PageState
from bot.sources.crawlers.pages import (
    PageBatch,
    PageContent,
    PageReader,
    PageResult,
    without_validators,
)
from bot.sources.parsers.dair import document
from bot.sources.parsers.detect import parse_source
from bot.sources.parsers.errors import UnreadableSource

_MAX_FILES = 60
"""How many files are asked for; a year has one."""


class DairCrawler:
    """All files are one batch, as weeks move between them; see `bot.sources.crawlers.pages`."""

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages

    async def batches(self) -> AsyncIterator[PageBatch]:
        root = self._pages.source.url
        # A file that is no longer led to is asked all the same: its weeks may be lost with it.
        waiting = deque(dict.fromkeys([root, *self._pages.known.pages]))
        met = set(waiting)
        seen: list[PageResult] = []
        try:
            while waiting and len(seen) < _MAX_FILES:
                address = waiting.popleft()
                found = await self._see(self._pages.of(address))
                seen.append(found)
                fresh = [lead for lead in found.state.leads if lead not in met]
                waiting.extend(fresh)
                met.update(fresh)
            if any(each.parsed for each in seen):
                seen = [await self._again(each) for each in seen]
        except TryLater:
            yield PageBatch(tuple(seen), is_complete=False)
            raise
        yield PageBatch(tuple(seen))

    async def _see(self, known: PageState) -> PageResult:
        return await self._pages.fetch_page(known, partial(self._read, known.address))

    async def _again(self, seen: PageResult) -> PageResult:
        """Read a file anew that raised an alarm: what it lost may stand in another one now."""
        is_alarming = seen.state.alarm and seen.parsed is None and not seen.read_error
        return await self._see(without_validators(seen.state)) if is_alarming else seen

    def _read(self, address: str, body: bytes) -> PageContent:
        leads = _linked_files(address, body)
        try:
            parsed = parse_source(body, address, self._pages.source.series or None)
        except UnreadableSource:
            if not leads:
                raise
            parsed = ParseResult()  # a table of contents
        return PageContent(parsed, leads)


def _linked_files(address: str, body: bytes) -> tuple[str, ...]:
    """Return the files that a table of contents links to, on its own host, newest first."""
    paths = document.linked_year_files(body.decode("utf-8", "replace"))
    return tuple(urljoin(address, path) for path in sorted(paths, reverse=True))
