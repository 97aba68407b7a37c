"""Synchronises the archive with a source: crawl, check for losses, save."""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.lib.clean import one_line
from bot.model.papers import Issue
from bot.model.weeks import Week
from bot.papers.tagging import Vocabulary
from bot.ports.archive import Archive, SaveResult
from bot.ports.errors import StorageUnavailable, TryLater
from bot.ports.source_state import PageState, SourceState, SourceStateStore
from bot.sources.crawlers.pages import CrawlTools, PageBatch, PageReader, Source
from bot.sources.crawlers.registry import create_crawler
from bot.sources.importer import with_inferred_tags
from bot.sources.loss_check import PageVerdict, check_batch, problem_lines, rows_by_week
from bot.sources.poll_interval import PollInterval, is_due

_LOG = logging.getLogger(__name__)

_WEEKS_PER_TRANSACTION = 20
"""The most weeks in one transaction of an initial load, since other writers wait for it."""

_MAX_PROBLEMS = 20
"""The most problems of a page that are stored."""

_SUCCESS_WRITE_INTERVAL = timedelta(hours=1)
"""A newer success is stored only if the stored one is older than this."""

ProgressCallback = Callable[[str], None]
"""Receives a sentence for each step."""


@dataclass(slots=True)
class SyncResult:
    """The outcome of a synchronisation."""

    source: Source
    state: SourceState
    """The state as it is stored now."""
    issues: int = 0
    """The number of weeks that were parsed; unchanged pages are not parsed."""
    papers: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)
    """What could not be used, and what was kept although the source changed it."""
    alarms: tuple[str, ...] = ()
    """New alarms."""
    is_recovered: bool = False
    """Whether all alarms have ended."""

    @property
    def has_changes(self) -> bool:
        """Whether papers were added or updated."""
        return bool(self.added or self.updated)


@dataclass(frozen=True, slots=True)
class Synchronizer:
    """Synchronises the archive with sources."""

    archive: Archive
    states: SourceStateStore
    vocabulary: Vocabulary
    tools: CrawlTools
    poll_interval: PollInterval
    random_fraction: Callable[[], float] = random.random
    """Returns a number in [0, 1) that varies the next poll."""

    async def sync(
        self,
        source: Source,
        report_progress: ProgressCallback = lambda _: None,
        *,
        is_accepted: bool = False,
    ) -> SyncResult:
        """Fetch a source and save what it has; a failure leaves the archive as it was.

        A page that lost weeks, papers or links, or has implausible dates, raises an alarm and is
        not saved, unless `is_accepted` says that an operator wants it as it is now. Raises
        `bot.ports.errors.StorageUnavailable`.
        """
        known = await self.states.get(source.name)
        if known.place != source.identity:
            # The source was configured anew: the stored pages say nothing about it.
            gone = tuple(known.pages)
            known = SourceState(source.name, source.identity)
            await self.states.save(known, (), gone)
        synced = SyncResult(source, known)
        pages = PageReader(source, self.tools, known, is_full_reread=is_accepted)
        later: TryLater | None = None
        try:
            async for batch in create_crawler(pages).batches():
                await self._save_batch(synced, batch, report_progress, is_accepted=is_accepted)
        except TryLater as error:
            later = error
        except StorageUnavailable:
            raise
        except Exception:  # noqa: BLE001 - a failure that is stored, so that operators see it
            _LOG.exception("Failed to save source", extra={"fields": {"source": source.name}})
            later = TryLater(None, "an internal error ended the sync; the log has it.")
        await self._save_state(synced, known, later)
        return synced

    async def _save_batch(
        self,
        synced: SyncResult,
        batch: PageBatch,
        report_progress: ProgressCallback,
        *,
        is_accepted: bool,
    ) -> None:
        """Save the issues of a batch, then its page states: a crash between repeats both."""
        verdicts = check_batch(
            synced.state,
            batch,
            self.tools.clock.now().date(),
            is_one_series=synced.source.kind != "folder" or bool(synced.source.series),
        )
        issues, duplicates = _without_duplicate_weeks(
            [i for v in verdicts for i in _issues_to_save(v, is_accepted=is_accepted)]
        )
        synced.problems += duplicates
        synced.issues += len(issues)
        synced.papers += sum(len(issue.entries) for issue in issues)
        for part in await self._transaction_batches(issues):
            _add_counts(synced, await self._save(part))
            report_progress(f"{_week_range(part)}: saved.")
        await self._save_pages(synced, verdicts, is_accepted=is_accepted)

    async def _transaction_batches(self, issues: Sequence[Issue]) -> Sequence[Sequence[Issue]]:
        """Divide the issues into transactions, the newest weeks first.

        An initial load may be divided. Otherwise papers may have moved between weeks, which only
        one transaction can see.
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

    async def _save_pages(
        self, synced: SyncResult, verdicts: Sequence[PageVerdict], *, is_accepted: bool
    ) -> None:
        pages = dict(synced.state.pages)
        changed, gone = [], []
        for each in verdicts:
            address = each.result.state.address
            page = _page_state(each, is_accepted=is_accepted)
            if each.is_gone or (is_accepted and each.result.read_error):
                gone.append(address)
                pages.pop(address, None)
            elif page != pages.get(address):
                changed.append(page)
                pages[address] = page
                if not page.alarm:
                    synced.problems += page.problems
        synced.state = replace(synced.state, pages=pages)
        if changed or gone:
            await self.states.save(synced.state, changed, gone)

    async def _save_state(
        self, synced: SyncResult, known: SourceState, later: TryLater | None
    ) -> None:
        """Compute the next poll, and save the state if it says anything new."""
        now, fraction = self.tools.clock.now(), self.random_fraction()
        state = replace(synced.state, tried_at=now)
        failure = one_line(str(later)) if later else _empty_source_reason(state)
        if failure:
            failures = known.failures + 1
            next_at = self.poll_interval.next_retry(
                now, failures, later.retry_after if later else None, fraction
            )
            state = replace(state, failures=failures, failure=failure, next_at=next_at)
        else:
            next_at = self.poll_interval.next_poll(now, fraction)
            state = replace(state, failures=0, failure="", succeeded_at=now, next_at=next_at)
        synced.alarms = tuple(line for line in state.alarms if line not in known.alarms)
        synced.is_recovered = bool(known.alarms) and not state.alarms
        if _must_save(known, state, now):
            await self.states.save(state, ())
        else:
            state = replace(state, next_at=known.next_at)
        synced.state = state


def _empty_source_reason(state: SourceState) -> str:
    """Return why a source never brought a week; empty if it did, or gathers one."""
    gathers = any(page.gathered for page in state.pages.values())
    return "" if state.weeks or gathers or not state.problems else state.problems[0]


def _must_save(known: SourceState, state: SourceState, now: datetime) -> bool:
    """Return whether a state says more than the stored one.

    Polling a source without news writes nothing, unless the stored success has become old.
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


def _issues_to_save(verdict: PageVerdict, *, is_accepted: bool) -> tuple[Issue, ...]:
    if is_accepted and verdict.result.parsed:
        return verdict.result.parsed.issues
    return verdict.accepted_issues


def _page_state(verdict: PageVerdict, *, is_accepted: bool) -> PageState:
    """Return the page state to store."""
    result = verdict.result
    if verdict.is_deferred and not is_accepted:
        return verdict.previous
    if verdict.is_rejected and not is_accepted:
        return replace(result.state, alarm=verdict.alarm)
    if result.read_error:
        return replace(
            result.state, problems=(one_line(f"{result.state.address}: {result.read_error}"),)
        )
    if result.parsed is None:
        return result.state
    return replace(
        result.state,
        weeks=rows_by_week(result.parsed.issues) if is_accepted else verdict.accepted_rows,
        problems=problem_lines(result.state.address, result.parsed, _MAX_PROBLEMS),
        alarm=() if is_accepted else verdict.alarm,
    )


def _without_duplicate_weeks(issues: Sequence[Issue]) -> tuple[list[Issue], list[str]]:
    """Return the issues newest first, each week once, and a line for each duplicate."""
    found: dict[tuple[str, Week], Issue] = {}
    duplicates = []
    for issue in issues:
        if (issue.series, issue.week) in found:
            duplicates.append(f"{issue.week} stands twice; the first was used.")
        found.setdefault((issue.series, issue.week), issue)
    return sorted(found.values(), key=lambda issue: issue.week, reverse=True), duplicates


def _add_counts(synced: SyncResult, saved: SaveResult) -> None:
    synced.added += saved.added
    synced.updated += saved.updated
    synced.unchanged += saved.unchanged
    synced.problems += [one_line(problem.message) for problem in saved.problems]


def _week_range(issues: Sequence[Issue]) -> str:
    first, last = issues[-1].week, issues[0].week
    return str(last) if first == last else f"{len(issues)} weeks from {first} to {last}"
