"""Checks whether a fetched source lost content or changed its format (pure)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.lib.clean import one_line
from bot.model.papers import Issue, ParseResult
from bot.ports.source_state import PageState, SourceState
from bot.sources.crawlers.pages import PageBatch, PageResult

PaperKeysByWeek = Mapping[str, tuple[str, ...]]
"""The main keys of the papers of each week."""

_MAX_LOST_ROWS = 10
"""A page may lose this many rows in total; lists are corrected now and then."""

_MAX_ALARM_LINES = 8
"""The most weeks and unparsed lines that an alarm names."""


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """The decision about a page."""

    result: PageResult
    previous: PageState
    """The stored state."""
    alarm: tuple[str, ...] = ()
    """Why the page is not accepted; empty if it is."""
    is_deferred: bool = False
    """Whether what it lost may be on a page that was not fetched."""
    is_gone: bool = False
    """Whether the page is gone and all of its content is on other pages."""


def paper_keys_by_week(issues: Iterable[Issue]) -> dict[str, tuple[str, ...]]:
    """Return the keys of a page's papers by week, as they are stored."""
    return {str(issue.week): tuple(entry.paper.key for entry in issue.entries) for issue in issues}


def check_batch(known: SourceState, batch: PageBatch) -> tuple[PageVerdict, ...]:
    """Compare each page of a batch with its stored state, and with all other pages now.

    A week that is on another page now has moved; a week whose papers are in another week now was
    renamed. Neither is a loss.
    """
    pages = {address: page.weeks for address, page in known.pages.items()}
    for result in batch.results:
        if result.parsed is not None:
            pages[result.state.address] = paper_keys_by_week(result.parsed.issues)
        elif result.read_error:
            pages[result.state.address] = {}
    here = frozenset(week for weeks in pages.values() for week in weeks)
    rows = [(week, row) for weeks in pages.values() for week, row in weeks.items()]
    now = _CurrentWeeks(
        here,
        keys={key for _, row in rows for key in row},
        fresh={key for week, row in rows for key in row if week not in known.weeks},
    )
    return tuple(
        _check_page(result, _previous_state(known, result), batch, now) for result in batch.results
    )


@dataclass(frozen=True, slots=True)
class _CurrentWeeks:
    """The content of all pages now."""

    weeks: frozenset[str]
    keys: Collection[str]
    fresh: Collection[str]
    """The keys in weeks that are new."""


def _previous_state(known: SourceState, result: PageResult) -> PageState:
    return known.pages.get(result.state.address, PageState(result.state.address))


def _check_page(
    result: PageResult, previous: PageState, batch: PageBatch, now: _CurrentWeeks
) -> PageVerdict:
    if result.parsed is None and not result.read_error:
        return PageVerdict(result, previous)
    after = paper_keys_by_week(result.parsed.issues) if result.parsed else {}
    lost = _loss_lines(previous.weeks, after, now)
    was_read = bool(previous.digest or previous.alarm) and not previous.weeks
    if result.read_error and (lost or was_read):
        lost = (result.read_error, *lost)
    if not lost:
        return PageVerdict(result, previous, is_gone=bool(result.read_error and previous.weeks))
    if not batch.is_complete:
        return PageVerdict(result, previous, is_deferred=True)
    address = previous.address
    shown = lost[:_MAX_ALARM_LINES]
    if len(lost) > _MAX_ALARM_LINES:
        shown = (*shown, f"so with {len(lost) - _MAX_ALARM_LINES} further weeks.")
    lines = tuple(one_line(f"{address}: {line}") for line in shown)
    return PageVerdict(result, previous, (*lines, *_unparsed_lines(address, result.parsed)))


def _loss_lines(
    previous: PaperKeysByWeek, after: PaperKeysByWeek, now: _CurrentWeeks
) -> tuple[str, ...]:
    """Return a line for each week that a page lost, or lost many papers of."""
    missing = [
        f"{week} is missing; it had {len(rows)} papers."
        for week, rows in sorted(previous.items())
        if week not in now.weeks and not _are_mostly_present(rows, now.fresh)
    ]
    fewer = {
        week: (len(rows), len(after[week]))
        for week, rows in sorted(previous.items())
        if len(after.get(week, rows)) < len(rows) and any(key not in now.keys for key in rows)
    }
    rows = sum(had - has for had, has in fewer.values())
    is_much = rows > _MAX_LOST_ROWS or any(has * 2 <= had for had, has in fewer.values())
    shrunken = [
        f"{week} has {has} papers; it had {had}." for week, (had, has) in fewer.items() if is_much
    ]
    return (*missing, *shrunken)


def _are_mostly_present(rows: Sequence[str], keys: Collection[str]) -> bool:
    """Return whether more than half of the keys are among others."""
    return sum(key in keys for key in rows) * 2 > len(rows)


def _unparsed_lines(address: str, parsed: ParseResult | None) -> tuple[str, ...]:
    """Return the lines that could not be parsed: they show the new format."""
    problems = [each for each in (parsed.problems if parsed else ()) if each.lost]
    lines = [
        one_line(f"{address}:{each.line}: {each.message}") for each in problems[:_MAX_ALARM_LINES]
    ]
    if len(problems) > _MAX_ALARM_LINES:
        lines.append(f"{address}: so with {len(problems) - _MAX_ALARM_LINES} further lines.")
    return tuple(lines)


def problem_lines(address: str, parsed: ParseResult, limit: int) -> tuple[str, ...]:
    """Return a line for each part of an accepted page that could not be used."""
    lost = [each for each in parsed.problems if each.lost]
    return tuple(one_line(f"{address}:{each.line}: {each.message}") for each in lost[:limit])
