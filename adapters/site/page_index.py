"""Lists every page of the site: for search engines, and for the copy as files."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from adapters.site import list_pages, markup
from adapters.site.documents import Document, Parameters
from adapters.site.markup import Reader
from bot.cards import page_addresses as addresses
from bot.commands.library import Library
from bot.ports.search_index import MAX_COUNT

XML, TEXT = "application/xml", "text/plain"

_SITEMAP_SIZE = 500
"""Pages in one file, each with an address for every language; the format takes 50,000."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of the list of all pages, which is read by pieces."""

    count: int
    read: Callable[[int, int], Awaitable[Sequence[str]]]
    """Returns so many addresses from an offset on."""


async def robots(_library: Library, reader: Reader, _wanted: Parameters) -> Document:
    """Return what crawlers may read, and where the list of pages is."""
    lines = ["User-agent: *", "Allow: /", f"Sitemap: {reader.public_url}sitemap.xml", ""]
    return Document("\n".join(lines).encode(), TEXT)


async def page_addresses(library: Library) -> list[str]:
    """Return the address of every page that search engines may list, without its language."""
    found: list[str] = []
    for section in await _sections(library):
        found += await section.read(section.count, 0)
    return found


async def trend_addresses(library: Library) -> list[str]:
    """Return the address of every trend that a page links to."""
    tags = [tag for tag, count in await library.tags() if count >= list_pages.MIN_TREND]
    return [addresses.trend_of(""), *map(addresses.trend, tags)]


def page_count(total: int) -> int:
    """Return the number of pages of a list of papers."""
    return -(-min(total, MAX_COUNT) // list_pages.PAGE_SIZE)


async def sitemap_parts(library: Library) -> int:
    """Return the number of sitemap files."""
    return -(-sum(each.count for each in await _sections(library)) // _SITEMAP_SIZE)


async def sitemap(library: Library, reader: Reader, _wanted: Parameters) -> Document:
    """Return the list of the parts of the sitemap."""
    values = {"parts": range(1, await sitemap_parts(library) + 1)}
    text = markup.render_template("sitemap_index.xml", reader, values)
    return Document(text.encode(), XML)


async def sitemap_part(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
    """Return a part of the list of all pages in all languages."""
    offset = (wanted["number"] - 1) * _SITEMAP_SIZE
    part: list[str] = []
    if offset < 0:
        return None
    for section in await _sections(library):
        missing = _SITEMAP_SIZE - len(part)
        if offset < section.count and missing:
            part += await section.read(min(missing, section.count - offset), offset)
        offset = max(offset - section.count, 0)
    if not part:
        return None
    text = markup.render_template("sitemap.xml", reader, {"pages": part})
    return Document(text.encode(), XML)


async def _sections(library: Library) -> Sequence[_Section]:
    """Return what there is, of each kind what was saved later last; authors by their names."""
    overviews = [addresses.home(), addresses.tags(), addresses.about(), addresses.search()]
    overviews += [addresses.trends(), *await trend_addresses(library)]
    overviews += [addresses.year(number) for number, _ in await library.years()]
    overviews += [addresses.tag(slug) for slug, _ in await library.tags()]
    counts = await library.counts()

    async def read_overviews(limit: int, offset: int) -> Sequence[str]:
        return overviews[offset : offset + limit]

    async def read_weeks(limit: int, offset: int) -> Sequence[str]:
        return [addresses.week(*each) for each in await library.weeks(limit, offset)]

    async def read_papers(limit: int, offset: int) -> Sequence[str]:
        return [addresses.paper(key) for key in await library.paper_keys(limit, offset)]

    async def read_authors(limit: int, offset: int) -> Sequence[str]:
        return [addresses.author(name) for name in await library.author_names(limit, offset)]

    return (
        _Section(len(overviews), read_overviews),
        _Section(counts.issues, read_weeks),
        _Section(counts.papers, read_papers),
        _Section(counts.authors, read_authors),
    )
