"""The endpoint that tells how the bot is: alive, ready, and metrics that dashboards name."""

import asyncio
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from adapters.monitoring import server
from adapters.monitoring.client import NoAnswer, ask, read_metrics
from adapters.monitoring.metrics import Metrics
from bot.app.archive import import_sample
from bot.app.health import Reporter
from bot.app.platforms import settings_type
from bot.commands.context import Context
from bot.model.channels import Person, Target
from bot.model.delivery_reports import PlatformStats
from bot.model.subscriptions import Subscription
from bot.ports.conversation import CommandService, Request
from bot.ports.errors import RefusalScope, Refused
from bot.ports.health import (
    Check,
    HealthReport,
    Outcome,
    PlatformHealth,
    RuntimeHealth,
    SourceHealth,
)
from bot.ports.platform import ConnectionState
from bot.ports.source_state import SourceState
from bot.runtime import Runtime
from tests.command_line import CommandLine
from tests.fakes import FakePlatform
from tests.fast_delivery import TIMING
from tests.waiting import GUARD, wait_until

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "monitoring"
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
HOST = "127.0.0.1"
FULL = HealthReport(
    "1.2.3",
    (Check("database", is_ok=True, detail="can be read"),),
    RuntimeHealth(NOW, (PlatformHealth("slack", is_connected=True, has_lease=True,
                                       rate_limit_waits=3, rate_limit_wait_seconds=1.5),)),
    (PlatformStats("slack", owed=4, posted=9, retried=1, failed=2, untold=1, lag=3.5,
                   worst_lag=60.0, late=1, overdue=7.0, lease_age=2.0),),
    (SourceHealth("dair", NOW, NOW, 0, 0),),
)  # fmt: skip
"""A report in which nothing is missing."""


class Connected(FakePlatform):
    """A platform that says whether it is connected."""

    def __init__(self, name: str = "fake") -> None:
        super().__init__(name)
        self.is_connected = True
        self.service: CommandService | None = None
        self.refusal: Refused | None = None

    async def serve(self, service: CommandService) -> None:
        self.service = service
        if self.refusal:
            raise self.refusal
        await asyncio.Event().wait()

    def connection_state(self) -> ConnectionState:
        return ConnectionState(self.is_connected, 2, 0.5)


class Bot:
    """A bot that runs and is watched."""

    def __init__(self, context: Context, platform: Connected, port: int, runtime: Runtime) -> None:
        self.context = context
        self.platform = platform
        self.port = port
        self.runtime = runtime

    async def get(self, path: str) -> tuple[bool, str]:
        return await asyncio.to_thread(ask, HOST, self.port, path)

    async def checks(self) -> dict[str, bool]:
        """Return the checks of /readyz, which answers 200 where all are passed."""
        is_success, text = await self.get("/readyz")
        found = {name: each["ok"] for name, each in json.loads(text)["checks"].items()}
        assert is_success == json.loads(text)["ready"] == all(found.values())
        return found

    async def ask(self, name: str, argument: str = "") -> None:
        assert self.platform.service
        request = Request(name, argument, Person("fake", "1"), Target("fake", "", "c"))
        await self.platform.service.answer(request)

    async def metrics(self) -> dict[str, float]:
        """Return the samples with their labels, as they are written."""
        _, text = await self.get("/metrics")
        return {
            line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if not line.startswith("#")
        }


@asynccontextmanager
async def running(context: Context, *, posts: bool = True) -> AsyncIterator[Bot]:
    platform, stop, metrics = Connected(), asyncio.Event(), Metrics()
    timing = replace(TIMING, lease=timedelta(minutes=10))  # not lost on a busy machine
    runtime = Runtime(context, timing, timedelta(seconds=0.05))
    runtime.observer = metrics
    reporter = Reporter(settings_type()(), context, runtime.health, serves=True)
    async with server.serve(HOST, 0, metrics, reporter.report) as port:
        work = asyncio.create_task(runtime.run([platform], stop))
        bot = Bot(context, platform, port, runtime)
        try:
            await wait_until(lambda: platform.service and runtime.health().last_tick_at)
            await wait_until(lambda: runtime.health().platforms[0].has_lease == posts)
            yield bot
        finally:
            stop.set()
            await asyncio.gather(work, return_exceptions=True)


async def test_a_bot_that_does_its_work_is_alive_and_ready(context: Context) -> None:
    async with running(context) as bot:
        assert await bot.get("/healthz") == (True, "ok\n")
        assert await bot.checks() == {
            "database": True, "connection:fake": True, "lease:fake": True, "tick": True
        }  # fmt: skip


async def test_a_sync_that_does_not_come_makes_it_not_ready_and_one_that_fails_does_not(
    context: Context,
) -> None:
    settings = settings_type()()
    asked = settings.model_copy(
        update={"sync": settings.sync.model_copy(update={"enabled": True})}
    )
    runtime = Runtime(context, TIMING, timedelta(hours=1))
    reporter = Reporter(asked, context, runtime.health, serves=False)
    now = context.now()

    for late, is_ok in ((timedelta(minutes=5), True), (timedelta(hours=2), False)):
        state = SourceState("dair", next_at=now - late, failures=3, failure="gone")
        await context.source_states.save(state, ())
        (check,) = [each for each in (await reporter.report()).checks if each.name == "sync"]
        assert check.is_ok == is_ok
        assert check.detail == "dair: no success yet, 3 failures in a row"


async def test_a_lost_connection_makes_it_not_ready_but_alive(context: Context) -> None:
    async with running(context) as bot:
        bot.platform.is_connected = False

        checks = await bot.checks()

        assert (checks["connection:fake"], checks["lease:fake"]) == (False, True)
        assert (await bot.get("/healthz"))[0]
        assert (await bot.metrics())['paperboy_platform_connected{platform="fake"}'] == 0


async def test_a_second_process_is_ready_though_another_one_posts(context: Context) -> None:
    async with running(context) as first:
        assert (await first.checks())["lease:fake"]
        async with running(context, posts=False) as second:
            assert (await second.metrics())['paperboy_lease_held{platform="fake"}'] == 0
            assert (await second.checks())["lease:fake"]


async def test_a_refused_account_is_told(context: Context) -> None:
    platform, other = Connected("refused"), Connected()
    platform.refusal = Refused("the token is wrong.", RefusalScope.ACCOUNT)
    stop = asyncio.Event()
    runtime = Runtime(context, TIMING, timedelta(hours=1))
    work = asyncio.create_task(runtime.run([platform, other], stop))
    await wait_until(lambda: other.service)

    async def halted() -> bool:
        stats = await context.ledger.platform_stats(context.now())
        return any(each.halted for each in stats)

    async with asyncio.timeout(GUARD):
        while not await halted():  # noqa: ASYNC110 - it is written in the database
            await asyncio.sleep(0.01)
    report = await Reporter(settings_type()(), context, runtime.health, serves=True).report()
    stop.set()
    await work

    (check,) = [each for each in report.checks if each.name == "lease:refused"]
    assert (check.is_ok, check.detail) == (False, "stopped: the token is wrong.")


async def test_a_loop_that_stands_still_is_not_alive(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_PATIENCE", 0.05)
    found: list[tuple[bool, str]] = []
    answered = threading.Event()

    def look(port: int) -> None:
        found.extend(ask(HOST, port, path) for path in ("/healthz", "/readyz"))
        answered.set()

    async with running(context) as bot:
        asking = threading.Thread(target=look, args=(bot.port,))
        asking.start()
        assert answered.wait(GUARD)  # the event loop stands still meanwhile
        asking.join()

        # What asks now has to be answered, however busy the machine is.
        monkeypatch.setattr(server, "_PATIENCE", GUARD)
        assert [is_success for is_success, _ in found] == [False, False]
        assert found[0][1] == "The bot stands still.\n"
        assert (await bot.metrics())["paperboy_report_failures_total"] == 1


async def test_commands_are_counted_by_name_and_outcome(context: Context) -> None:
    await import_sample(context)
    async with running(context) as bot:
        await bot.ask("paper", "ringattention")
        await bot.ask("논문", "ringattention")
        await bot.ask("hack'em\n", "")
        assert bot.platform.service
        await bot.platform.service.complete("paper", "ring", "en")

        found = await bot.metrics()

    name = 'paperboy_command_seconds_count{command="%s",outcome="answered",platform="fake"}'
    assert (found[name % "paper"], found[name % "unknown"]) == (2, 1)
    assert found['paperboy_completion_seconds_count{platform="fake"}'] == 1
    assert found['paperboy_rate_limit_waits_total{platform="fake"}'] >= 2


async def test_messages_owed_and_posted_are_counted(context: Context) -> None:
    await import_sample(context)
    now = context.now()
    wanted = Subscription(Target("fake", "", "c"), "sample", weekday=now.weekday(),
                          at=time(now.hour, now.minute))  # fmt: skip
    await context.ledger.subscribe(wanted, now - timedelta(days=8))
    async with running(context) as bot:
        await wait_until(lambda: bot.platform.posted)
        reporter = Reporter(settings_type()(), context, bot.runtime.health, serves=True)
        async with asyncio.timeout(GUARD):
            while not (await reporter.report()).stats[0].posted:
                reporter = Reporter(settings_type()(), context, bot.runtime.health, serves=True)

        (stats,) = (await reporter.report()).stats

    assert (stats.late, stats.failed, stats.lease_age is not None) == (0, 0, True)


async def test_what_else_is_asked_gets_a_short_answer(context: Context) -> None:
    async with running(context) as bot:

        def say(method: str, path: str) -> int:
            with closing(HTTPConnection(HOST, bot.port, timeout=GUARD)) as connection:
                connection.request(method, path)
                return connection.getresponse().status

        assert await asyncio.to_thread(say, "GET", "/") == 404
        assert await asyncio.to_thread(say, "POST", "/healthz") == 405
        assert await asyncio.to_thread(say, "HEAD", "/readyz") == 200


def test_where_no_bot_answers_it_is_said() -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
    with pytest.raises(NoAnswer, match="Connection refused"):
        read_metrics(HOST, port)


async def exposition() -> str:
    """Return all metrics, each with a value."""
    metrics = Metrics()
    for outcome in Outcome:
        metrics.answered("slack", "paper", outcome, 0.1)
    metrics.completed("slack", 0.1)

    async def report() -> HealthReport:
        return FULL

    async with server.serve(HOST, 0, metrics, report) as port:
        return (await asyncio.to_thread(ask, HOST, port, "/metrics"))[1]


def named(text: str) -> set[str]:
    return set(re.findall(r"\b(?:paperboy|process)_[a-z_]+(?!\w|.*: #)", text))


def documents() -> Iterator[tuple[str, str]]:
    """Yield the expressions of the dashboard and of the alert rules, by what they are for."""
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text("utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for rule in yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]:
        yield rule["alert"], rule["expr"]


async def test_every_metric_that_a_dashboard_or_an_alert_names_exists() -> None:
    families = list(text_string_to_metric_families(await exposition()))
    samples = {sample.name for family in families for sample in family.samples}
    labels = {
        (sample.name, label)
        for family in families
        for sample in family.samples
        for label in sample.labels
    }

    for title, expression in documents():
        names = named(expression)
        assert names, title
        assert names <= samples, title
        for label in re.findall(r"\bby \(([^)]+)\)", expression):
            for each in set(label.replace(" ", "").split(",")) - {"instance"}:
                assert any((name, each) in labels for name in names), (title, each)


async def test_every_metric_is_explained_to_operators_and_shown() -> None:
    families = text_string_to_metric_families(await exposition())
    ours = {each.name for each in families if each.name.startswith("paperboy_")}
    operators = (ROOT / "docs" / "operators.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `(paperboy_[a-z_]+)`", operators, re.MULTILINE))
    shown = " ".join(expression for _, expression in documents())

    assert {re.sub("_(total|created)$", "", each) for each in listed} == {
        re.sub("_(total|created)$", "", each) for each in ours
    }
    assert not {each for each in ours if re.sub("_(total|created)$", "", each) not in shown}


def test_it_is_off_and_loopback_unless_it_is_wanted() -> None:
    found = settings_type()().monitoring

    assert (found.enabled, found.host) == (False, HOST)


def test_health_without_a_bot_says_so(paperboy: CommandLine) -> None:
    code, _, beside = paperboy("health", "--ready")
    assert (code, "PAPERBOY_MONITORING_ENABLED=true" in beside) == (2, True)

    code, _, beside = paperboy("health")
    assert (code, beside) == (2, "No bot posts on this database.\n")

    on = {"PAPERBOY_MONITORING_ENABLED": "true", "PAPERBOY_MONITORING_PORT": "9"}
    code, _, beside = paperboy("health", **on)
    assert (code, beside) == (2, "No bot answers at 127.0.0.1:9: Connection refused.\n")
