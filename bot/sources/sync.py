"""Fetches what a source holds and, once it was judged, saves what is new, reworded or moved."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.lib.clean import one_line
from bot.model.papers import Issue
from bot.model.weeks import Week
from bot.papers.tagging import Vocabulary
from bot.ports.archive import Archive, SaveResult
from bot.ports.errors import TryLater
from bot.ports.source_state import PageState, SourceState, SourceStateStore
from bot.sources.crawlers.pages import CrawlTools, PageBatch, PageReader, Source
from bot.sources.crawlers.registry import create_crawler
from bot.sources.importer import with_inferred_tags
from bot.sources.loss_check import PageVerdict, check_batch, paper_keys_by_week, problem_lines
from bot.sources.poll_interval import PollInterval, is_due

_WEEKS_PER_TRANSACTION = 20
"""How many weeks are written in one transaction where all of them are new: others wait for it."""

_MAX_PROBLEMS = 20
"""How many problems of a page are remembered."""

_SUCCESS_WRITE_INTERVAL = timedelta(hours=1)
"""A success that is remembered and no older than this is not written anew."""

ProgressCallback = Callable[[str], None]
"""Is told how far it has come, a sentence at a time."""


@dataclass(slots=True)
class SyncResult:
    """What became of a source."""

    source: Source
    state: SourceState
    """As it is remembered now."""
    issues: int = 0
    """How many weeks were read; what is unchanged is not read."""
    papers: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)
    """What could not be used of what was read, and what was kept against the source's word."""
    alarms: tuple[str, ...] = ()
    """What changed suspiciously and was not known before."""
    is_recovered: bool = False
    """Whether there was an alarm before, and is none now."""

    @property
    def has_changes(self) -> bool:
        """Whether anything is other than before."""
        return bool(self.added or self.updated)


@dataclass(frozen=True, slots=True)
class Synchronizer:
    """Brings the archive up to date with sources."""

    archive: Archive
    register: SourceStateStore
    vocabulary: Vocabulary
    tools: CrawlTools
    poll_interval: PollInterval
    random_fraction: Callable[[], float] = random.random
    """Returns a number between 0 and 1, by which the next try is moved a little."""

    async def sync(
        self,
        source: Source,
        report_progress: ProgressCallback = lambda _: None,
        *,
        is_accepted: bool = False,
    ) -> SyncResult:
        """Ask a source and keep what it has; whatever fails, what was there stays.

        A source that lost weeks or changed its form raises an alarm instead, and the pages that
        did are left as they were; `is_accepted` says that a person wants them as they are now.
        Raises `bot.ports.errors.StorageUnavailable`.
        """
        known = await self.register.source(source.name)
        if known.place != source.identity:
            # It is somewhere or something else now: what was read says nothing about what is here.
            gone = tuple(known.pages)
            known = SourceState(source.name, source.identity)
            await self.register.keep(known, (), gone)
        synced = SyncResult(source, known)
        pages = PageReader(source, self.tools, known, is_full_reread=is_accepted)
        later: TryLater | None = None
        try:
            async for batch in create_crawler(pages).batches():
                await self._take(synced, batch, report_progress, is_accepted=is_accepted)
        except TryLater as error:
            later = error
        await self._close(synced, known, later)
        return synced

    async def _take(
        self,
        synced: SyncResult,
        batch: PageBatch,
        report_progress: ProgressCallback,
        *,
        is_accepted: bool,
    ) -> None:
        """Save what a batch brings, then remember its pages: a crash between repeats both."""
        judged = check_batch(synced.state, batch)
        taken = [each for each in judged if is_accepted or not (each.alarm or each.is_deferred)]
        issues, doubled = _without_duplicate_weeks(
            [i for e in taken if e.seen.parsed for i in e.seen.parsed.issues]
        )
        synced.problems += doubled
        synced.issues += len(issues)
        synced.papers += sum(len(issue.entries) for issue in issues)
        for part in await self._transaction_batches(issues):
            _add_counts(synced, await self._save(part))
            report_progress(f"{synced.source.name}: {_week_range(part)}: kept.")
        await self._remember(synced, judged, is_accepted=is_accepted)

    async def _transaction_batches(self, issues: Sequence[Issue]) -> Sequence[Sequence[Issue]]:
        """Return what is written in one transaction each, the newest weeks first.

        They are what a first digest brings. What moved between weeks that are known has to be
        seen as a whole; what is all new need not.
        """
        if not issues:
            return ()
        series = tuple({issue.series for issue in issues})
        size = len(issues) if await self.archive.weeks(series, 1) else _WEEKS_PER_TRANSACTION
        return [issues[start : start + size] for start in range(0, len(issues), size)]

    async def _save(self, issues: Sequence[Issue]) -> SaveResult:
        ready = [
            await self.tools.offload(with_inferred_tags, each, self.vocabulary) for each in issues
        ]
        return await self.archive.save(ready)

    async def _remember(
        self, synced: SyncResult, judged: Sequence[PageVerdict], *, is_accepted: bool
    ) -> None:
        pages = dict(synced.state.pages)
        changed, gone = [], []
        for each in judged:
            address = each.seen.state.address
            page = _page_state(each, is_accepted=is_accepted)
            if each.is_gone or (is_accepted and each.seen.read_error):
                gone.append(address)
                pages.pop(address, None)
            elif page != pages.get(address):
                changed.append(page)
                pages[address] = page
                if not page.alarm:
                    synced.problems += page.problems
        synced.state = replace(synced.state, pages=pages)
        if changed or gone:
            await self.register.keep(synced.state, changed, gone)

    async def _close(self, synced: SyncResult, known: SourceState, later: TryLater | None) -> None:
        """Decide when it is asked next, and remember that where it tells anything new."""
        now, chance = self.tools.clock.now(), self.random_fraction()
        state = replace(synced.state, tried_at=now)
        failure = one_line(str(later)) if later else _empty_source_reason(state)
        if failure:
            failures = known.failures + 1
            next_at = self.poll_interval.next_retry(
                now, failures, later.retry_after if later else None, chance
            )
            state = replace(state, failures=failures, failure=failure, next_at=next_at)
        else:
            next_at = self.poll_interval.next_poll(now, chance)
            state = replace(state, failures=0, failure="", succeeded_at=now, next_at=next_at)
        synced.alarms = tuple(line for line in state.alarms if line not in known.alarms)
        synced.is_recovered = bool(known.alarms) and not state.alarms
        if _must_save(known, state, now):
            await self.register.keep(state, ())
        else:
            state = replace(state, next_at=known.next_at)
        synced.state = state


def _empty_source_reason(state: SourceState) -> str:
    """Return why a source brought nothing, ever; empty where it did."""
    return "" if state.weeks or not state.problems else state.problems[0]


def _must_save(known: SourceState, state: SourceState, now: datetime) -> bool:
    """Tell whether a state says more than the one that is remembered.

    Asking a source that has nothing new writes nothing, unless the time of that is the news.
    """
    is_fresh = (
        known.succeeded_at is not None
        and timedelta() <= now - known.succeeded_at < _SUCCESS_WRITE_INTERVAL
    )
    return (
        bool(state.failure or known.failure)
        or not is_fresh
        or is_due(known.next_at, now)
        or state.pages != known.pages
    )


def _page_state(judged: PageVerdict, *, is_accepted: bool) -> PageState:
    """Return what is to be remembered of a page."""
    seen = judged.seen
    if judged.is_deferred and not is_accepted:
        return judged.before
    if judged.alarm and not is_accepted:
        return replace(seen.state, alarm=judged.alarm)
    if seen.read_error:
        return replace(
            seen.state, problems=(one_line(f"{seen.state.address}: {seen.read_error}"),)
        )
    if seen.parsed is None:
        return seen.state
    return replace(
        seen.state,
        weeks=paper_keys_by_week(seen.parsed.issues),
        problems=problem_lines(seen.state.address, seen.parsed, _MAX_PROBLEMS),
        alarm=(),
    )


def _without_duplicate_weeks(issues: Sequence[Issue]) -> tuple[list[Issue], list[str]]:
    """Return the issues newest first, each week once, and a line for each that stood twice."""
    found: dict[tuple[str, Week], Issue] = {}
    doubled = []
    for issue in issues:
        if (issue.series, issue.week) in found:
            doubled.append(f"{issue.week} stands twice; the first was used.")
        found.setdefault((issue.series, issue.week), issue)
    return sorted(found.values(), key=lambda issue: issue.week, reverse=True), doubled


def _add_counts(synced: SyncResult, saved: SaveResult) -> None:
    synced.added += saved.added
    synced.updated += saved.updated
    synced.unchanged += saved.unchanged
    synced.problems += [one_line(problem.message) for problem in saved.problems]


def _week_range(issues: Sequence[Issue]) -> str:
    first, last = issues[-1].week, issues[0].week
    return str(last) if first == last else f"{len(issues)} weeks from {first} to {last}"
