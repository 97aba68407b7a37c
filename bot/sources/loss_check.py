"""Checks whether a fetched source lost content or has wrong dates, before it is saved (pure)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.lib.clean import one_line
from bot.model.papers import Entry, Issue, ParseResult
from bot.model.weeks import Week
from bot.ports.source_state import PageState, SourceState
from bot.sources.crawlers.pages import PageBatch, PageResult
from bot.sources.date_check import implausible_weeks
from bot.sources.row_keys import has_lost_links, share_a_key, split_keys

RowsByWeek = Mapping[str, tuple[str, ...]]
"""The rows of each week: the keys of a paper, the strongest first, separated by blanks."""

_MAX_LOST_ROWS = 10
"""A page may lose this many rows in total, or links of them; lists are corrected now and then."""

_MIN_ROWS = 3
"""A week with fewer rows may be replaced as a whole."""

_MAX_REPLACED_SHARE = 0.2
"""If no larger share of a week's papers is left, these are wholly other papers."""

_MAX_ALARM_LINES = 8
"""The most weeks and unparsed lines that an alarm names."""


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """The decision about a page."""

    result: PageResult
    previous: PageState
    """The stored state."""
    alarm: tuple[str, ...] = ()
    """Why the page, or some of its weeks, are not accepted; empty if they are."""
    is_rejected: bool = False
    """Whether the whole page is not accepted."""
    held_weeks: frozenset[str] = frozenset()
    """The weeks that are not accepted; the others of the page are."""
    is_deferred: bool = False
    """Whether what it lost may be on a page that was not fetched."""
    is_gone: bool = False
    """Whether the page is gone and all of its content is on other pages."""

    @property
    def accepted_issues(self) -> tuple[Issue, ...]:
        """The issues that may be saved unasked."""
        if self.result.parsed is None or self.is_rejected or self.is_deferred:
            return ()
        issues = self.result.parsed.issues
        return tuple(issue for issue in issues if str(issue.week) not in self.held_weeks)

    @property
    def accepted_rows(self) -> dict[str, tuple[str, ...]]:
        """The rows to store: held weeks stay as they were."""
        kept = {w: rows for w, rows in self.previous.weeks.items() if w in self.held_weeks}
        return rows_by_week(self.accepted_issues) | kept


def rows_by_week(issues: Iterable[Issue]) -> dict[str, tuple[str, ...]]:
    """Return the rows of a page by week, as they are stored."""
    return {str(issue.week): tuple(map(_row, issue.entries)) for issue in issues}


def _row(entry: Entry) -> str:
    return " ".join("_".join(key.split()) for key in (entry.paper.key, *entry.paper.aliases))


def check_batch(
    known: SourceState,
    batch: PageBatch,
    today: date,
    *,
    is_one_series: bool = True,
    given_week: Week | None = None,
) -> tuple[PageVerdict, ...]:
    """Compare each page of a batch with its stored state, with all other pages, and with today.

    A week that is on another page now has moved; a week whose papers are in another week now was
    renamed. Neither is a loss. A week with implausible dates, or with wholly other papers than
    before, is held back alone. `is_one_series` says that a week may be on one page only;
    `given_week` was given by a person, so that its papers may be of any age.
    """
    pages = {address: page.weeks for address, page in known.pages.items()}
    unread = dict(pages)
    for result in batch.results:
        if result.parsed is not None:
            pages[result.state.address] = rows_by_week(result.parsed.issues)
            unread.pop(result.state.address, None)
        elif result.read_error:
            pages[result.state.address] = {}
            unread.pop(result.state.address, None)
    rows = [(w, row) for weeks in pages.values() for w, found in weeks.items() for row in found]
    now = _CurrentRows(
        weeks=frozenset(week for weeks in pages.values() for week in weeks),
        keys={key for _, row in rows for key in split_keys(row)},
        fresh={key for week, row in rows if week not in known.weeks for key in split_keys(row)},
        elsewhere={w: row for weeks in unread.values() for w, row in weeks.items()}
        if is_one_series
        else {},
        implausible={
            result.state.address: implausible_weeks(result.parsed.issues, today, given_week)
            for result in batch.results
            if result.parsed is not None
        },
    )
    return _hold_weeks_of_rejected(
        [_check_page(result, known, batch, now) for result in batch.results]
    )


def _hold_weeks_of_rejected(verdicts: Sequence[PageVerdict]) -> tuple[PageVerdict, ...]:
    """Hold back weeks that moved to other pages while some page lost weeks.

    Together the pages are an older version of the source, or a damaged one.
    """
    if not any(each.is_rejected for each in verdicts):
        return tuple(verdicts)
    left = [each for each in verdicts if each.is_rejected or each.is_gone]
    weeks = {week for each in left for week in each.previous.weeks}
    found = []
    for each in verdicts:
        moved = (weeks & {*rows_by_week(each.accepted_issues)}) - {*each.previous.weeks}
        if moved:
            line = f"{len(moved)} weeks come from another page, while a page lost others."
            alarm = (*each.alarm, *_alarm(each.result.state.address, [line]))
            each = replace(each, held_weeks=each.held_weeks | moved, alarm=alarm)  # noqa: PLW2901
        if each.is_gone:
            each = replace(each, is_gone=False, is_deferred=True)  # noqa: PLW2901
        found.append(each)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _CurrentRows:
    """The content of all pages now."""

    weeks: frozenset[str]
    keys: Collection[str]
    fresh: Collection[str]
    """The keys in weeks that are new."""
    elsewhere: RowsByWeek = field(default_factory=dict)
    """The rows of pages that were not parsed now."""
    implausible: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The weeks of each page whose dates look wrong, with the reason."""


def _check_page(
    result: PageResult, known: SourceState, batch: PageBatch, now: _CurrentRows
) -> PageVerdict:
    address = result.state.address
    previous = known.pages.get(address, PageState(address))
    if result.parsed is None and not result.read_error:
        return PageVerdict(result, previous)
    issues = result.parsed.issues if result.parsed else ()
    held = _held_weeks(issues, previous, now)
    verdict = PageVerdict(result, previous, held_weeks=frozenset(held))
    lost = _loss_lines(previous.weeks, verdict.accepted_rows, now)
    was_read = bool(previous.digest or previous.alarm) and not previous.weeks
    if result.read_error and (lost or was_read):
        lost = (result.read_error, *lost)
    if lost and not batch.is_complete:
        return replace(verdict, is_deferred=True)
    if not lost and not held:
        return replace(verdict, is_gone=bool(result.read_error and previous.weeks))
    lines = (*(f"{week}: {reason}" for week, reason in sorted(held.items())), *lost)
    unparsed = _unparsed_lines(address, result.parsed) if lost else ()
    return replace(verdict, alarm=(*_alarm(address, lines), *unparsed), is_rejected=bool(lost))


def _alarm(address: str, lines: Sequence[str]) -> tuple[str, ...]:
    shown = tuple(lines[:_MAX_ALARM_LINES])
    if len(lines) > _MAX_ALARM_LINES:
        shown = (*shown, f"so with {len(lines) - _MAX_ALARM_LINES} further weeks.")
    return tuple(one_line(f"{address}: {line}") for line in shown)


def _held_weeks(issues: Sequence[Issue], previous: PageState, now: _CurrentRows) -> dict[str, str]:
    """Return the reason for each week that must not be saved unasked."""
    after = rows_by_week(issues)
    held = {
        week: reason
        for week, reason in now.implausible.get(previous.address, {}).items()
        if not _are_same_papers(previous.weeks.get(week, ()), after[week])  # accepted before
    }
    for week, rows in after.items():
        for before in (previous.weeks.get(week, ()), now.elsewhere.get(week, ())):
            # Papers that have moved to a new week make room: then the old one was corrected.
            if _are_other_papers(before, rows) and not _are_mostly_present(before, now.fresh):
                held.setdefault(week, f"its {len(before)} papers are replaced by wholly others.")
    return held


def _are_other_papers(before: Sequence[str], after: Sequence[str]) -> bool:
    if len(before) < _MIN_ROWS:
        return False
    return _count_shared(before, after) <= _MAX_REPLACED_SHARE * len(before)


def _are_same_papers(before: Sequence[str], after: Sequence[str]) -> bool:
    return bool(before) and _count_shared(before, after) * 2 > len(before)


def _count_shared(before: Sequence[str], after: Sequence[str]) -> int:
    keys = {key for row in after for key in split_keys(row)}
    return sum(share_a_key(row, keys) for row in before)


def _loss_lines(before: RowsByWeek, after: RowsByWeek, now: _CurrentRows) -> tuple[str, ...]:
    """Return a line for each week that a page lost, or lost many papers or links of."""
    missing = [
        f"{week} is missing; it had {len(rows)} papers."
        for week, rows in sorted(before.items())
        if week not in {*now.weeks, *after} and not _are_mostly_present(rows, now.fresh)
    ]
    fewer = {
        week: (len(rows), len(after[week]))
        for week, rows in sorted(before.items())
        if len(after.get(week, rows)) < len(rows)
        and any(not share_a_key(row, now.keys) for row in rows)
    }
    shrunken = {
        week: (had, had - has, f"{week} has {has} papers; it had {had}.")
        for week, (had, has) in fewer.items()
    }
    unlinked = {
        week: (len(rows), lost, f"{week} lost links of {lost} of {len(rows)} papers.")
        for week, rows in sorted(before.items())
        if week in after and (lost := _count_unlinked(rows, after[week]))
    }
    return (*missing, *_if_many(shrunken), *_if_many(unlinked))


def _if_many(losses: Mapping[str, tuple[int, int, str]]) -> list[str]:
    """Return the lines of losses (of how many, how many) that no correction explains."""
    total = sum(lost for _, lost, _ in losses.values())
    is_much = total > _MAX_LOST_ROWS or any(lost * 2 >= had for had, lost, _ in losses.values())
    return [line for *_, line in losses.values() if is_much]


def _count_unlinked(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many rows are still there, with fewer kinds of keys than before."""
    by_key = {key: row for row in reversed(after) for key in split_keys(row)}
    count = 0
    for place, row in enumerate(before):
        found = next((by_key[key] for key in split_keys(row) if key in by_key), None)
        if found is None and len(after) == len(before) and after[place].startswith("title:"):
            found = after[place]  # no address is left to know it by
        count += found is not None and has_lost_links(row, found)
    return count


def _are_mostly_present(rows: Sequence[str], keys: Collection[str]) -> bool:
    """Return whether more than half of the rows are among others."""
    return sum(share_a_key(row, keys) for row in rows) * 2 > len(rows)


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
