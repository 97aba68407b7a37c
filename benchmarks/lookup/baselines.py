"""Other engines on the same texts: FTS5 with any of the words, and tantivy if installed."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec

from bot.model.papers import Paper

Engine = Callable[[str], Sequence[int]]
"""Returns the five best papers for a query."""

_WORD = re.compile(r"\w+")
FIVE = 5


def engines(papers: Sequence[Paper]) -> Mapping[str, Engine]:
    """Return the engines, each with all papers in its index."""
    rows = [
        (paper.id, " ".join(paper.titles.values()), " ".join(paper.summaries.values()))
        for paper in papers
    ]
    found = {"FTS5, any word": _fts5(rows)}
    if find_spec("tantivy"):
        found["tantivy"] = _tantivy(rows)
    return found


def _fts5(rows: Sequence[tuple[int, str, str]]) -> Engine:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE texts USING fts5 (title, body)")
    connection.executemany("INSERT INTO texts (rowid, title, body) VALUES (?, ?, ?)", rows)

    def ask(query: str) -> Sequence[int]:
        match = " OR ".join(f'"{word}"' for word in _WORD.findall(query)) or '""'
        found = connection.execute(
            "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 3.0, 1.0) LIMIT ?",
            (match, FIVE),
        )
        return [row[0] for row in found]

    return ask


def _tantivy(rows: Sequence[tuple[int, str, str]]) -> Engine:
    import tantivy  # noqa: PLC0415 - only where it is installed

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True)
    for name in ("title", "body"):
        builder.add_text_field(name, tokenizer_name="en_stem")
    index = tantivy.Index(builder.build())
    writer = index.writer(heap_size=50_000_000, num_threads=1)
    for number, title, body in rows:
        writer.add_document(tantivy.Document(id=number, title=title, body=body))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def ask(query: str) -> Sequence[int]:
        words = " ".join(_WORD.findall(query))
        parsed, _ = index.parse_query_lenient(words, ["title", "body"], {"title": 3.0})
        hits = searcher.search(parsed, FIVE).hits
        return [searcher.doc(address)["id"][0] for _, address in hits]

    return ask
