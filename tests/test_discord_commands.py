"""Commands on Discord over real sockets: registered, completed, answered and shared."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.discord import render
from adapters.discord.gateway.command_registration import build_definitions
from adapters.discord.platform import Discord
from adapters.discord.render.command_mentions import mention_commands
from bot.commands.context import Context
from bot.model.access import Audience
from bot.model.card import Card, Paragraph, Run
from bot.model.channels import Target
from bot.model.subscriptions import Layout
from config import catalogues
from tests import discord_rules
from tests.discord_bot import (
    command,
    context,
    discord,
    find_control,
    is_private,
    option,
    run_service,
    server,
    visible_text,
)
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL, FORUM, Server

__all__ = ["context", "discord", "server"]

HERE, POSTS = Target("discord", GUILD, CHANNEL), Target("discord", GUILD, FORUM)


async def test_commands_are_registered_only_where_they_differ(
    server: Server, context: Context
) -> None:
    for _ in range(2):
        async with run_service(server, context):
            pass
    assert server.asked["PUT /applications/900/commands"] == 1
    assert server.commands[0]["name_localizations"] == {"ko": "논문"}
    names = {each["name"] for each in server.commands}
    assert {each["name"]: each["name_localizations"] for each in server.commands}["cite"] == {
        "ko": "인용"
    }
    assert names >= {"paper", "cite", "week", "tag", "find", "help", "digest", "Find this paper"}


def test_settings_with_few_values_are_native_choices_in_both_languages() -> None:
    (digest,) = [each for each in build_definitions(catalogues.load()) if each["name"] == "digest"]
    (subscribe,) = [each for each in digest["options"] if each["name"] == "subscribe"]
    choices = {each["name"]: each.get("choices") for each in subscribe["options"]}
    assert [each["value"] for each in choices["layout"]] == ["overview", "threads", "forum"]
    assert [each["name_localizations"]["ko"] for each in choices["language"]] == [
        "한국어", "영어", "한국어와 영어",
    ]  # fmt: skip
    assert choices["absence"]
    assert not [each for each in subscribe["options"] if {"choices", "autocomplete"} <= set(each)]


async def test_a_citation_is_a_block_of_code_for_the_asker_alone(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        cited = await server.interact(2, command("cite", option("name", "ringattention")))
        choices = await server.interact(
            4, command("cite", option("name", "ring", focused=True)), locale="ko"
        )
    assert is_private(cited)
    assert "```bibtex\n@misc{" in visible_text(cited)
    assert visible_text(cited).count("```") == 2
    assert "링 어텐션" in choices["data"]["choices"][0]["name"]


async def test_commands_are_answered_in_the_language_of_the_asker(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        english = await server.interact(2, command("paper", option("name", "ringattention")))
        korean = await server.interact(
            2, command("week", option("day", "2023-10-09")), locale="ko"
        )
        tags = await server.interact(2, command("tag", option("name", "llm")))
        nothing = await server.interact(2, command("paper", option("name", "xyzzy")))
        help_ = await server.interact(2, command("help"))
    assert "Ring Attention" in visible_text(english)
    assert not is_private(english)
    assert "10월" in visible_text(korean)
    assert is_private(tags)
    assert is_private(nothing)
    assert "No paper is called" in visible_text(nothing)
    assert "/paper" in visible_text(help_)


def _typed(name: str, value: str) -> dict[str, Any]:
    """Return what is told while an option of a digest is typed."""
    part = {"name": "subscribe", "type": 1, "options": [option(name, value, focused=True)]}
    return command("digest", part)


async def test_what_is_typed_is_completed(server: Server, context: Context) -> None:
    async with run_service(server, context):
        answer = await server.interact(4, command("paper", option("name", "ring", focused=True)))
        seoul = await server.interact(4, _typed("zone", "seoul"), locale="ko")
        friday = await server.interact(4, _typed("day", "금"), locale="ko")
        layouts = await server.interact(4, _typed("layout", ""))
    assert answer["type"] == 8
    assert "Ring Attention" in answer["data"]["choices"][0]["name"]
    assert seoul["data"]["choices"] == [{"name": "Asia/Seoul (서울)", "value": "Asia/Seoul"}]
    assert friday["data"]["choices"] == [{"name": "금요일", "value": "friday"}]
    assert [each["value"] for each in layouts["data"]["choices"]] == [
        "overview", "threads", "forum",
    ]  # fmt: skip


async def test_controls_work_after_a_restart_and_answers_can_be_shared(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        week = await server.interact(2, command("week", option("day", "2023-10-09")))
    menu = next(c for c in discord_rules.components(week["data"]) if c["type"] == 3)
    chosen = {"custom_id": menu["custom_id"], "component_type": 3}
    async with run_service(server, context):
        paper = await server.interact(3, chosen | {"values": [menu["options"][0]["value"]]})
        assert is_private(paper)
        share = {"custom_id": find_control(paper, "everyone"), "component_type": 2}
        shared = await server.interact(3, share)
        gone = await server.interact(3, {"custom_id": "paper id:9999", "component_type": 2})
    assert visible_text(shared) == visible_text(paper)
    assert not is_private(shared)
    assert is_private(gone)


async def test_a_message_is_searched_for_its_paper(server: Server, context: Context) -> None:
    text = "Has anybody read\nRing Attention\nhttps://example.org/nothing yet?"
    said = {"id": "8", "content": text, "embeds": []}
    data = {
        "id": "1", "name": "Find this paper", "type": 3, "target_id": "8",
        "resolved": {"messages": {"8": said}},
    }  # fmt: skip
    async with run_service(server, context):
        answer = await server.interact(2, data)
    assert "Ring Attention" in visible_text(answer)
    assert is_private(answer)


async def test_a_channel_has_answers_for_everyone_or_for_the_asker_alone(
    server: Server, context: Context
) -> None:
    name = f"discord:{GUILD}/{CHANNEL}"
    quiet = replace(context, audience=Audience(channels={name: frozenset({"help"})}))
    async with run_service(server, quiet):
        here = await server.interact(2, command("paper", option("name", "ringattention")))
        help_ = await server.interact(2, command("help"))
        forum = server.channels[FORUM]
        there = await server.interact(
            2, command("paper", option("name", "ringattention")), channel=forum
        )
    assert is_private(here)
    assert not is_private(help_)
    assert not is_private(there)


async def test_what_was_announced_to_everyone_and_found_nothing_is_for_the_asker_alone(
    server: Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.gateway.interactions._PATIENCE", 0)
    async with run_service(server, context):
        announced = [
            await server.interact(2, each)
            for each in (
                command("paper", option("name", "ringattention")),
                command("paper", option("name", "xyzzy")),
                command("tag", option("name", "llm")),
            )
        ]
        found, nothing, tag = [await server.settled(each) for each in announced]
    assert [each["type"] for each in announced] == [5, 5, 5]
    assert [is_private(each) for each in announced] == [False, False, True]
    assert [is_private(each) for each in (found, nothing, tag)] == [False, True, True]
    assert server.deleted == {announced[1]["token"]}
    assert "Ring Attention" in visible_text(found)
    assert "No paper is called" in visible_text(nothing)


async def test_a_digest_is_managed_by_those_who_may(server: Server, context: Context) -> None:
    wishes = [option("day", "monday"), option("time", "09:00"), option("zone", "Asia/Seoul")]
    subscribe = command("digest", {"name": "subscribe", "type": 1, "options": wishes})
    async with run_service(server, context):
        refused = await server.interact(2, subscribe)
        assert await context.ledger.subscriptions() == ()
        done = await server.interact(2, subscribe, roles=["77"])
        settings = command("digest", {"name": "settings", "type": 1, "options": []})
        form = await server.interact(2, settings, rights=str(1 << 4))
        answers = [{"type": 18, "component": {"type": 4, "custom_id": "day", "value": "friday"}}]
        sent = {"custom_id": form["data"]["custom_id"], "components": answers}
        changed = await server.interact(5, sent, rights=str(1 << 4))
    assert is_private(refused)
    assert "every Monday at 09:00" in visible_text(done)
    assert form["type"] == 9
    assert "options of /digest settings" in form["data"]["components"][-1]["description"]
    assert "every Friday at 09:00" in visible_text(changed)
    (kept,) = await context.ledger.subscriptions()
    assert kept.target == HERE
    assert kept.subscriber == "500"


async def test_a_digest_is_not_subscribed_where_it_could_not_be_posted(
    server: Server, context: Context
) -> None:
    def wish(layout: str) -> dict[str, Any]:
        options = [option("layout", layout)]
        return command("digest", {"name": "subscribe", "type": 1, "options": options})

    rights = str(1 << 4)
    async with run_service(server, context):
        forum = await server.interact(2, wish("forum"), rights=rights)
        place = server.channels[FORUM]
        threads = await server.interact(2, wish("threads"), rights=rights, channel=place)
        mute = await server.interact(2, wish("overview"), rights=rights, app_permissions="1024")
        assert await context.ledger.subscriptions() == ()
        await server.interact(2, wish("threads"), rights=rights)
        (kept,) = await context.ledger.subscriptions()
    assert "choose one of: overview, threads" in visible_text(forum)
    assert "choose one of: forum" in visible_text(threads)
    assert "Send Messages" in visible_text(mute)
    assert kept.layout is Layout.THREADS


async def test_help_and_hints_have_commands_that_open_with_a_click(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        help_ = await server.interact(2, command("help"))
        status = command("digest", {"name": "status", "type": 1, "options": []})
        hint = await server.settled(await server.interact(2, status))
    ids = {each["name"]: each["id"] for each in server.commands}
    assert f"</paper:{ids['paper']}> `NAME`" in str(help_)
    assert f"</about:{ids['about']}>" in str(help_)
    assert f"</digest subscribe:{ids['digest']}>" in str(hint)
    assert f"</digest:{ids['digest']}>" not in str(help_)  # it opens nothing by itself


def test_what_others_write_becomes_no_command() -> None:
    written = "`/paper x` \\`/paper y\\` ``/paper z`` ```\n`/paper q`\n```"
    (message,) = render.messages(Card("t", blocks=(Paragraph((Run(written),)),)))
    assert "</" not in str(mention_commands(message, {"paper": "1"}))


async def test_a_forum_gets_the_layout_forum_by_itself(server: Server, context: Context) -> None:
    subscribe = command("digest", {"name": "subscribe", "type": 1, "options": []})
    async with run_service(server, context):
        place = server.channels[FORUM]
        await server.settled(
            await server.interact(2, subscribe, rights=str(1 << 4), channel=place)
        )
    (kept,) = await context.ledger.subscriptions()
    assert kept.layout is Layout.FORUM


async def test_what_keeps_a_digest_from_its_channel_is_said_at_subscribing(
    server: Server, context: Context
) -> None:
    subscribe = command("digest", {"name": "subscribe", "type": 1, "options": []})
    async with run_service(server, context):
        lacking = await server.settled(await server.interact(2, subscribe, rights=str(1 << 4)))
        server.roles[0]["permissions"] = str(309237730304)
        able = await server.settled(await server.interact(2, subscribe, rights=str(1 << 4)))
    assert "Missing in this channel" in visible_text(lacking)
    assert "Create Public Threads" in visible_text(lacking)
    assert "Missing in this channel" not in visible_text(able)


async def test_roles_and_channels_are_picked_and_an_option_empties_them(
    server: Server, context: Context
) -> None:
    def wish(*options: dict[str, Any]) -> dict[str, Any]:
        return command("digest", {"name": "subscribe", "type": 1, "options": list(options)})

    role = {"name": "mention", "type": 8, "value": "1234567890123456789"}
    everyone = {"name": "mention", "type": 8, "value": GUILD}
    rights = str(1 << 4)
    async with run_service(server, context):
        refused = await server.interact(2, wish(everyone), rights=rights)
        await server.interact(2, wish(role), rights=rights)
        (picked,) = await context.ledger.subscriptions()
        await server.interact(2, wish(option("clear", "mention")), rights=rights)
        (emptied,) = await context.ledger.subscriptions()
    assert "Nothing was changed" in visible_text(refused)
    assert picked.mention == "1234567890123456789"
    assert emptied.mention == ""
    (digest,) = [each for each in server.commands if each["name"] == "digest"]
    (subscribe,) = [each for each in digest["options"] if each["name"] == "subscribe"]
    kinds = {each["name"]: each["type"] for each in subscribe["options"]}
    assert (kinds["mention"], kinds["admin"], kinds["day"]) == (8, 7, 3)
    (clear,) = [each for each in subscribe["options"] if each["name"] == "clear"]
    assert [each["value"] for each in clear["choices"]] == ["mention", "admin"]


async def test_a_channel_is_managed_by_a_member_of_its_own_server_with_the_right(
    server: Server, discord: Discord
) -> None:
    post, manage = (1 << 10) | (1 << 11), 1 << 4
    server.roles = [
        {"id": GUILD, "permissions": str(post)}, {"id": "55", "permissions": str(manage)},
    ]  # fmt: skip
    server.member_roles = {"2": ["55"], "3": ["77"]}
    owner, member, manager, trusted = "1", "4", "2", "3"
    here = [await discord.may_manage(HERE, each) for each in (owner, member, manager, trusted)]
    assert here == [True, False, True, True]
    assert not await discord.may_manage(replace(HERE, workspace="999"), manager)
    server.channels[CHANNEL]["permission_overwrites"] = [
        {"id": "900", "type": 1, "allow": "0", "deny": str(1 << 11)}
    ]
    assert not await discord.may_manage(HERE, manager)
