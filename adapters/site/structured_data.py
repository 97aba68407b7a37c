"""Describes pages for machines: JSON-LD for search engines, JSON for programs (pure)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.cards import page_addresses as addresses
from bot.cards.blocks import paper_url
from bot.cards.paper_facts import all_links
from bot.model.papers import Issue, Paper, Retraction

if TYPE_CHECKING:
    from adapters.site.markup import Reader
    from adapters.site.page import Page

JsonObject = dict[str, Any]
API = "api/v1/"
"""Where the interface for programs begins; what it once answered it keeps answering."""

WEEKS = 1_000
"""Weeks in one document of the interface; the next one has more."""


def describe(page: "Page", reader: "Reader") -> JsonObject:
    """Return the JSON-LD of a page: its paper, or the papers that it lists."""
    if page.template == "paper.html":
        return {"@context": "https://schema.org"} | _scholarly_article(
            page.papers[0].without_machine_texts(), reader
        )
    found: JsonObject = {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "name": page.title,
        "url": reader.url(page.address),
        "inLanguage": reader.language,
    }
    if page.papers:
        found["mainEntity"] = {
            "@type": "ItemList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": position,
                    "name": _name(paper, reader),
                    "url": reader.url(addresses.paper(paper.key)),
                }
                for position, paper in enumerate(page.papers, 1)
            ],
        }
    return found


def _name(paper: Paper, reader: "Reader") -> str:
    return reader.locale.first_text(paper.without_machine_texts().titles) or paper.key


def _scholarly_article(paper: Paper, reader: "Reader") -> JsonObject:
    record = paper.record
    abstract = reader.locale.first_text(paper.abstracts) or (record.abstract if record else "")
    # Search engines know an article by its own title, which is English.
    own = (record.title if record else "", paper.titles.get("en", ""))
    names = dict.fromkeys((*own, *paper.titles.values()))
    title, *others = [name for name in names if name] or [paper.key]
    return _without_empty(
        {
            "@type": "ScholarlyArticle",
            "creativeWorkStatus": "Retracted" if paper.retraction else "",
            "@id": reader.url(addresses.paper(paper.key)),
            "headline": title,
            "alternateName": others,
            "abstract": ""
            if paper.retraction
            else abstract or reader.locale.first_text(paper.summaries),
            "author": [
                {"@type": "Person", "name": name} for name in (record.authors if record else ())
            ],
            "datePublished": _day(record.published if record else None),
            "dateModified": _day(record.updated if record else None),
            "keywords": list(paper.all_tags),
            "url": reader.url(addresses.paper(paper.key)),
            "sameAs": list(
                dict.fromkeys(each.url for each in paper.links if each.kind == "paper")
            ),
            "identifier": paper.key,
        }
    )


def _day(value: object) -> str:
    return str(value or "")


def _without_empty(value: Mapping[str, Any]) -> JsonObject:
    return {name: each for name, each in value.items() if each}


def issue_heading(issue: Issue, public_url: str) -> JsonObject:
    """Return an issue without its papers, for the interface."""
    place = f"{API}weeks/{addresses.escape_name(issue.series)}/{issue.week}.json"
    return {
        "series": issue.series,
        "week": str(issue.week),
        "start": issue.start.isoformat(),
        "end": issue.end.isoformat(),
        "titles": dict(issue.titles),
        "source_url": issue.source_url,
        "machine_made": issue.machine_made,
        "retraction": _retraction(issue.retraction),
        "url": public_url + place,
    }


def pages_of_weeks(total: int) -> int:
    """Return the number of documents with so many weeks."""
    return max(-(-total // WEEKS), 1)


def issue_document(issue: Issue, public_url: str) -> JsonObject:
    """Return an issue with its papers, for the interface."""
    own = issue.without_machine_texts()
    return issue_heading(issue, public_url) | {
        "introductions": dict(own.intros),
        "machine_texts": [text.facts() for text in issue.machine_texts],
        "papers": [
            {"position": entry.position} | paper_document(entry.paper, public_url)
            for entry in issue.entries
        ],
    }


def paper_documents(papers: Sequence[Paper], public_url: str) -> list[JsonObject]:
    """Return papers for the interface."""
    return [paper_document(paper, public_url) for paper in papers]


def paper_document(paper: Paper, public_url: str) -> JsonObject:
    """Return a paper with all its texts, those of a machine apart, for the interface."""
    record, made = paper.record, paper.machine_texts
    paper = paper.without_machine_texts()
    return {
        "key": paper.key,
        "aliases": list(paper.aliases),
        "titles": dict(paper.titles),
        "nickname": paper.nickname,
        "summaries": dict(paper.summaries),
        "abstracts": dict(paper.abstracts),
        "machine_texts": [text.facts() for text in made],
        "retraction": _retraction(paper.retraction),
        "tags": list(paper.tags),
        "inferred_tags": list(paper.inferred_tags),
        "links": [
            {"kind": each.kind, "label": each.label, "url": each.url} for each in all_links(paper)
        ],
        "best_link": paper_url(paper),
        "appearances": [
            {"series": each.series, "week": str(each.week), "position": each.position}
            for each in paper.appearances
        ],
        "record": None
        if record is None
        else {
            "title": record.title,
            "abstract": record.abstract,
            "authors": list(record.authors),
            "published": _day(record.published),
            "updated": _day(record.updated),
            "categories": list(record.categories),
            "doi": record.doi,
            "journal": record.journal,
        },
        "url": f"{public_url}{API}papers/{paper_path(paper.key)}.json",
    }


def _retraction(retraction: Retraction | None) -> JsonObject | None:
    if retraction is None:
        return None
    return {"reason": retraction.reason, "on": retraction.on.isoformat()}


def paper_path(key: str) -> str:
    """Return the part of an address that names a paper: `arxiv/2310.01889`."""
    kind, _, rest = key.partition(":")
    return f"{kind}/{addresses.escape_name(rest)}"
