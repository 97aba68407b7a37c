"""The archive: the port `bot.ports.archive.Archive` on a database of SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar

from bot.lib.deferred import DeferredModule, defer
from bot.model.source_edits import SourceEdits
from bot.ports.enrichment import PendingVectors
from storage.addresses import find_database
from storage.archive import paper_lists, queries
from storage.connections import AsyncReads, ReadThread, ThreadedTransactions
from storage.database import Database, DatabaseUnusable
from storage.facts import INDEX_FACT, VOCABULARY_FACT, read_fact, require_present
from storage.reader import ConnectionReader, DriverReader, Reader
from storage.search import index_tables
from storage.search.index_queries import IndexQueries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.model.curation import Attribution, CurationRequest, Edit
    from bot.model.papers import Issue, MetadataProvider, Paper, Record
    from bot.model.trends import TagPeriod
    from bot.model.usage import Usage, UsageKey
    from bot.model.weeks import Month, Week, WeekReference
    from bot.ports.archive import IssueResult, PaperPage, SaveResult, SeriesPreference, Totals
    from bot.ports.enrichment import FailedLookup, PendingLookups
    from bot.ports.search_index import SearchIndex
    from storage import sources, usage
    from storage.archive import (
        conflict_store,
        curation,
        edit_history,
        edits,
        report_store,
        review_store,
        save,
        trends,
    )
    from storage.archive.conflict_store import SqlConflictStore
    from storage.archive.report_store import SqlReportStore
    from storage.archive.review_store import SqlReviewStore
    from storage.archive.row_mapping import LoadedPapers
    from storage.deliveries import ledger, message_edits, stamp
    from storage.deliveries.ledger import SqlLedger
    from storage.metadata import store, translation_store
    from storage.metadata.translation_store import SqlTranslationStore
    from storage.people import store as people_store
    from storage.people.store import SqlPeopleStore
    from storage.search import vectors
    from storage.sources import SqlSourceStateStore
else:
    # A command that asks once starts without what it does not need.
    usage = DeferredModule("storage.usage")
    conflict_store = DeferredModule("storage.archive.conflict_store")
    curation = DeferredModule("storage.archive.curation")
    edit_history = DeferredModule("storage.archive.edit_history")
    edits = DeferredModule("storage.archive.edits")
    report_store = DeferredModule("storage.archive.report_store")
    review_store = DeferredModule("storage.archive.review_store")
    save = DeferredModule("storage.archive.save")
    trends = DeferredModule("storage.archive.trends")
    ledger = DeferredModule("storage.deliveries.ledger")
    message_edits = DeferredModule("storage.deliveries.message_edits")
    stamp = DeferredModule("storage.deliveries.stamp")
    store = DeferredModule("storage.metadata.store")
    translation_store = DeferredModule("storage.metadata.translation_store")
    people_store = DeferredModule("storage.people.store")
    vectors = DeferredModule("storage.search.vectors")
    sources = DeferredModule("storage.sources")
    # The first transaction would wait for it, see `ThreadedTransactions`.
    defer("sqlalchemy.ext.asyncio")

T = TypeVar("T")
P = ParamSpec("P")

_ROOM = "archive"
"""The room of issues and papers, for `Database.open_engine`."""


class ArchiveStore:
    """Fulfils `Archive`, `Curation`, `RecordStore` and `VectorStore`; to be closed."""

    def __init__(
        self,
        database: Database,
        source_edits: SourceEdits = SourceEdits.LINKS_AND_NUMBERS,
    ) -> None:
        self.database = database
        self._source_edits = source_edits
        """Which changes of sources edit messages that were posted."""
        self._connections = ThreadedTransactions(database, _ROOM)
        self._long_reads = AsyncReads(database, _ROOM)
        # What people ask is read in one thread of its own: it would hold the event loop.
        self._reads = ReadThread(database, "look-up")
        self._is_closed = False
        self._search: IndexQueries | None = None
        self._index = import_module(f"storage.search.{database.kind}")
        self._ledger_worker: ThreadedTransactions | None = None
        self._save_worker: ThreadedTransactions | None = None

    @classmethod
    def open(
        cls,
        place: Path | Database,
        source_edits: SourceEdits = SourceEdits.LINKS_AND_NUMBERS,
    ) -> Self:
        """Open an archive whose tables are up to date; see `Database.prepare`.

        A path is a file of SQLite.
        """
        return cls(find_database(place) if isinstance(place, Path) else place, source_edits)

    @property
    def path(self) -> Path:
        """The file. Raises DatabaseUnusable where the archive is none."""
        if self.database.file is None:
            raise DatabaseUnusable(f"{self.database.name} is no file.")
        return self.database.file

    def ledger(self) -> SqlLedger:
        """Return the ledger of deliveries in the same database; it ends with the archive."""
        if self._ledger_worker is None:
            self._ledger_worker = ThreadedTransactions(self.database, "ledger")
        file = self.database.file
        kept = stamp.LedgerStamp(file) if file else None
        return ledger.SqlLedger(self._ledger_worker, kept)

    def people(self) -> SqlPeopleStore:
        """Return what is stored about people in the same database; it ends with the archive."""
        return people_store.SqlPeopleStore(self.database, self._connections)

    def reviews(self) -> SqlReviewStore:
        """Return the reviews of weeks in the same database; they end with the archive."""
        return review_store.SqlReviewStore(self._connections)

    def reports(self) -> SqlReportStore:
        """Return the reports of mistakes in the same database; they end with the archive."""
        return report_store.SqlReportStore(self._connections, self._update_index)

    def translations(self) -> SqlTranslationStore:
        """Return the machine-made texts in the same database; they end with the archive."""
        return translation_store.SqlTranslationStore(
            self.database, self._connections, self._long_reads, self._update_index
        )

    def conflicts(self) -> SqlConflictStore:
        """Return the conflicts with sources in the same database; they end with the archive."""
        return conflict_store.SqlConflictStore(self._connections, self._update_index)

    def register(self) -> SqlSourceStateStore:
        """Return the register of sources in the same database; it ends with the archive."""
        return sources.SqlSourceStateStore(self.database, self._connections)

    async def add_usage(self, counts: Mapping[UsageKey, int]) -> None:
        await self._connections.write(usage.add, counts)

    async def usage(self, platform: str, workspace: str) -> Usage:
        return await self._long_reads.read(usage.read, platform, workspace)

    async def close(self) -> None:
        """Let go of the database."""
        if self._is_closed:
            return
        self._is_closed = True
        await self._reads.close()
        for worker in (self._ledger_worker, self._save_worker):
            if worker is not None:
                await worker.close()
        await self._connections.close()
        await self._long_reads.close()

    async def require_present(self) -> None:
        """Raise DatabaseUnusable where the archive was transferred elsewhere."""
        await self._read(require_present)

    async def save(self, issues: Sequence[Issue]) -> SaveResult:
        # A year of weeks takes a while: people are answered meanwhile, on the event loop.
        if self._save_worker is None:
            self._save_worker = ThreadedTransactions(self.database, _ROOM)
        return await self._save_worker.write(
            save.save_issues, issues, datetime.now(UTC), self._update_index, self._source_edits
        )

    async def find_issue(
        self, reference: WeekReference, today: date, wanted: SeriesPreference
    ) -> IssueResult:
        return await self._read(queries.find_issue, reference, today, wanted)

    async def papers(self, numbers: Sequence[int]) -> tuple[Paper, ...]:
        return await self._read(queries.find_papers, numbers)

    async def papers_after(self, number: int, limit: int) -> tuple[Paper, ...]:
        return await self._read_long(queries.papers_after, number, limit)

    async def first_days(self) -> tuple[date, date] | None:
        return await self._connections.read(trends.first_days)

    async def papers_by_month(
        self, tag: str = "", since: date | None = None
    ) -> Mapping[Month, int]:
        return await self._long_reads.read(trends.papers_by_month, tag, since)

    async def tags_of_period(self, first: date, last: date) -> TagPeriod:
        return await self._long_reads.read(trends.tags_of_period, first, last)

    async def papers_by_tag(self, tag: str, limit: int, offset: int) -> PaperPage:
        return await self._read(paper_lists.papers_by_tag, tag, limit, offset)

    async def newest_by_tag(
        self, tags: Collection[str], limit: int
    ) -> Mapping[str, tuple[Paper, ...]]:
        return await self._read(paper_lists.newest_by_tag, tags, limit)

    async def papers_by_author(self, name: str, limit: int, offset: int) -> PaperPage:
        return await self._read(paper_lists.papers_by_author, name, limit, offset)

    async def paper_keys(self, limit: int, offset: int) -> tuple[str, ...]:
        return await self._read_beside(paper_lists.paper_keys, limit, offset)

    async def issue_weeks(self, limit: int, offset: int) -> tuple[tuple[str, Week], ...]:
        return await self._read_beside(queries.issue_weeks, limit, offset)

    async def author_total(self) -> int:
        return await self._read_beside(paper_lists.author_total)

    async def author_names(self, limit: int, offset: int) -> tuple[str, ...]:
        return await self._read_beside(paper_lists.author_names, limit, offset)

    async def author_counts(self) -> tuple[tuple[str, int], ...]:
        return await self._read_long(paper_lists.author_counts)

    async def tag_counts(self) -> tuple[tuple[str, int], ...]:
        return await self._read(paper_lists.tag_counts)

    async def weeks(
        self, series: Sequence[str], limit: int, year: int | None = None, offset: int = 0
    ) -> tuple[Issue, ...]:
        return await self._read(queries.weeks, series, limit, year, offset)

    async def newest_issues(self, series: str, limit: int, most_papers: int) -> tuple[Issue, ...]:
        return await self._read(queries.newest_issues, series, limit, most_papers)

    async def years(self) -> tuple[tuple[int, int], ...]:
        return await self._read(queries.years)

    async def totals(self) -> Totals:
        return await self._read_beside(queries.totals)

    async def issues(self, series: str | None, week: Week | None) -> AsyncIterator[Issue]:
        for heading in await self._read_long(queries.list_issues, series, week):
            yield await self._read_long(queries.load_for_export, heading)

    async def curate(self, request: CurationRequest, by: Attribution) -> Edit:
        def write(connection: Connection) -> Edit:
            editor = edits.Editor(connection, datetime.now(UTC), self._update_index)
            return editor.curate(request, by)

        return await self._connections.write(write)

    async def edits(self, key: str | None, limit: int) -> tuple[Edit, ...]:
        return await self._connections.read(edit_history.list_edits, key, limit)

    async def apply_vocabulary(
        self, vocabulary: str, tag: Callable[[Paper], tuple[str, ...]]
    ) -> None:
        read, write = self._read, self._connections.write
        if await read(read_fact, VOCABULARY_FACT) != vocabulary:
            await write(curation.retag, tag, vocabulary, self._update_index)
        version = index_tables.INDEX_VERSION
        if await read(read_fact, INDEX_FACT) != version:
            await write(self._rebuild_index, version)

    def enrichment_lock(self) -> AbstractContextManager[bool]:
        return self.database.try_lock("learning")

    async def pending_lookups(
        self, origin: MetadataProvider, limit: int, now: datetime
    ) -> PendingLookups:
        return await self._connections.read(store.list_pending, origin, limit, now)

    async def save_records(self, found: Mapping[str, Record], now: datetime) -> None:
        await self._connections.write(store.save_records, found, now, self._update_index)

    async def save_repositories(self, found: Mapping[str, str], now: datetime) -> None:
        await self._connections.write(store.save_repositories, found, now)

    async def save_failed_lookups(
        self, origin: MetadataProvider, failed: Sequence[FailedLookup], now: datetime
    ) -> None:
        await self._connections.write(store.save_failed_lookups, origin, failed, now)

    async def pending_vectors(self, model: str, limit: int) -> PendingVectors:
        def read(connection: Connection) -> PendingVectors:
            writer = self._index.IndexWriter(connection)
            numbers, total = vectors.list_pending(writer, model, limit)
            papers = queries.find_papers(ConnectionReader(connection), numbers)
            return PendingVectors(papers, total)

        return await self._connections.read(read)

    async def save_vectors(self, model: str, found: Mapping[int, tuple[str, bytes]]) -> None:
        def write(connection: Connection) -> None:
            papers = queries.find_papers(ConnectionReader(connection), list(found))
            vectors.save(self._index.IndexWriter(connection), model, found, papers)

        await self._connections.write(write)

    async def query_index(self, query: Callable[[SearchIndex], T]) -> T:
        return await self._reads.read(self._consult, query)

    async def _read(
        self, work: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what work reads at one moment, in the thread in which the index is asked."""
        return await self._reads.read(work, *args, **kwargs)

    async def _read_beside(
        self, work: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what work reads that takes long in a large archive: no look-up waits for it."""
        return await self._connections.read(
            lambda connection: work(ConnectionReader(connection), *args, **kwargs)
        )

    async def _read_long(
        self, work: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what work reads of much, beside what people ask."""
        return await self._long_reads.read(
            lambda connection: work(ConnectionReader(connection), *args, **kwargs)
        )

    def _consult(self, reader: DriverReader, query: Callable[[SearchIndex], T]) -> T:
        # After a connection that was lost there is another one.
        if self._search is None or self._search.reader is not reader:
            self._search = self._index.index_on(reader)
        return query(self._search)

    def _update_index(
        self, connection: Connection, loaded: LoadedPapers, gone: Sequence[int]
    ) -> None:
        """Keep the look-up index in step, in the transaction of the change."""
        writer = self._index.IndexWriter(connection)
        index_tables.remove_papers(writer, gone)
        index_tables.index_papers(writer, map(loaded.indexed_paper, loaded.versions))
        vectors.remove(writer, gone)
        vectors.remove_outdated(writer, map(loaded.paper, loaded.versions))

    def _rebuild_index(self, connection: Connection, version: str) -> None:
        # What another version wrote cannot be removed paper by paper.
        index_tables.clear(self._index.IndexWriter(connection))
        curation.rebuild_index(connection, version, self._update_index)
