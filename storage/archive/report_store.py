"""The reports of mistakes on SQL: the port `bot.ports.reports.ReportStore`."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.model.channels import Target
from bot.model.curation import Attribution, CurationRequest
from bot.model.reports import CuratorChannel, NewReport, Report, ReportLimit, ReportPage
from storage.archive import reports
from storage.archive.edits import Editor
from storage.archive.save import IndexUpdater
from storage.connections import Transactions


class SqlReportStore:
    """Fulfils `ReportStore`."""

    def __init__(self, transactions: Transactions, index: IndexUpdater) -> None:
        self._transactions = transactions
        self._index = index

    async def submit_report(self, new: NewReport, limit: ReportLimit | None) -> Report:
        return await self._transactions.write(reports.submit, new, limit, datetime.now(UTC))

    async def report(self, number: int) -> Report | None:
        return await self._transactions.read(reports.find, number)

    async def open_reports(self, place: Target | None, limit: int, offset: int) -> ReportPage:
        return await self._transactions.read(reports.list_open, place, limit, offset)

    async def accept_report(
        self, number: int, request: CurationRequest | None, by: Attribution
    ) -> Report:
        def write(connection: Connection) -> Report:
            editor = Editor(connection, datetime.now(UTC), self._index)
            return reports.accept(editor, number, request, by)

        return await self._transactions.write(write)

    async def dismiss_report(self, number: int, by: Attribution) -> Report:
        return await self._transactions.write(reports.dismiss, number, by, datetime.now(UTC))

    async def choose_curator_channel(self, channel: CuratorChannel) -> None:
        await self._transactions.write(reports.choose_channel, channel, datetime.now(UTC))

    async def curator_channel(self, place: Target) -> CuratorChannel | None:
        return await self._transactions.read(reports.find_channel, place)

    async def untold_reports(self, platform: str, now: datetime, limit: int) -> tuple[Report, ...]:
        return await self._transactions.read(reports.list_untold, platform, now, limit)

    async def record_told(self, number: int, retry_at: datetime | None) -> None:
        await self._transactions.write(reports.record_told, number, retry_at)
