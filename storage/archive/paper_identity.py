"""Assigns entries to papers, merges papers, and updates their tags and authors."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from bot.papers.merging import KeyedEntry, PaperGroup, group_entries
from storage.archive.paper_list_rows import replace_rows
from storage.archive.row_mapping import LoadedPapers, load_papers
from storage.connections import chunks, execute_many
from storage.reader import ConnectionReader, rows_among
from storage.schema.archive import (
    claims,
    corrections,
    curated_tags,
    entries,
    forwards,
    papers,
)
from storage.schema.conflicts import conflicts
from storage.schema.curation import edits, placements

# SQLAlchemy takes longer to name hundreds of values than a database to find them.
_CLAIMED_BY = "SELECT entry_id FROM claims WHERE key IN ({marks})"
_PAPERS = "SELECT id, key FROM papers WHERE {column} IN ({{marks}})"


def connected_entries(connection: Connection, keys: Iterable[str]) -> dict[int, KeyedEntry]:
    """Return every stored entry that has one of these keys, directly or through shared keys."""
    found: dict[int, KeyedEntry] = {}
    frontier = set(keys)
    seen: set[str] = set()
    while frontier:
        rows = rows_among(ConnectionReader(connection), _CLAIMED_BY, sorted(frontier))
        numbers = {number for (number,) in rows}
        seen |= frontier
        fresh = _load_entries(connection, numbers - found.keys())
        found |= fresh
        frontier = {key for keyed in fresh.values() for key in keyed.keys} - seen
    return found


def _load_entries(connection: Connection, numbers: Collection[int]) -> dict[int, KeyedEntry]:
    keys: dict[int, list[str]] = {}
    owner: dict[int, int] = {}
    for part in chunks(sorted(numbers)):
        for row in connection.execute(
            select(claims.c.entry_id, claims.c.key, entries.c.paper_id)
            .join(entries, entries.c.id == claims.c.entry_id)
            .where(claims.c.entry_id.in_(part))
            .order_by(claims.c.entry_id, claims.c.rank)
        ):
            keys.setdefault(row.entry_id, []).append(row.key)
            owner[row.entry_id] = row.paper_id
    return {number: KeyedEntry(number, tuple(keys[number]), owner[number]) for number in keys}


def assign_papers(connection: Connection, keyed_entries: Sequence[KeyedEntry]) -> dict[int, int]:
    """Create or find the paper of each entry; return the paper id by entry id.

    Papers that turn out to be one are merged under the lowest id; the others forward to it
    and keep what curators wrote.
    """
    known = _load_keys(connection, keyed_entries)
    joined = group_entries(keyed_entries, known)
    numbers = _insert_papers(connection, [group.key for group in joined if not group.paper])
    kept = [group for group in joined if group.paper]
    for group in kept:
        numbers[group.key] = group.paper
        for old in group.absorbed:
            _merge_into(connection, old, group.paper)
    _update_keys(connection, [group for group in kept if known[group.paper] != group.key])
    return {entry: numbers[group.key] for group in joined for entry in group.entries}


def _insert_papers(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """Insert papers with these keys; return their ids by key."""
    execute_many(connection, "INSERT INTO papers (key) VALUES (?)", [(key,) for key in keys])
    # RETURNING the ids would insert row by row.
    made = rows_among(ConnectionReader(connection), _PAPERS.format(column="key"), keys)
    return {key: number for number, key in made}


def _load_keys(connection: Connection, keyed_entries: Sequence[KeyedEntry]) -> dict[int, str]:
    """Return the keys, by paper id, of all papers that these entries belong or will belong to."""
    reader, known = ConnectionReader(connection), dict[int, str]()
    numbers = sorted({keyed.paper for keyed in keyed_entries if keyed.paper})
    firsts = sorted({keyed.keys[0] for keyed in keyed_entries})
    for column, values in (("id", numbers), ("key", firsts)):
        rows = rows_among(reader, _PAPERS.format(column=column), values)
        known.update((row[0], row[1]) for row in rows)
    return known


def _merge_into(connection: Connection, old: int, new: int) -> None:
    for table, kept in ((corrections, ("field", "language")), (curated_tags, ("tag",))):
        twin = table.alias()
        clash = exists().where(
            twin.c.paper_id == new, *(twin.c[name] == table.c[name] for name in kept)
        )
        connection.execute(delete(table).where(table.c.paper_id == old, clash))
        connection.execute(update(table).where(table.c.paper_id == old).values(paper_id=new))
    for table in (entries, edits):
        connection.execute(update(table).where(table.c.paper_id == old).values(paper_id=new))
    connection.execute(update(conflicts).where(conflicts.c.paper == old).values(paper=new))
    connection.execute(update(forwards).where(forwards.c.paper_id == old).values(paper_id=new))
    replace_rows(connection, [old], [])  # they would go with the paper, but not out of the totals
    connection.execute(delete(papers).where(papers.c.id == old))
    connection.execute(insert(forwards).values(id=old, paper_id=new))


def _update_keys(connection: Connection, groups: Sequence[PaperGroup]) -> None:
    # Two papers may swap keys, so each first gets a temporary key that no paper can have.
    for group in groups:
        _set_key(connection, group.paper, f"renamed:{group.paper}")
    for group in groups:
        _set_key(connection, group.paper, group.key)


def _set_key(connection: Connection, number: int, key: str) -> None:
    connection.execute(update(papers).where(papers.c.id == number).values(key=key))


def move_entries(connection: Connection, moved: Mapping[int, int]) -> None:
    """Assign entries to papers: `moved` maps entry ids to paper ids."""
    if moved:
        connection.execute(
            update(entries)
            .where(entries.c.id == bindparam("entry"))
            .values(paper_id=bindparam("paper")),
            [{"entry": entry, "paper": paper} for entry, paper in moved.items()],
        )


def refresh_papers(
    connection: Connection, numbers: Collection[int]
) -> tuple[LoadedPapers, tuple[int, ...]]:
    """Update tags and authors of these papers; return them, and the ids of those without entries.

    A paper without entries is deleted, unless a curator edited it: then it stays hidden until
    an entry names it again.
    """
    wanted = sorted(numbers)
    loaded = load_papers(ConnectionReader(connection), wanted)
    gone = tuple(number for number in wanted if number not in loaded.versions)
    replace_rows(connection, wanted, [loaded.paper(number) for number in loaded.versions])
    for part in chunks(gone):
        connection.execute(
            delete(papers).where(
                papers.c.id.in_(part),
                ~exists().where(corrections.c.paper_id == papers.c.id),
                ~exists().where(curated_tags.c.paper_id == papers.c.id),
                ~exists().where(placements.c.key == papers.c.key),
            )
        )
    return loaded, gone
