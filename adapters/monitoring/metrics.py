"""Metrics for Prometheus: what is counted while the bot runs, and what a report says."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.model.delivery_reports import PlatformStats
from bot.ports.health import HealthReport, Outcome, PlatformHealth, SourceHealth

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds; platforms want a first answer within three."""


class Metrics:
    """The metrics of one bot; fulfils `bot.ports.health.RequestObserver`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.report: HealthReport | None = None
        """What the next scrape shows; None where none could be made."""
        self._answers = Histogram(
            "paperboy_command_seconds",
            "Time from a command or click until its answer is made, without sending it.",
            ("platform", "command", "outcome"),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._completions = Histogram(
            "paperboy_completion_seconds",
            "Time until completions of what is typed are found.",
            ("platform",),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._failures = Counter(
            "paperboy_report_failures",
            "Scrapes and readiness checks for which the state could not be read in time.",
            registry=self.registry,
        )
        self.registry.register(_ReportCollector(lambda: self.report))
        ProcessCollector(registry=self.registry)

    def answered(self, platform: str, command: str, outcome: Outcome, seconds: float) -> None:
        self._answers.labels(platform, command, outcome.value).observe(seconds)

    def completed(self, platform: str, seconds: float) -> None:
        self._completions.labels(platform).observe(seconds)

    def count_failure(self) -> None:
        """Count a report that could not be made."""
        self._failures.inc()


class _ReportCollector(Collector):
    """Turns the present report into metrics, at each scrape."""

    def __init__(self, report: Callable[[], HealthReport | None]) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        report = self._report()
        ready = GaugeMetricFamily("paperboy_ready", "Whether every check of /readyz is passed.")
        ready.add_metric((), float(report is not None and report.is_ready))
        yield ready
        if report is None:
            return
        yield _gauge(
            "paperboy_build_info", "The version that runs.", "version", [(report.version, 1)]
        )
        yield _gauge(
            "paperboy_check_ok",
            "Whether a check of /readyz is passed.",
            "check",
            [(each.name, each.is_ok) for each in report.checks],
        )
        yield _gauge(
            "paperboy_last_tick_timestamp_seconds",
            "When it was last decided what is due, in Unix time.",
            "",
            [("", at)] if (at := _unix(report.runtime.last_tick_at)) is not None else [],
        )
        yield from _platforms(report.runtime.platforms)
        yield from _deliveries(report.stats)
        yield from _sources(report.sources)


def _platforms(found: Sequence[PlatformHealth]) -> Iterator[Metric]:
    yield _gauge(
        "paperboy_platform_connected",
        "Whether a platform's commands arrive; missing for platforms without commands.",
        "platform",
        [(each.name, each.is_connected) for each in found if each.is_connected is not None],
    )
    yield _gauge(
        "paperboy_lease_held",
        "Whether this process is the one that posts on a platform.",
        "platform",
        [(each.name, each.has_lease) for each in found],
    )
    yield _counter(
        "paperboy_rate_limit_waits",
        "Requests that waited for their turn, since the start.",
        [(each.name, each.rate_limit_waits) for each in found],
    )
    yield _counter(
        "paperboy_rate_limit_wait_seconds",
        "How long requests waited for their turn, since the start.",
        [(each.name, each.rate_limit_wait_seconds) for each in found],
    )


def _deliveries(found: Sequence[PlatformStats]) -> Iterator[Metric]:
    gauges: dict[str, tuple[str, Callable[[PlatformStats], float]]] = {
        "paperboy_parts_owed": ("Messages still to be posted.", lambda each: each.owed),
        "paperboy_parts_late": ("Owed messages of digests an hour late.", lambda each: each.late),
        "paperboy_parts_overdue_seconds": (
            "How long the first owed message could have been sent already.",
            lambda each: each.overdue,
        ),
        "paperboy_parts_failed": ("Messages that were given up.", lambda each: each.failed),
        "paperboy_parts_unconfirmed": (
            "Those given up that may have been posted all the same.",
            lambda each: each.untold,
        ),
        "paperboy_delivery_lag_seconds": (
            "From when it was due until the newest message was posted.",
            lambda each: each.lag,
        ),
        "paperboy_delivery_worst_lag_seconds": (
            "The longest such time of the last week.",
            lambda each: each.worst_lag,
        ),
        "paperboy_platform_halted": (
            "Whether a platform refused the account, so that nothing is posted.",
            lambda each: bool(each.halted),
        ),
    }
    for name, (meaning, value) in gauges.items():
        yield _gauge(name, meaning, "platform", [(each.platform, value(each)) for each in found])
    yield _gauge(
        "paperboy_lease_age_seconds",
        "Since the program that posts gave a sign of life; missing where none posts.",
        "platform",
        [(each.platform, each.lease_age) for each in found if each.lease_age is not None],
    )
    yield _counter(
        "paperboy_parts_posted",
        "Messages posted, of all times.",
        [(each.platform, each.posted) for each in found],
    )
    yield _counter(
        "paperboy_part_retries",
        "Repeated attempts of messages that were posted, of all times.",
        [(each.platform, each.retried) for each in found],
    )


def _sources(found: Sequence[SourceHealth]) -> Iterator[Metric]:
    yield _gauge(
        "paperboy_source_last_success_timestamp_seconds",
        "When a source was last read as a whole, in Unix time; missing where it never was.",
        "source",
        [(each.name, at) for each in found if (at := _unix(each.succeeded_at)) is not None],
    )
    yield _gauge(
        "paperboy_source_failures",
        "Failed runs of a source in a row.",
        "source",
        [(each.name, each.failures) for each in found],
    )
    yield _gauge(
        "paperboy_source_alarms",
        "Alarms of a source, as its list shrank or changed its form.",
        "source",
        [(each.name, each.alarms) for each in found],
    )


def _gauge(
    name: str, meaning: str, label: str, values: Sequence[tuple[str, float]]
) -> GaugeMetricFamily:
    found = GaugeMetricFamily(name, meaning, labels=[label] if label else [])
    for labelled, value in values:
        found.add_metric([labelled] if label else [], float(value))
    return found


def _counter(name: str, meaning: str, values: Sequence[tuple[str, float]]) -> CounterMetricFamily:
    found = CounterMetricFamily(name, meaning, labels=["platform"])
    for labelled, value in values:
        found.add_metric([labelled], float(value))
    return found


def _unix(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
