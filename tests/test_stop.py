"""SIGTERM ends the program soon, whatever it is doing, and nothing is lost or doubled by it."""

import asyncio
import json
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.app.archive import import_sample
from bot.commands.context import Context
from bot.delivery import outbox
from bot.model.channels import Person, Target
from bot.ports.conversation import CommandService, Reply, Request
from bot.runtime import Runtime
from storage.sqlite_errors import explain
from tests import dair_lists, fork_server
from tests.bot_process import THREADS, BotProcess, DeliveryScenario, prepare
from tests.command_line import CommandLine
from tests.fakes import FakePlatform
from tests.fast_delivery import TIMING
from tests.platform_servers import LoopbackWebhook
from tests.request_stages import RequestStage
from tests.waiting import wait_for, wait_until
from tests.webhook_receiver import WebhookReceiver

PATIENT = replace(THREADS, request_timeout=3600.0)
"""A program that would wait an hour for the answer to a request."""


def test_a_stop_is_shorter_than_supervisors_wait() -> None:
    """Docker and Kubernetes have 10 and 30 seconds unless they are told otherwise."""
    assert outbox.STOP_SECONDS < 10


@pytest.mark.long
async def test_a_delivery_whose_answer_does_not_come_is_cut_off_and_not_repeated(
    tmp_path: Path,
) -> None:
    path, hanging = tmp_path / "archive.sqlite3", asyncio.Event()
    await prepare(PATIENT, path)

    async def hold(point: RequestStage) -> None:
        if point is RequestStage.ACCEPTED and not hanging.is_set():
            hanging.set()
            await asyncio.Event().wait()  # it is there, and its answer never comes

    async with WebhookReceiver() as receiver:
        receiver.hold = hold
        first = _program(receiver, path, PATIENT)
        await first.start()
        await wait_for(hanging.wait())
        assert await wait_for(first.stop()) == 0
        assert '"Stopped with parts in doubt"' in first.log
        assert '"Stopped"' in first.log

        second = _program(receiver, path, THREADS)
        await second.start()
        assert await second.deliver_all()
        assert await second.stop() == 0
        assert receiver.duplicates() == []


@pytest.mark.long
async def test_a_sync_whose_source_does_not_answer_is_left(tmp_path: Path) -> None:
    path, asked = tmp_path / "archive.sqlite3", asyncio.Event()
    await prepare(THREADS, path)

    async def never(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            writer.close()

    site = await asyncio.start_server(never, "127.0.0.1", 0)
    port = site.sockets[0].getsockname()[1]
    async with WebhookReceiver() as receiver:
        program = _program(
            receiver, path, THREADS, PAPERBOY_SYNC_ENABLED="true",
            PAPERBOY_SOURCES_DAIR=json.dumps({"url": f"http://127.0.0.1:{port}/README.md"}),
            PAPERBOY_WEB_PRIVATE_HOSTS='["127.0.0.1"]',
        )  # fmt: skip
        await program.start()
        await wait_for(asked.wait())
        assert await wait_for(program.stop()) == 0
        assert '"Stopped"' in program.log
    site.close()


class Slow(FakePlatform):
    """A platform on which one question after another is asked, for ever."""

    def __init__(self) -> None:
        super().__init__("fake")
        self.has_asked = asyncio.Event()

    async def serve(self, service: CommandService) -> None:
        request = Request("paper", "attention", Person("fake", "1"), Target("fake", "", "c"))
        answering = asyncio.create_task(_for_ever(service, request))
        try:
            self.has_asked.set()
            await answering
        finally:
            answering.cancel()


async def _for_ever(service: CommandService, request: Request) -> Reply:
    while True:
        await service.answer(request)


async def test_answers_that_are_being_made_hold_up_no_stop(context: Context) -> None:
    await import_sample(context)
    platform, stop = Slow(), asyncio.Event()
    work = asyncio.create_task(Runtime(context, TIMING, timedelta(hours=1)).run([platform], stop))
    await wait_for(platform.has_asked.wait())
    stop.set()
    await wait_for(work)


@pytest.mark.long
async def test_an_import_that_is_ended_has_stored_whole_lists_or_nothing(tmp_path: Path) -> None:
    program = CommandLine(tmp_path)
    starts = [date(2026, 1, 5) + timedelta(weeks=number) for number in range(40)]
    text = dair_lists.year(2026, [dair_lists.week(start) for start in starts])
    (tmp_path / "list.md").write_text(text, encoding="utf-8")
    words = ["import", str(tmp_path / "list.md")]
    running = fork_server.start(words, program.environ(), 0, 1, 2)
    ended = asyncio.create_task(asyncio.to_thread(running.wait))
    await wait_until(lambda: program.database.exists() or ended.done())
    running.send(signal.SIGTERM)
    await wait_for(ended)

    assert program.child("status")[0] == 0  # it makes the tables where it was ended before
    assert program.child("check")[0] == 0
    with closing(sqlite3.connect(program.database)) as connection:
        (weeks,) = connection.execute("SELECT count(*) FROM issues").fetchone()
    assert weeks in (0, len(starts))


def test_a_home_that_cannot_be_written_gets_advice(paperboy: CommandLine) -> None:
    code, _, beside = paperboy("status", PAPERBOY_DATABASE_URL="/proc/nothing/archive.sqlite3")

    assert code == 2
    assert beside.startswith("/proc/nothing/archive.sqlite3 cannot be made: No such file")
    assert "PAPERBOY_DATABASE_URL, such as /srv/paperboy/paperboy.sqlite3." in beside
    error = sqlite3.OperationalError("attempt to write a readonly database")
    said = explain(Path("/a"), error)
    assert "check who owns it" in said
    assert "PAPERBOY_DATABASE_URL" in said


def _program(
    receiver: WebhookReceiver, path: Path, scene: DeliveryScenario, **environ: str
) -> BotProcess:
    return BotProcess(path, LoopbackWebhook(receiver, scene).environment() | environ, scene)
