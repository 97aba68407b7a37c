"""Reads issues, papers and tags, each query in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from bot.model.papers import SAMPLE_SERIES, Appearance, Entry, Issue, Localized, Paper
from bot.model.weeks import IssueOffset, NamedWeek, Week, WeekReference, thursday_of, week_earlier
from bot.ports.archive import IssueResult, SeriesPreference, Totals
from storage.archive.issue_corrections import with_corrections
from storage.archive.machine_texts import add_introductions, is_empty
from storage.archive.row_mapping import load_papers
from storage.archive.week_statistics import count_issue
from storage.schema.archive import entries, forwards, issues, papers

_CANDIDATES = 32
"""Number of issues read before a day; it has to cover every series."""


def find_issue(
    connection: Connection, reference: WeekReference, today: date, wanted: SeriesPreference
) -> IssueResult:
    """Return the issue of a reference; see `bot.ports.archive.Archive.find_issue`."""
    row, day = _find_row(connection, reference, today, wanted)
    if row is None:
        return IssueResult(None, *_neighbours(connection, day, wanted.only))
    issue = _with_counts(connection, row, load_issue(connection, row))
    return IssueResult(
        add_introductions(connection, issue),
        *_neighbours(connection, row.start, row.series),
        _other_series(connection, row, wanted.preferred),
    )


def _with_counts(connection: Connection, row: Row[Any], issue: Issue) -> Issue:
    """Return the issue with its counts, where it has no introduction."""
    if any(issue.intros.values()):
        return issue
    return replace(issue, counts=count_issue(connection, row))


def _find_row(
    connection: Connection, reference: WeekReference, today: date, wanted: SeriesPreference
) -> tuple[Row[Any] | None, date]:
    match reference:
        case Week():
            rows = connection.execute(_filter_series(_of_week(reference), wanted)).all()
            return _preferred_row(rows, wanted.preferred), thursday_of(reference)
        case IssueOffset(count):
            return _find_newest(connection, wanted, count), today
        case NamedWeek.LATEST:
            return _find_newest(connection, wanted, 0), today
        case NamedWeek.THIS:
            return _find_by_day(connection, today, wanted), today
        case NamedWeek.LAST:
            return _find_by_day(connection, week_earlier(today), wanted), week_earlier(today)
        case date():
            return _find_by_day(connection, reference, wanted), reference


def _of_week(week: Week) -> Select[Any]:
    return select(issues).where(issues.c.year == week.year, issues.c.number == week.number)


def _filter_series(query: Select[Any], wanted: SeriesPreference) -> Select[Any]:
    return query.where(issues.c.series == wanted.only) if wanted.only else query


def _find_by_day(connection: Connection, day: date, wanted: SeriesPreference) -> Row[Any] | None:
    """Return the issue of a day; a day of two issues belongs to the later one."""
    query = select(issues).where(issues.c.start <= day).order_by(issues.c.start.desc())
    # A condition on the end would read the whole table: it is checked here.
    rows = connection.execute(_filter_series(query, wanted).limit(_CANDIDATES)).all()
    return _preferred_row([row for row in rows if row.end >= day], wanted.preferred)


def _find_newest(connection: Connection, wanted: SeriesPreference, back: int) -> Row[Any] | None:
    """Return the issue `back` before the newest one, of the series that has the newest."""
    query = select(issues).order_by(
        issues.c.series == SAMPLE_SERIES, issues.c.start.desc(), issues.c.series
    )
    rows = connection.execute(_filter_series(query, wanted).limit(_CANDIDATES)).all()
    newest = _preferred_row([row for row in rows if row.start == rows[0].start], wanted.preferred)
    return _find_nth_newest(connection, newest.series, back) if newest else None


def _find_nth_newest(connection: Connection, series: str, back: int) -> Row[Any] | None:
    return connection.execute(
        select(issues)
        .where(issues.c.series == series)
        .order_by(issues.c.start.desc())
        .limit(1)
        .offset(back)
    ).one_or_none()


def _preferred_row(rows: Sequence[Row[Any]], series: Sequence[str]) -> Row[Any] | None:
    """Return the row of the most preferred series; of one series the latest."""
    return min(
        rows, key=lambda row: (_rank(row.series, series), -row.start.toordinal()), default=None
    )


def _rank(name: str, series: Sequence[str]) -> tuple[int, bool, str]:
    place = series.index(name) if name in series else len(series)
    return place, name == SAMPLE_SERIES, name


def _neighbours(
    connection: Connection, day: date, series: str | None
) -> tuple[Issue | None, Issue | None]:
    same = issues.c.series == series if series else issues.c.series.is_not(None)
    earlier = (
        select(issues)
        .where(issues.c.start < day, same)
        .order_by(issues.c.start.desc(), issues.c.series)
    )
    later = (
        select(issues).where(issues.c.start > day, same).order_by(issues.c.start, issues.c.series)
    )
    first, second = (
        connection.execute(query.limit(1)).one_or_none() for query in (earlier, later)
    )
    return (_issue_from_row(first) if first else None, _issue_from_row(second) if second else None)


def _other_series(connection: Connection, row: Row[Any], series: Sequence[str]) -> tuple[str, ...]:
    rows = connection.execute(_of_week(Week(row.year, row.number))).all()
    names = {other.series for other in rows} - {row.series}
    return tuple(sorted(names, key=lambda name: _rank(name, series)))


def _issues_from_rows(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Issue, ...]:
    return with_corrections(connection, rows, [_issue_from_row(row) for row in rows])


def _issue_from_row(row: Row[Any]) -> Issue:
    """Return an issue as its source has it, without its papers."""
    return Issue(
        series=row.series,
        week=Week(row.year, row.number),
        start=row.start,
        end=row.end,
        titles=row.titles,
        intros=row.intros,
        source_url=row.source_url,
        machine_made=row.machine_made,
    )


def newest_issues(
    connection: Connection, series: str, limit: int, most_papers: int
) -> tuple[Issue, ...]:
    """Return the newest issues with their papers; see `Archive.newest_issues`."""
    query = select(issues).order_by(issues.c.start.desc(), issues.c.series).limit(limit)
    rows = connection.execute(query.where(issues.c.series == series) if series else query).all()
    places = _places(connection, [row.id for row in rows])
    sums = accumulate(len(places[row.id]) for row in rows)
    rows = [
        row
        for row, papers in zip(rows, sums, strict=True)
        if papers <= most_papers or row is rows[0]
    ]
    return _load_issues(connection, rows, places, fill=True)


def _load_issue(connection: Connection, row: Row[Any], *, fill: bool) -> Issue:
    """Return an issue with its papers; `fill`: missing texts come from other entries."""
    return _load_issues(connection, [row], _places(connection, [row.id]), fill=fill)[0]


def _places(connection: Connection, numbers: Sequence[int]) -> Mapping[int, Sequence[Row[Any]]]:
    """Return the papers of issues with their positions, in order."""
    found: dict[int, list[Any]] = {number: [] for number in numbers}
    query = select(entries.c.issue_id, entries.c.position, entries.c.paper_id)
    wanted = query.where(entries.c.issue_id.in_(numbers)).order_by(entries.c.position)
    for place in connection.execute(wanted).all():
        found[place.issue_id].append(place)
    return found


def _load_issues(
    connection: Connection,
    rows: Sequence[Row[Any]],
    places: Mapping[int, Sequence[Row[Any]]],
    *,
    fill: bool,
) -> tuple[Issue, ...]:
    numbers = {place.paper_id for row in rows for place in places[row.id]}
    loaded = load_papers(connection, sorted(numbers))
    shown = loaded.issue_version if fill else loaded.export_version

    def entry(row: Row[Any], place: Row[Any]) -> Entry:
        week = Week(row.year, row.number)
        appearance = Appearance(week, row.series, place.position, row.start)
        return Entry(place.position, shown(place.paper_id, appearance))

    return tuple(
        replace(issue, entries=tuple(entry(row, place) for place in places[row.id]))
        for row, issue in zip(rows, _issues_from_rows(connection, rows), strict=True)
    )


def find_papers(connection: Connection, numbers: Sequence[int]) -> tuple[Paper, ...]:
    """Return papers in the order of their ids; the id of a merged paper finds it."""
    loaded = load_papers(connection, numbers)
    missing = [number for number in numbers if number not in loaded.versions]
    if not missing:
        return tuple(loaded.paper(number) for number in numbers)
    rows = connection.execute(select(forwards).where(forwards.c.id.in_(missing)))
    joined = {row.id: row.paper_id for row in rows}
    others = load_papers(connection, list(joined.values()))
    found = []
    for number in dict.fromkeys(joined.get(number, number) for number in numbers):
        source = loaded if number in loaded.versions else others
        if number in source.versions:
            found.append(source.paper(number))
    return tuple(found)


def papers_after(connection: Connection, number: int, limit: int) -> tuple[Paper, ...]:
    """Return papers whose ids are above a number, by id."""
    numbers = connection.execute(
        select(papers.c.id).where(papers.c.id > number).order_by(papers.c.id).limit(limit)
    )
    return find_papers(connection, list(numbers.scalars()))


def weeks(
    connection: Connection,
    series: Sequence[str],
    limit: int,
    year: int | None = None,
    offset: int = 0,
) -> tuple[Issue, ...]:
    """Return the newest issues, without their papers; of these series, or of all."""
    query = select(issues).order_by(issues.c.start.desc(), issues.c.series)
    query = query.limit(limit).offset(offset)
    if series:
        query = query.where(issues.c.series.in_(series))
    if year is not None:
        query = query.where(issues.c.year == year)
    return _issues_from_rows(connection, connection.execute(query).all())


def issue_weeks(connection: Connection, limit: int, offset: int) -> tuple[tuple[str, Week], ...]:
    """Return the series and weeks of issues, by the ids of the issues."""
    columns = (issues.c.series, issues.c.year, issues.c.number)
    rows = connection.execute(select(*columns).order_by(issues.c.id).limit(limit).offset(offset))
    return tuple((row.series, Week(row.year, row.number)) for row in rows)


def years(connection: Connection) -> tuple[tuple[int, int], ...]:
    """Return every year with its number of issues, the newest first."""
    query = select(issues.c.year, func.count()).group_by(issues.c.year)
    rows = connection.execute(query.order_by(issues.c.year.desc()))
    return tuple((row[0], row[1]) for row in rows)


def totals(connection: Connection) -> Totals:
    """Return the totals of the archive."""
    newest = func.max(issues.c.year * 100 + issues.c.number)
    rows = connection.execute(
        select(issues.c.series, func.count(), newest)
        .group_by(issues.c.series)
        .order_by(issues.c.series)
    ).all()
    entry_count, paper_count = connection.execute(
        select(func.count(), func.count(entries.c.paper_id.distinct())).select_from(entries)
    ).one()
    return Totals(
        issues=sum(row[1] for row in rows),
        papers=paper_count,
        entries=entry_count,
        series=tuple((row[0], row[1], Week(row[2] // 100, row[2] % 100)) for row in rows),
    )


def list_issues(
    connection: Connection, series: str | None, week: Week | None
) -> tuple[Issue, ...]:
    """Return issues by series and week, without their papers."""
    query = select(issues).order_by(issues.c.series, issues.c.start)
    if series:
        query = query.where(issues.c.series == series)
    if week:
        query = query.where(issues.c.year == week.year, issues.c.number == week.number)
    return _issues_from_rows(connection, connection.execute(query).all())


def load_for_export(connection: Connection, heading: Issue) -> Issue:
    """Return the issue with its papers, each with the texts of its entry."""
    row = connection.execute(
        _of_week(heading.week).where(issues.c.series == heading.series)
    ).one_or_none()
    if row is None:
        return heading
    issue = _load_issue(connection, row, fill=False)
    if is_empty(connection):
        return issue
    made = add_introductions(connection, load_issue(connection, row)).machine_texts
    return replace(issue, machine_texts=made)


def introductions(connection: Connection, series: str, week: Week) -> Localized:
    """Return the introductions of an issue as they are shown, a machine's too."""
    row = connection.execute(_of_week(week).where(issues.c.series == series)).one_or_none()
    return add_introductions(connection, load_issue(connection, row)).intros if row else {}


def load_issue(connection: Connection, row: Row[Any]) -> Issue:
    """Return the issue of a row with its papers; missing texts come from other entries."""
    return _load_issue(connection, row, fill=True)
