"""Collects what lists of papers show: of tags, authors and searches; see `adapters.site.pages`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.site.page import Page
from adapters.site.pages import summary_lead
from bot.cards import page_addresses as addresses
from bot.cards.locale import Locale
from bot.commands.library import Library, SearchPage
from bot.model.papers import Paper
from bot.ports.search_index import MAX_COUNT

PAGE_SIZE = 25
"""Papers on a page of a tag or a search."""
MIN_TREND = 5
"""A tag with fewer papers is not drawn over time."""
_MAX_TAGS = 400


@dataclass(frozen=True, slots=True)
class Pagination:
    """The place of a page among the pages of a list."""

    number: int
    """From 1."""
    last: int
    before: str
    """The address of the page before; empty on the first one."""
    after: str


async def tags(library: Library, locale: Locale) -> Page:
    """Return every tag with its number of papers."""
    counts = (await library.tags())[:_MAX_TAGS]
    names = [(tag, library.tag_name(tag, locale.languages[0]), count) for tag, count in counts]
    title = locale.translate("Subjects")
    return Page("tags.html", title, addresses.tags(), {"tags": names})


async def tag(library: Library, locale: Locale, slug: str, number: int) -> Page | None:
    """Return a page of the papers with a tag, newest first."""
    found = await library.papers_with_tag(slug, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    if not found.papers:
        return None
    name = library.tag_name(slug, locale.languages[0])
    return Page(
        "papers.html",
        f"#{slug}" if name == slug else f"{name} (#{slug})",
        addresses.tag(slug, number),
        {
            "items": _list_items(locale, found.papers),
            "total": found.total,
            "pagination": _pagination(found.total, number, lambda to: addresses.tag(slug, to)),
            "feed": addresses.tag(slug) + "feed.atom",
            "trend": addresses.trend(slug) if found.total >= MIN_TREND else "",
        },
        papers=found.papers,
        has_forms=number == 1,
        is_listed=number == 1,
    )


async def author(library: Library, locale: Locale, name: str, number: int) -> Page | None:
    """Return a page of the papers of an author, newest first."""
    found = await library.papers_by_author(name, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    if not found.papers:
        return None
    return Page(
        "papers.html",
        name,
        addresses.author(name, number),
        {
            "items": _list_items(locale, found.papers),
            "total": found.total,
            "pagination": _pagination(found.total, number, lambda to: addresses.author(name, to)),
        },
        papers=found.papers,
        has_forms=number == 1,
        is_listed=number == 1,
    )


async def search(library: Library, locale: Locale, words: str, number: int) -> Page:
    """Return a page of search results; without words the empty form."""
    found = await library.search(words, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    title = locale.translate("Search")
    return Page(
        "search.html",
        f"{words} · {title}" if words else title,
        addresses.search(words, number),
        {
            "words": words,
            "named": _list_items(locale, found.named),
            "hits": [(paper.without_machine_texts(), hit) for paper, hit in found.hits],
            "total": found.total,
            "pagination": _pagination(found.total, number, lambda to: addresses.search(words, to)),
        },
        papers=unique_papers(found),
        is_listed=not words,
    )


def unique_papers(found: SearchPage) -> tuple[Paper, ...]:
    """Return the papers of search results once each, those that were named first."""
    papers = (*found.named, *(paper for paper, _ in found.hits))
    return tuple({paper.key: paper for paper in papers}.values())


def _pagination(total: int, number: int, address: Callable[[int], str]) -> Pagination:
    last = max(-(-min(total, MAX_COUNT) // PAGE_SIZE), 1)
    return Pagination(
        number,
        last,
        address(number - 1) if number > 1 else "",
        address(number + 1) if number < last else "",
    )


def _list_items(locale: Locale, papers: Sequence[Paper]) -> list[tuple[Paper, str]]:
    """Return papers with the beginning of their summaries, in the texts of sources alone."""
    own = [paper.without_machine_texts() for paper in papers]
    return [(paper, summary_lead(locale, paper)) for paper in own]
