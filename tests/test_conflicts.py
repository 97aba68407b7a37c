"""A source that changes a corrected text overwrites nothing: curators are asked, once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.cli.exit import EXIT_FAILURE
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.model.access import CuratorAccess
from bot.model.card import Button, Card, Form
from bot.model.channels import Person, Target
from bot.model.conflicts import Conflict, ConflictState
from bot.model.curation import CorrectIntroduction, CorrectLinks, CorrectText, Undo
from bot.model.papers import Link
from bot.model.reports import CuratorChannel
from bot.ports.archive import SeriesPreference
from bot.ports.conversation import Reply, Request
from bot.ports.translations import CheckedText, TranslationScope
from storage.store import ArchiveStore
from tests import discord_bot, samples, slack_bot, slack_user
from tests.command_line import CommandLine
from tests.curators import ADA
from tests.discord_gateway import GUILD
from tests.discord_server import Server as DiscordServer
from tests.slack_server import Server as SlackServer
from tests.slack_user import SlackUser
from tests.slack_workspace import ADMIN, OTHER
from tests.waiting import wait_until

ON_BOTH_DATABASES = True

HERE = Target("fake", "T1", "curators")
CURATOR = Person("fake", "curator", "en", may_curate=True)
RING = samples.RING.key
BEFORE = samples.RING.summaries["en"]
OURS = "Curators' own words."
THEIRS = "The source's new words."


@pytest.fixture
async def context(context: Context) -> Context:
    """Return an archive in which curators corrected a summary."""
    await context.archive.save([samples.issue()])
    await context.curation.curate(CorrectText(RING, "summary", "en", OURS), ADA)
    return replace(context, platforms=frozenset({"fake", "discord", "slack"}))


async def import_again(context: Context, summary: str = THEIRS, **more: Any) -> None:
    paper = replace(samples.RING, summaries={**samples.RING.summaries, "en": summary}, **more)
    await context.archive.save([samples.issue((paper, samples.UNISIM, samples.FIREACT))])


async def ask(
    context: Context, name: str, argument: str = "1", person: Person = CURATOR, **fields: str
) -> Reply:
    return await dispatch(context, Request(name, argument, person, HERE, fields=fields))


async def conflicts(context: Context) -> tuple[Conflict, ...]:
    return (await context.conflicts.open_conflicts(10, 0)).conflicts


async def summary(context: Context) -> str:
    (paper,) = await context.archive.papers([1])
    return paper.summaries["en"]


async def test_curators_are_asked_once_with_the_three_versions(context: Context) -> None:
    await context.reports.choose_curator_channel(CuratorChannel(HERE, "en"))
    for _ in range(3):
        await import_again(context)
    (found,) = await conflicts(context)
    assert (found.before, found.theirs, found.ours) == (BEFORE, THEIRS, OURS)
    assert await summary(context) == OURS
    owed = await context.ledger.next_parts("fake", context.now(), 9, None)
    assert [each.delivery.paper for each in owed] == [found.id]
    shown = (await ask(context, "show_conflict")).content
    assert isinstance(shown, Card)
    assert [each.label for each in shown.controls if isinstance(each, Button)] == [
        "Keep ours", "Take theirs", "Edit", "Open the paper",
    ]  # fmt: skip
    await import_again(context, "Newer words.")
    (newer,) = await conflicts(context)
    assert (newer.id, newer.before, newer.theirs) == (found.id, BEFORE, "Newer words.")


async def test_what_is_kept_is_not_asked_again(context: Context) -> None:
    await import_again(context)
    assert not (await ask(context, "keep_ours")).is_refused
    assert await summary(context) == OURS
    await import_again(context, BEFORE)
    assert await conflicts(context) == (), "curators corrected just that"
    await import_again(context)
    assert await conflicts(context) == (), "it had been decided, and the source came back to it"
    await import_again(context, "Other words.")
    assert [each.theirs for each in await conflicts(context)] == ["Other words."]


async def test_theirs_is_taken_and_undone(context: Context) -> None:
    await import_again(context)
    taken = await ask(context, "take_theirs")
    assert not taken.is_refused
    assert await summary(context) == THEIRS
    done = await context.conflicts.conflict(1)
    assert done
    assert (done.state, done.decided_by) == (ConflictState.TAKEN, "fake:curator")
    await context.curation.curate(Undo(done.edit), ADA)
    assert await summary(context) == OURS
    assert await conflicts(context) == ()


async def test_a_third_text_is_written(context: Context) -> None:
    await import_again(context)
    form = (await ask(context, "edit_conflict")).content
    assert isinstance(form, Form)
    assert form.fields[0].value == OURS
    await ask(context, "edit_conflict", text="Better than both.")
    assert await summary(context) == "Better than both."
    done = await context.conflicts.conflict(1)
    assert done
    assert done.state is ConflictState.EDITED


async def test_an_edit_elsewhere_settles_a_conflict_and_so_does_an_agreeing_source(
    context: Context,
) -> None:
    await import_again(context)
    await context.curation.curate(CorrectText(RING, "summary", "en", "Elsewhere."), ADA)
    assert await conflicts(context) == ()
    await import_again(context, "Newer words.")
    assert [each.ours for each in await conflicts(context)] == ["Elsewhere."]
    await import_again(context, "Elsewhere.")
    done = await context.conflicts.conflict(2)
    assert done
    assert done.state is ConflictState.SETTLED
    assert (await ask(context, "keep_ours", "2")).is_refused


async def test_links_conflict_and_tags_do_not(context: Context) -> None:
    own = (Link("code", "Code", "https://example.org/ours"),)
    await context.curation.curate(CorrectLinks(RING, own), ADA)
    theirs = (*samples.RING.links, Link("code", "Code", "https://example.org/theirs"))
    await import_again(context, BEFORE, links=theirs, tags=("other",))
    (found,) = await conflicts(context)
    assert found.field == "links"
    assert found.theirs.endswith("Code=https://example.org/theirs")
    await ask(context, "take_theirs", str(found.id))
    (paper,) = await context.archive.papers([1])
    assert paper.links[-1].url == "https://example.org/theirs"


async def test_an_introduction_conflicts_as_a_text_does(context: Context) -> None:
    week = samples.issue().week

    async def import_with(introduction: str) -> None:
        await context.archive.save([samples.issue(intros={"en": introduction})])

    async def shown() -> str:
        found = await context.archive.find_issue(
            week, context.today(), SeriesPreference(only="dair")
        )
        assert found.issue
        return found.issue.intros["en"]

    await import_with("A week of rings.")
    await context.curation.curate(CorrectIntroduction("dair", week, {"en": OURS}), ADA)
    await import_with("A week of chips.")
    await import_with("A week of chips.")
    (found,) = await conflicts(context)
    assert (found.before, found.theirs, found.ours) == (
        "A week of rings.", "A week of chips.", OURS,
    )  # fmt: skip
    assert await shown() == OURS
    card = (await ask(context, "show_conflict")).content
    assert isinstance(card, Card)
    assert "Introduction (English)" in card.title
    assert not (await ask(context, "take_theirs")).is_refused
    assert await shown() == "A week of chips."
    await context.curation.curate(CorrectIntroduction("dair", week, {"en": OURS}), ADA)
    await import_with("A week of robots.")
    assert not (await ask(context, "edit_conflict", "2", text="Of both.")).is_refused
    assert await shown() == "Of both."
    assert await conflicts(context) == ()


async def test_of_curators_at_once_one_decides_and_others_may_not(context: Context) -> None:
    await import_again(context)
    member = Person("fake", "member", "en")
    for name in ("keep_ours", "take_theirs", "edit_conflict", "show_conflict"):
        assert (await ask(context, name, person=member, text="mine")).is_refused
        for argument in ("", "x", "-1", "99", "9" * 30):
            assert (await ask(context, name, argument)).is_refused
    assert (await ask(context, "curators", "conflicts", member)).is_refused
    results = await asyncio.gather(
        *(ask(context, "keep_ours") for _ in range(3)),
        *(ask(context, "take_theirs") for _ in range(3)),
    )
    assert sum(not reply.is_refused for reply in results) == 1
    listed = (await ask(context, "curators", "conflicts")).content
    assert isinstance(listed, Card)
    assert listed.title == "No source contradicts a corrected text"


async def test_what_is_open_is_shown_in_a_new_channel(
    context: Context, store: ArchiveStore
) -> None:
    await import_again(context)
    await context.reports.choose_curator_channel(CuratorChannel(HERE, "ko"))
    owed = await context.ledger.next_parts("fake", context.now(), 9, None)
    assert len(owed) == 1


async def test_no_translation_takes_the_place_of_a_curators_text(context: Context) -> None:
    made = CheckedText("en", samples.UNISIM.titles["en"], "ko", "기계 번역", "", "model")
    scope = TranslationScope(("ko", "en"), newest=4)
    await context.curation.curate(CorrectText(samples.UNISIM.key, "title", "ko", "바른 제목"), ADA)
    (number,) = await context.archive.query_index(
        lambda index: index.find_by_keys((samples.UNISIM.key,))
    )
    wanted = await context.translations.pending_translations(scope, 50)
    (pending,) = [each for each in wanted if each.paper_id == number]
    assert "title" not in {text.field for text in pending.texts}
    await context.translations.save_translations(pending, [made], "recipe", context.now())
    (paper,) = await context.archive.papers([number])
    assert paper.titles["ko"] == "바른 제목"
    assert await conflicts(context) == ()


@pytest.mark.sqlite
def test_the_command_line_lists_keeps_and_takes(filled: CommandLine) -> None:
    filled("correct", "ring attention", "summary", "ko", "고친 요약.")
    bundle = filled("export", "--week", "2023-W41")[1]
    summary = filled("ask", "/paper ring attention")[1]
    assert "고친 요약." in summary
    changed = bundle.replace("고친 요약.", "출처의 새 요약.")
    filled("import", "-", given=changed)
    code, listed, _ = filled("conflicts")
    assert code == 0
    assert "the source now: 출처의 새 요약." in listed
    assert "corrected here: 고친 요약." in listed
    assert filled("conflicts", "take", "1")[0] == 0
    assert "출처의 새 요약." in filled("ask", "/paper ring attention")[1]
    code, _, wrong = filled("conflicts", "keep", "1")
    assert code == EXIT_FAILURE
    assert "decided already" in wrong
    assert filled("conflicts", "keep", "9")[0] == EXIT_FAILURE


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with discord_bot.strict_server() as found:
        yield found


@pytest.mark.sqlite
async def test_a_source_is_told_off_on_discord(discord: DiscordServer, context: Context) -> None:
    channel = {"id": "8100", "type": 0, "guild_id": GUILD, "name": "curators"}
    discord.channels["8100"] = channel
    place = Target("discord", GUILD, "8100")
    await context.reports.choose_curator_channel(CuratorChannel(place, "en"))
    context = replace(context, curators=CuratorAccess(frozenset({"discord:500"})))
    await import_again(context)
    async with discord_bot.run_bot(discord, context):
        await wait_until(lambda: bool(discord.messages.get("8100")))
        (shown,) = discord.messages["8100"]
        button = discord_bot.find_control({"data": shown}, "Keep ours")
        click = {"custom_id": button, "component_type": 2}
        said = discord_bot.visible_text(await discord.interact(3, click, channel=channel))
        assert "was kept on" in said
        await wait_until(lambda: "was kept on" in discord.text("8100"))
    assert len(discord.messages["8100"]) == 1


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_bot.strict_server() as found:
        yield found


@pytest.mark.sqlite
async def test_a_source_is_agreed_with_on_slack(slack: SlackServer, context: Context) -> None:
    talk = SlackUser(slack, slack.sockets)
    async with slack_bot.run_bot(slack, context, curators=(ADMIN,)):
        await slack.sockets.connected()
        await talk.slash("/curators here", user=ADMIN, channel=OTHER)
        await import_again(context)
        await wait_until(lambda: bool(slack.messages.get(OTHER)))
        (shown,) = slack.messages[OTHER]
        take = slack_user.find_control(shown, "Take theirs")
        url = await talk.click(take, user=ADMIN, channel=OTHER)
        said = slack_user.visible_text(await talk.wait_for_answer(url))
        assert "was taken over on" in said
        await wait_until(lambda: "was taken over on" in slack.here.text(OTHER))
    assert await summary(context) == THEIRS
    assert len(slack.messages[OTHER]) == 1
