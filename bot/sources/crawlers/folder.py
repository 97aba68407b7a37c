"""Gathers a folder of files: bundles, or any other format that is read."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.ports.errors import TryLater
from bot.ports.web import Fetched
from bot.sources.crawlers.pages import Batch, Content, Pages, Seen, unread
from bot.sources.parsers.detect import MAX_BYTES, SUFFIXES, read

_GONE = "the file is gone."


class FolderCrawl:
    """Fulfils `bot.sources.crawlers.pages.Crawl`; a file is a page, named by its name."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def batches(self) -> AsyncIterator[Batch]:
        folder = self._pages.source.path
        try:
            found = await self._pages.means.offload(_files, folder)
        except OSError as error:
            raise TryLater(None, f"the folder cannot be read: {error.strerror}.") from None
        seen = [await self._see(folder / name, mark) for name, mark in found]
        present = {name for name, _ in found}
        known = self._pages.known.pages.items()
        gone = [Seen(state, trouble=_GONE) for name, state in known if name not in present]
        yield Batch((*seen, *gone))

    async def _see(self, path: Path, mark: str) -> Seen:
        known = self._pages.of(path.name)
        if known.alarm:
            known = unread(known)  # what it lost may stand in another file now
        if known.etag == mark and self._pages.is_read(known):
            return Seen(known)
        try:
            body = await self._pages.means.offload(_head, path)
        except OSError as error:
            return Seen(replace(known, etag=""), trouble=f"it cannot be read: {error.strerror}.")
        fetched = Fetched(body, path.name, etag=mark)
        return await self._pages.seen(known, fetched, partial(self._read, path.name))

    def _read(self, name: str, body: bytes) -> Content:
        return Content(read(body, name, self._pages.source.series or None))


def _files(folder: Path) -> list[tuple[str, str]]:
    """Return the files of known kinds, newest name first, each with what tells a change."""
    found = []
    for path in sorted(folder.iterdir(), reverse=True):
        if path.suffix in SUFFIXES and path.is_file():
            told = path.stat()
            found.append((path.name, f"{told.st_mtime_ns}:{told.st_size}"))
    return found


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
