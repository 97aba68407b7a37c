"""What an outbox and the planner ask for again and again reads no table whole, however old."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from storage.deliveries import (
    crossposts,
    due_parts,
    message_edits,
    notices,
    queue,
    slots,
)
from storage.reader import DriverReader
from tests import empty_archive

NOON = datetime(2023, 10, 9, 12, tzinfo=UTC)
UNSENT = "SCAN parts USING INDEX parts_unpaid"
"""What is not sent yet is little: its index has nothing else."""


class PlanReader(DriverReader):
    """Keeps how SQLite carries out what it is asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection, "BEGIN")
        self.steps: list[str] = []

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        plan = super().execute(f"EXPLAIN QUERY PLAN {statement}", values)
        self.steps += [row[3] for row in plan]
        return super().execute(statement, values)


def test_what_is_due_is_found_by_indexes(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite3"
    empty_archive.make(path)
    with closing(sqlite3.connect(path)) as connection:
        reader = PlanReader(connection)
        due_parts.next_parts(reader, ("fake", NOON, 200), None, frozenset())
        due_parts.next_parts(reader, ("fake", NOON, 200), ["a", "b"], frozenset())
        due_parts.load_parts(reader, [1, 2])
        due_parts.next_due(reader, "fake", NOON)
        notices.pending_notices(reader, "fake", NOON, 20)
        message_edits.find_workspaces(reader, "fake", NOON)
        crossposts.find_due(reader, "fake", NOON, 20)
        queue.has_expired(reader, NOON)
        slots.due(reader, NOON, timedelta(days=28), (0, 200))

    tables = ("parts", "notices", "message_edits", "crossposts", "deliveries", "slots")
    whole = [step for step in reader.steps if step.startswith("SCAN") and step != UNSENT]
    assert len(reader.steps) > 20
    assert not [step for step in whole if step.split()[1] in tables]
