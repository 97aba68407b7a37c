"""Ten thousand open reports slow no command down: the work of the database is counted."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select

from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.model.channels import Person, Target
from bot.model.deliveries import REPORT, PartState, Purpose
from bot.model.editable_texts import fingerprint, paper_text
from bot.model.reports import CuratorChannel, NewReport, ReportState
from bot.ports.conversation import Reply, Request
from storage.schema.deliveries import deliveries, parts, subscriptions
from storage.schema.reports import reports
from storage.store import ArchiveStore
from tests import samples

HERE = Target("fake", "T1", "papers")
CURATOR = Person("fake", "curator", "en", may_curate=True)
FEW, MANY = 10, 10_000
STEP = 100
"""Instructions of SQLite's virtual machine that are counted as one step."""


class Work:
    """Counts the steps of SQLite on all connections that are made from now on."""

    def __init__(self) -> None:
        self.steps = 0

    def watch(self, connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_progress_handler(self._count, STEP)

    def _count(self) -> int:
        self.steps += 1
        return 0


@pytest.fixture
def work() -> Iterator[Work]:
    found = Work()
    event.listen(Engine, "connect", found.watch)
    yield found
    event.remove(Engine, "connect", found.watch)


@pytest.fixture
async def context(work: Work, context: Context) -> Context:
    await context.archive.save([samples.issue()])
    await context.reports.choose_curator_channel(CuratorChannel(HERE, "en"))
    return replace(context, platforms=frozenset({"fake"}), series=("dair",))


def add_reports(connection: Connection, wanted: int) -> None:
    """Fill up to so many open reports, each with its message in the curators' channel."""
    there = connection.execute(select(func.count()).select_from(reports)).scalar_one()
    now = datetime.now(UTC)
    holder = connection.execute(select(subscriptions.c.id)).scalars().first()
    rows = [
        {
            "id": number, "made_at": now, "platform": "fake", "workspace": "T1",
            "channel": "papers", "person": f"member {number % 97}", "language": "en",
            "paper": 1 + number % 3, "field": "title", "text_language": "en", "before": "Old",
            "wrong": "It is wrong.", "better": f"Title {number}", "state": ReportState.OPEN.value,
            "decided_by": "", "reason": "",
        }
        for number in range(there + 1, wanted + 1)
    ]  # fmt: skip
    connection.execute(insert(reports), rows)
    owed = [
        {
            "id": row["id"], "subscription_id": holder, "purpose": Purpose.REPORT.value,
            "year": 2023, "number": 41, "layout": "overview", "due_at": now, "expires_at": now,
            "skipped": "", "paper": row["id"], "opened_by": "",
        }
        for row in rows
    ]  # fmt: skip
    connection.execute(insert(deliveries), owed)
    messages = [
        {
            "delivery_id": row["id"], "platform": "fake", "place": "T1/papers/discussions",
            "sequence": row["id"], "kind": REPORT, "position": 0, "paper": 0, "chunk": 0,
            "key": f"key{row['id']}", "state": PartState.POSTED.value, "is_untold": False,
            "attempts": 1, "error": "", "message": str(row["id"]), "thread": "", "url": "",
            "due_at": now,
        }
        for row in rows
    ]  # fmt: skip
    connection.execute(insert(parts), messages)


async def test_no_command_is_slow_with_ten_thousand_open_reports(
    work: Work, context: Context, store: ArchiveStore
) -> None:
    async def ask(name: str, argument: str = "", **fields: str) -> Reply:
        request = Request(name, argument, CURATOR, HERE, fields=fields)
        reply = await dispatch(context, request)
        assert not reply.is_refused, name
        return reply

    async def measure(number: int) -> dict[str, int]:
        last = str((number + 9) // 10)
        (paper,) = await context.archive.papers([1 + number % 3])
        seen = fingerprint([paper_text(paper, "title", "en")])
        found = {}
        for name, argument, fields in (
            ("reports", "", {}), ("reports", last, {}), ("show_report", str(number), {}),
            ("report", "id:1", {"text": "title/en", "wrong": "It is wrong."}),
            ("accept_report", f"{number} {seen}", {}),
            ("dismiss_report", str(number - 1), {"reason": "It is right."}),
        ):  # fmt: skip
            before = work.steps
            await ask(name, argument, **fields)
            found[f"{name} {bool(argument == last)}"] = work.steps - before
        return found

    new = NewReport(HERE, "first", "en", 1, "title", "en", "Old", "wrong")
    await context.reports.submit_report(new, None)
    await store._connections.write(add_reports, FEW)  # noqa: SLF001 - what takes seconds otherwise
    few = await measure(FEW)
    await store._connections.write(add_reports, MANY)  # noqa: SLF001 - see above
    many = await measure(MANY)
    # The number of all is counted from an index: a few instructions for each.
    listing = MANY * 12 // STEP
    for name, steps in many.items():
        allowed = listing if name.startswith("reports") else 0
        assert steps <= 2 * few[name] + 20 + allowed, (name, few[name], steps)
