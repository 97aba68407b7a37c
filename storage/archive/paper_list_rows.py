"""Writes what lists of papers are read from: tags and authors of papers, and totals of tags."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, select

from bot.model.papers import Paper
from storage.connections import chunks, execute_many
from storage.schema.archive import paper_authors, paper_tags, tag_totals
from storage.schema.upserts import insert_or

_MAX_NAME = 500
"""Characters of an author's name; a longer one is none, and no database could index it."""

_INSERT_TAG = "INSERT INTO paper_tags (tag, newest, paper_id) VALUES (?, ?, ?)"
_INSERT_AUTHOR = "INSERT INTO paper_authors (name, newest, paper_id) VALUES (?, ?, ?)"


def replace_rows(connection: Connection, numbers: Sequence[int], papers: Sequence[Paper]) -> None:
    """Delete the rows of all papers with these ids, and write those of these papers."""
    totals: Counter[str] = Counter()
    for part in chunks(numbers):
        had = select(paper_tags.c.tag, func.count()).where(paper_tags.c.paper_id.in_(part))
        rows = connection.execute(had.group_by(paper_tags.c.tag))
        totals.subtract({row[0]: row[1] for row in rows})
        for table in (paper_tags, paper_authors):
            connection.execute(delete(table).where(table.c.paper_id.in_(part)))
    tagged = [(paper, tag) for paper in papers for tag in dict.fromkeys(paper.all_tags)]
    totals.update(tag for _, tag in tagged)
    execute_many(connection, _INSERT_TAG, [_row(paper, tag) for paper, tag in tagged])
    named = [_row(paper, name) for paper in papers for name in _authors_of(paper)]
    execute_many(connection, _INSERT_AUTHOR, named)
    _add_totals(connection, totals)


def _authors_of(paper: Paper) -> Iterable[str]:
    """Return the names of a paper's authors, each once."""
    named = dict.fromkeys(paper.record.authors) if paper.record else {}
    return [name for name in named if 0 < len(name) <= _MAX_NAME]


def _row(paper: Paper, value: str) -> tuple[str, str, int]:
    """Return a value of a paper with the day of its newest issue."""
    return value, paper.appearances[0].start.isoformat(), paper.id


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
