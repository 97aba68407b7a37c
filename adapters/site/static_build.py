"""Writes the pages as files for any static host, by asking the application for each."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import quote

import httpx2

from adapters.site import FOLDER, page_index, structured_data
from adapters.site.app import Site, StaticCopy
from adapters.site.page import PREVIEW
from adapters.site.trend_pages import CHARTS
from bot.cards import page_addresses as addresses
from bot.commands.library import Library
from bot.model.papers import LANGUAGES

_UNLIMITED = 1_000_000_000
_FORMS = ("index.md", "index.bib", "index.json")
_FEEDS = ("feed.atom", "feed.json")
_WITH_FORMS = ("week/", "paper/", "tag/", "author/")
_MAX_PAPER_PICTURES = 3_000
"""An archive with more papers has pictures of its weeks alone: each takes a twentieth of a second
to be drawn, in two languages, and 20 KB."""


class BuildFailed(Exception):
    """A page could not be made; nothing of the folder can be relied upon."""


async def build(
    library: Library, public_url: str, folder: Path, on_progress: Callable[[int], None]
) -> int:
    """Write every page into a folder, over what is there; return the number of files.

    `on_progress` is called with the number of files so far. Raises BuildFailed, and OSError where
    the folder cannot be written to.
    """
    count = 0
    has_paper_pictures = (await library.counts()).papers <= _MAX_PAPER_PICTURES
    site = Site(library, public_url, _UNLIMITED, copied=StaticCopy(has_paper_pictures))
    transport = httpx2.ASGITransport(site.app, client=("static", 0))
    async with httpx2.AsyncClient(transport=transport, base_url="http://static") as client:
        async for path in _paths(library, has_paper_pictures=has_paper_pictures):
            response = await client.get("/" + quote(path))
            if response.status_code != httpx2.codes.OK:
                raise BuildFailed(f"/{path} was answered with {response.status_code}.")
            _write(folder, path, response.content)
            count += 1
            on_progress(count)
    for asset in (FOLDER / "assets").iterdir():
        _write(folder, f"assets/{asset.name}", asset.read_bytes())
        count += 1
    return count


def _write(folder: Path, path: str, content: bytes) -> None:
    file = folder / (f"{path}index.html" if path.endswith("/") or not path else path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


async def _paths(library: Library, *, has_paper_pictures: bool) -> AsyncIterator[str]:
    """Yield the path of every page and of its other forms."""
    for path in ("", "robots.txt", "sitemap.xml"):
        yield path
    found = await page_index.page_addresses(library)
    for number in range(await page_index.sitemap_parts(library)):
        yield f"sitemap-{number + 1}.xml"
    async for path in _interface(library):
        yield path
    feeds = ["", *(addresses.tag(tag) for tag, _ in await library.tags())]
    feeds += [f"series/{addresses.escape_name(name)}/" for name in await library.series()]
    localized = [*found, "search/index.json"]
    localized += [
        f"{each}{form}" for each in found if each.startswith(_WITH_FORMS) for form in _FORMS
    ]
    localized += [f"{each}{feed}" for each in feeds for feed in _FEEDS]
    localized += [each async for each in _more_pages(library)]
    if library.pictures is not None:
        previewed = ("week/", "paper/") if has_paper_pictures else ("week/",)
        localized += [f"{each}{PREVIEW}" for each in found if each.startswith(previewed)]
        trends = await page_index.trend_addresses(library)
        localized += [f"{each}{chart}" for each in trends for chart in CHARTS]
    for language in LANGUAGES:
        for address in localized:
            yield f"{language}/{address}"


async def _more_pages(library: Library) -> AsyncIterator[str]:
    """Yield the further pages of tags and authors."""
    for tag, count in await library.tags():
        for number in range(2, page_index.page_count(count) + 1):
            yield addresses.tag(tag, number)
    for name, count in await library.author_counts():
        for number in range(2, page_index.page_count(count) + 1):
            yield addresses.author(name, number)


async def _interface(library: Library) -> AsyncIterator[str]:
    api = structured_data.API
    for name in ("openapi.json", "weeks.json", "tags.json"):
        yield api + name
    weeks = await library.weeks()
    for number in range(2, structured_data.pages_of_weeks(len(weeks)) + 1):
        yield f"{api}weeks/page/{number}.json"
    for series, week in weeks:
        yield f"{api}weeks/{addresses.escape_name(series)}/{week}.json"
    for tag, _ in await library.tags():
        yield f"{api}tags/{addresses.escape_name(tag)}.json"
    for key in await library.paper_keys():
        yield f"{api}papers/{structured_data.paper_path(key)}.json"
