"""Stores curators' placements, and keeps issues as curators want them."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.model.papers import Issue, Paper
from bot.model.weeks import Week
from storage.archive.diff import keys_of_paper
from storage.archive.import_plan import stored_issues
from storage.archive.placement_rows import placements_of, write_placements
from storage.archive.placements import (
    Placement,
    issue_of,
    place_entries,
    without_placements,
)
from storage.archive.save import IndexUpdater, write_issue

_LAST_DAY = timedelta(days=6)


def placement_of(connection: Connection, series: str, week: Week, key: str) -> Placement | None:
    """Return the placement of a key in an issue."""
    found = placements_of(connection, series, week)
    return next((each for each in found if each.key == key), None)


def find_paper(connection: Connection, series: str, week: Week, key: str) -> Paper | None:
    """Return a paper as an issue lists it, by any of its keys."""
    issue = _stored_issue(connection, series, week)
    papers = [entry.paper for entry in issue.entries] if issue else []
    first = (paper for paper in papers if paper.key == key)
    return next(first, next((p for p in papers if key in keys_of_paper(p)), None))


def replace_placement(
    connection: Connection,
    place: tuple[str, Week, str],
    placement: Placement | None,
    now: datetime,
    index: IndexUpdater,
) -> None:
    """Set the placement of a key in an issue, or remove it; write the issue as it is then."""
    series, week, key = place
    stored = _stored_issue(connection, series, week)
    before = placements_of(connection, series, week)
    source = without_placements(stored or _empty_issue(series, week), before)
    wanted = [each for each in before if each.key != key]
    issue, after = place_entries(source, [*wanted, *([placement] if placement else [])])
    write_placements(connection, series, week, after)
    listed = stored.entries if stored else ()
    write_issue(connection, issue, [keys_of_paper(each.paper)[0] for each in listed], now, index)


def _stored_issue(connection: Connection, series: str, week: Week) -> Issue | None:
    found = stored_issues(connection, [(series, week.year, week.number)])
    return next((issue_of(stored) for stored in found.values()), None)


def _empty_issue(series: str, week: Week) -> Issue:
    first = date.fromisocalendar(week.year, week.number, 1)
    return Issue(series=series, week=week, start=first, end=first + _LAST_DAY)
