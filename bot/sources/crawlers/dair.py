"""Crawls the DAIR list: one file with all weeks, or a table of contents and a file a year."""

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
"""The most files that are fetched; there is one for each year."""


class DairCrawler:
    """Implements `Crawler`; all files are one batch, because weeks move between them."""

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages

    async def batches(self) -> AsyncIterator[PageBatch]:
        root = self._pages.source.url
        # A known file is fetched even if it is no longer linked: its weeks may be lost with it.
        waiting = deque(dict.fromkeys([root, *self._pages.source_state.pages]))
        queued = set(waiting)
        results: list[PageResult] = []
        try:
            while waiting and len(results) < _MAX_FILES:
                address = waiting.popleft()
                result = await self._fetch(self._pages.state_of(address))
                results.append(result)
                fresh = [link for link in result.state.leads if link not in queued]
                waiting.extend(fresh)
                queued.update(fresh)
            if any(each.parsed for each in results):
                results = [await self._reread_alarming(each) for each in results]
        except TryLater:
            yield PageBatch(tuple(results), is_complete=False)
            raise
        yield PageBatch(tuple(results))

    async def _fetch(self, known: PageState) -> PageResult:
        parse = partial(_read, known.address, self._pages.source.series)
        if known.address == self._pages.source.url:
            return await self._pages.fetch_root(known, parse)
        return await self._pages.fetch_page(known, parse)

    async def _reread_alarming(self, result: PageResult) -> PageResult:
        """Read an unchanged file with an alarm again: what it lost may be in another file now."""
        is_alarming = result.state.alarm and result.parsed is None and not result.read_error
        return await self._fetch(without_validators(result.state)) if is_alarming else result


def _read(address: str, series: str, body: bytes) -> PageContent:
    links = _linked_files(address, body)
    try:
        parsed = parse_source(body, address, series or None)
    except UnreadableSource:
        if not links:
            raise
        parsed = ParseResult()  # a table of contents
    return PageContent(parsed, links)


def _linked_files(address: str, body: bytes) -> tuple[str, ...]:
    """Return the URLs of the year files that a table of contents links to, newest first."""
    paths = document.linked_year_files(body.decode("utf-8", "replace"))
    return tuple(urljoin(address, path) for path in sorted(paths, reverse=True))
