"""Lists papers, tags and authors, each query in a fixed number of statements."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Connection, Table, func, select

from bot.model.papers import Paper
from bot.ports.archive import PaperPage
from storage.archive.row_mapping import load_papers
from storage.schema.archive import entries, paper_authors, paper_tags, papers


def paper_keys(connection: Connection, limit: int, offset: int) -> tuple[str, ...]:
    """Return the keys of papers that issues list, by the ids of the papers."""
    listed = select(entries.c.paper_id).distinct().order_by(entries.c.paper_id)
    page = listed.limit(limit).offset(offset).subquery("page")
    found = select(papers.c.key).join(page, page.c.paper_id == papers.c.id).order_by(papers.c.id)
    return tuple(connection.execute(found).scalars())


def papers_by_tag(connection: Connection, tag: str, limit: int, offset: int) -> PaperPage:
    """Return papers with a tag, newest first."""
    return _page_of(connection, paper_tags, paper_tags.c.tag == tag, limit, offset)


def papers_by_author(connection: Connection, name: str, limit: int, offset: int) -> PaperPage:
    """Return papers whose records name an author, newest first."""
    return _page_of(connection, paper_authors, paper_authors.c.name == name, limit, offset)


def _page_of(
    connection: Connection, table: Table, wanted: ColumnElement[bool], limit: int, offset: int
) -> PaperPage:
    """Return papers of a table that has them by the day of their newest issue."""
    total = connection.execute(select(func.count()).select_from(table).where(wanted)).scalar_one()
    numbers = list(
        connection.execute(
            select(table.c.paper_id)
            .where(wanted)
            .order_by(table.c.newest.desc(), table.c.paper_id.desc())
            .limit(limit)
            .offset(offset)
        ).scalars()
    )
    loaded = load_papers(connection, numbers)
    return PaperPage(tuple(loaded.paper(number) for number in numbers), total)


def newest_by_tag(
    connection: Connection, tags: Collection[str], limit: int
) -> Mapping[str, tuple[Paper, ...]]:
    """Return the newest papers of each of these tags."""
    numbers = {
        tag: connection.execute(
            select(paper_tags.c.paper_id)
            .where(paper_tags.c.tag == tag)
            .order_by(paper_tags.c.newest.desc(), paper_tags.c.paper_id.desc())
            .limit(limit)
        ).scalars().all()
        for tag in tags
    }  # fmt: skip
    # A paper with two of the tags is read once.
    loaded = load_papers(connection, sorted(set().union(*numbers.values())))
    papers = {number: loaded.paper(number) for number in loaded.versions}
    return {tag: tuple(papers[number] for number in found) for tag, found in numbers.items()}


def tag_counts(connection: Connection) -> tuple[tuple[str, int], ...]:
    """Return every tag with its number of papers, the most frequent first."""
    count = func.count()
    rows = connection.execute(
        select(paper_tags.c.tag, count)
        .group_by(paper_tags.c.tag)
        .order_by(count.desc(), paper_tags.c.tag)
    )
    return tuple((row[0], row[1]) for row in rows)


def author_total(connection: Connection) -> int:
    """Return the number of authors."""
    names = select(paper_authors.c.name).distinct().subquery("named")
    return connection.execute(select(func.count()).select_from(names)).scalar_one()


def author_names(connection: Connection, limit: int, offset: int) -> tuple[str, ...]:
    """Return the names of authors in their order."""
    names = select(paper_authors.c.name).distinct().order_by(paper_authors.c.name)
    return tuple(connection.execute(names.limit(limit).offset(offset)).scalars())


def author_counts(connection: Connection) -> tuple[tuple[str, int], ...]:
    """Return every author with their number of papers, by name."""
    rows = connection.execute(
        select(paper_authors.c.name, func.count())
        .group_by(paper_authors.c.name)
        .order_by(paper_authors.c.name)
    )
    return tuple((row[0], row[1]) for row in rows)
