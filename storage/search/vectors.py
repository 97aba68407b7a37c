"""Stores the papers' vectors, and finds the nearest by comparing with all of them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.model.papers import Paper
from bot.papers.gist import gist_digest
from storage.reader import question_marks
from storage.search.index_tables import WriteConnection

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_COMPARED = 100_000
"""Maximum number of vectors held in memory, the newest: 200 MB, and 30 ms a question."""

_SPARE = 3
"""How many times more papers are found than asked for, as some vectors may be outdated."""

_MAX_BLOCKS = 8


def remove_outdated(connection: WriteConnection, papers: Iterable[Paper]) -> None:
    """Remove the vectors of papers whose texts are no longer those that were embedded."""
    if not connection.rows("SELECT 1 FROM vectors LIMIT 1"):
        return  # as without the extra
    connection.many(
        "DELETE FROM vectors WHERE paper_id = ? AND digest != ?",
        [(paper.id, gist_digest(paper)) for paper in papers],
    )


def remove(connection: WriteConnection, numbers: Iterable[int]) -> None:
    """Remove the vectors of papers."""
    connection.many("DELETE FROM vectors WHERE paper_id = ?", [(number,) for number in numbers])


def list_pending(connection: WriteConnection, model: str, limit: int) -> tuple[Sequence[int], int]:
    """Return papers without a vector of a model, the newest first, and the number of all."""
    base = (
        "FROM papers WHERE EXISTS (SELECT 1 FROM entries WHERE paper_id = papers.id) AND NOT "
        "EXISTS (SELECT 1 FROM vectors WHERE paper_id = papers.id AND model = ?)"
    )
    ((total,),) = connection.rows(f"SELECT count(*) {base}", (model,))
    rows = connection.rows(
        f"SELECT id {base} ORDER BY id DESC LIMIT ?",
        (model, limit),
    )
    return [row[0] for row in rows], total


def save(
    connection: WriteConnection,
    model: str,
    vectors: Mapping[int, tuple[str, bytes]],
    papers: Iterable[Paper],
) -> None:
    """Save vectors, except those of papers that are no longer as they were embedded."""
    rows = [
        (paper.id, model, *vectors[paper.id])
        for paper in papers
        if paper.id in vectors and vectors[paper.id][0] == gist_digest(paper)
    ]
    remove(connection, [row[0] for row in rows])
    connection.many(
        "INSERT INTO vectors (paper_id, model, digest, vector) VALUES (?, ?, ?, ?)", rows
    )


class VectorSearch:
    """Finds the nearest vectors; holds them in memory, and reads what is new before it answers."""

    def __init__(self, rows: Callable[..., list[tuple[Any, ...]]]) -> None:
        self._rows = rows
        self._model = ""
        self._last_id = 0
        self._blocks: list[NDArray[Any]] = []
        self._ids: list[NDArray[Any]] = []

    def has_any(self, model: str) -> bool:
        """Tell whether any paper has a vector of a model."""
        return bool(self._rows("SELECT 1 FROM vectors WHERE model = ? LIMIT 1", model))

    def of(self, model: str, paper: int) -> bytes | None:
        """Return the vector of a paper."""
        rows = self._rows(
            "SELECT vector FROM vectors WHERE paper_id = ? AND model = ?", paper, model
        )
        return bytes(rows[0][0]) if rows else None

    def nearest(
        self, model: str, vector: bytes, limit: int, also: Collection[int] = ()
    ) -> tuple[tuple[int, float], ...]:
        """Return the papers with the nearest vectors, and those of `also`, with their cosines."""
        import numpy as np  # noqa: PLC0415 - where vectors are, the extra is installed

        self._read_new(model)
        if not self._blocks:
            return ()
        asked = np.frombuffer(vector, "<f2").astype(np.float32)
        alike = np.concatenate([block @ asked for block in self._blocks])
        ids = np.concatenate(self._ids)
        count = min(limit * _SPARE, len(ids))
        places = np.argpartition(-alike, count - 1)[:count]
        scores = {int(ids[place]): float(alike[place]) for place in places}
        marks = question_marks(len(scores))
        known = dict(
            self._rows(
                f"SELECT id, paper_id FROM vectors WHERE id IN ({marks})",  # noqa: S608 - marks
                *scores,
            )
        )
        if len(known) < min(limit, count):  # most are outdated: begin again
            self._forget()
            return self.nearest(model, vector, limit, also)
        best = sorted(known, key=lambda number: -scores[number])[:limit]
        found = {known[number]: scores[number] for number in best}
        asked_for = self._ids_of(model, [paper for paper in also if paper not in found])
        for place in np.flatnonzero(np.isin(ids, list(asked_for))):
            found[asked_for[int(ids[place])]] = float(alike[place])
        return tuple(sorted(found.items(), key=lambda pair: -pair[1]))

    def _ids_of(self, model: str, papers: Sequence[int]) -> dict[int, int]:
        """Return the ids of the papers' vectors, each with its paper."""
        if not papers:
            return {}
        marks = question_marks(len(papers))
        return dict(
            self._rows(
                f"SELECT id, paper_id FROM vectors WHERE paper_id IN ({marks}) "  # noqa: S608 - marks
                "AND model = ?",
                *papers,
                model,
            )
        )

    def _read_new(self, model: str) -> None:
        import numpy as np  # noqa: PLC0415 - as above

        ((last,),) = self._rows("SELECT coalesce(max(id), 0) FROM vectors")
        if model != self._model or last < self._last_id:
            self._forget()
            self._model = model
        if last == self._last_id:
            return
        rows = self._rows(
            "SELECT id, vector FROM vectors WHERE id > ? AND model = ? ORDER BY id DESC LIMIT ?",
            self._last_id,
            model,
            MAX_COMPARED,
        )
        self._last_id = last
        if not rows:
            return
        whole = np.frombuffer(b"".join(row[1] for row in rows), "<f2")
        self._blocks.append(whole.reshape(len(rows), -1).astype(np.float32))
        self._ids.append(np.array([row[0] for row in rows], np.int64))
        if len(self._blocks) > _MAX_BLOCKS:
            self._blocks = [np.concatenate(self._blocks)]
            self._ids = [np.concatenate(self._ids)]

    def _forget(self) -> None:
        self._model, self._last_id, self._blocks, self._ids = "", 0, [], []
