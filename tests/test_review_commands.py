"""Curators decide about weeks with buttons and on the command line; who else tries is refused."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.console.platform import Chat
from bot.cli.exit import EXIT_FAILURE
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.commands.reviews import review_warnings
from bot.model.access import CuratorAccess
from bot.model.card import Button, Card
from bot.model.channels import Person, Target
from bot.model.curation import Attribution, CorrectText
from bot.model.papers import Issue
from bot.model.reports import CuratorChannel
from bot.model.review_rules import ReviewRules
from bot.model.reviews import EVERYWHERE, Review, ReviewState
from bot.model.subscriptions import Subscription
from bot.ports.conversation import Reply, Request
from tests import discord_bot, samples, slack_bot, slack_user
from tests.command_line import CommandLine
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL
from tests.discord_server import Server as DiscordServer
from tests.slack_server import Server as SlackServer
from tests.slack_user import SlackUser
from tests.slack_workspace import ADMIN, OTHER
from tests.slack_workspace import CHANNEL as SLACK_CHANNEL
from tests.waiting import wait_until

HERE = Target("fake", "T1", "curators")
MEMBER = Person("fake", "member", "en")
CURATOR = Person("fake", "curator", "en", may_curate=True)
MANAGER = Person("fake", "manager", "en", may_manage=True)


def this_weeks_issue() -> Issue:
    monday = datetime.now(UTC).date()
    monday -= timedelta(days=monday.weekday())
    return samples.issue(start=monday - timedelta(days=7))


@pytest.fixture
async def context(context: Context) -> Context:
    """Return an archive with a new week of a series that is reviewed."""
    await context.archive.save([this_weeks_issue()])
    return replace(
        context, platforms=frozenset({"fake", "discord", "slack"}), series=("dair",),
        review_rules=ReviewRules(frozenset({"dair"})),
        curators=CuratorAccess(frozenset({"discord:500"})),
    )  # fmt: skip


async def submit(context: Context) -> Review:
    await context.ledger.subscribe(
        Subscription(replace(HERE, channel="papers"), "dair", subscriber="admin"), context.now()
    )
    await context.reports.choose_curator_channel(CuratorChannel(HERE, "en"))
    found = await context.reviews.submit_weeks("dair", [this_weeks_issue().week], context.now())
    return next(each for each in found if each.place != EVERYWHERE)


async def ask(
    context: Context, name: str, argument: str = "", person: Person = CURATOR, /, **fields: str
) -> Reply:
    return await dispatch(context, Request(name, argument, person, HERE, fields=fields))


def said(reply: Reply) -> str:
    assert isinstance(reply.content, Card)
    return reply.content.title


async def test_curators_approve_hold_and_are_told_who_was_first(context: Context) -> None:
    review, week = await submit(context), str(this_weeks_issue().week)
    listed = (await ask(context, "curators", "reviews")).content
    assert isinstance(listed, Card)
    (button,) = listed.controls
    assert isinstance(button, Button)
    assert button.label == f"Show {week}"
    shown = (await ask(context, "show_review", str(review.id))).content
    assert isinstance(shown, Card)
    buttons = {each.label: each.action for each in shown.controls if isinstance(each, Button)}
    assert list(buttons) == ["Approve", "Edit a text", "Hold"]
    held = await ask(context, "hold_review", buttons["Hold"].argument)
    assert said(held) == f"{week} of DAIR.AI is held"
    late = await ask(context, "approve_review", buttons["Approve"].argument)
    assert late.is_refused
    assert said(late) == "Nothing was changed"
    now = await context.reviews.review(review.id)
    assert now
    assert (now.state, now.decided_by) == (ReviewState.HELD, "fake:curator")
    await ask(context, "approve_review", f"{review.id} held")
    assert said(await ask(context, "curators", "reviews")) == "No week waits for approval"


async def test_the_week_can_be_edited_from_its_message(context: Context) -> None:
    review = await submit(context)
    shown = (await ask(context, "show_review", str(review.id))).content
    assert isinstance(shown, Card)
    edit = next(
        each.action
        for each in shown.controls
        if isinstance(each, Button) and each.label == "Edit a text"
    )
    card = (await ask(context, edit.name, edit.argument)).content
    assert isinstance(card, Card)
    assert "Introduction" in [each.label for each in card.controls if isinstance(each, Button)]
    assert (await ask(context, edit.name, edit.argument, MEMBER)).is_refused


async def test_who_may_not_decide(context: Context) -> None:
    review = await submit(context)
    elsewhere = replace(HERE, workspace="T2")
    for name in ("approve_review", "hold_review", "show_review"):
        argument = f"{review.id} pending"
        assert said(await ask(context, name, argument, MEMBER)) == "Only curators may do that"
        forged = Request(name, argument, CURATOR, elsewhere, fields={})
        assert (await dispatch(context, forged)).is_refused
        for argument in ("", "x", "-1", "99 pending", "9" * 30):
            assert (await ask(context, name, argument)).is_refused
    assert (await ask(context, "curators", "reviews", MEMBER)).is_refused
    found = await context.reviews.review(review.id)
    assert found
    assert found.state is ReviewState.PENDING


async def test_no_manager_posts_a_week_that_waits(context: Context) -> None:
    review = await submit(context)
    papers = replace(HERE, channel="papers")
    now = Request("digest", "now", MANAGER, papers)
    refused = await dispatch(context, now)
    assert said(refused) == "Nothing was posted"
    await ask(context, "approve_review", f"{review.id} pending")
    assert "is on its way" in said(await dispatch(context, now))


async def test_operators_are_warned_where_no_curator_is_shown_weeks(context: Context) -> None:
    assert await review_warnings(context) == ()
    await context.ledger.subscribe(Subscription(HERE, "dair", subscriber="admin"), context.now())
    (warning,) = await review_warnings(context)
    assert "dair wait for approval (fake:T1), but no curators' channel is chosen" in warning
    assert "posted as not reviewed" in warning
    unknown = replace(context, review_rules=ReviewRules(frozenset({"diar"})))
    assert "names diar, which nothing fills" in (await review_warnings(unknown))[0]
    await context.reports.choose_curator_channel(CuratorChannel(HERE, "en"))
    assert await review_warnings(context) == ()


async def test_at_the_terminal_it_is_decided_for_all(context: Context) -> None:
    review = await submit(context)
    output = io.StringIO()
    chat = Chat(lambda request: dispatch(context, request), "en", output)
    for line in ("/curators reviews", "a", "a"):
        await chat.handle_line(line)
    assert "is approved" in output.getvalue(), output.getvalue()
    decided = await context.reviews.reviews_of("dair", review.week)
    assert {each.state for each in decided} == {ReviewState.APPROVED}
    assert len(decided) == 2


def test_the_command_line_lists_approves_and_holds(paperboy: CommandLine) -> None:
    week = this_weeks_issue().week
    environ = {"PAPERBOY_CURATION_REVIEW": '{"dair": "required"}'}
    code, listed, _ = paperboy("review", **environ)
    assert (code, listed) == (0, "No week waits for approval. Reviewed series: dair.\n")
    paperboy("add", str(week), "2310.01889", "--series", "dair", **environ)
    code, _, wrong = paperboy("review", "approve", "2001-W01", "--series", "dair", **environ)
    assert code == EXIT_FAILURE
    assert "waits for no approval" in wrong
    code, held, _ = paperboy("review", "hold", str(week), "--why", "Two mistakes.", **environ)
    assert (code, held) == (0, f"{week} of dair is held.\n")
    for words in (("review",), ("status",)):
        assert "held, by command line" in paperboy(*words, **environ)[1]
    assert "Two mistakes." in paperboy("review", **environ)[1]
    assert paperboy("review", "approve", "latest", "--series", "dair", **environ)[0] == 0
    code, _, again = paperboy("review", "approve", str(week), **environ)
    assert code == EXIT_FAILURE
    assert "It is approved already" in again


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with discord_bot.strict_server() as found:
        yield found


async def test_from_the_preview_to_the_posted_week_on_discord(
    discord: DiscordServer, context: Context
) -> None:
    curators = {"id": "8100", "type": 0, "guild_id": GUILD, "name": "curators"}
    discord.channels["8100"] = curators
    rights = {"rights": str(1 << 4), "channel": discord.channels[CHANNEL]}

    async def digest(word: str) -> str:
        sub: dict[str, Any] = {"name": word, "type": 1, "options": []}
        answer = await discord.interact(2, discord_bot.command("digest", sub), **rights)
        return discord_bot.visible_text(answer)

    async def click(word: str) -> str:
        (message,) = discord.messages["8100"]
        data = {
            "custom_id": discord_bot.find_control({"data": message}, word), "component_type": 2,
        }  # fmt: skip
        return discord_bot.visible_text(await discord.interact(3, data, channel=curators))

    async with discord_bot.run_bot(discord, context):
        await digest("subscribe")
        here = {"name": "here", "type": 1, "options": []}
        await discord.interact(2, discord_bot.command("curators", here), channel=curators)
        await wait_until(lambda: "waits for approval" in discord.text("8100"))
        assert "Ring Attention" in discord.text("8100")
        assert "waits for the approval of a curator" in await digest("now")
        assert "is held" in await click("Hold")
        await wait_until(lambda: "Held on" in discord.text("8100"))
        assert "is approved" in await click("Approve")
        await wait_until(lambda: "Approved on" in discord.text("8100"))
        assert "on its way" in await digest("now")
        await wait_until(lambda: bool(discord.messages.get(CHANNEL)))
    assert len(discord.messages["8100"]) == len(discord.messages[CHANNEL]) == 1


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_bot.strict_server() as found:
        yield found


async def test_from_the_preview_to_the_posted_week_on_slack(
    slack: SlackServer, context: Context
) -> None:
    talk = SlackUser(slack, slack.sockets)
    async with slack_bot.run_bot(slack, context, curators=(ADMIN,)):
        await slack.sockets.connected()
        await talk.slash("/digest subscribe language=ko", user=ADMIN)
        await talk.slash("/curators here", user=ADMIN, channel=OTHER)
        await wait_until(lambda: "Ring Attention" in slack.here.text(OTHER))
        (shown,) = slack.messages[OTHER]
        url = await talk.click(slack_user.find_control(shown, "Edit"), user=ADMIN, channel=OTHER)
        assert "Introduction" in str(await talk.wait_for_answer(url))
        (paper,) = await context.archive.papers([1])
        by = Attribution("slack:admin")
        await context.curation.curate(CorrectText(paper.key, "title", "ko", "고친 제목"), by)
        await wait_until(lambda: "고친 제목" in slack.here.text(OTHER))
        approve = slack_user.find_control(slack.messages[OTHER][0], "Approve")
        url = await talk.click(approve, user=ADMIN, channel=OTHER)
        assert "is approved" in slack_user.visible_text(await talk.wait_for_answer(url))
        await talk.slash("/digest now", user=ADMIN)
        await wait_until(lambda: "고친 제목" in slack.here.text(SLACK_CHANNEL))
    assert len(slack.messages[OTHER]) == len(slack.messages[SLACK_CHANNEL]) == 1
