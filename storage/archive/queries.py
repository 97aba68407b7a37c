"""Reads issues, papers and tags, each query in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from bot.model.papers import SAMPLE_SERIES, Appearance, Entry, Issue, Localized, Paper
from bot.model.weeks import IssueOffset, NamedWeek, Week, WeekReference, thursday_of, week_earlier
from bot.ports.archive import IssueResult, SeriesPreference, Totals
from storage.archive.issue_rows import (
    IssueRow,
    issue_from_row,
    issues_from_rows,
    read_issues,
)
from storage.archive.machine_texts import add_introductions, is_empty
from storage.archive.row_mapping import load_papers
from storage.archive.week_statistics import count_issue
from storage.reader import Reader, rows_among

_CANDIDATES = 32
"""Number of issues read before a day; it has to cover every series."""

_PLACES = (
    "SELECT issue_id, position, paper_id FROM entries WHERE issue_id IN ({marks}) "
    "ORDER BY position"
)
_FORWARDS = "SELECT id, paper_id FROM forwards WHERE id IN ({marks})"


class _Place(NamedTuple):
    """A paper at a position of an issue."""

    issue_id: int
    position: int
    paper_id: int


def find_issue(
    reader: Reader, reference: WeekReference, today: date, wanted: SeriesPreference
) -> IssueResult:
    """Return the issue of a reference; see `bot.ports.archive.Archive.find_issue`."""
    row, day = _find_row(reader, reference, today, wanted)
    if row is None:
        return IssueResult(None, *_neighbours(reader, day, wanted.only))
    issue = _with_counts(reader, row, load_issue(reader, row))
    return IssueResult(
        add_introductions(reader, issue),
        *_neighbours(reader, row.start, row.series),
        _other_series(reader, row, wanted.preferred),
    )


def _with_counts(reader: Reader, row: IssueRow, issue: Issue) -> Issue:
    """Return the issue with its counts, where it has no introduction."""
    if any(issue.intros.values()):
        return issue
    return replace(issue, counts=count_issue(reader, row))


def _find_row(
    reader: Reader, reference: WeekReference, today: date, wanted: SeriesPreference
) -> tuple[IssueRow | None, date]:
    match reference:
        case Week():
            rows = _of_week(reader, reference)
            if wanted.only:
                rows = [row for row in rows if row.series == wanted.only]
            return _preferred_row(rows, wanted.preferred), thursday_of(reference)
        case IssueOffset(count):
            return _find_newest(reader, wanted, count), today
        case NamedWeek.LATEST:
            return _find_newest(reader, wanted, 0), today
        case NamedWeek.THIS:
            return _find_by_day(reader, today, wanted), today
        case NamedWeek.LAST:
            return _find_by_day(reader, week_earlier(today), wanted), week_earlier(today)
        case date():
            return _find_by_day(reader, reference, wanted), reference


def _of_week(reader: Reader, week: Week) -> list[IssueRow]:
    return read_issues(reader, "WHERE year = ? AND number = ?", (week.year, week.number))


def _of_series(reader: Reader, week: Week, series: str) -> IssueRow | None:
    values = (series, week.year, week.number)
    rows = read_issues(reader, "WHERE series = ? AND year = ? AND number = ?", values)
    return rows[0] if rows else None


def _find_by_day(reader: Reader, day: date, wanted: SeriesPreference) -> IssueRow | None:
    """Return the issue of a day; a day of two issues belongs to the later one."""
    condition, values = ("AND series = ?", (wanted.only,)) if wanted.only else ("", ())
    # A condition on the end would read the whole table: it is checked here.
    rows = read_issues(
        reader,
        f"WHERE start <= ? {condition} ORDER BY start DESC LIMIT ?",
        (day.isoformat(), *values, _CANDIDATES),
    )
    return _preferred_row([row for row in rows if row.end >= day], wanted.preferred)


def _find_newest(reader: Reader, wanted: SeriesPreference, back: int) -> IssueRow | None:
    """Return the issue `back` before the newest one, of the series that has the newest."""
    condition, values = ("AND series = ?", [wanted.only]) if wanted.only else ("", [])
    newest_of = f"{condition} ORDER BY start DESC, series LIMIT ?"
    asked = (SAMPLE_SERIES, *values, _CANDIDATES)
    # To sort those of the sample behind all others in one statement would read the whole table.
    rows = read_issues(reader, f"WHERE series <> ? {newest_of}", asked)
    rows = rows or read_issues(reader, f"WHERE series = ? {newest_of}", asked)
    newest = _preferred_row([row for row in rows if row.start == rows[0].start], wanted.preferred)
    return _find_nth_newest(reader, newest.series, back) if newest else None


def _find_nth_newest(reader: Reader, series: str, back: int) -> IssueRow | None:
    rows = read_issues(
        reader, "WHERE series = ? ORDER BY start DESC LIMIT 1 OFFSET ?", (series, back)
    )
    return rows[0] if rows else None


def _preferred_row(rows: Sequence[IssueRow], series: Sequence[str]) -> IssueRow | None:
    """Return the row of the most preferred series; of one series the latest."""
    return min(
        rows, key=lambda row: (_rank(row.series, series), -row.start.toordinal()), default=None
    )


def _rank(name: str, series: Sequence[str]) -> tuple[int, bool, str]:
    place = series.index(name) if name in series else len(series)
    return place, name == SAMPLE_SERIES, name


def _neighbours(
    reader: Reader, day: date, series: str | None
) -> tuple[Issue | None, Issue | None]:
    same, values = ("AND series = ?", (series,)) if series else ("", ())
    found = (
        read_issues(
            reader,
            f"WHERE start {than} ? {same} ORDER BY start {order}, series LIMIT 1",
            (day.isoformat(), *values),
        )
        for than, order in (("<", "DESC"), (">", "ASC"))
    )
    first, second = (issue_from_row(rows[0]) if rows else None for rows in found)
    return first, second


def _other_series(reader: Reader, row: IssueRow, series: Sequence[str]) -> tuple[str, ...]:
    names = {other.series for other in _of_week(reader, row.week)} - {row.series}
    return tuple(sorted(names, key=lambda name: _rank(name, series)))


def newest_issues(reader: Reader, series: str, limit: int, most_papers: int) -> tuple[Issue, ...]:
    """Return the newest issues with their papers; see `Archive.newest_issues`."""
    condition, values = ("WHERE series = ?", (series,)) if series else ("", ())
    rows = read_issues(
        reader, f"{condition} ORDER BY start DESC, series LIMIT ?", (*values, limit)
    )
    places = _places(reader, [row.id for row in rows])
    sums = accumulate(len(places[row.id]) for row in rows)
    rows = [
        row
        for row, papers in zip(rows, sums, strict=True)
        if papers <= most_papers or row is rows[0]
    ]
    return _load_issues(reader, rows, places, fill=True)


def _places(reader: Reader, numbers: Sequence[int]) -> Mapping[int, Sequence[_Place]]:
    """Return the papers of issues with their positions, in order."""
    found: dict[int, list[_Place]] = {number: [] for number in numbers}
    for place in map(_Place._make, rows_among(reader, _PLACES, numbers)):
        found[place.issue_id].append(place)
    return found


def _load_issues(
    reader: Reader,
    rows: Sequence[IssueRow],
    places: Mapping[int, Sequence[_Place]],
    *,
    fill: bool,
) -> tuple[Issue, ...]:
    numbers = {place.paper_id for row in rows for place in places[row.id]}
    loaded = load_papers(reader, sorted(numbers))
    shown = loaded.issue_version if fill else loaded.export_version

    def entry(row: IssueRow, place: _Place) -> Entry:
        appearance = Appearance(row.week, row.series, place.position, row.start)
        return Entry(place.position, shown(place.paper_id, appearance))

    return tuple(
        replace(issue, entries=tuple(entry(row, place) for place in places[row.id]))
        for row, issue in zip(rows, issues_from_rows(reader, rows), strict=True)
    )


def find_papers(reader: Reader, numbers: Sequence[int]) -> tuple[Paper, ...]:
    """Return papers in the order of their ids; the id of a merged paper finds it."""
    loaded = load_papers(reader, numbers)
    missing = [number for number in numbers if number not in loaded.versions]
    if not missing:
        return tuple(loaded.paper(number) for number in numbers)
    joined = {row[0]: row[1] for row in rows_among(reader, _FORWARDS, missing)}
    others = load_papers(reader, list(joined.values()))
    found = []
    for number in dict.fromkeys(joined.get(number, number) for number in numbers):
        source = loaded if number in loaded.versions else others
        if number in source.versions:
            found.append(source.paper(number))
    return tuple(found)


def papers_after(reader: Reader, number: int, limit: int) -> tuple[Paper, ...]:
    """Return papers whose ids are above a number, by id."""
    numbers = reader.rows(
        "SELECT id FROM papers WHERE id > ? ORDER BY id LIMIT ?", (number, limit)
    )
    return find_papers(reader, [row[0] for row in numbers])


def weeks(
    reader: Reader,
    series: Sequence[str],
    limit: int,
    year: int | None = None,
    offset: int = 0,
) -> tuple[Issue, ...]:
    """Return the newest issues, without their papers; of these series, or of all."""
    conditions, values = list[str](), list[object]()
    if series:
        conditions.append(f"series IN ({', '.join('?' * len(series))})")
        values += series
    if year is not None:
        conditions.append("year = ?")
        values.append(year)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    order = "ORDER BY start DESC, series LIMIT ? OFFSET ?"
    rows = read_issues(reader, f"{where} {order}", (*values, limit, offset))
    return issues_from_rows(reader, rows)


def issue_weeks(reader: Reader, limit: int, offset: int) -> tuple[tuple[str, Week], ...]:
    """Return the series and weeks of issues, by the ids of the issues."""
    rows = reader.rows(
        "SELECT series, year, number FROM issues ORDER BY id LIMIT ? OFFSET ?", (limit, offset)
    )
    return tuple((series, Week(year, number)) for series, year, number in rows)


def years(reader: Reader) -> tuple[tuple[int, int], ...]:
    """Return every year with its number of issues, the newest first."""
    rows = reader.rows("SELECT year, count(*) FROM issues GROUP BY year ORDER BY year DESC")
    return tuple((year, count) for year, count in rows)


def totals(reader: Reader) -> Totals:
    """Return the totals of the archive."""
    rows = reader.rows(
        "SELECT series, count(*), max(year * 100 + number) FROM issues "
        "GROUP BY series ORDER BY series"
    )
    counted = "SELECT count(*), count(DISTINCT paper_id) FROM entries"
    ((entry_count, paper_count),) = reader.rows(counted)
    return Totals(
        issues=sum(row[1] for row in rows),
        papers=paper_count,
        entries=entry_count,
        series=tuple((row[0], row[1], Week(row[2] // 100, row[2] % 100)) for row in rows),
    )


def list_issues(reader: Reader, series: str | None, week: Week | None) -> tuple[Issue, ...]:
    """Return issues by series and week, without their papers."""
    conditions, values = ["1 = 1"], list[object]()
    if series:
        conditions.append("series = ?")
        values.append(series)
    if week:
        conditions.append("year = ? AND number = ?")
        values += [week.year, week.number]
    rows = read_issues(reader, f"WHERE {' AND '.join(conditions)} ORDER BY series, start", values)
    return issues_from_rows(reader, rows)


def load_for_export(reader: Reader, heading: Issue) -> Issue:
    """Return the issue with its papers, each with the texts of its entry."""
    row = _of_series(reader, heading.week, heading.series)
    if row is None:
        return heading
    (issue,) = _load_issues(reader, [row], _places(reader, [row.id]), fill=False)
    if is_empty(reader):
        return issue
    made = add_introductions(reader, load_issue(reader, row)).machine_texts
    return replace(issue, machine_texts=made)


def introductions(reader: Reader, series: str, week: Week) -> Localized:
    """Return the introductions of an issue as they are shown, a machine's too."""
    row = _of_series(reader, week, series)
    return add_introductions(reader, load_issue(reader, row)).intros if row else {}


def load_issue(reader: Reader, row: IssueRow) -> Issue:
    """Return the issue of a row with its papers; missing texts come from other entries."""
    return _load_issues(reader, [row], _places(reader, [row.id]), fill=True)[0]
