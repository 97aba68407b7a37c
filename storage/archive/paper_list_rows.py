"""Writes what lists of papers are read from: tags and authors of papers, and totals of tags."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, Table, delete

from bot.model.papers import Paper
from storage.connections import chunks, execute_many
from storage.reader import ConnectionReader, rows_among
from storage.schema.archive import paper_authors, paper_tags, tag_totals
from storage.schema.upserts import insert_or

_MAX_NAME = 500
"""Characters of an author's name; a longer one is none, and no database could index it."""

# SQLAlchemy takes longer to name hundreds of papers than a database to find their rows.
_TAGS_OF = "SELECT paper_id, tag FROM paper_tags WHERE paper_id IN ({marks})"
_WITH_AUTHORS = "SELECT DISTINCT paper_id FROM paper_authors WHERE paper_id IN ({marks})"
_INSERT_TAG = "INSERT INTO paper_tags (tag, newest, paper_id) VALUES (?, ?, ?)"
_INSERT_AUTHOR = "INSERT INTO paper_authors (name, newest, paper_id) VALUES (?, ?, ?)"

_Row = tuple[str, str, int]
"""A tag or an author, the day of the paper's newest issue, and the paper."""


def replace_rows(connection: Connection, numbers: Sequence[int], papers: Sequence[Paper]) -> None:
    """Delete the rows of all papers with these ids, and write those of these papers."""
    totals: Counter[str] = Counter()
    reader = ConnectionReader(connection)
    had = list(rows_among(reader, _TAGS_OF, numbers))
    totals.subtract(tag for _, tag in had)
    _delete_of(connection, paper_tags, {number for number, _ in had})
    named = rows_among(reader, _WITH_AUTHORS, numbers)
    _delete_of(connection, paper_authors, {number for (number,) in named})
    tags, authors = list[_Row](), list[_Row]()
    for paper in papers:
        newest = paper.appearances[0].start.isoformat()
        tags += [(tag, newest, paper.id) for tag in dict.fromkeys(paper.all_tags)]
        authors += [(name, newest, paper.id) for name in _authors_of(paper)]
    totals.update(tag for tag, _, _ in tags)
    execute_many(connection, _INSERT_TAG, tags)
    execute_many(connection, _INSERT_AUTHOR, authors)
    _add_totals(connection, totals)


def _delete_of(connection: Connection, table: Table, numbers: Collection[int]) -> None:
    for part in chunks(sorted(numbers)):
        connection.execute(delete(table).where(table.c.paper_id.in_(part)))


def _authors_of(paper: Paper) -> Iterable[str]:
    """Return the names of a paper's authors, each once."""
    named = dict.fromkeys(paper.record.authors) if paper.record else {}
    return [name for name in named if 0 < len(name) <= _MAX_NAME]


def _add_totals(connection: Connection, changes: Counter[str]) -> None:
    """Change how many papers tags have by these numbers."""
    rows = [{"tag": tag, "papers": change} for tag, change in sorted(changes.items()) if change]
    if not rows:
        return
    added = insert_or(tag_totals)
    connection.execute(
        added.on_conflict_do_update(
            index_elements=["tag"],
            set_={"papers": tag_totals.c.papers + added.excluded.papers},
        ),
        rows,
    )
    connection.execute(delete(tag_totals).where(tag_totals.c.papers <= 0))
