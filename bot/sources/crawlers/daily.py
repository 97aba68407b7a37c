"""Crawls a list of daily papers: one request; each closed week becomes a page of its own."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from bot.model import weeks
from bot.model.papers import ParseResult
from bot.model.weeks import Week
from bot.ports.errors import TryLater
from bot.ports.source_state import GatheredPaper
from bot.sources.crawlers.pages import PageBatch, PageContent, PageReader, PageResult
from bot.sources.daily_weeks import closed_weeks, gather, make_week
from bot.sources.parsers import daily
from bot.sources.parsers.sanitizer import sanitize


class DailyCrawler:
    """Implements `Crawler`; papers are gathered until their week is closed, and then chosen.

    A week that was made is never made again, whatever its papers' votes.
    """

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages

    async def batches(self) -> AsyncIterator[PageBatch]:
        source, now = self._pages.source, self._pages.tools.clock.now()
        known = self._pages.state_of(source.url)
        later: TryLater | None = None
        try:
            root = await self._pages.fetch_root(known, _read_list)
        except TryLater as error:
            root, later = PageResult(known), error  # a week is closed all the same
        made = self._made_weeks()
        gathered = gather(known.gathered, root.daily, made, source.selection, now)
        held = {week for week in made if self._pages.state_of(self._address(week)).alarm}
        over = closed_weeks(gathered, source.selection, now)
        due = [week for week in over if week in held or week not in made]
        # Those of the last week stay: what was not chosen must not be taken for new.
        kept = {*map(str, held), str(max((*made, *due), default=""))}
        left = [p for p in gathered if p.week in kept or p.week not in map(str, over)]
        root = replace(root, state=replace(root.state, gathered=tuple(left)))
        yield PageBatch((*(self._make(gathered, week) for week in due), root))
        if later:
            raise later

    def _made_weeks(self) -> tuple[Week, ...]:
        """Return the weeks that were made, and those that are held back."""
        start = self._address("")
        named = (address.removeprefix(start) for address in self._pages.source_state.pages)
        return tuple(week for name in named if isinstance(week := weeks.parse(name), Week))

    def _address(self, week: Week | str) -> str:
        return f"{self._pages.source.url}#{week}"

    def _make(self, gathered: Iterable[GatheredPaper], week: Week) -> PageResult:
        source = self._pages.source
        state = self._pages.state_of(self._address(week))
        parsed = make_week(gathered, week, source.series, source.selection)
        made = replace(state, checked_at=self._pages.tools.clock.now())
        return PageResult(made, sanitize(parsed))


def _read_list(body: bytes) -> PageContent:
    found = daily.parse(body)
    return PageContent(ParseResult(problems=found.problems), daily=found.papers)
