"""Reads the record of curators' edits, and the changes in it."""

import json
from typing import Any

from sqlalchemy import Connection, Text, cast, or_, select

from bot.model.curation import Attribution, Change, Edit, parse_issue_key
from bot.model.weeks import Week
from storage.schema.archive import claims, entries, papers
from storage.schema.curation import edits


def list_edits(connection: Connection, key: str | None, limit: int) -> tuple[Edit, ...]:
    """Return the edits of a paper or an issue, or all; see `bot.ports.curation.Curation.edits`."""
    query = select(edits).order_by(edits.c.id.desc()).limit(limit)
    if key is not None:
        number = find_paper_id(connection, key)
        is_meant = [edits.c.key == key]
        if number is not None:
            is_meant.append(edits.c.paper_id == number)
        if parse_issue_key(key):
            # What was placed in an issue is an edit of the paper, and names the issue.
            is_meant.append(cast(edits.c.changes, Text).contains(json.dumps(key), autoescape=True))
        query = query.where(or_(*is_meant))
    undone = undone_edits(connection)
    return tuple(
        Edit(
            row.id,
            row.made_at,
            Attribution(row.actor, row.reason),
            row.action,
            row.key,
            tuple(map(change_from_json, row.changes)),
            row.undoes,
            is_undone=row.id in undone,
        )
        for row in connection.execute(query)
    )


def undone_edits(connection: Connection) -> set[int]:
    """Return the ids of the edits that are taken back."""
    rows = connection.execute(
        select(edits.c.id, edits.c.undoes).where(edits.c.undoes.is_not(None))
    ).all()
    undone: set[int] = set()
    for row in sorted(rows, key=lambda row: -row.id):  # an undo may be undone by a later one
        if row.id not in undone:
            undone.add(row.undoes)
    return undone


def find_paper_id(connection: Connection, key: str) -> int | None:
    """Return the paper that an entry claims a key for, or None."""
    return connection.execute(
        select(entries.c.paper_id)
        .join(claims, claims.c.entry_id == entries.c.id)
        .where(claims.c.key == key)
        .order_by(claims.c.rank, entries.c.paper_id)
        .limit(1)
    ).scalar() or connection.scalar(select(papers.c.id).where(papers.c.key == key))


def change_to_json(change: Change) -> dict[str, Any]:
    """Return a change as JSON."""
    return {
        "field": change.field,
        "name": change.name,
        "before": change.before,
        "after": change.after,
    }


def change_from_json(value: dict[str, Any]) -> Change:
    """Return what `change_to_json` wrote."""
    return Change(**value)


def is_same(one: Any, other: Any) -> bool:
    """Compare values; of places what a curator said, not what the source has of the paper."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(one[name] == other[name] for name in ("key", "wanted", "position"))
    return bool(one == other)


def place_of(change: Change) -> tuple[str, Week, str]:
    """Return the series, the week and the key of a change of a place."""
    series, _blank, week = change.name.rpartition(" ")
    year, _dash, number = week.partition("-W")
    return series, Week(int(year), int(number)), (change.before or change.after)["key"]
