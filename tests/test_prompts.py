"""Questions under what begins a discussion: where they are wanted, and fitting."""

from dataclasses import replace

from bot.cards.locale import Locale
from bot.cards.prompts import GENERAL, SPECIFIC, prompt_for
from bot.commands.context import Context
from bot.model.papers import Paper
from config import catalogues, vocabulary
from tests import discord_bot, discord_rules, samples
from tests.discord_bot import command, find_control, option


def test_there_are_enough_of_them_in_both_languages_and_their_tags_exist() -> None:
    questions = [*GENERAL, *(each.question for each in SPECIFIC)]
    korean = Locale(catalogues.load(), "ko")
    assert len(set(questions)) == len(questions) >= 30
    assert all(each.endswith("?") for each in questions)
    assert all(korean.translate(each).endswith("까?") for each in questions)
    known = set(vocabulary.load())
    assert {tag for each in SPECIFIC for tag in each.tags} <= known


def test_a_paper_always_has_the_same_question_that_fits_its_tags() -> None:
    asked = [prompt_for(Paper(f"arxiv:2310.{n:05}", tags=("robotics",))) for n in range(300)]
    again = [prompt_for(Paper(f"arxiv:2310.{n:05}", tags=("robotics",))) for n in range(300)]
    fitting = {each.question for each in SPECIFIC if "robotics" in each.tags}
    assert asked == again
    assert fitting < set(asked) <= fitting | set(GENERAL)
    assert {prompt_for(Paper(f"arxiv:2310.{n:05}")) for n in range(300)} == set(GENERAL)


async def test_it_stands_under_the_opening_where_it_is_wanted(context: Context) -> None:
    await context.archive.save([samples.issue()])
    context = replace(context, platforms=frozenset({"discord"}), language="en", has_prompts=True)
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        shown = await server.interact(2, command("paper", option("name", "ring attention")))
        button = {"custom_id": find_control(shown, "Discuss"), "component_type": 2}
        await server.settled(await server.interact(3, button))
        (thread,) = server.threads
        opening = "\n".join(discord_rules.texts(server.messages[thread][0]))
    assert prompt_for(samples.RING) in opening
