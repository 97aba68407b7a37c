"""A source on a loopback host, and an archive that follows it."""

from datetime import date, datetime, timedelta

from adapters.http.client import HttpClient
from adapters.http.options import Options
from bot.commands.context import Context
from bot.lib.clock import SystemClock
from bot.model.weeks import Week
from bot.ports.archive import SeriesPreference
from bot.sources.crawlers.pages import CrawlTools, Source
from bot.sources.poll_interval import PollInterval
from bot.sources.sync import Synchronizer, SyncResult
from storage.store import ArchiveStore
from tests import dair_lists
from tests.web_server import WebServer


class FixedClock(SystemClock):
    """A clock that stands at a moment, or goes as the machine's."""

    def __init__(self, at: datetime | None) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at or super().now()


class SyncHarness:
    """A source and an archive; what the source holds is put there by tests."""

    def __init__(self, context: Context, site: WebServer, store: ArchiveStore) -> None:
        self.site = site
        self.context = context
        self.store = store
        self.weeks: dict[date, str] = {}
        self.source = Source("dair", "dair", "dair", url=site.url("/main/README.md"))
        self.web = self._new_web()
        self.said: list[str] = []

    async def sync(
        self, *, is_accepted: bool = False, version: str = "1", now: datetime | None = None
    ) -> SyncResult:
        """Sync once, as a program of a version at a moment does."""
        context, means = self.context, CrawlTools(self.web, version, FixedClock(now))
        brings = Synchronizer(
            context.archive, context.source_states, context.vocabulary, means, PollInterval()
        )
        return await brings.sync(self.source, self.said.append, is_accepted=is_accepted)

    @staticmethod
    def _new_web() -> HttpClient:
        return HttpClient(
            Options(private_hosts=frozenset({"127.0.0.1"}), interval=timedelta(), version="1")
        )

    async def wait(self) -> None:
        """Let a host that wanted to be left alone be asked again."""
        await self.web.close()
        self.web = self._new_web()

    def publish(self, *years: int) -> None:
        """Put the weeks where the list has them: in files of years, by the year of the start."""
        for number in years or sorted({start.year for start in self.weeks}):
            starts = sorted((s for s in self.weeks if s.year == number), reverse=True)
            text = dair_lists.year(number, [self.weeks[start] for start in starts])
            self.site.put(f"/main/years/{number}.md", text)
        starts_of = {
            n: [s for s in self.weeks if s.year == n] for n in {s.year for s in self.weeks}
        }
        self.site.put("/main/README.md", dair_lists.contents(starts_of))

    async def titles(self, start: date) -> list[str]:
        found = (
            await self.context.archive.find_issue(
                Week.of(start), start, SeriesPreference(only="dair")
            )
        ).issue
        return [e.paper.titles["en"] for e in found.entries] if found else []

    def count(self, table: str) -> int:
        engine = self.store.database.open_engine("test")
        with engine.connect() as connection:
            count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
        engine.dispose()
        return int(count)
