"""Reads weeks, papers, tags, authors and search results as data, for pages rather than replies."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from bot.cards.blocks import paper_url
from bot.cards.help import about_card
from bot.cards.locale import Locale
from bot.commands.context import Context
from bot.lib.normalise import index_tokens
from bot.model.card import Card
from bot.model.papers import Issue, Paper
from bot.model.weeks import NamedWeek, Week
from bot.papers import bibtex, tagging
from bot.ports.archive import (
    MAX_COUNT,
    IssueResult,
    PaperPage,
    SeriesPreference,
    Snippet,
    TextQuery,
)
from bot.search.full_text import search_full_text
from bot.search.lookup import MAX_QUERY_LENGTH, look_up
from bot.search.text_query import parse_text_query, stems_of

_MAX_ISSUES = 1_000_000
_MAX_NAMED = 5
_CHUNK = 500
"""Papers that are read at once."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of search results."""

    named: tuple[Paper, ...] = ()
    """Papers with the query for a name, on the first page alone."""
    hits: tuple[tuple[Paper, Snippet], ...] = ()
    """Papers with the words in their texts, best first, and the passage that matches."""
    total: int = 0
    """The number of hits on all pages, counted up to one more than `MAX_COUNT`."""


class Library:
    """The archive as readers browse it.

    The newest issue, an issue and a paper have machine-made texts too, for pages that mark them.
    Lists have the texts of sources and curators alone, as there is no note beside each.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._archive = context.archive

    def locale(self, language: str) -> Locale:
        """Return the locale of a language, `ko` or `en`."""
        return Locale(self._context.catalogues, language)

    async def newest_issue(self) -> IssueResult:
        """Return the newest issue, of the preferred series."""
        return await self._archive.find_issue(
            NamedWeek.LATEST, self._context.today(), SeriesPreference(self._context.series)
        )

    async def issue(self, series: str, week: Week) -> IssueResult:
        """Return the issue of a series in a week, with its neighbours."""
        wanted = SeriesPreference(self._context.series, only=series)
        return await self._archive.find_issue(week, self._context.today(), wanted)

    async def issues(self) -> tuple[Issue, ...]:
        """Return all issues without their papers, newest first."""
        return await self._archive.weeks(await self.series(), _MAX_ISSUES)

    async def paper(self, key: str) -> Paper | None:
        """Return the paper that has a key, or had it before it was merged; else None."""
        numbers = await self._archive.query_index(lambda index: index.find_by_keys([key]))
        papers = await self._archive.papers(list(numbers)[:1])
        return papers[0] if papers else None

    async def papers(self) -> AsyncIterator[Paper]:
        """Yield every paper of the archive."""
        last = 0
        while found := await self._archive.papers_after(last, _CHUNK):
            last = found[-1].id
            for paper in found:
                yield paper.without_machine_texts()

    async def tags(self) -> tuple[tuple[str, int], ...]:
        """Return every tag with its number of papers, the most frequent first."""
        return await self._archive.tag_counts()

    async def papers_with_tag(self, tag: str, limit: int, offset: int) -> PaperPage:
        """Return papers with a tag, newest first."""
        page = await self._archive.papers_by_tag(tag, limit, offset)
        return replace(page, papers=_own(page.papers))

    async def papers_by_author(self, name: str) -> tuple[Paper, ...]:
        """Return the papers whose records name an author in exactly these letters, newest first.

        The first `MAX_COUNT` papers that mention the name are looked at.
        """
        query = TextQuery(needed=((index_tokens(name),),))
        numbers, _ = await self._archive.query_index(
            lambda index: index.find_texts(query, MAX_COUNT, 0)
        )
        papers = _own(await self._archive.papers(numbers))
        written = [paper for paper in papers if paper.record and name in paper.record.authors]
        return tuple(sorted(written, key=lambda paper: paper.appearances[:1], reverse=True))

    async def search(self, words: str, limit: int, offset: int) -> SearchPage:
        """Return the papers that words name, and those with the words in their texts."""
        typed = " ".join(words.split())[:MAX_QUERY_LENGTH]
        if not typed:
            return SearchPage()
        vocabulary, today = self._context.vocabulary, self._context.today()
        query, stems = parse_text_query(typed, vocabulary, today), stems_of(typed)
        found = await self._archive.query_index(
            lambda index: search_full_text(index, query, stems, (limit, offset))
        )
        papers = _own(await self._archive.papers([hit.paper_id for hit in found.hits]))
        passages = {hit.paper_id: hit for hit in found.hits}
        return SearchPage(
            await self._named(typed) if not offset else (),
            tuple((paper, passages[paper.id]) for paper in papers if paper.id in passages),
            found.total,
        )

    async def _named(self, typed: str) -> tuple[Paper, ...]:
        found = await self._archive.query_index(
            lambda index: look_up(index, typed, _MAX_NAMED, self._context.thesaurus)
        )
        return _own(await self._archive.papers([hit.paper_id for hit in found.hits]))

    def tag_name(self, tag: str, language: str) -> str:
        """Return what a tag is called in a language."""
        return tagging.tag_name(self._context.vocabulary, tag, language)

    def citations(self, papers: Sequence[Paper]) -> str:
        """Return the BibTeX entries of papers."""
        return "\n\n".join(bibtex.format_entry(paper, paper_url(paper)) for paper in papers) + "\n"

    async def about(self, locale: Locale) -> Card:
        """Return the card about the sources of the texts."""
        made = await self._context.translations.machine_text_counts()
        return about_card(locale, await self._archive.totals(), made, self._context.version)

    async def series(self) -> tuple[str, ...]:
        """Return the names of all series."""
        return tuple(name for name, _, _ in (await self._archive.totals()).series)


def _own(papers: Sequence[Paper]) -> tuple[Paper, ...]:
    return tuple(paper.without_machine_texts() for paper in papers)
