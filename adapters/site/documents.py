"""Makes the document of an address: HTML, CommonMark, BibTeX, JSON, feeds and sitemaps."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapters.site import feeds, list_pages, markup, pages, structured_data, trend_pages
from adapters.site.markup import Reader
from adapters.site.page import Page
from adapters.site.previews import preview_of
from bot.cards import page_addresses as addresses
from bot.commands.library import Library
from bot.model.papers import Paper

HTML, MARKDOWN, BIBTEX = "text/html", "text/markdown", "application/x-bibtex"
PNG = "image/png"
JSON, ATOM, JSON_FEED = "application/json", "application/atom+xml", "application/feed+json"

_MAX_INDEX = 20_000
"""Papers in the index that a browser searches by itself."""
_MAX_ANSWERED = 300
"""The same where the host answers questions, and the index would cost it more than a page may."""

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """What is sent for an address."""

    body: bytes
    media_type: str
    moved_to: str = ""
    """The address that replaced this one; empty if none did."""


Builder = Callable[[Library, Reader, Parameters], Awaitable[Document | None]]
PageBuilder = Callable[[Library, Reader, Parameters], Awaitable[Page | None]]


async def _home(library: Library, reader: Reader, _: Parameters) -> Page:
    return await pages.home(library, reader.locale)


async def _year(library: Library, reader: Reader, wanted: Parameters) -> Page | None:
    return await pages.year(library, reader.locale, wanted["year"])


async def _week(library: Library, reader: Reader, wanted: Parameters) -> Page | None:
    series = addresses.unescape_name(wanted["series"])
    number = addresses.parse_week(wanted["week"])
    return await pages.week(library, reader.locale, series, number)


async def _paper(library: Library, reader: Reader, wanted: Parameters) -> Page | None:
    key = addresses.paper_key(wanted["kind"], wanted["rest"])
    return await pages.paper(library, reader.locale, key)


async def _tags(library: Library, reader: Reader, _: Parameters) -> Page:
    return await list_pages.tags(library, reader.locale)


async def _tag(library: Library, reader: Reader, wanted: Parameters) -> Page | None:
    slug = addresses.unescape_name(wanted["tag"])
    return await list_pages.tag(library, reader.locale, slug, wanted["page"])


async def _author(library: Library, reader: Reader, wanted: Parameters) -> Page | None:
    name = addresses.unescape_name(wanted["name"])
    return await list_pages.author(library, reader.locale, name, wanted["page"])


async def _search(library: Library, reader: Reader, wanted: Parameters) -> Page:
    return await list_pages.search(library, reader.locale, wanted.get("q", ""), wanted["page"])


async def _trends(library: Library, reader: Reader, _: Parameters) -> Page | None:
    return await trend_pages.trends(library, reader.locale)


async def _trend(library: Library, reader: Reader, wanted: Parameters) -> Page | None:
    if "tag" not in wanted:
        return await trend_pages.trend(library, reader.locale, wanted.get("q", ""))
    tag = addresses.unescape_name(wanted["tag"])
    if dict(await library.tags()).get(tag, 0) < list_pages.MIN_TREND:
        return None
    return await trend_pages.trend(library, reader.locale, "", tag)


async def _about(library: Library, reader: Reader, _: Parameters) -> Page:
    return await pages.about(library, reader.locale)


def _html(build: PageBuilder) -> Builder:
    async def make(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
        page = await build(library, reader, wanted)
        if page is None:
            return None
        moved = _moved(page, wanted, reader)
        return Document(markup.render_html(page, reader).encode(), HTML, moved)

    return make


def _moved(page: Page, wanted: Parameters, reader: Reader) -> str:
    """Return the address of a paper that is asked for under a former key."""
    if "kind" not in wanted:
        return ""
    asked = addresses.paper(addresses.paper_key(wanted["kind"], wanted["rest"]))
    return "" if page.address == asked else reader.path(page.address)


def _markdown(build: PageBuilder) -> Builder:
    async def make(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
        page = await build(library, reader, wanted)
        if page is None:
            return None
        return Document(markup.render_markdown_page(page, reader).encode(), MARKDOWN)

    return make


def _bibtex(build: PageBuilder) -> Builder:
    async def make(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
        page = await build(library, reader, wanted)
        return Document(library.citations(page.papers).encode(), BIBTEX) if page else None

    return make


def _json(build: PageBuilder) -> Builder:
    async def make(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
        page = await build(library, reader, wanted)
        if page is None:
            return None
        if page.issue:
            return json_document(structured_data.issue_document(page.issue, reader.public_url))
        papers = structured_data.paper_documents(page.papers, reader.public_url)
        if page.template == "paper.html":
            return json_document(papers[0])
        return json_document({"title": page.title, "papers": papers})

    return make


async def _preview(
    build: PageBuilder, library: Library, reader: Reader, wanted: Parameters
) -> Document | None:
    """Return the picture of a page for other sites."""
    page = await build(library, reader, wanted)
    if page is None or library.pictures is None or not (page.issue or page.papers):
        return None
    return Document(await library.pictures.preview(preview_of(page, reader.locale)), PNG)


def _chart(*, is_dark: bool) -> Builder:
    """Return the builder of a trend's chart."""

    async def make(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
        tag = addresses.unescape_name(wanted.get("tag", ""))
        chart = await trend_pages.chart(library, reader.locale, wanted.get("q", ""), tag)
        if chart is None or library.pictures is None:
            return None
        return Document(await library.pictures.chart(chart, is_dark=is_dark), PNG)

    return make


def json_document(value: object, media_type: str = JSON) -> Document:
    """Return a value as JSON."""
    return Document(json.dumps(value, ensure_ascii=False).encode(), media_type)


async def _search_index(library: Library, reader: Reader, wanted: Parameters) -> Document:
    """Return what a browser shows while a person types.

    Without a query it is the index of all papers, which a static host gives for every query.
    """
    if wanted.get("q"):
        found = await library.search(wanted["q"], list_pages.PAGE_SIZE, 0)
        papers = _index(reader, list_pages.unique_papers(found))
        return json_document({"complete": False, "papers": papers})
    most = _MAX_ANSWERED if reader.can_ask else _MAX_INDEX
    if (await library.counts()).papers > most:
        return json_document({"complete": False, "papers": []})
    whole = [paper async for paper in library.papers()]
    whole.sort(key=lambda paper: paper.appearances[:1], reverse=True)
    return json_document({"complete": True, "papers": _index(reader, whole)})


def _index(reader: Reader, papers: Sequence[Paper]) -> list[dict[str, object]]:
    """Return papers by the titles of sources; those of a machine find them, and are not shown."""
    return [
        {
            "title": reader.locale.first_text(paper.without_machine_texts().titles) or paper.key,
            "other_titles": sorted({*paper.titles.values(), paper.nickname} - {""}),
            "tags": list(paper.all_tags),
            "week": str(paper.appearances[0].week) if paper.appearances else "",
            "url": reader.path(addresses.paper(paper.key)),
        }
        for paper in papers
    ]


def _feed(*, as_json: bool) -> Builder:
    """Return the builder of the feed of all weeks, or of one series, a tag or a search."""

    async def make(library: Library, reader: Reader, wanted: Parameters) -> Document | None:
        page, items = await _feed_items(library, reader, wanted)
        if page is None:
            return None
        if as_json:
            return json_document(feeds.json_feed(page, reader, items), JSON_FEED)
        return Document(feeds.render_atom(page, reader, items).encode(), ATOM)

    return make


async def _feed_items(
    library: Library, reader: Reader, wanted: Parameters
) -> tuple[Page | None, Sequence[feeds.Item]]:
    if "tag" in wanted:
        page = await _tag(library, reader, wanted)
        return page, feeds.paper_items(reader, page.papers if page else ())
    if "q" in wanted:
        page = await _search(library, reader, wanted)
        return page, feeds.paper_items(reader, page.papers)
    series = addresses.unescape_name(wanted.get("series", ""))
    # An import reads a week back from its feed, and would take texts of a machine for its own.
    issues = await library.newest_issues(series, feeds.MAX_ISSUES, feeds.MAX_PAPERS)
    page = Page("", reader.locale.translate("ML papers of the week"), "")
    if series:
        page = Page("", page.title, f"series/{addresses.escape_name(series)}/")
    return (page if issues or not series else None), feeds.week_items(reader, issues)


async def language_choice(_library: Library, reader: Reader, _wanted: Parameters) -> Document:
    """Return the page of those who do not say their language."""
    values = {
        "names": markup.LANGUAGE_NAMES.items(),
        "root": reader.root,
        "public_url": reader.public_url,
    }
    return Document(markup.render_template("language.html", reader, values).encode(), HTML)


def error_page(reader: Reader, status: int) -> bytes:
    """Return what is shown where there is no page, or a page cannot be made."""
    translate = reader.locale.translate
    if status == 404:  # noqa: PLR2004
        title = translate("There is no such page")
        sentence = translate("It may have been moved; the search may find it.")
    elif status < 500:  # noqa: PLR2004
        title, sentence = translate("This cannot be asked"), translate("Please check the address.")
    else:
        title = translate("Something went wrong here")
        sentence = translate("Please try again later.")
    page = Page("error.html", title, "", {"sentence": sentence}, is_listed=False)
    return markup.render_html(page, reader).encode()


def _with_forms(path: str, build: PageBuilder) -> dict[str, Builder]:
    return {
        path: _html(build),
        f"{path}index.md": _markdown(build),
        f"{path}index.bib": _bibtex(build),
        f"{path}index.json": _json(build),
    }


def _with_preview(path: str, build: PageBuilder) -> dict[str, Builder]:
    return {f"{path}preview.png": partial(_preview, build), **_with_forms(path, build)}


def _with_charts(path: str, build: PageBuilder) -> dict[str, Builder]:
    return {
        **{f"{path}{name}": _chart(is_dark="dark" in name) for name in trend_pages.CHARTS},
        path: _html(build),
    }


def _with_feeds(path: str) -> dict[str, Builder]:
    return {f"{path}feed.atom": _feed(as_json=False), f"{path}feed.json": _feed(as_json=True)}


ROUTES: Mapping[str, Builder] = {
    "": _html(_home),
    "weeks/{year:int}/": _html(_year),
    **_with_preview("week/{series:path}/{week}/", _week),
    **_with_preview("paper/{kind}/{rest:path}/", _paper),
    "trends/": _html(_trends),
    **_with_charts("trend/", _trend),
    **_with_charts("trend/{tag:path}/", _trend),
    "tags/": _html(_tags),
    **_with_feeds("tag/{tag:path}/"),
    "tag/{tag:path}/page/{page:int}/": _html(_tag),
    **_with_forms("tag/{tag:path}/", _tag),
    "author/{name:path}/page/{page:int}/": _html(_author),
    **_with_forms("author/{name:path}/", _author),
    "search/": _html(_search),
    "search/index.json": _search_index,
    **_with_feeds("search/"),
    "about/": _html(_about),
    **_with_feeds(""),
    **_with_feeds("series/{series:path}/"),
}
"""What stands at each address after the language; an earlier row wins."""
