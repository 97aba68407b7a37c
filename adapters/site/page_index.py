"""Lists every page of the site: for search engines, and for the copy as files."""

from collections import Counter
from collections.abc import Mapping

from adapters.site import markup, pages
from adapters.site.documents import Document, Parameters
from adapters.site.markup import Reader
from bot.cards import page_addresses as addresses
from bot.commands.library import Library
from bot.model.papers import LANGUAGES
from bot.ports.archive import MAX_COUNT

XML, TEXT = "application/xml", "text/plain"

_SITEMAP_SIZE = 20_000
"""Addresses in one file; the format takes 50,000."""


async def robots(_library: Library, reader: Reader, _wanted: Parameters) -> Document:
    """Return what crawlers may read, and where the list of pages is."""
    lines = ["User-agent: *", "Allow: /", f"Sitemap: {reader.public_url}sitemap.xml", ""]
    return Document("\n".join(lines).encode(), TEXT)


async def page_addresses(library: Library) -> list[str]:
    """Return the address of every page that search engines may list, without its language."""
    issues = await library.issues()
    found = [addresses.home(), addresses.tags(), addresses.about(), addresses.search()]
    found += [addresses.trends(), *await trend_addresses(library)]
    found += [
        addresses.year(number) for number in dict.fromkeys(each.week.year for each in issues)
    ]
    found += [addresses.week(each.series, each.week) for each in issues]
    found += [addresses.tag(slug) for slug, _ in await library.tags()]
    found += [addresses.paper(paper.key) async for paper in library.papers()]
    return found + [addresses.author(name) for name in await author_counts(library)]


async def trend_addresses(library: Library) -> list[str]:
    """Return the address of every trend that a page links to."""
    tags = [tag for tag, count in await library.tags() if count >= pages.MIN_TREND]
    return [addresses.trend_of(""), *map(addresses.trend, tags)]


async def author_counts(library: Library) -> Mapping[str, int]:
    """Return every author with the number of their papers."""
    counts: Counter[str] = Counter()
    async for paper in library.papers():
        counts.update(set(paper.record.authors) if paper.record else ())
    return counts


def page_count(total: int) -> int:
    """Return the number of pages of a list of papers."""
    return -(-min(total, MAX_COUNT) // pages.PAGE_SIZE)


def sitemap_parts(count: int) -> int:
    """Return the number of sitemap files for so many pages."""
    return -(-count * len(LANGUAGES) // _SITEMAP_SIZE)


async def sitemap(library: Library, reader: Reader, _wanted: Parameters) -> Document:
    """Return the list of the parts of the sitemap."""
    parts = sitemap_parts(len(await page_addresses(library)))
    values = {"parts": range(1, parts + 1)}
    text = markup.render_template("sitemap_index.xml", reader, values)
    return Document(text.encode(), XML)


async def sitemap_part(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
    """Return a part of the list of all pages in all languages."""
    found = await page_addresses(library)
    size = _SITEMAP_SIZE // len(LANGUAGES)
    start = (wanted["number"] - 1) * size
    part = found[start : start + size] if start >= 0 else []
    if not part:
        return None
    text = markup.render_template("sitemap.xml", reader, {"pages": part})
    return Document(text.encode(), XML)
