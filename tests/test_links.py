"""Addresses of papers that people paste: shown on both platforms, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.context import Context
from bot.enrichment.lookups import ArxivLookup
from bot.enrichment.unlisted import UnlistedPapers
from bot.model.access import Audience
from bot.ports.errors import TryLater
from tests import discord_bot, discord_rules, samples, slack_bot, slack_rules
from tests.arxiv_server import KnownPaper, MetadataServices
from tests.discord_bot import find_control, is_private, visible_text
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL
from tests.discord_server import Server as DiscordServer
from tests.slack_server import Server as SlackServer
from tests.slack_user import SlackUser, connect_user
from tests.slack_workspace import CHANNEL as SLACK_CHANNEL
from tests.test_enrichment import ARXIV, FakeWeb, Leaping
from tests.waiting import wait_until

RING = "https://arxiv.org/abs/2310.01889v2"
UNLISTED = "https://huggingface.co/papers/2401.00001"
HOSTILE = KnownPaper(
    "2401.00001",
    title="@everyone <!channel> [Free](https://evil.example) **bold**",
    abstract="Ping <@500> and <!here>. See <https://evil.example|arxiv.org>. A third sentence.",
)
PAPERS_HERE = "Papers in this message"


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    services = MetadataServices()
    services.hold(HOSTILE)
    unlisted = lookup(services, FakeWeb(services, Leaping()))
    return replace(
        context,
        platforms=frozenset({"discord", "slack"}),
        series=("dair",),
        language="en",
        unlisted=unlisted,
    )


def lookup(services: MetadataServices, web: FakeWeb) -> UnlistedPapers:
    return UnlistedPapers(ArxivLookup(web, ARXIV, web.clock), web.clock)


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with discord_bot.strict_server() as found:
        yield found


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_bot.strict_server() as found:
        yield found


async def papers_in(server: DiscordServer, text: str, **more: object) -> dict[str, object]:
    """Use the command of a message's menu."""
    message = {"id": "77", "content": text, "embeds": []}
    data = {
        "id": "2", "name": PAPERS_HERE, "type": 3, "target_id": "77",
        "resolved": {"messages": {"77": message}},
    }  # fmt: skip
    return await server.interact(2, data, **more)


async def test_papers_that_no_list_has_are_asked_for_in_batches_and_once() -> None:
    services = MetadataServices()
    services.hold(*(KnownPaper(f"2401.0000{n}") for n in range(1, 6)))
    web = FakeWeb(services, Leaping())
    finder = lookup(services, web)
    numbers = [f"2401.0000{n}" for n in (1, 2, 3, 4, 5, 1, 9)]
    found = await asyncio.gather(*map(finder.find, numbers))
    again = await asyncio.gather(*map(finder.find, numbers))
    assert [each and each.key for each in found] == [
        *(f"arxiv:{number}" for number in numbers[:-1]), None,
    ]  # fmt: skip
    assert again == found
    assert sum(map(len, services.asked)) == 6
    assert len(services.asked) <= 2


async def test_after_a_failure_arxiv_is_left_alone_for_a_while() -> None:
    services = MetadataServices()
    services.hold(KnownPaper("2401.00001"))
    web = FakeWeb(services, Leaping())
    web.faults = [TryLater(timedelta(seconds=90))]
    finder = lookup(services, web)
    for _ in range(3):
        with pytest.raises(TryLater):
            await finder.find("2401.00001")
    assert len(web.times) == 1
    web.clock.passed += 91
    assert await finder.find("2401.00001")


async def test_discord_shows_the_papers_of_a_message_on_request(
    discord: DiscordServer, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        one = await papers_in(discord, f"Look: {RING}, nice", locale="ko")
        both = await papers_in(discord, f"{RING} and {UNLISTED} and https://doi.org/10.1/none")
        none = await papers_in(discord, "https://example.org")
        data = {"custom_id": find_control(one, "토론"), "component_type": 2}
        await discord.settled(await discord.interact(3, data))
    assert "링 어텐션" in visible_text(one)
    assert "2023-W41" in visible_text(one)
    assert "Not in a weekly list" in visible_text(both)
    assert "No paper was found" in visible_text(none)
    assert all(map(is_private, (one, both, none)))
    assert len(discord.threads) == 1


async def test_where_a_channel_chose_it_everyone_sees_them_in_its_language(
    discord: DiscordServer, context: Context
) -> None:
    channel = f"discord:{GUILD}/{CHANNEL}"
    audience = Audience(channels={channel: frozenset({"links"})}, languages={channel: "ko"})
    async with discord_bot.run_bot(discord, replace(context, audience=audience)):
        shown = await papers_in(discord, RING, locale="en-US")
        none = await papers_in(discord, "https://example.org", locale="en-US")
    assert not is_private(shown)
    assert "Favourite" not in visible_text(shown)
    assert find_control(shown, "요약")
    assert is_private(none)
    assert "No paper was found" in visible_text(none)


async def test_discord_answers_pasted_addresses_where_an_admin_allowed_it(
    discord: DiscordServer, context: Context
) -> None:
    discord.may_read = True
    async with discord_bot.run_bot(discord, context, link_channels=(CHANNEL,)):
        said = await discord.reply(CHANNEL, f"Has anybody read {RING}? {UNLISTED}", times=3)
        await discord.reply("999", RING)
        await discord.reply(CHANNEL, f"Again {RING}")
        await discord.reply(CHANNEL, "Nothing https://example.org here")
        await wait_until(lambda: len(discord.messages[CHANNEL]) == 4)
        await discord.interact(2, discord_bot.command("help"))  # whatever came was handled
    answers = [each for each in discord.messages[CHANNEL] if "message_reference" in each]
    (answer,) = answers
    assert answer["message_reference"]["message_id"] == said
    assert answer["allowed_mentions"] == {"parse": [], "replied_user": False}
    text = "\n".join(discord_rules.texts(answer))
    assert "Not in a weekly list" in text
    assert "](https://evil.example)" not in text
    assert discord.asked["POST /channels/999/messages"] == 0


async def test_without_the_intent_everything_else_goes_on_and_doctor_says_what_is_needed(
    discord: DiscordServer, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    async with discord_bot.run_bot(discord, context, link_channels=(GUILD,)) as platform:
        await discord.reply(CHANNEL, RING)
        shown = await papers_in(discord, RING)
        problems = await platform.diagnose()
        discord.may_read = True
        assert await platform.diagnose() == ()
    assert "Ring Attention" in visible_text(shown)
    assert "Message Content Intent" in problems[0]
    assert "Message content refused" in caplog.text
    assert len(discord.messages[CHANNEL]) == 1


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_slack_shows_papers_under_their_addresses(
    slack: SlackServer, context: Context, mode: str
) -> None:
    model = "https://huggingface.co/some/model"
    async with connect_user(slack, context, mode) as user:
        for _ in range(2):
            await user.share(f"{RING} {UNLISTED} {model}", RING, UNLISTED, model, event="Ev1")
        await user.share(
            "x", RING, event="Ev2", unfurl_id="C1.2", source="composer", channel="COMPOSER"
        )
        await wait_until(lambda: len(slack.here.unfurls) == 2)
    first = next(each for each in slack.here.unfurls if "ts" in each)
    other = next(each for each in slack.here.unfurls if "unfurl_id" in each)
    assert set(first["unfurls"]) == {RING, UNLISTED}
    ring, unlisted = (json.dumps(first["unfurls"][url]) for url in (RING, UNLISTED))
    assert "2023-W41" in ring
    assert "Not in a weekly list" in unlisted
    assert "A third sentence" not in unlisted
    assert "mrkdwn" not in unlisted
    assert '"user' not in unlisted
    assert other["source"] == "composer"
    assert "Discuss" not in json.dumps(other)


async def test_a_thread_begins_under_the_message_with_the_address(
    slack: SlackServer, context: Context
) -> None:
    async with slack_bot.run_bot(slack, context):
        user = SlackUser(slack, slack.sockets)
        await slack.sockets.connected()
        ts = await user.share(f"Read {RING}", RING)
        await wait_until(lambda: bool(slack.here.unfurls))
        blocks = slack.here.unfurls[0]["unfurls"][RING]
        element = next(
            each for each in slack_rules.elements(blocks) if each["action_id"] == "discuss"
        )
        url = await user.click(dict(element), unfurl=ts)
        await user.wait_for_answer(url)
    assert [each["ts"] for each in slack.here.roots(SLACK_CHANNEL)] == [ts]
    assert len(slack.here.replies(SLACK_CHANNEL, ts)) == 1
