"""The whole way of a digest over real sockets: a program, a database, a receiver that fails."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bot_process import CROWD, THREADS, BotProcess, DeliveryScenario, is_all_sent, prepare
from tests.crash_scenarios import Outcome, compare_deliveries
from tests.platform_servers import LoopbackWebhook
from tests.request_stages import RequestStage
from tests.waiting import GUARD, wait_until
from tests.webhook_receiver import (
    BROKEN,
    HALF,
    LOST,
    Fault,
    Rate,
    ReceivedRequest,
    Rules,
    WebhookReceiver,
    random_faults,
)

pytestmark = pytest.mark.long


SLOW = Fault(delay=1.2, accepts=True)
"""Accepted, and answered only after the request's timeout."""


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver() as opened:
        yield opened


def program_for(receiver: WebhookReceiver, path: Path, scene: DeliveryScenario) -> BotProcess:
    """Return a program that posts to a receiver."""
    return BotProcess(path, LoopbackWebhook(receiver, scene).environment(), scene)


def seen_by(receiver: WebhookReceiver, path: Path, scene: DeliveryScenario) -> Outcome:
    """Return what readers saw."""
    return compare_deliveries(LoopbackWebhook(receiver, scene), path, scene)


async def delivered(receiver: WebhookReceiver, path: Path, scene: DeliveryScenario) -> BotProcess:
    """Run the program until everything is posted, and check what readers see."""
    await prepare(scene, path)
    program = program_for(receiver, path, scene)
    await program.start()
    assert await program.deliver_all()
    assert await program.stop() == 0, program.log
    assert seen_by(receiver, path, scene).is_right, program.log
    return program


@pytest.mark.parametrize(
    "fault",
    [
        LOST, HALF, BROKEN, SLOW, Fault(500), Fault(500, accepts=True), Fault(502, accepts=True),
        Fault(503), Fault(503, "0.3"), Fault(429, "0.1"), Fault(429, "0.7"),
        Fault(408, accepts=True),
    ],
    ids=str,
)  # fmt: skip
async def test_a_digest_survives_a_fault(
    fault: Fault, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    receiver.faults = random_faults(7, {fault: 0.3})
    await delivered(receiver, tmp_path / "archive.sqlite3", THREADS)


async def test_a_crowd_survives_all_faults_at_once(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    faults = (LOST, HALF, BROKEN, Fault(500), Fault(502, accepts=True), Fault(429, "0.2"))
    receiver.faults = random_faults(11, dict.fromkeys(faults, 0.04))
    await delivered(receiver, tmp_path / "archive.sqlite3", CROWD)


async def test_a_receiver_with_a_lower_rate_than_ours_gets_everything(tmp_path: Path) -> None:
    # That our own rate is kept is tested in virtual time, and measured in benchmarks/delivery.
    scene = DeliveryScenario(channels=10, layout=CROWD.layout, per_second=500)
    async with WebhookReceiver(Rules(overall=Rate(50, 1.0))) as receiver:
        await delivered(receiver, tmp_path / "archive.sqlite3", scene)


async def test_a_receiver_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite3"
    await prepare(THREADS, path)
    async with WebhookReceiver() as receiver:
        pass  # its port is known now, and nothing listens there
    program = program_for(receiver, path, THREADS)
    await program.start()
    await wait_until(lambda: "cannot be reached" in _errors(path))
    async with receiver:
        assert await program.deliver_all()
        assert await program.stop() == 0
    assert seen_by(receiver, path, THREADS).is_right


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_channel_that_is_closed_to_us_is_asked_once(
    status: int, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    path = tmp_path / "archive.sqlite3"
    scene = DeliveryScenario(channels=2)
    receiver.faults = lambda arrival: Fault(status) if arrival.channel == "c00" else None
    await prepare(scene, path)
    program = program_for(receiver, path, scene)
    await program.start()
    await wait_until(lambda: bool(_paused(path)) and len(receiver.in_channel("c01")) == 1)
    assert await program.stop() == 0
    assert len([a for a in receiver.arrivals if a.channel == "c00"]) == 1
    assert str(status) in _paused(path)[0]


async def test_a_wrong_secret_ends_the_program_with_a_sentence(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    path = tmp_path / "archive.sqlite3"
    receiver.faults = lambda _: Fault(401)
    await prepare(CROWD, path)
    program = program_for(receiver, path, CROWD)
    await program.start()
    await wait_until(lambda: not program.is_running())
    assert await program.stop() == 2
    assert "give both sides the same secret" in program.log
    assert "Traceback" not in program.log
    assert len(receiver.arrivals) <= 24  # what was under way already


async def test_two_programs_on_one_database_never_post_twice(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    path = tmp_path / "archive.sqlite3"
    await prepare(CROWD, path)
    programs = [program_for(receiver, path, CROWD) for _ in range(2)]
    for program in programs:
        await program.start()
    # The program that posts first is ended in the middle; the other one goes on.
    await wait_until(lambda: len(receiver.ledger) > 40)
    programs[0].send(signal.SIGKILL)
    assert await programs[1].deliver_all()
    assert await programs[1].stop() == 0
    await programs[0].stop()
    assert seen_by(receiver, path, CROWD).is_right, seen_by(receiver, path, CROWD)


async def test_a_program_that_was_frozen_beyond_its_lease_posts_nothing_twice(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    path = tmp_path / "archive.sqlite3"
    await prepare(CROWD, path)
    first, second = (
        program_for(receiver, path, CROWD),
        program_for(receiver, path, CROWD),
    )
    await first.start()
    await wait_until(lambda: len(receiver.ledger) > 20)
    with closing(sqlite3.connect(path, timeout=GUARD, isolation_level=None)) as other:
        # Not in the middle of a commit, or the other program could not write before it goes on.
        other.execute("BEGIN IMMEDIATE")
        await first.freeze()
        other.execute("ROLLBACK")
    await second.start()
    assert await second.deliver_all()
    first.send(signal.SIGCONT)
    assert await second.stop() == 0
    assert await first.stop() == 0
    assert seen_by(receiver, path, CROWD).is_right, seen_by(receiver, path, CROWD)


async def test_a_locked_database_loses_nothing(receiver: WebhookReceiver, tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite3"
    await prepare(CROWD, path)
    program = program_for(receiver, path, CROWD)
    await program.start()
    await wait_until(lambda: len(receiver.ledger) > 20)
    with closing(sqlite3.connect(path, timeout=GUARD, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # Its commits fail, and it has to hold what it knows.
        await program.wait_for_log("locked")
        other.execute("ROLLBACK")
    assert await program.deliver_all()
    assert await program.stop() == 0
    assert seen_by(receiver, path, CROWD).is_right, program.log


async def test_a_stop_in_the_middle_leaves_nothing_in_doubt(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    path = tmp_path / "archive.sqlite3"
    scene = replace(CROWD, request_timeout=GUARD)  # nothing is in doubt for a busy machine's sake
    await prepare(scene, path)
    program = program_for(receiver, path, scene)

    async def stop_at_30(point: RequestStage) -> None:
        if point is RequestStage.ACCEPTED and len(receiver.ledger) == 30:
            program.send(signal.SIGTERM)

    receiver.hold = stop_at_30
    await program.start()
    await wait_until(lambda: not program.is_running())
    assert await program.stop() == 0
    assert not is_all_sent(path, scene)
    with closing(sqlite3.connect(path)) as connection:
        (doubt,) = connection.execute(
            "SELECT count(*) FROM parts WHERE state = 'sending'"
        ).fetchone()
    assert doubt == 0
    again = program_for(receiver, path, scene)
    await again.start()
    assert await again.deliver_all()
    assert await again.stop() == 0
    assert not [a for a in receiver.arrivals if a.method == "GET" and a.key != "check"
                and not a.key.startswith("thread:")]  # fmt: skip
    assert seen_by(receiver, path, scene).is_right, seen_by(receiver, path, scene)


async def test_what_lands_late_but_in_time_is_not_repeated(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    is_asked_for = asyncio.Event()

    async def land_when_asked_for(point: RequestStage) -> None:
        if point is RequestStage.ARRIVED:
            await is_asked_for.wait()

    def answer_later(arrival: ReceivedRequest) -> Fault | None:
        if arrival.method == "POST" or arrival.key == "check" or is_asked_for.is_set():
            return None
        is_asked_for.set()
        return Fault(503)

    receiver.hold, receiver.faults = land_when_asked_for, answer_later
    await delivered(receiver, tmp_path / "archive.sqlite3", DeliveryScenario())


def _errors(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return " ".join(row[0] for row in connection.execute("SELECT error FROM parts"))


def _paused(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT pause_reason FROM subscriptions WHERE is_paused")
        return [row[0] for row in rows]
