"""Feeds of weeks, of tags and of searches, as Atom and as JSON Feed (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from adapters.site.markup import Reader, render_template
from adapters.site.page import Page
from bot.cards import page_addresses as addresses
from bot.cards.blocks import text_blocks
from bot.cards.locale import Locale
from bot.cards.retractions import retraction_blocks, retraction_heading
from bot.model.card import Block
from bot.model.papers import LANGUAGES, Issue, Localized, Paper

MAX_ISSUES, MAX_PAPERS = 10, 100
"""Issues in a feed, and their papers, with all texts of each."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a feed."""

    title: str
    url: str
    published: datetime
    updated: datetime
    content: str
    """As HTML."""
    tags: tuple[str, ...] = ()


def week_items(reader: Reader, issues: Sequence[Issue]) -> tuple[Item, ...]:
    """Return an item for each issue, with all the texts of its papers in every language.

    `paperboy import` reads an issue back from it: its title and content have the form of the
    forum's weekly posts.
    """
    return tuple(
        Item(
            _dated_title(issue),
            reader.url(addresses.week(issue.series, issue.week)),
            _midnight(issue.start),
            _midnight(_changed_on(issue)),
            _week_content(reader, issue),
        )
        for issue in issues
    )


def paper_items(reader: Reader, papers: Sequence[Paper]) -> tuple[Item, ...]:
    """Return an item for each paper, with its summary."""
    return tuple(
        Item(
            reader.locale.first_text(paper.titles) or paper.key,
            reader.url(addresses.paper(paper.key)),
            _midnight(paper.appearances[-1].start),
            _midnight(
                max(
                    [
                        paper.appearances[0].start,
                        *([paper.retraction.on] if paper.retraction else ()),
                    ]
                )
            ),
            _plain(
                "feed_paper.html",
                reader,
                {
                    "blocks": retraction_blocks(reader.locale, paper.retraction)
                    or text_blocks(reader.locale.first_text(paper.summaries))
                },
            ),
            paper.all_tags,
        )
        for paper in (each.without_machine_texts() for each in papers)
        if paper.appearances
    )


def render_atom(page: Page, reader: Reader, items: Sequence[Item]) -> str:
    """Return a feed as Atom (RFC 4287)."""
    values = {"page": page, "items": items, "updated": _updated(items)}
    return _plain("feed.atom", reader, values)


def json_feed(page: Page, reader: Reader, items: Sequence[Item]) -> dict[str, object]:
    """Return a feed as a JSON Feed 1.1."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": page.title,
        "home_page_url": reader.url(page.address),
        "feed_url": reader.url(addresses.beside(page.address, "feed.json")),
        "language": reader.language,
        "items": [
            {
                "id": item.url,
                "url": item.url,
                "title": item.title,
                "content_html": item.content,
                "date_published": item.published.isoformat(),
                "date_modified": item.updated.isoformat(),
                "tags": list(item.tags),
            }
            for item in items
        ],
    }


def _week_content(reader: Reader, issue: Issue) -> str:
    values = {
        "issue": issue,
        "paper_title": _paper_title,
        "texts": _texts,
        "text_blocks": text_blocks,
        "withdrawn": retraction_blocks(reader.locale, issue.retraction),
        "retracted_texts": lambda paper: _retracted_texts(reader.locale, paper),
    }
    return _plain("feed_week.html", reader, values)


def _retracted_texts(locale: Locale, paper: Paper) -> Localized:
    """Return the reason that stands in place of a retracted paper's texts, by language."""
    if paper.retraction is None:
        return {}
    headings = (
        (name, retraction_heading(replace(locale, language_choice=name), paper.retraction))
        for name in LANGUAGES
    )
    return {name: f"{said}\n\n{paper.retraction.reason}" for name, said in headings}


def _changed_on(issue: Issue) -> date:
    """Return the last day of an issue, or a later one on which curators retracted of it."""
    said = (issue.retraction, *(entry.paper.retraction for entry in issue.entries))
    return max([issue.end, *(each.on for each in said if each)])


def _plain(template: str, reader: Reader, values: Mapping[str, object]) -> str:
    """Return HTML as a text, which a feed escapes once more."""
    return str(render_template(template, reader, values))


def _texts(localized: Localized) -> list[tuple[str, tuple[Block, ...]]]:
    return [(language, text_blocks(text)) for language, text in localized.items() if text]


def _dated_title(issue: Issue) -> str:
    titles = [issue.titles.get("ko", ""), issue.titles.get("en", "")]
    korean, english = (
        titles[0] or "이번 주의 주요 ML 논문",
        titles[1] or "Top ML Papers of the Week",
    )
    return f"[{issue.start:%Y/%m/%d} ~ {issue.end:%Y/%m/%d}] {korean} ({english})"


def _paper_title(paper: Paper) -> str:
    titles = dict.fromkeys((paper.titles.get("ko", ""), paper.titles.get("en", "")))
    return " / ".join(filter(None, titles)) or paper.key


def _updated(items: Sequence[Item]) -> datetime:
    return max((item.updated for item in items), default=datetime.fromtimestamp(0, UTC))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
