"""Judges whether a source lost weeks, lost rows or changed its form, before it is taken (pure)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.lib.clean import one_line
from bot.model.papers import Issue, ParseResult
from bot.ports.source_state import PageState, SourceState
from bot.sources.crawlers.pages import PageBatch, PageResult

PaperKeysByWeek = Mapping[str, tuple[str, ...]]
"""The first keys of papers, by week."""

_MAX_LOST_ROWS = 10
"""A page may lose so many rows altogether; a list is mended now and then."""

_MAX_ALARM_LINES = 8
"""How many lines of what could not be read an alarm repeats, and how many weeks it names."""


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """What is to become of a page."""

    seen: PageResult
    before: PageState
    """As it was remembered."""
    alarm: tuple[str, ...] = ()
    """Why it is not taken; empty where it may be."""
    is_deferred: bool = False
    """Whether what it lost may stand on a page that did not come."""
    is_gone: bool = False
    """Whether it is no more, and all that it held stands elsewhere."""


def paper_keys_by_week(issues: Iterable[Issue]) -> dict[str, tuple[str, ...]]:
    """Return what is remembered of the weeks of a page."""
    return {str(issue.week): tuple(entry.paper.key for entry in issue.entries) for issue in issues}


def check_batch(known: SourceState, batch: PageBatch) -> tuple[PageVerdict, ...]:
    """Compare each page of a batch with what it held before, and with all others as they are now.

    A week that stands on another page now has moved; one whose papers stand in another week now
    was renamed. Neither is a loss.
    """
    pages = {address: page.weeks for address, page in known.pages.items()}
    for seen in batch.seen:
        if seen.parsed is not None:
            pages[seen.state.address] = paper_keys_by_week(seen.parsed.issues)
        elif seen.read_error:
            pages[seen.state.address] = {}
    here = frozenset(week for weeks in pages.values() for week in weeks)
    rows = [(week, row) for weeks in pages.values() for week, row in weeks.items()]
    now = _CurrentWeeks(
        here,
        keys={key for _, row in rows for key in row},
        fresh={key for week, row in rows for key in row if week not in known.weeks},
    )
    return tuple(
        _check_page(seen, _previous_state(known, seen), batch, now) for seen in batch.seen
    )


@dataclass(frozen=True, slots=True)
class _CurrentWeeks:
    """What all pages hold now."""

    weeks: frozenset[str]
    keys: Collection[str]
    fresh: Collection[str]
    """The keys in weeks that were not there before."""


def _previous_state(known: SourceState, seen: PageResult) -> PageState:
    return known.pages.get(seen.state.address, PageState(seen.state.address))


def _check_page(
    seen: PageResult, before: PageState, batch: PageBatch, now: _CurrentWeeks
) -> PageVerdict:
    if seen.parsed is None and not seen.read_error:
        return PageVerdict(seen, before)
    after = paper_keys_by_week(seen.parsed.issues) if seen.parsed else {}
    lost = _loss_lines(before.weeks, after, now)
    was_read = bool(before.digest or before.alarm) and not before.weeks
    if seen.read_error and (lost or was_read):
        lost = (seen.read_error, *lost)
    if not lost:
        return PageVerdict(seen, before, is_gone=bool(seen.read_error and before.weeks))
    if not batch.is_complete:
        return PageVerdict(seen, before, is_deferred=True)
    address = before.address
    told = lost[:_MAX_ALARM_LINES]
    if len(lost) > _MAX_ALARM_LINES:
        told = (*told, f"so with {len(lost) - _MAX_ALARM_LINES} further weeks.")
    lines = tuple(one_line(f"{address}: {line}") for line in told)
    return PageVerdict(seen, before, (*lines, *_unparsed_lines(address, seen.parsed)))


def _loss_lines(
    before: PaperKeysByWeek, after: PaperKeysByWeek, now: _CurrentWeeks
) -> tuple[str, ...]:
    """Return what a page held and nothing holds now, a line each."""
    missing = [
        f"{week} is missing; it had {len(rows)} papers."
        for week, rows in sorted(before.items())
        if week not in now.weeks and not _are_mostly_present(rows, now.fresh)
    ]
    fewer = {
        week: (len(rows), len(after[week]))
        for week, rows in sorted(before.items())
        if len(after.get(week, rows)) < len(rows) and any(key not in now.keys for key in rows)
    }
    rows = sum(had - has for had, has in fewer.values())
    is_much = rows > _MAX_LOST_ROWS or any(has * 2 <= had for had, has in fewer.values())
    shrunken = [
        f"{week} has {has} papers; it had {had}." for week, (had, has) in fewer.items() if is_much
    ]
    return (*missing, *shrunken)


def _are_mostly_present(rows: Sequence[str], keys: Collection[str]) -> bool:
    """Tell whether most papers of a week stand in these others."""
    return sum(key in keys for key in rows) * 2 > len(rows)


def _unparsed_lines(address: str, parsed: ParseResult | None) -> tuple[str, ...]:
    """Return the lines that could not be read: they tell what the new form is."""
    problems = [each for each in (parsed.problems if parsed else ()) if each.lost]
    lines = [
        one_line(f"{address}:{each.line}: {each.message}") for each in problems[:_MAX_ALARM_LINES]
    ]
    if len(problems) > _MAX_ALARM_LINES:
        lines.append(f"{address}: so with {len(problems) - _MAX_ALARM_LINES} further lines.")
    return tuple(lines)


def problem_lines(address: str, parsed: ParseResult, limit: int) -> tuple[str, ...]:
    """Return what could not be used of a page that is taken, a line each."""
    lost = [each for each in parsed.problems if each.lost]
    return tuple(one_line(f"{address}:{each.line}: {each.message}") for each in lost[:limit])
