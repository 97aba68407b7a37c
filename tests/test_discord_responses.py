"""Responses to interactions on Discord: repeated while safe, deferred under load, never lost."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.commands.context import Context
from tests import samples
from tests.discord_bot import (
    command,
    context,
    find_control,
    is_private,
    option,
    run_service,
    server,
    visible_text,
)
from tests.discord_server import Server

pytestmark = pytest.mark.slow

__all__ = ["context", "server"]

PAPER = command("paper", option("name", "ringattention"))


def fail_first(server: Server, method: str, begins: str, *faults: str) -> None:
    """Let the first requests of a route fail."""
    left = list(faults)

    def pick(asked: str, path: str) -> str:
        return left.pop(0) if left and asked == method and path.startswith(begins) else ""

    server.pick_fault = pick


def long_paper() -> Any:
    issue = samples.issue()
    entry = issue.entries[0]
    text = " ".join(f"Sentence {number} of a long abstract." for number in range(600))
    paper = replace(entry.paper, abstracts={"en": text, "ko": text})
    return replace(issue, entries=(replace(entry, paper=paper),))


@pytest.mark.parametrize("fault", ["500", "503", "429", "dropped", "lost"])
async def test_a_callback_that_fails_is_sent_again(
    server: Server, context: Context, fault: str
) -> None:
    fail_first(server, "POST", "/interactions/", fault)
    async with run_service(server, context):
        answer = await server.interact(2, PAPER)
        callback = f"POST /interactions/{answer['token'][1:]}/{answer['token']}/callback"
        await server.wait_until(lambda: server.asked[callback] == 2)
    assert "Ring Attention" in visible_text(answer)


@pytest.mark.parametrize("fault", ["500", "503", "429", "dropped", "lost"])
async def test_a_deferred_reply_that_fails_is_sent_again(
    server: Server, context: Context, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.gateway.interactions._PATIENCE", 0)
    fail_first(server, "PATCH", "/webhooks/", fault)
    async with run_service(server, context):
        answer = await server.interact(2, PAPER)
        assert answer["type"] == 5
        shown = await server.settled(answer)
    assert "Ring Attention" in visible_text(shown)


def followed(server: Server, answer: dict[str, Any]) -> str:
    """Return what the messages after a first answer say."""
    return "\n".join(
        visible_text({"data": each}) for each in server.followed.get(answer["token"], [])
    )


@pytest.mark.parametrize("fault", ["503", "500", "429"])
async def test_every_message_of_a_long_reply_arrives(
    server: Server, context: Context, fault: str
) -> None:
    await context.archive.save([long_paper()])
    fail_first(server, "POST", "/webhooks/", fault, fault)
    async with run_service(server, context):
        found = await server.interact(2, command("paper", option("name", "ring attention")))
        abstract = find_control(found, "bstract")
        first = await server.interact(3, {"custom_id": abstract, "component_type": 2})
        await server.wait_until(lambda: "Sentence 599" in followed(server, first))
    said = " ".join(f"{visible_text(first)}\n{followed(server, first)}".split())
    for number in range(600):
        assert said.count(f"Sentence {number} of a long abstract.") == 1


async def test_what_discord_refuses_comes_as_plain_text(server: Server, context: Context) -> None:
    server.refuses_components = True
    async with run_service(server, context):
        shown = await server.interact(2, PAPER)
        private = await server.interact(2, command("help"))
    assert "Ring Attention" in shown["data"]["content"]
    assert is_private(private)
    assert "/paper" in private["data"]["content"]


async def test_a_command_that_fails_is_answered(server: Server, context: Context) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("a bug")

    async with run_service(server, replace(context, archive=Broken())):
        answer = await server.interact(2, PAPER)
    assert is_private(answer)
    assert "did not work" in visible_text(answer)


@pytest.mark.long
async def test_five_hundred_commands_at_once_are_all_answered(
    server: Server, context: Context
) -> None:
    server.validates = False
    async with run_service(server, context):
        answers = await asyncio.gather(*(server.interact(2, PAPER) for _ in range(500)))
        deferred = [each for each in answers if each["type"] == 5]
        await server.wait_until(lambda: all(each["token"] in server.followed for each in deferred))
    assert len(answers) == 500
    shown = [
        visible_text({"data": server.followed[each["token"]][0]} if each in deferred else each)
        for each in answers
    ]
    assert sum("Ring Attention" in text for text in shown) == 500
    assert len(deferred) > 400


TREND = command("trend", option("terms", "long-context"))


@pytest.mark.parametrize("look", ["components", "embeds"])
@pytest.mark.parametrize("patience", [60, 0])
async def test_a_chart_comes_with_its_description(
    server: Server, context: Context, look: str, patience: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.gateway.interactions._PATIENCE", patience)
    async with run_service(server, context, look=look):
        answer = await server.settled(await server.interact(2, TREND))

    (attached,) = answer["data"]["attachments"]
    assert attached["description"].startswith("Trend: #long-context.")
    assert server.files[attached["filename"]].startswith(b"\x89PNG")
    assert "2023-10" in visible_text(answer)


async def test_a_chart_that_discord_refuses_leaves_the_numbers(
    server: Server, context: Context
) -> None:
    server.refuses_components = True
    async with run_service(server, context):
        answer = await server.interact(2, TREND)

    assert "attachments" not in answer["data"]
    assert "2023-10" in answer["data"]["content"]


@pytest.mark.parametrize("fault", ["500", "429", "lost"])
async def test_a_chart_is_sent_again(server: Server, context: Context, fault: str) -> None:
    fail_first(server, "POST", "/interactions/", fault)
    async with run_service(server, context):
        answer = await server.interact(2, TREND)

    assert answer["data"]["attachments"]
