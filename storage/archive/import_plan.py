"""Plans an import: the changes, before anything is written."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.model.papers import SAMPLE_SERIES, Issue, Problem
from storage.archive.diff import IssueChange, StoredEntry, StoredIssue, diff_issue, keys_of_paper
from storage.connections import chunks
from storage.reader import ConnectionReader, rows_among
from storage.schema.archive import claims, entries, issues

# A series has few weeks, and SQLAlchemy takes longer to name those of an import.
_ISSUES_OF = "SELECT id, series, year, number FROM issues WHERE series IN ({marks})"


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """All changes of an import."""

    changes: tuple[IssueChange, ...]
    outdated: tuple[StoredIssue, ...]
    """Whole issues to remove: the sample, and misdated weeks."""
    renamed: tuple[tuple[StoredIssue, Issue], ...] = ()
    """Misdated issues, each with the issue under its right week."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.outdated and not any(
            c.stored is None or c.issue_changed or c.added or c.updated or c.removed
            for c in self.changes
        )


def drop_duplicates(given: Sequence[Issue]) -> tuple[list[Issue], list[Problem]]:
    """Return the issues, each series and week once, and a problem for each duplicate."""
    found: dict[tuple[object, ...], Issue] = {}
    problems = []
    for issue in given:
        place = (issue.series, issue.week)
        if place in found:
            problems.append(
                Problem(
                    0,
                    f"{issue.week} stands twice; the first was used.",
                    lost=True,
                    week=issue.week,
                )
            )
        found.setdefault(place, issue)
    return list(found.values()), problems


def plan_import(
    connection: Connection,
    given: Sequence[Issue],
    removed: Collection[str] = (),
    renamed: Sequence[tuple[StoredIssue, Issue]] = (),
) -> ImportPlan:
    """Compare issues with the stored ones; writes nothing.

    `removed` has the first keys of papers that an issue may lose, whatever its source has;
    `renamed` the misdated issues, each with the issue under its right week.
    """
    stored = stored_issues(connection, [(i.series, i.week.year, i.week.number) for i in given])
    firsts = {keys_of_paper(entry.paper)[0] for issue in given for entry in issue.entries}
    firsts.update(removed)
    changes = tuple(
        diff_issue(issue, stored.get((issue.series, issue.week.year, issue.week.number)), firsts)
        for issue in given
    )
    outdated = [stored for stored, _ in renamed]
    if any(issue.series != SAMPLE_SERIES for issue in given):
        outdated += _of_series(connection, SAMPLE_SERIES)
    return ImportPlan(changes, tuple(outdated), tuple(renamed))


def stored_issues(
    connection: Connection, places: Sequence[tuple[str, int, int]]
) -> dict[tuple[str, int, int], StoredIssue]:
    """Return the stored issues of these series, years and numbers."""
    found: dict[tuple[str, int, int], StoredIssue] = {}
    for part in chunks(sorted(issue_ids(connection, places).values())):
        rows = connection.execute(select(issues).where(issues.c.id.in_(part))).all()
        for row in with_entries(connection, rows):
            found[row.values["series"], row.values["year"], row.values["number"]] = row
    return found


def issue_ids(
    connection: Connection, places: Collection[tuple[str, int, int]]
) -> dict[tuple[str, int, int], int]:
    """Return the ids of the stored issues of these series, years and numbers."""
    series = sorted({place[0] for place in places})
    rows = rows_among(ConnectionReader(connection), _ISSUES_OF, series)
    known = {(name, year, number): issue_id for issue_id, name, year, number in rows}
    return {place: known[place] for place in places if place in known}


def _of_series(connection: Connection, series: str) -> list[StoredIssue]:
    rows = connection.execute(select(issues).where(issues.c.series == series)).all()
    return with_entries(connection, rows)


def with_entries(connection: Connection, rows: Sequence[Row[Any]]) -> list[StoredIssue]:
    """Return the stored issues of these rows, with their entries."""
    found: dict[int, dict[int, StoredEntry]] = {row.id: {} for row in rows}
    for part in chunks(sorted(found)):
        keys: dict[int, list[str]] = {}
        of_part = entries.c.issue_id.in_(part)
        for claim in connection.execute(
            select(claims.c.entry_id, claims.c.key)
            .join(entries, entries.c.id == claims.c.entry_id)
            .where(of_part)
            .order_by(claims.c.entry_id, claims.c.rank)
        ):
            keys.setdefault(claim.entry_id, []).append(claim.key)
        for row in connection.execute(select(entries).where(of_part)):
            found[row.issue_id][row.position] = _stored_entry(row, keys[row.id])
    return [
        StoredIssue(
            row.id,
            {name: value for name, value in row._asdict().items() if name != "id"},
            found[row.id],
        )
        for row in rows
    ]


def _stored_entry(row: Row[Any], keys: Iterable[str]) -> StoredEntry:
    own = {"id", "issue_id", "position", "paper_id"}
    values = {name: value for name, value in row._asdict().items() if name not in own}
    return StoredEntry(row.id, row.issue_id, row.position, row.paper_id, values, tuple(keys))


def affected_keys(plan: ImportPlan) -> set[str]:
    """Return every key that the plan's entries have or had."""
    keys = {key for stored in plan.outdated for e in stored.entries.values() for key in e.keys}
    for change in plan.changes:
        keys |= {key for old in change.removed for key in old.keys}
        for old, new in change.updated:
            keys |= {*old.keys, *keys_of_paper(new.paper)}
        keys |= {key for entry in change.added for key in keys_of_paper(entry.paper)}
    return keys
