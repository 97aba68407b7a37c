"""Members report mistakes, and curators decide, on every platform and at the terminal."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.console.platform import Chat
from bot.cards.text_differences import mark_differences
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.model.access import CuratorAccess
from bot.model.card import Card, Form, Style
from bot.model.channels import Person, Target
from bot.model.curation import Attribution
from bot.model.reports import NewReport, ReportState
from bot.ports.conversation import Reply, Request
from bot.ports.curation import CurationRefused
from tests import discord_bot, samples, slack_bot, slack_user
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL
from tests.discord_server import Server as DiscordServer
from tests.fast_delivery import wait_until_sent
from tests.slack_server import Server as SlackServer
from tests.slack_user import SlackUser
from tests.slack_workspace import ADMIN, OTHER, READER
from tests.slack_workspace import CHANNEL as SLACK_CHANNEL
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

HERE = Target("fake", "T1", "papers")
MEMBER = Person("fake", "member", "en")
CURATOR = Person("fake", "curator", "en", may_curate=True)
BETTER = "Spreads long sequences over a ring of machines. Memory stops being the limit."


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(
        context, platforms=frozenset({"fake", "discord", "slack"}), series=("dair",),
        curators=CuratorAccess(banned=frozenset({"fake:troll"}), reports_per_hour=3),
    )  # fmt: skip


async def ask(
    context: Context, name: str, argument: str = "", person: Person = MEMBER, **fields: str
) -> Reply:
    return await dispatch(context, Request(name, argument, person, HERE, fields=fields))


def said(reply: Reply) -> str:
    assert isinstance(reply.content, Card)
    return reply.content.title


async def report(context: Context, person: Person = MEMBER, **more: str) -> Reply:
    wishes = {"text": "summary/en", "wrong": "They are machines.", "better": BETTER, **more}
    return await ask(context, "report", "id:1", person, **wishes)


async def summary(context: Context) -> str:
    (paper,) = await context.archive.papers([1])
    return paper.summaries["en"]


async def test_the_form_offers_the_texts_that_the_paper_has(context: Context) -> None:
    form = (await ask(context, "report", "ring attention")).content
    assert isinstance(form, Form)
    assert [option.value for option in form.fields[0].options] == [
        "title/ko", "title/en", "summary/ko", "summary/en", "abstract/en", "tags", "links",
        "other",
    ]  # fmt: skip
    week = (await ask(context, "report", "2023-W41 dair")).content
    assert isinstance(week, Form)
    assert [option.label[:2] for option in week.fields[0].options] == ["1.", "2.", "3."]
    reply = await ask(
        context, "report", "2023-W41 dair", paper="id:2", text="other", wrong="It is odd."
    )
    assert said(reply) == "Thank you for the report"


async def test_an_accepted_report_corrects_the_text_and_can_be_undone(context: Context) -> None:
    assert said(await report(context)) == "Thank you for the report"
    before = await summary(context)
    assert said(await ask(context, "accept_report", "1", CURATOR)) == "The correction is made"
    assert await summary(context) == BETTER
    decided = await context.reports.report(1)
    assert decided
    assert (decided.state, decided.decided_by) == (ReportState.ACCEPTED, "fake:curator")
    again = await ask(context, "dismiss_report", "1", CURATOR, reason="no")
    assert again.is_refused
    await ask(context, "undo_edit", str(decided.edit), CURATOR)
    assert await summary(context) == before


async def test_a_curator_words_it_otherwise_or_dismisses_it(context: Context) -> None:
    await report(context, better="")
    form = (await ask(context, "accept_report", "1", CURATOR)).content
    assert isinstance(form, Form), "nothing was proposed"
    assert form.fields[0].value == samples.RING.summaries["en"]
    await ask(context, form.action.name, form.action.argument, CURATOR, text="My own words.")
    assert await summary(context) == "My own words."
    await report(context, text="links", better="")
    await ask(context, "accept_report", "2", CURATOR, text="Code=https://example.org/code")
    (paper,) = await context.archive.papers([1])
    assert [link.url for link in paper.links] == ["https://example.org/code"]
    await report(context, text="tags", better="")
    refused = await ask(context, "accept_report", "3", CURATOR, text="")
    assert isinstance(refused.content, Form)
    await ask(context, "dismiss_report", "3", CURATOR, reason="It is right.")
    found = await context.reports.report(3)
    assert found
    assert (found.state, found.reason) == (ReportState.DISMISSED, "It is right.")
    assert said(await ask(context, "reports", "", CURATOR)) == "No report is open"


async def test_who_may_do_what(context: Context) -> None:
    await report(context)
    elsewhere = replace(HERE, workspace="T2")
    for name in ("accept_report", "dismiss_report", "edit_report", "show_report", "undo_edit"):
        assert said(await ask(context, name, "1")) == "Only curators may do that"
        forged = Request(name, "1", CURATOR, elsewhere, fields={"reason": "mine"})
        if name != "undo_edit":
            assert (await dispatch(context, forged)).is_refused, name
        for argument in ("", "x", "-1", "99", "9" * 30):
            assert (await ask(context, name, argument, CURATOR)).is_refused
    assert said(await ask(context, "curators", "here")) == "Only curators may do that"
    assert said(await ask(context, "reports")) == "Only curators may do that"
    await ask(context, "curators", "here", CURATOR)
    found = await context.reports.curator_channel(HERE)
    assert found
    assert found.target == HERE
    assert await context.reports.curator_channel(elsewhere) is None
    listed = await dispatch(context, Request("reports", "", CURATOR, elsewhere))
    assert said(listed) == "No report is open"
    assert (await context.reports.report(1)) is not None
    assert await summary(context) == samples.RING.summaries["en"]


async def test_banned_people_and_too_many_reports(context: Context) -> None:
    troll = Person("fake", "troll", "en")
    assert said(await report(context, troll)) == "Your reports are not taken here"
    assert said(await ask(context, "report", "id:1", troll)) == "Your reports are not taken here"
    replies = await asyncio.gather(*(report(context) for _ in range(5)))
    assert [said(each) for each in replies].count("Thank you for the report") == 3
    later = context.now() + timedelta(minutes=61)
    hour_after = replace(context, now=lambda: later)
    assert said(await report(hour_after)) == "Thank you for the report"
    assert said(await report(context, Person("fake", "other", "en"))) == "Thank you for the report"


@pytest.mark.parametrize(
    ("argument", "fields"),
    [
        ("id:99", {}), ("id:1", {"text": "title/de"}), ("id:1", {"text": "nonsense"}),
        ("id:1", {"wrong": " "}), ("ring", {}), ("id:1", {"text": "tags/ko"}),
    ],
)  # fmt: skip
async def test_forged_forms_store_nothing(
    context: Context, argument: str, fields: dict[str, str]
) -> None:
    wishes = {"text": "summary/en", "wrong": "x", **fields}
    assert (await ask(context, "report", argument, MEMBER, **wishes)).is_refused
    assert (await context.reports.open_reports(None, 10, 0)).total == 0


async def test_of_two_curators_at_once_one_decides(context: Context) -> None:
    await report(context)
    results = await asyncio.gather(
        *(ask(context, "accept_report", "1", CURATOR) for _ in range(3)),
        *(ask(context, "dismiss_report", "1", CURATOR, reason="no") for _ in range(3)),
    )
    assert sum(not reply.is_refused for reply in results) == 1


async def test_an_edit_that_cannot_be_made_leaves_the_report_open(context: Context) -> None:
    await report(context, better=samples.RING.summaries["en"])
    await ask(context, "accept_report", "1", CURATOR)
    corrected = await ask(context, "accept_report", "1", CURATOR)
    assert corrected.is_refused
    await report(context, text="links", better="no link")
    refused = await ask(context, "accept_report", "2", CURATOR, text="no link")
    assert refused.is_refused
    found = await context.reports.report(2)
    assert found
    assert found.state is ReportState.OPEN


async def test_a_text_that_was_changed_since_is_not_overwritten(context: Context) -> None:
    await report(context)
    await report(context, better="Another wording.")
    form = (await ask(context, "edit_report", "2", CURATOR)).content
    assert isinstance(form, Form)
    await ask(context, "accept_report", "1", CURATOR)
    for argument in ("2", form.action.argument):
        late = await ask(context, "accept_report", argument, CURATOR, text="Another wording.")
        assert said(late) == "The text was changed meanwhile"
        assert late.is_refused
    assert await summary(context) == BETTER
    anew = (await ask(context, "edit_report", "2", CURATOR)).content
    assert isinstance(anew, Form)
    await ask(context, anew.action.name, anew.action.argument, CURATOR, text="Another wording.")
    assert await summary(context) == "Another wording."


async def test_many_open_reports_are_listed_by_pages(context: Context) -> None:
    new = NewReport(HERE, "member", "en", 1, "title", "en", "before", "wrong")
    for _ in range(300):
        await context.reports.submit_report(new, None)
    first = await ask(context, "reports", "", CURATOR)
    assert said(first) == "300 open reports"
    assert isinstance(first.content, Card)
    assert first.content.controls[-1].action.argument == "2"  # type: ignore[union-attr]


def test_differences_are_marked_word_by_word() -> None:
    old, new = mark_differences("A ring of devices, fast.", "A ring of machines, fast.")
    assert [run.text for run in old if run.style is Style.STRONG] == ["devices"]
    assert [run.text for run in new if run.style is Style.STRONG] == ["machines"]
    assert "".join(run.text for run in old) == "A ring of devices, fast."
    korean, _ = mark_differences("장치에 나누어 처리합니다.", "기계에 나누어 처리합니다.")
    assert [run.text for run in korean if run.style is Style.STRONG] == ["장치에"]


async def test_at_the_terminal_a_form_is_filled_in_line_by_line(context: Context) -> None:
    output = io.StringIO()
    chat = Chat(lambda request: dispatch(context, request), "en", output)
    for line in ("/report ring attention", "nonsense", "4", "", "They are machines.", BETTER):
        await chat.handle_line(line)
    text = output.getvalue()
    assert "Which text?" in text
    assert "4. Summary (English)" in text
    assert "Thank you for the report" in text
    await chat.handle_line("/reports")
    await chat.handle_line("a")
    assert "They are machines." in output.getvalue()
    await chat.handle_line("a")
    assert await summary(context) == BETTER


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with discord_bot.strict_server() as found:
        yield found


async def test_from_a_members_click_to_the_edited_messages_on_discord(
    discord: DiscordServer, context: Context
) -> None:
    curators = {"id": "8100", "type": 0, "guild_id": GUILD, "name": "curators"}
    discord.channels["8100"] = curators
    context = replace(context, curators=CuratorAccess(frozenset({"discord:500"})))

    async def act(kind: int, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        return await discord.interact(kind, data, **more)

    def submit(custom_id: str, **values: str) -> dict[str, Any]:
        rows = [
            {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
            for name, value in values.items()
        ]
        return {"custom_id": custom_id, "components": rows}

    async with discord_bot.run_bot(discord, context):
        for name in ("subscribe", "now"):
            sub: dict[str, Any] = {"name": name, "type": 1, "options": []}
            rights = {"rights": str(1 << 4), "channel": discord.channels[CHANNEL]}
            await act(2, discord_bot.command("digest", sub), **rights)
        await wait_until_sent(context)
        here = {"name": "here", "type": 1, "options": []}
        chosen = await act(2, discord_bot.command("curators", here), channel=curators)
        assert "Reports are shown in this channel" in discord_bot.visible_text(chosen)
        paper = await act(2, discord_bot.command("paper", discord_bot.option("name", "ring")))
        button = discord_bot.find_control(paper, "Report a mistake")
        form = await act(3, {"custom_id": button, "component_type": 2})
        assert form["type"] == 9
        values = {"text": "title/en", "wrong": "@everyone *look*", "better": "Ring, put right"}
        thanks = await act(5, submit(form["data"]["custom_id"], **values))
        assert "Thank you" in discord_bot.visible_text(thanks)
        await wait_until(lambda: bool(discord.messages.get("8100")))
        (shown,) = discord.messages["8100"]
        assert shown["allowed_mentions"] == {"parse": []}
        accept = discord_bot.find_control({"data": shown}, "Accept")
        done = await act(3, {"custom_id": accept, "component_type": 2}, channel=curators)
        assert "The correction is made" in discord_bot.visible_text(done)
        await wait_until(lambda: "Ring, put right" in discord.text(CHANNEL))
        await wait_until(lambda: "Accepted on" in discord.text("8100"))
        assert "Edited on" in discord.text(CHANNEL)
        await wait_until(lambda: "is corrected" in discord.text("7500"))
    assert len(discord.messages[CHANNEL]) == len(discord.messages["8100"]) == 1


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_bot.strict_server() as found:
        found.here.per_second = 1000
        yield found


async def test_from_a_members_shortcut_to_the_edited_messages_on_slack(
    slack: SlackServer, context: Context
) -> None:
    talk = SlackUser(slack, slack.sockets)
    async with slack_bot.run_bot(slack, context, curators=(ADMIN,)):
        await slack.sockets.connected()
        await talk.slash("/digest subscribe language=en", user=ADMIN)
        await talk.slash("/digest now", user=ADMIN)
        await wait_until(lambda: bool(slack.messages.get(SLACK_CHANNEL)))
        refused = await talk.slash("/curators here", channel=OTHER)
        assert "Only curators may do that" in slack_user.visible_text(refused)
        await talk.slash("/curators here", user=ADMIN, channel=OTHER)
        (digest,) = slack.messages[SLACK_CHANNEL]
        before = len(slack.here.views)
        await talk.shortcut(digest, "report_here")
        view = await talk.view(before)
        answers: dict[str, Any] = {
            "paper": {"selected_option": {"value": "id:1"}},
            "text": {"selected_option": {"value": "title/en"}},
            "wrong": {"value": "<!channel> *look*"},
            "better": {"value": "Ring, put right"},
        }
        ack = await talk.submit(view | {"user": READER}, **answers)
        assert "Thank you" in str(ack["view"])
        await wait_until(lambda: bool(slack.messages.get(OTHER)))
        (shown,) = slack.messages[OTHER]
        assert "<!channel>" not in shown["text"], "in blocks it is text, which mentions no one"
        accept = slack_user.find_control(shown, "Accept")
        url = await talk.click(accept, user=READER, channel=OTHER)
        denied = slack_user.visible_text(await talk.wait_for_answer(url))
        assert "Only curators may do that" in denied
        url = await talk.click(accept, user=ADMIN, channel=OTHER)
        done = slack_user.visible_text(await talk.wait_for_answer(url))
        assert "The correction is made" in done
        await wait_until(lambda: "Ring, put right" in slack.here.text(SLACK_CHANNEL))
        await wait_until(lambda: "Accepted on" in slack.here.text(OTHER))
    assert slack.messages[SLACK_CHANNEL][0]["ts"] == digest["ts"]
    assert len(slack.messages[SLACK_CHANNEL]) == len(slack.messages[OTHER]) == 1


async def test_a_dismissed_report_cannot_be_accepted_by_the_archive(context: Context) -> None:
    await report(context)
    await context.reports.dismiss_report(1, Attribution("ada", "It is right."))
    with pytest.raises(CurationRefused, match="decided already"):
        await context.reports.accept_report(1, None, Attribution("bob"))
