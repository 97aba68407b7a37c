"""Writes issues: the changes, their papers, and the data derived from them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from bot.model.papers import Issue
from bot.model.source_edits import SourceEdits
from bot.model.weeks import Week
from bot.papers.merging import KeyedEntry
from bot.ports.archive import SaveResult
from bot.ports.changes import Change
from storage.archive import conflicts, issue_corrections, paper_corrections, reviews
from storage.archive.diff import (
    ENTRY_COLUMNS,
    IssueChange,
    entry_columns,
    entry_row,
    issue_columns,
    keys_of_paper,
)
from storage.archive.import_plan import (
    ImportPlan,
    affected_keys,
    drop_duplicates,
    issue_ids,
    plan_import,
)
from storage.archive.misdated_weeks import find_misdated, rename_week_of_curators, week_of
from storage.archive.paper_identity import (
    assign_papers,
    connected_entries,
    move_entries,
    refresh_papers,
)
from storage.archive.placement_rows import placed_issues, placements_of, write_placements
from storage.archive.placements import place_entries
from storage.archive.posted_texts import request_edits
from storage.archive.row_mapping import RETRACTION_FIELD, LoadedPapers
from storage.changes import announce
from storage.connections import chunks, execute_many
from storage.deliveries import message_edits
from storage.deliveries.late_weeks import tell_of_late_weeks
from storage.deliveries.queue import rename_week
from storage.reader import ConnectionReader, rows_among
from storage.schema.archive import claims, entries, issues, revisions

_INSERT_ENTRY = (
    f"INSERT INTO entries (issue_id, position, paper_id, {', '.join(ENTRY_COLUMNS)}) "  # noqa: S608 - ours
    f"VALUES (?, ?, ?, {', '.join('?' * len(ENTRY_COLUMNS))})"
)


class IndexUpdater(Protocol):
    """Updates the look-up index inside the transaction of a connection."""

    def __call__(self, connection: Connection, loaded: LoadedPapers, gone: Sequence[int]) -> None:
        """Index all loaded papers anew, and remove those that are gone."""
        ...


def save_issues(
    connection: Connection,
    given: Sequence[Issue],
    now: datetime,
    index: IndexUpdater,
    edited: SourceEdits = SourceEdits.LINKS_AND_NUMBERS,
) -> SaveResult:
    """Save issues; see `bot.ports.archive.Archive.save`.

    `edited` says which changes are shown in messages that were posted.
    """
    wanted, doubled = drop_duplicates(given)
    renamed = find_misdated(connection, wanted)
    for stored, issue in renamed:
        rename_week_of_curators(connection, issue.series, week_of(stored), issue.week)
    placed, removed = _placed(connection, wanted)
    changes = plan_import(connection, placed, removed, renamed)
    saved = SaveResult(
        added=sum(len(change.added) for change in changes.changes),
        updated=sum(len(change.updated) for change in changes.changes),
        unchanged=sum(change.unchanged for change in changes.changes),
        problems=(*doubled, *(problem for c in changes.changes for problem in c.problems)),
    )
    before = conflicts.source_texts(connection, changes)
    _apply(connection, changes, now, index)
    conflicts.find_new(connection, before, now)
    conflicts.find_in_introductions(connection, changes, now)
    request_edits(connection, changes, edited, now)
    for change in changes.changes:
        if change.stored:  # curators decide about it as it is now, whatever is shown to members
            message_edits.request_for_week_reviews(
                connection, change.issue.series, change.issue.week, now
            )
    return saved


def write_issue(
    connection: Connection,
    issue: Issue,
    listed: Collection[str],
    now: datetime,
    index: IndexUpdater,
) -> None:
    """Write an issue as curators want it; `listed` has the first keys that it had before.

    An issue without papers is removed.
    """
    plan = plan_import(connection, [issue], listed)
    if not issue.entries:
        stored = [change.stored for change in plan.changes if change.stored]
        plan = ImportPlan((), tuple(stored))
    _apply(connection, plan, now, index)


def _placed(connection: Connection, given: Sequence[Issue]) -> tuple[list[Issue], frozenset[str]]:
    """Return sources' issues as curators want them, and the first keys of what they removed."""
    placed, removed = [], set()
    touched = placed_issues(connection)  # few of them, in any archive
    for source in given:
        if (source.series, source.week) not in touched:
            placed.append(source)
            continue
        known = placements_of(connection, source.series, source.week)
        issue, now_known = place_entries(source, known)
        if now_known != known:
            write_placements(connection, source.series, source.week, now_known)
        placed.append(issue)
        removed |= {keys_of_paper(each.paper)[0] for each in now_known if not each.wanted}
    return placed, frozenset(removed)


def _apply(connection: Connection, plan: ImportPlan, now: datetime, index: IndexUpdater) -> None:
    if plan.is_empty:
        return
    touched = connected_entries(connection, affected_keys(plan))
    affected = {keyed.paper for keyed in touched.values()}
    affected |= _write(connection, plan, touched, now)
    loaded, gone = refresh_papers(connection, affected)
    index(connection, loaded, gone)
    announce(connection, Change.PLAN)


def _write(
    connection: Connection, plan: ImportPlan, touched: Mapping[int, KeyedEntry], now: datetime
) -> set[int]:
    """Write the plan; return the ids of all papers that it affects."""
    gone = {entry.id for stored in plan.outdated for entry in stored.entries.values()}
    gone |= {entry.id for change in plan.changes for entry in change.removed}
    keyed_entries = {number: c for number, c in touched.items() if number not in gone}
    new: list[tuple[IssueChange, int]] = []
    for change in plan.changes:
        for old, entry in change.updated:
            keyed_entries[old.id] = replace(keyed_entries[old.id], keys=keys_of_paper(entry.paper))
        for place, entry in enumerate(change.added):
            new.append((change, place))
            keyed_entries[-len(new)] = KeyedEntry(-len(new), keys_of_paper(entry.paper))
    for stored, issue in plan.renamed:
        rename_week(connection, issue.series, week_of(stored), issue.week)
        reviews.rename_week(connection, issue.series, week_of(stored), issue.week)
    added: defaultdict[str, list[Week]] = defaultdict(list)
    for change in plan.changes:
        if change.stored is None:
            added[change.issue.series].append(change.issue.week)
    tell_of_late_weeks(connection, added, now)
    _delete(connection, issues, {stored.id for stored in plan.outdated})
    _delete(connection, entries, gone)
    owners = assign_papers(connection, tuple(keyed_entries.values()))
    move_entries(
        connection,
        {
            number: owners[number]
            for number, keyed in keyed_entries.items()
            if number > 0 and owners[number] != keyed.paper
        },
    )
    _write_changes(connection, plan.changes, new, owners, now)
    return set(owners.values())


def _delete(connection: Connection, table: Table, numbers: Collection[int]) -> None:
    for part in chunks(sorted(numbers)):
        connection.execute(delete(table).where(table.c.id.in_(part)))


def _write_changes(
    connection: Connection,
    changes: Sequence[IssueChange],
    new: Sequence[tuple[IssueChange, int]],
    owners: Mapping[int, int],
    now: datetime,
) -> None:
    places = _write_issues(connection, changes)
    for change in changes:
        withdrawn = change.issue.retraction
        if change.stored is None and withdrawn:
            of_issue = (change.issue.series, change.issue.week)
            issue_corrections.set_missing(
                connection, of_issue, (RETRACTION_FIELD, ""), withdrawn.reason, now
            )
    _write_updated(connection, changes)
    _write_revisions(connection, changes, places, now)
    if not new:
        return
    rows: list[tuple[Any, ...]] = []
    for number, (change, place) in enumerate(new, start=1):
        entry = change.added[place]
        row = entry_row(entry.paper)
        rows.append((places[id(change)], entry.position, owners[-number], *row))
    execute_many(connection, _INSERT_ENTRY, rows)
    for number, (change, place) in enumerate(new, start=1):
        retracted = change.added[place].paper.retraction
        if retracted:
            name = (RETRACTION_FIELD, "")
            paper_corrections.set_missing(connection, owners[-number], name, retracted.reason, now)
    made = _entries_of(connection, {row[0] for row in rows})
    _write_claims(
        connection,
        {
            made[places[id(change)], change.added[place].position]: keys_of_paper(
                change.added[place].paper
            )
            for change, place in new
        },
    )


def _entries_of(connection: Connection, numbers: Collection[int]) -> dict[tuple[int, int], int]:
    """Return the id of each entry by issue id and position."""
    places = "SELECT id, issue_id, position FROM entries WHERE issue_id IN ({marks})"
    found = rows_among(ConnectionReader(connection), places, sorted(numbers))
    return {(issue, position): number for number, issue, position in found}


def _write_issues(connection: Connection, changes: Sequence[IssueChange]) -> dict[int, int]:
    """Write the issues; return the issue id of each change, by `id(change)`."""
    places = {id(change): change.stored.id for change in changes if change.stored}
    fresh = [change for change in changes if change.stored is None]
    if fresh:
        connection.execute(insert(issues), [issue_columns(change.issue) for change in fresh])
    named = [
        (change.issue.series, change.issue.week.year, change.issue.week.number) for change in fresh
    ]
    made = issue_ids(connection, named)
    places |= {id(change): made[name] for change, name in zip(fresh, named, strict=True)}
    for change in changes:
        if change.stored and change.issue_changed:
            connection.execute(
                update(issues)
                .where(issues.c.id == change.stored.id)
                .values(issue_columns(change.issue))
            )
    return places


def _write_updated(connection: Connection, changes: Sequence[IssueChange]) -> None:
    updated = [pair for change in changes for pair in change.updated]
    if not updated:
        return
    columns = entry_columns(updated[0][1].paper)
    connection.execute(
        update(entries)
        .where(entries.c.id == bindparam("entry"))
        .values({name: bindparam(f"new_{name}") for name in columns}),
        [
            {"entry": old.id}
            | {f"new_{name}": value for name, value in entry_columns(new.paper).items()}
            for old, new in updated
        ],
    )
    renamed = {
        old.id: keys_of_paper(new.paper)
        for old, new in updated
        if old.keys != keys_of_paper(new.paper)
    }
    for part in chunks(sorted(renamed)):
        connection.execute(delete(claims).where(claims.c.entry_id.in_(part)))
    _write_claims(connection, renamed)


def _write_claims(connection: Connection, keys: Mapping[int, Sequence[str]]) -> None:
    rows = [(number, rank, key) for number, each in keys.items() for rank, key in enumerate(each)]
    execute_many(connection, "INSERT INTO claims (entry_id, rank, key) VALUES (?, ?, ?)", rows)


def _write_revisions(
    connection: Connection,
    changes: Sequence[IssueChange],
    places: Mapping[int, int],
    now: datetime,
) -> None:
    rows = [
        {
            "issue_id": places[id(change)],
            "position": revision.position,
            "field": revision.field,
            "language": revision.language,
            "text": revision.text,
            "replaced_at": now,
        }
        for change in changes
        for revision in change.revisions
    ]
    if rows:
        connection.execute(insert(revisions), rows)
