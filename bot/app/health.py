"""Reports how a running bot is, and serves the report where the settings ask for it."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

from bot.app.ingestion import enabled_sources
from bot.commands.context import Context
from bot.model.delivery_reports import PlatformStats
from bot.ports.errors import StorageUnavailable
from bot.ports.health import Check, HealthReport, PlatformHealth, RuntimeHealth, SourceHealth
from bot.runtime import Runtime
from config.settings import Settings

_SILENT_TICKS, _LEAST_SILENCE = 5, timedelta(minutes=1)
"""After how many intervals, and how long at least, a timer that does not tick counts as dead."""
_SILENT_LEASES = 3
"""After how many times its length a lease without a sign of life counts as no one's."""
_OVERDUE_SYNC = timedelta(hours=1)
"""How long after its time a sync counts as not coming any more."""
_STATS_AGE = timedelta(seconds=30)
"""How old counts of the database may be: each takes a look at every message ever posted."""


class MonitoringUnavailable(Exception):
    """The endpoint cannot be served; the message says why and what to do."""


@asynccontextmanager
async def monitored(
    settings: Settings, context: Context, runtime: Runtime, *, serves: bool
) -> AsyncIterator[None]:
    """Serve health and metrics as long as the context lasts, where the settings ask for it.

    `serves` tells whether there is a platform, so that the timer has to tick. Raises
    MonitoringUnavailable where the port cannot be used.
    """
    wanted = settings.monitoring
    async with AsyncExitStack() as stack:
        if wanted.enabled:
            # Nothing of it is loaded where it is off, as it is by default.
            from adapters.monitoring.metrics import Metrics  # noqa: PLC0415
            from adapters.monitoring.server import serve  # noqa: PLC0415

            metrics = Metrics()
            runtime.observer = metrics
            reporter = Reporter(settings, context, runtime.health, serves=serves)
            serving = serve(wanted.host, wanted.port, metrics, reporter.report)
            try:
                await stack.enter_async_context(serving)
            except OSError as error:
                raise MonitoringUnavailable(
                    f"Health and metrics cannot be served at {wanted.host}:{wanted.port}: "
                    f"{error.strerror or error}. Choose another port: PAPERBOY_MONITORING_PORT."
                ) from error
        yield


class Reporter:
    """Makes reports of one running bot."""

    def __init__(
        self,
        settings: Settings,
        context: Context,
        runtime: Callable[[], RuntimeHealth],
        *,
        serves: bool,
    ) -> None:
        self._settings = settings
        self._context = context
        self._runtime = runtime
        self._serves = serves
        self._stats: tuple[PlatformStats, ...] = ()
        self._counted_at: datetime | None = None

    async def report(self) -> HealthReport:
        """Return how the bot is now; a database that cannot be read is a check that fails."""
        now, runtime = self._context.now(), self._runtime()
        sources: tuple[SourceHealth, ...] = ()
        try:
            sources = await self._read_sources()
            await self._count(now)
            checks = [Check("database", is_ok=True, detail="can be read")]
        except StorageUnavailable as error:
            checks = [Check("database", is_ok=False, detail=str(error))]
        platforms = runtime.platforms
        checks += [_connection(each) for each in platforms if each.is_connected is not None]
        if self._serves:
            checks += [self._lease(each) for each in platforms]
            checks.append(self._tick(runtime.last_tick_at, now))
        if sources:
            checks.append(_sync(sources, now))
        return HealthReport(self._context.version, tuple(checks), runtime, self._stats, sources)

    async def _read_sources(self) -> tuple[SourceHealth, ...]:
        """Return how the sources are; where none is to be asked, only see that one could read."""
        found = []
        wanted = enabled_sources(self._settings) if self._settings.sync.enabled else ()
        for source in wanted:
            state = await self._context.source_states.get(source.name)
            found.append(
                SourceHealth(
                    source.name, state.succeeded_at, state.next_at, state.failures,
                    len(state.alarms),
                )
            )  # fmt: skip
        if not wanted:
            await self._context.source_states.get("")
        return tuple(found)

    async def _count(self, now: datetime) -> None:
        if self._counted_at is None or not timedelta() <= now - self._counted_at < _STATS_AGE:
            self._stats = await self._context.ledger.platform_stats(now)
            self._counted_at = now

    def _lease(self, platform: PlatformHealth) -> Check:
        name = f"lease:{platform.name}"
        if platform.has_lease:
            return Check(name, is_ok=True, detail="this process posts")
        stats = next((each for each in self._stats if each.platform == platform.name), None)
        if stats and stats.halted:
            return Check(name, is_ok=False, detail=f"stopped: {stats.halted}")
        longest = _SILENT_LEASES * self._settings.delivery.lease_seconds
        if stats and stats.lease_age is not None and stats.lease_age < longest:
            return Check(name, is_ok=True, detail="another process posts")
        return Check(name, is_ok=False, detail="no process posts")

    def _tick(self, last: datetime | None, now: datetime) -> Check:
        if last is None:
            return Check("tick", is_ok=False, detail="none since the start")
        interval = timedelta(seconds=self._settings.delivery.tick_seconds)
        is_ok = now - last <= max(_SILENT_TICKS * interval, _LEAST_SILENCE)
        return Check("tick", is_ok, _at(last))


def _connection(platform: PlatformHealth) -> Check:
    is_connected = bool(platform.is_connected)
    detail = "connected" if is_connected else "no connection"
    return Check(f"connection:{platform.name}", is_connected, detail)


def _sync(sources: Sequence[SourceHealth], now: datetime) -> Check:
    """Return whether sources are asked; that one does not answer is no fault of this process."""
    is_ok = all(not each.next_at or now - each.next_at < _OVERDUE_SYNC for each in sources)
    return Check("sync", is_ok, "; ".join(_sync_details(sources)))


def _sync_details(sources: Sequence[SourceHealth]) -> Iterator[str]:
    for each in sources:
        last = f"last success {_at(each.succeeded_at)}" if each.succeeded_at else "no success yet"
        failures = f", {each.failures} failures in a row" if each.failures else ""
        alarms = f", {each.alarms} alarms" if each.alarms else ""
        yield f"{each.name}: {last}{failures}{alarms}"


def _at(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
