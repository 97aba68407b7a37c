"""Crawls a folder of files in any format that can be imported."""

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
    """Implements `Crawler`; each file is a page, addressed by its name."""

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages

    async def batches(self) -> AsyncIterator[PageBatch]:
        folder = self._pages.source.path
        try:
            files = await self._pages.tools.offload(_list_files, folder)
        except OSError as error:
            raise TryLater(None, f"the folder cannot be read: {error.strerror}.") from None
        results = [await self._read_file(folder / name, version) for name, version in files]
        present = {name for name, _ in files}
        known = self._pages.source_state.pages.items()
        gone = [
            PageResult(state, read_error=_GONE) for name, state in known if name not in present
        ]
        yield PageBatch((*results, *gone))

    async def _read_file(self, path: Path, version: str) -> PageResult:
        known = self._pages.state_of(path.name)
        if known.alarm:
            known = without_validators(known)  # what it lost may be in another file now
        if known.etag == version and self._pages.is_up_to_date(known):
            return PageResult(known)
        try:
            body = await self._pages.tools.offload(_read_limited, path)
        except OSError as error:
            return PageResult(
                replace(known, etag=""), read_error=f"it cannot be read: {error.strerror}."
            )
        fetched = FetchResult(body, path.name, etag=version)
        return await self._pages.parse_fetched(
            known, fetched, partial(_read, path.name, self._pages.source.series)
        )


def _read(name: str, series: str, body: bytes) -> PageContent:
    return PageContent(parse_source(body, name, series or None))


def _list_files(folder: Path) -> list[tuple[str, str]]:
    """Return the readable files, last name first, each with its version: time and size."""
    found = []
    for path in sorted(folder.iterdir(), reverse=True):
        if path.suffix in SUFFIXES and path.is_file():
            stat = path.stat()
            found.append((path.name, f"{stat.st_mtime_ns}:{stat.st_size}"))
    return found


def _read_limited(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
