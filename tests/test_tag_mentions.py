"""Roles and groups that admins chose for tags are mentioned, and nothing else is."""

from dataclasses import replace

import pytest

from bot.commands.context import Context
from bot.commands.service import command_service
from bot.model.channels import Person, Target
from bot.ports.conversation import Request
from tests import discord_bot, discord_rules, samples, slack_bot
from tests.discord_bot import command, option, visible_text
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL
from tests.fast_delivery import wait_until_sent
from tests.slack_user import SlackUser
from tests.slack_workspace import ADMIN
from tests.slack_workspace import CHANNEL as SLACK_CHANNEL

MANAGER = str(1 << 4)
ROBOTS, AGENTS, EVERYWHERE = "1234567890123456701", "1234567890123456702", "1234567890123456703"


@pytest.fixture
async def context(context: Context) -> Context:
    hostile = replace(samples.FIREACT, titles={"en": f"<@&{EVERYWHERE}> @everyone FireAct"})
    await context.archive.save([samples.issue([samples.RING, samples.UNISIM, hostile])])
    platforms = frozenset({"discord", "slack"})
    return replace(context, platforms=platforms, series=("dair",), language="en")


async def test_discord_mentions_the_roles_of_the_tags_of_a_digest(context: Context) -> None:
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):

        async def digest(name: str, *options: dict[str, object], rights: str = MANAGER) -> str:
            part = {"type": 1, "name": name, "options": list(options)}
            return visible_text(await server.interact(2, command("digest", part), rights=rights))

        def role(number: str) -> dict[str, object]:
            return {"name": "role", "type": 8, "value": number}

        await digest("subscribe", {"name": "mention", "type": 8, "value": AGENTS})
        refused = await digest("mention", option("tag", "robotics"), role(ROBOTS), rights="0")
        everyone = await digest("mention", option("tag", "robotics"), role(GUILD))
        unknown = await digest("mention", option("tag", "qqqqqq"), role(ROBOTS))
        nothing = await digest("mention")
        await digest("mention", option("tag", "robotics"), role(ROBOTS))
        await digest("mention", option("tag", "agents, fine-tuning"), role(AGENTS))
        changed = await digest("mention", option("tag", "medical"), role(EVERYWHERE))
        await digest("mention", option("tag", "agents"), option("clear", "role"))
        status = await digest("status")
        await digest("now")
        await wait_until_sent(context)
    assert "may not" in refused or "manage" in refused
    assert "Nothing was changed" in everyone
    assert "Nothing was changed" in unknown
    assert "/digest mention llm @readers" in nothing
    assert f"<@&{EVERYWHERE}> for \\#medical" in changed
    assert f"<@&{ROBOTS}> for \\#robotics" in status
    assert "\\#agents" not in status
    first, *others = server.messages[CHANNEL]
    assert first["allowed_mentions"] == {"parse": [], "roles": [AGENTS, ROBOTS]}
    assert next(discord_rules.texts(first)).startswith(f"<@&{AGENTS}> <@&{ROBOTS}>")
    assert not others


async def test_slack_mentions_the_groups_of_the_tags_of_a_digest(context: Context) -> None:
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, context):
        user = SlackUser(server, server.sockets)
        for words in ("subscribe language=en", "mention robotics <!subteam^S0ROBOTS1|@robots>",
                      "mention medical <!subteam^S0MEDICAL|@doctors>", "now"):  # fmt: skip
            await user.slash(f"/digest {words}", user=ADMIN)
        await wait_until_sent(context)
    (first,) = server.here.roots(SLACK_CHANNEL)
    assert first["blocks"][0]["text"] == {"type": "mrkdwn", "text": "<!subteam^S0ROBOTS1>"}


async def test_words_that_are_no_mention_change_nothing(context: Context) -> None:
    here = Target("slack", "T1", "C1")
    person = Person("slack", "U1", "en", may_manage=True)
    service = command_service(context)

    async def digest(words: str) -> str:
        return str((await service.answer(Request("digest", words, person, here))).content)

    assert "no digest" in await digest("mention llm <!subteam^S0ROBOTS1>")
    await digest("subscribe dair")
    for words in (
        "mention llm @robots",
        "mention llm <!channel>",
        "mention all <!subteam^S0A1B2>",
    ):
        assert "Nothing was changed" in await digest(words)
    await digest("mention llm agents <!subteam^S0ROBOTS1> dair")
    (kept,) = await context.ledger.subscriptions(here)
    assert kept.tag_mentions == (("llm", "S0ROBOTS1"), ("agents", "S0ROBOTS1"))
    await digest("mention llm, agents none")
    (kept,) = await context.ledger.subscriptions(here)
    assert kept.tag_mentions == ()
