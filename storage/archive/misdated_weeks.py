"""Finds weeks that a source had misdated, and moves what curators did there to the right week."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.model.curation import issue_key
from bot.model.papers import Issue
from bot.model.weeks import Week
from storage.archive import issue_corrections
from storage.archive.diff import StoredIssue, keys_of_paper
from storage.archive.import_plan import issue_ids, stored_issues, with_entries
from storage.archive.placement_rows import placements_of, write_placements
from storage.archive.placements import issue_of, without_placements
from storage.connections import chunks
from storage.reader import ConnectionReader, rows_among
from storage.schema.archive import issues
from storage.schema.curation import edits

PLACE = "place"
"""The field of a change that placed a paper; its name has the series and the week."""

_MAX_DATE_SHIFT = timedelta(days=14)
_YEAR = timedelta(days=365.2425)
_MIN_COMMON_ENTRIES = 3
"""Minimum papers of a list that cannot equal another week's by chance."""

_LISTING = (
    "SELECT DISTINCT issue_id FROM entries JOIN claims ON claims.entry_id = entries.id "
    "WHERE rank = 0 AND key IN ({marks})"
)
_PLACED = "SELECT series, year, number FROM placements WHERE series IN ({marks})"


def find_misdated(
    connection: Connection, given: Sequence[Issue]
) -> list[tuple[StoredIssue, Issue]]:
    """Return stored issues that a source had misdated: the same list under a near date.

    A new issue with the same papers in the same order, at most two weeks away or about a
    year or several, in a source that no longer has the old one, is the old one under its right
    date. What curators placed does not count, on either side.
    """
    places = {(issue.series, issue.week.year, issue.week.number) for issue in given}
    known = _places_of_sources(connection, places)
    fresh = [i for i in given if (i.series, i.week.year, i.week.number) not in known]
    found = []
    for stored in _issues_with(connection, fresh):
        if (stored.values["series"], *_place(stored)) in places:
            continue
        papers = _papers_of_source(connection, stored)
        right = next((i for i in fresh if _is_same_list(stored, papers, i)), None)
        if right:
            found.append((stored, right))
    return found


def rename_week_of_curators(connection: Connection, series: str, old: Week, new: Week) -> None:
    """Let what curators did to a misdated week count for its right name, and its undoing."""
    issue_corrections.rename_week(connection, series, old, new)
    before = placements_of(connection, series, old)
    if before:
        there = placements_of(connection, series, new)
        keys = {each.key for each in there}
        write_placements(connection, series, old, ())
        write_placements(
            connection, series, new, [*there, *(each for each in before if each.key not in keys)]
        )
    names = {issue_key(series, old): issue_key(series, new)}
    for before_name, name in names.items():
        connection.execute(update(edits).where(edits.c.key == before_name).values(key=name))
    for row in connection.execute(select(edits.c.id, edits.c.changes).order_by(edits.c.id)).all():
        renamed = [_renamed(change, names) for change in row.changes]
        if renamed != row.changes:
            connection.execute(update(edits).where(edits.c.id == row.id).values(changes=renamed))


def week_of(stored: StoredIssue) -> Week:
    """Return the week of a stored issue."""
    return Week(*_place(stored))


def _place(stored: StoredIssue) -> tuple[int, int]:
    return stored.values["year"], stored.values["number"]


def _renamed(change: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    if change["field"] != PLACE:
        return change
    return {**change, "name": names.get(change["name"], change["name"])}


def _issues_with(connection: Connection, given: Sequence[Issue]) -> list[StoredIssue]:
    """Return the stored issues that list a paper of these."""
    firsts = {keys_of_paper(entry.paper)[0] for issue in given for entry in issue.entries}
    numbers = rows_among(ConnectionReader(connection), _LISTING, sorted(firsts))
    rows: list[Row[Any]] = []
    for part in chunks(sorted({number for (number,) in numbers})):
        of_part = select(issues).where(issues.c.id.in_(part)).order_by(issues.c.id)
        rows += connection.execute(of_part)
    return with_entries(connection, rows)


def _places_of_sources(
    connection: Connection, places: Collection[tuple[str, int, int]]
) -> set[tuple[str, int, int]]:
    """Return those of these series, years and numbers that have papers of a source."""
    known = set(issue_ids(connection, places))
    curated = set(rows_among(ConnectionReader(connection), _PLACED, sorted({p[0] for p in known})))
    for place, stored in stored_issues(connection, sorted(known & curated)).items():
        if not _papers_of_source(connection, stored):
            known.discard(place)
    return known


def _papers_of_source(connection: Connection, stored: StoredIssue) -> tuple[str, ...]:
    """Return the first keys of the papers that its source has in an issue, in order."""
    placed = placements_of(connection, stored.values["series"], week_of(stored))
    return _papers(without_placements(issue_of(stored), placed))


def _papers(issue: Issue) -> tuple[str, ...]:
    entries = sorted(issue.entries, key=lambda entry: entry.position)
    return tuple(keys_of_paper(entry.paper)[0] for entry in entries)


def _is_same_list(stored: StoredIssue, papers: Sequence[str], issue: Issue) -> bool:
    return (
        stored.values["series"] == issue.series
        and _is_likely_slip(stored.values["start"] - issue.start)
        and len(papers) >= _MIN_COMMON_ENTRIES
        and papers == _papers(issue)
    )


def _is_likely_slip(shift: timedelta) -> bool:
    """Return whether a list may have been misdated so: by some days, or by a wrong year."""
    years = round(shift / _YEAR)
    return abs(shift - years * _YEAR) <= _MAX_DATE_SHIFT
