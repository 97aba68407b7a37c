"""The conflicts of curators and sources on SQL: the port `bot.ports.conflicts.ConflictStore`."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.model.conflicts import Conflict, ConflictPage
from bot.model.curation import Attribution, CurationRequest
from storage.archive import conflicts
from storage.archive.edits import Editor
from storage.archive.save import IndexUpdater
from storage.connections import Transactions


class SqlConflictStore:
    """Fulfils `ConflictStore`."""

    def __init__(self, transactions: Transactions, index: IndexUpdater) -> None:
        self._transactions = transactions
        self._index = index

    async def conflict(self, number: int) -> Conflict | None:
        return await self._transactions.read(conflicts.find, number)

    async def open_conflicts(self, limit: int, offset: int) -> ConflictPage:
        return await self._transactions.read(conflicts.list_open, limit, offset)

    async def keep_ours(self, number: int, by: Attribution) -> Conflict:
        now = datetime.now(UTC)
        return await self._transactions.write(conflicts.keep, number, by, now)

    async def settle_conflict(
        self, number: int, request: CurationRequest, by: Attribution
    ) -> Conflict:
        def write(connection: Connection) -> Conflict:
            # First: of two curators at once one waits here, and then finds it decided.
            conflicts.require_open(connection, number)
            Editor(connection, datetime.now(UTC), self._index).curate(request, by)
            found = conflicts.find(connection, number)
            assert found is not None  # noqa: S101 - it was open in this transaction
            return found

        return await self._transactions.write(write)
