"""What Slack refuses to a whole workspace is told once, and goes on once it is mended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.slack.api.errors import NOT_INSTALLED, SCOPE_MISSING
from bot.commands.context import Context
from bot.delivery.recovery import Recovery
from bot.lib.clock import SystemClock
from bot.model.channels import Person, Target
from bot.model.subscriptions import Subscription
from bot.ports.conversation import CommandService, Request
from storage.secrets.vault import EncryptedSecretStore
from storage.sqlite import SqliteDatabase
from tests import samples
from tests.command_line import CommandLine
from tests.slack_bot import platform, run_bot, strict_server
from tests.slack_server import Server
from tests.slack_workspace import ADMIN, CHANNEL, OTHER, TEAM
from tests.test_installations import KEY, SETTINGS, installed
from tests.waiting import GUARD

HERE, THERE = Target("slack", TEAM, CHANNEL), Target("slack", TEAM, OTHER)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as found:
        yield found


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"slack"}), series=("dair",))


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.recovery.INTERVAL", timedelta(seconds=0.1))


async def say(desk: CommandService, words: str, target: Target) -> None:
    person = Person("slack", ADMIN, "en", may_manage=True)
    reply = await desk.answer(Request("digest", words, person, target))
    assert not reply.is_refused


async def until(context: Context, holds: Callable[[tuple[Subscription, ...]], bool]) -> None:
    async with asyncio.timeout(GUARD):
        while not holds(await context.ledger.subscriptions()):  # noqa: ASYNC110 - the ledger signals nothing
            await asyncio.sleep(0.02)


async def test_a_channel_goes_on_once_the_bot_is_invited_back(
    server: Server, context: Context
) -> None:
    server.here.channels[CHANNEL]["is_member"] = False
    async with run_bot(server, context) as desk:
        await say(desk, "subscribe", HERE)
        await say(desk, "now", HERE)
        await until(context, lambda found: found[0].is_paused)
        assert server.messages.get(CHANNEL) is None
        server.here.channels[CHANNEL]["is_member"] = True
        await server.wait_until(lambda: "Ring Attention" in server.here.text(CHANNEL))
    (kept,) = await context.ledger.subscriptions()
    assert not kept.is_paused


async def test_a_missing_scope_is_told_once_and_every_channel_goes_on(
    server: Server, context: Context
) -> None:
    faults = iter(["missing_scope"])
    server.pick_fault = lambda method: next(faults, "") if method == "chat.postMessage" else ""
    lacking = server.here.scopes - {"groups:history"}
    every, server.here.scopes = server.here.scopes, lacking
    async with run_bot(server, context) as desk:
        for target in (HERE, THERE):
            await say(desk, "subscribe", target)
        await say(desk, "now", HERE)
        await until(context, lambda found: all(each.is_paused for each in found))
        found = await context.ledger.subscriptions()
        assert {each.pause_reason for each in found} == {SCOPE_MISSING}
        await server.wait_until(lambda: bool(server.messages.get("D0002")))
        server.here.scopes = every
        await server.wait_until(lambda: "Ring Attention" in server.here.text(CHANNEL))
        await until(context, lambda found: not any(each.is_paused for each in found))
    assert len(server.messages["D0002"]) == 1


async def test_an_installation_that_comes_back_resumes_its_channels(
    server: Server, context: Context, tmp_path: Path
) -> None:
    path = tmp_path / "vault.sqlite3"
    SqliteDatabase(path).prepare()
    vault = EncryptedSecretStore.open(path, "slack", [KEY])
    slack = platform(server, **SETTINGS)
    slack.use_secret_store(vault)
    kept = await context.ledger.subscribe(Subscription(HERE, "dair"), context.now())
    other = await context.ledger.subscribe(
        Subscription(replace(HERE, workspace="T0009"), "dair"), context.now()
    )
    await context.ledger.set_paused(other.id, context.now(), paused=True)
    recovery = Recovery("slack", slack, context.ledger, SystemClock())
    ledger = context.ledger
    await ledger.pause_workspace(HERE, NOT_INSTALLED, context.now())
    await recovery.resume_recovered()
    assert {each.id for each in await ledger.subscriptions() if each.is_paused} == {
        kept.id,
        other.id,
    }
    await installed(server, vault, expires_in=30_000)
    await recovery.resume_recovered()
    assert {each.id for each in await ledger.subscriptions() if each.is_paused} == {other.id}
    await slack.close()


def test_an_operator_resumes_all_that_was_refused(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    assert line("subscriptions", "resume")[0] == 2
    assert line("subscriptions", "resume", "slack:T1/C1", "--all")[0] == 2
    code, said, _ = line("subscriptions", "resume", "--all")
    assert (code, said) == (0, "Resumed: 0.\n")
