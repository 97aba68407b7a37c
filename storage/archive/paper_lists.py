"""Lists papers, tags and authors, each query in a fixed number of statements."""

from collections.abc import Collection, Mapping

from bot.model.papers import Paper
from bot.ports.archive import PaperPage
from storage.archive.row_mapping import load_papers
from storage.reader import Reader

_OF_TAG = "paper_tags WHERE tag = ?"
_OF_AUTHOR = "paper_authors WHERE name = ?"
_NEWEST = "SELECT paper_id FROM {found} ORDER BY newest DESC, paper_id DESC LIMIT ? OFFSET ?"
_TAG_TOTAL = "SELECT papers FROM tag_totals WHERE tag = ?"
_AUTHOR_TOTAL = f"SELECT count(*) FROM {_OF_AUTHOR}"  # noqa: S608 - ours


def paper_keys(reader: Reader, limit: int, offset: int) -> tuple[str, ...]:
    """Return the keys of papers that issues list, by the ids of the papers."""
    rows = reader.rows(
        "SELECT key FROM papers JOIN (SELECT DISTINCT paper_id FROM entries ORDER BY paper_id "
        "LIMIT ? OFFSET ?) AS page ON paper_id = papers.id ORDER BY papers.id",
        (limit, offset),
    )
    return tuple(key for (key,) in rows)


def papers_by_tag(reader: Reader, tag: str, limit: int, offset: int) -> PaperPage:
    """Return papers with a tag, newest first."""
    counted = reader.rows(_TAG_TOTAL, (tag,))
    total = counted[0][0] if counted else 0
    return _page_of(reader, _OF_TAG, tag, (limit, offset), total)


def papers_by_author(reader: Reader, name: str, limit: int, offset: int) -> PaperPage:
    """Return papers whose records name an author, newest first."""
    total = reader.rows(_AUTHOR_TOTAL, (name,))[0][0]
    return _page_of(reader, _OF_AUTHOR, name, (limit, offset), total)


def _page_of(
    reader: Reader, found: str, name: str, page: tuple[int, int], total: int
) -> PaperPage:
    """Return papers of a table that has them by the day of their newest issue."""
    numbers = [row[0] for row in reader.rows(_NEWEST.format(found=found), (name, *page))]
    loaded = load_papers(reader, numbers)
    return PaperPage(tuple(loaded.paper(number) for number in numbers), total)


def newest_by_tag(
    reader: Reader, tags: Collection[str], limit: int
) -> Mapping[str, tuple[Paper, ...]]:
    """Return the newest papers of each of these tags."""
    newest = _NEWEST.format(found=_OF_TAG)
    numbers = {tag: [row[0] for row in reader.rows(newest, (tag, limit, 0))] for tag in tags}
    # A paper with two of the tags is read once.
    loaded = load_papers(reader, sorted(set().union(*numbers.values())))
    papers = {number: loaded.paper(number) for number in loaded.versions}
    return {tag: tuple(papers[number] for number in found) for tag, found in numbers.items()}


def tag_counts(reader: Reader) -> tuple[tuple[str, int], ...]:
    """Return every tag with its number of papers, the most frequent first."""
    rows = reader.rows("SELECT tag, papers FROM tag_totals ORDER BY papers DESC, tag")
    return tuple((tag, count) for tag, count in rows)


def author_total(reader: Reader) -> int:
    """Return the number of authors."""
    counted = "SELECT count(*) FROM (SELECT DISTINCT name FROM paper_authors) AS named"
    return int(reader.rows(counted)[0][0])


def author_names(reader: Reader, limit: int, offset: int) -> tuple[str, ...]:
    """Return the names of authors in their order."""
    listed = "SELECT DISTINCT name FROM paper_authors ORDER BY name LIMIT ? OFFSET ?"
    return tuple(name for (name,) in reader.rows(listed, (limit, offset)))


def author_counts(reader: Reader) -> tuple[tuple[str, int], ...]:
    """Return every author with their number of papers, by name."""
    rows = reader.rows("SELECT name, count(*) FROM paper_authors GROUP BY name ORDER BY name")
    return tuple((name, count) for name, count in rows)
