"""What everyone in a channel sees is in the channel's language, the rest in the person's own."""

from dataclasses import replace

from bot.commands.context import Context
from bot.model.access import Audience
from tests import discord_bot, samples
from tests.discord_bot import command, find_control, is_private, option, visible_text
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL


async def test_a_channel_has_the_language_of_its_digest_or_of_the_settings(
    context: Context,
) -> None:
    await context.archive.save([samples.issue()])
    context = replace(context, platforms=frozenset({"discord"}), series=("dair",))
    paper = command("paper", option("name", "ring attention"))
    async with (
        discord_bot.strict_server() as server,
        discord_bot.run_bot(server, context),
    ):
        before = await server.interact(2, paper)
        subscribe = {"type": 1, "name": "subscribe", "options": [option("language", "ko")]}
        await server.interact(2, command("digest", subscribe), rights=str(1 << 4))
        public = await server.interact(2, paper)
        missed = await server.interact(2, command("paper", option("name", "zzzz qqqq")))
        private = await server.interact(2, command("find", option("words", "ring")))
        share = {"custom_id": find_control(private, "Show to everyone"), "component_type": 2}
        shared = await server.interact(3, share)
        # The language that one person chose for a card is not that of everyone.
        english = {"custom_id": find_control(public, "English"), "component_type": 2}
        chosen = await server.interact(3, english)
        share = {"custom_id": find_control(chosen, "everyone"), "component_type": 2}
        all_see = await server.interact(3, share)
    assert "Spreads long sequences" in visible_text(before)
    assert "긴 글을 여러 장치에" in visible_text(public)
    assert not is_private(public)
    assert is_private(missed)
    assert "No paper is called" in visible_text(missed)
    assert "passage" in visible_text(private) or is_private(private)
    assert "링 어텐션" in visible_text(shared)
    assert not is_private(shared)
    assert "Spreads long sequences" in visible_text(chosen)
    assert "긴 글을 여러 장치에" in visible_text(all_see)
    named = Audience(languages={f"discord:{GUILD}/{CHANNEL}": "both"})
    context = replace(context, audience=named)
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        both = await server.interact(2, paper)
    assert "긴 글을 여러 장치에" in visible_text(both)
    assert "Spreads long sequences" in visible_text(both)
