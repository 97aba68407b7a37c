"""Machine-made texts on SQL: the port `bot.ports.translations.TranslationStore`."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection

from bot.model.weeks import Week
from bot.ports.translations import (
    CheckedText,
    FailedText,
    MachineTextCount,
    ModelUsage,
    PendingPaper,
    TranslationScope,
)
from storage.archive import curation
from storage.archive.save import IndexUpdater
from storage.connections import AsyncReads, ThreadedTransactions
from storage.database import Database
from storage.deliveries import message_edits
from storage.metadata import translations


class SqlTranslationStore:
    """Fulfils `TranslationStore`."""

    def __init__(
        self,
        database: Database,
        transactions: ThreadedTransactions,
        long_reads: AsyncReads,
        index: IndexUpdater,
    ) -> None:
        self._database = database
        self._transactions = transactions
        self._long_reads = long_reads
        self._index = index

    def translation_lock(self) -> AbstractContextManager[bool]:
        return self._database.try_lock("translating")

    async def pending_translations(
        self, scope: TranslationScope, limit: int
    ) -> tuple[PendingPaper, ...]:
        return await self._transactions.read(translations.list_pending, scope, limit)

    async def failed_texts(self, scope: TranslationScope) -> tuple[FailedText, ...]:
        return await self._long_reads.read(translations.list_failed, scope)

    async def untranslated_weeks(self, scope: TranslationScope, series: str) -> frozenset[Week]:
        return await self._transactions.read(translations.list_untranslated, scope, series)

    async def save_translations(
        self, paper: PendingPaper, texts: Sequence[CheckedText], recipe: str, now: datetime
    ) -> None:
        def write(connection: Connection) -> None:
            translations.save_texts(connection, texts, recipe, now)
            if paper.issue is None:
                curation.reindex_papers(connection, [paper.paper_id], self._index)
            if all(text.fault for text in texts):
                return
            if paper.issue is None:
                message_edits.request_for_papers(connection, [paper.paper_id], now)
            else:
                message_edits.request_for_issue(connection, *paper.issue, now)

        await self._transactions.write(write)

    async def machine_text_counts(self) -> tuple[MachineTextCount, ...]:
        return await self._transactions.read(translations.count_texts)

    async def save_model_usage(self, usage: ModelUsage, now: datetime) -> None:
        await self._transactions.write(translations.save_usage, usage, now)

    async def model_usage(self, since: datetime) -> ModelUsage:
        return await self._transactions.read(translations.usage_since, since)
