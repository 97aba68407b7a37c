"""Collects the statements with which an archive is read."""

from collections.abc import Sequence
from typing import Any

from storage.reader import DriverReader


class counted:  # noqa: N801 - used as a with statement
    """Yields every statement with which the archive is read; the index itself asks others."""

    def __enter__(self) -> list[str]:
        self.statements: list[str] = []
        self._rows = rows = DriverReader.rows

        def count(reader: DriverReader, statement: str, values: Sequence[Any] = ()) -> Any:
            self.statements.append(statement)
            return rows(reader, statement, values)

        patched: Any = DriverReader
        patched.rows = count
        return self.statements

    def __exit__(self, *_: object) -> None:
        patched: Any = DriverReader
        patched.rows = self._rows
