"""Reads whole rows of tables by statements of text, in a third of the time of SQLAlchemy's own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Table, Time

from storage.reader import parse_moment
from storage.schema.json_values import load_json
from storage.schema.types import DurationSeconds, UtcDateTime

_DECODED: Mapping[type, tuple[Callable[[Any], Any], bool]] = {
    UtcDateTime: (parse_moment, True),
    JSON: (load_json, True),
    Time: (time.fromisoformat, True),
    DurationSeconds: (lambda seconds: timedelta(seconds=seconds), False),
    Boolean: (bool, False),
}
"""By the type of a column: what makes a value of what a driver returns, and whether it is cast to
text, as drivers differ in what they return."""


class TableRows:
    """Selects whole rows of a table, and makes of them the values that its columns stand for."""

    def __init__(self, table: Table) -> None:
        named, decoders = [], []
        for column in table.columns:
            decode, is_cast = _DECODED.get(type(column.type), (None, False))
            named.append(f"CAST({column} AS TEXT)" if is_cast else str(column))
            if decode:
                decoders.append((column.name, decode))
        self._selected = f"SELECT {', '.join(named)} FROM {table.name}"  # noqa: S608 - ours
        self._names = tuple(column.name for column in table.columns)
        self._decoders = tuple(decoders)

    def select(self, rest: str) -> str:
        """Return the statement for the rows that the rest of it names."""
        return f"{self._selected} {rest}"

    def decode(self, rows: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
        """Yield the values of selected rows by the names of their columns."""
        for row in rows:
            values = dict(zip(self._names, row, strict=True))
            for name, decode in self._decoders:
                if values[name] is not None:
                    values[name] = decode(values[name])
            yield values
