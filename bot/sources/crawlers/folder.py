"""Gathers a folder of files: bundles, or any other format that is read."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.ports.errors import TryLater
from bot.ports.web import FetchResult
from bot.sources.crawlers.pages import (
    PageBatch,
    PageContent,
    PageReader,
    PageResult,
    without_validators,
)
from bot.sources.parsers.detect import MAX_BYTES, SUFFIXES, parse_source

_GONE = "the file is gone."


class FolderCrawler:
    """Fulfils `bot.sources.crawlers.pages.Crawler`; a file is a page, named by its name."""

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages

    async def batches(self) -> AsyncIterator[PageBatch]:
        folder = self._pages.source.path
        try:
            found = await self._pages.tools.offload(_list_files, folder)
        except OSError as error:
            raise TryLater(None, f"the folder cannot be read: {error.strerror}.") from None
        seen = [await self._see(folder / name, mark) for name, mark in found]
        present = {name for name, _ in found}
        known = self._pages.known.pages.items()
        gone = [
            PageResult(state, read_error=_GONE) for name, state in known if name not in present
        ]
        yield PageBatch((*seen, *gone))

    async def _see(self, path: Path, mark: str) -> PageResult:
        known = self._pages.of(path.name)
        if known.alarm:
            known = without_validators(known)  # what it lost may stand in another file now
        if known.etag == mark and self._pages.is_read(known):
            return PageResult(known)
        try:
            body = await self._pages.tools.offload(_read_limited, path)
        except OSError as error:
            return PageResult(
                replace(known, etag=""), read_error=f"it cannot be read: {error.strerror}."
            )
        fetched = FetchResult(body, path.name, etag=mark)
        return await self._pages.seen(known, fetched, partial(self._read, path.name))

    def _read(self, name: str, body: bytes) -> PageContent:
        return PageContent(parse_source(body, name, self._pages.source.series or None))


def _list_files(folder: Path) -> list[tuple[str, str]]:
    """Return the files of known kinds, newest name first, each with what tells a change."""
    found = []
    for path in sorted(folder.iterdir(), reverse=True):
        if path.suffix in SUFFIXES and path.is_file():
            told = path.stat()
            found.append((path.name, f"{told.st_mtime_ns}:{told.st_size}"))
    return found


def _read_limited(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
