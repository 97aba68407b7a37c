"""Reads weeks, papers, tags, authors and search results as data, for pages rather than replies."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.cards.blocks import paper_url
from bot.cards.help import about_card
from bot.cards.locale import Locale
from bot.commands.context import Context
from bot.commands.pictures import PictureStudio
from bot.commands.trends import (
    MAX_LINES,
    draw_terms,
    find_shifts,
    find_trend,
    papers_behind,
    parse_trend_question,
)
from bot.lib.cache import CallCache
from bot.model.card import Card
from bot.model.discussions import Community, PaperThread
from bot.model.papers import Issue, Paper
from bot.model.trends import TagShifts, Trend
from bot.model.weeks import NamedWeek, Week
from bot.papers import bibtex, tagging
from bot.ports.archive import IssueResult, PaperPage, SeriesPreference
from bot.ports.search_index import SearchIndex, Snippet
from bot.search.full_text import search_papers
from bot.search.lookup import MAX_QUERY_LENGTH, look_up
from bot.search.meaning import find_similar_papers
from bot.search.text_query import parse_text_query, stems_of

_ALL = 1_000_000_000
_MAX_NAMED = 5
_MAX_RELATED_ARCHIVE = 20_000
"""Papers; in a larger archive finding similar ones takes longer than a page may."""
_COUNT_SECONDS = 300
"""So long counts of the whole archive are kept, which read all of it."""
_SHIFTS_SECONDS = 60
_PERIODS = 10
"""Periods whose shifts are kept."""
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


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the archive has."""

    issues: int
    papers: int
    authors: int


class Library:
    """The archive as readers browse it.

    Papers and issues have machine-made texts too, for what marks them or has them apart; pages
    with lists show the texts of sources and curators alone, as there is no note beside each.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._archive = context.archive
        self._counts: CallCache[Counts] = CallCache(1, _COUNT_SECONDS)
        self._shifts: CallCache[TagShifts | None] = CallCache(_PERIODS, _SHIFTS_SECONDS)

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

    async def issues(
        self, series: str = "", year: int | None = None, limit: int = _ALL, offset: int = 0
    ) -> tuple[Issue, ...]:
        """Return the newest issues without their papers: all, or of a series or a year."""
        return await self._archive.weeks((series,) if series else (), limit, year, offset)

    async def newest_issues(self, series: str, limit: int, most_papers: int) -> tuple[Issue, ...]:
        """Return the newest issues, with the texts of sources and curators alone."""
        found = await self._archive.newest_issues(series, limit, most_papers)
        return tuple(issue.without_machine_texts() for issue in found)

    async def weeks(self, limit: int = _ALL, offset: int = 0) -> tuple[tuple[str, Week], ...]:
        """Return the series and weeks of issues; issues that are saved later come last."""
        return await self._archive.issue_weeks(limit, offset)

    async def years(self) -> tuple[tuple[int, int], ...]:
        """Return every year with its number of issues, the newest first."""
        return await self._archive.years()

    async def paper(self, key: str) -> Paper | None:
        """Return the paper that has a key, or had it before it was merged; else None."""
        papers = await self._archive.query_index(
            lambda index: index.papers(index.find_by_keys([key])[:1])
        )
        return papers[0] if papers else None

    async def counts(self) -> Counts:
        """Return what the archive has, of some minutes ago at most."""

        async def count() -> Counts:
            totals = await self._archive.totals()
            return Counts(totals.issues, totals.papers, await self._archive.author_total())

        return await self._counts.get("all", count)

    async def paper_keys(self, limit: int = _ALL, offset: int = 0) -> tuple[str, ...]:
        """Return the keys of papers; papers that are saved later come last."""
        return await self._archive.paper_keys(limit, offset)

    async def papers(self) -> AsyncIterator[Paper]:
        """Yield every paper of the archive."""
        last = 0
        while found := await self._archive.papers_after(last, _CHUNK):
            last = found[-1].id
            for paper in found:
                yield paper

    async def tags(self) -> tuple[tuple[str, int], ...]:
        """Return every tag with its number of papers, the most frequent first."""
        return await self._archive.tag_counts()

    async def papers_with_tag(self, tag: str, limit: int, offset: int) -> PaperPage:
        """Return papers with a tag, newest first."""
        return await self._archive.papers_by_tag(tag, limit, offset)

    async def papers_by_author(self, name: str, limit: int, offset: int) -> PaperPage:
        """Return papers whose records name an author in exactly these letters, newest first."""
        return await self._archive.papers_by_author(name, limit, offset)

    async def author_names(self, limit: int, offset: int) -> tuple[str, ...]:
        """Return the names of authors, in their order."""
        return await self._archive.author_names(limit, offset)

    async def author_counts(self) -> tuple[tuple[str, int], ...]:
        """Return every author with their number of papers, by name."""
        return await self._archive.author_counts()

    async def search(self, words: str, limit: int, offset: int) -> SearchPage:
        """Return the papers that words name, and those with the words in their texts."""
        typed = " ".join(words.split())[:MAX_QUERY_LENGTH]
        if not typed:
            return SearchPage()
        vocabulary, today = self._context.vocabulary, self._context.today()
        query, stems = parse_text_query(typed, vocabulary, today), stems_of(typed)
        hits, total = await self._archive.query_index(
            lambda index: search_papers(index, query, stems, (limit, offset))
        )
        return SearchPage(await self._named(typed) if not offset else (), hits, total)

    async def _named(self, typed: str) -> tuple[Paper, ...]:
        def read(index: SearchIndex) -> tuple[Paper, ...]:
            found = look_up(index, typed, _MAX_NAMED, self._context.thesaurus)
            return index.papers([hit.paper_id for hit in found.hits])

        return await self._archive.query_index(read)

    async def related(self, paper: Paper, limit: int) -> tuple[Paper, ...]:
        """Return the papers that are most like a paper; none in an archive that is too large."""
        if (await self.counts()).papers > _MAX_RELATED_ARCHIVE:
            return ()
        embedder = self._context.embedder
        return await self._archive.query_index(
            lambda index: index.papers(find_similar_papers(index, embedder, paper, limit))
        )

    async def discussions(self, paper: Paper, limit: int) -> tuple[PaperThread, ...]:
        """Return the threads of a paper that anyone may read, the liveliest first."""
        public = self._context.public_channels
        if not public:
            return ()
        talks = await self._context.ledger.paper_talk(Community(public), 1, papers=[paper.id])
        threads = [thread for talk in talks for thread in talk.threads if thread.thread.url]
        return tuple(threads[:limit])

    async def trend(self, asked: str, tag: str = "") -> Trend | None:
        """Return what `/trend` answers to a question; without one, the most frequent tags.

        With a tag it is drawn, and nothing else. None where the archive has no papers.
        """
        if tag:
            return await draw_terms(self._context, [(tag, tag)])
        question = parse_trend_question(asked[:MAX_QUERY_LENGTH], self._context.today())
        if not question.terms:
            tags = await self.tags()
            question = replace(question, terms=tuple(tag for tag, _ in tags[:MAX_LINES]))
        return await find_trend(self._context, question)

    async def shifts(self, weeks: int) -> TagShifts | None:
        """Return what rose and fell in so many weeks; None where the archive has no papers.

        It may be a minute old, as pages are.
        """

        async def find() -> TagShifts | None:
            return await find_shifts(self._context, weeks)

        return await self._shifts.get(str(weeks), find)

    async def papers_behind(
        self, shifts: Sequence[TagShifts], limit: int
    ) -> Mapping[str, tuple[Paper, ...]]:
        """Return the newest papers of each tag that rose or fell in any of the periods."""
        return await papers_behind(self._context, shifts, limit)

    def count_page(self) -> None:
        """Count a page that was read, for `/stats`."""
        self._context.usage.count_page()

    @property
    def pictures(self) -> PictureStudio | None:
        """Return what draws pictures, where the extra is installed."""
        return self._context.pictures

    def tag_name(self, tag: str, language: str) -> str:
        """Return what a tag is called in a language."""
        return tagging.tag_name(self._context.vocabulary, tag, language)

    def citations(self, papers: Sequence[Paper]) -> str:
        """Return the BibTeX entries of papers."""
        own = [paper.without_machine_texts() for paper in papers]
        return "\n\n".join(bibtex.format_entry(each, paper_url(each)) for each in own) + "\n"

    async def about(self, locale: Locale) -> Card:
        """Return the card about the sources of the texts."""
        made = await self._context.translations.machine_text_counts()
        return about_card(locale, await self._archive.totals(), made, self._context.version)

    async def series(self) -> tuple[str, ...]:
        """Return the names of all series."""
        return tuple(name for name, _, _ in (await self._archive.totals()).series)
