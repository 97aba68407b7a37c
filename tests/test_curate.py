"""Curators edit papers and weeks in forms, on every platform and at the terminal."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.console.platform import Chat
from adapters.discord.render import modals as discord_modals
from adapters.slack.places import Origin
from adapters.slack.render import modals as slack_modals
from bot.cards.curation import MOST_EDITABLE
from bot.cards.curation_forms import text_form
from bot.cards.locale import Locale
from bot.commands.context import Context
from bot.commands.curation_commands import CURATION_ACTIONS
from bot.commands.dispatcher import dispatch
from bot.model.card import Button, Card, Choice, Form
from bot.model.channels import Person, Target
from bot.model.curation import CorrectLinks
from bot.model.papers import Issue, Link, Paper
from bot.model.weeks import Week
from bot.ports.archive import SeriesPreference
from bot.ports.conversation import Reply, Request
from config import catalogues
from tests import discord_bot, golden_files, samples, slack_bot, slack_user
from tests.curators import ADA, correct_text
from tests.discord_server import CHANNEL
from tests.discord_server import Server as DiscordServer
from tests.fast_delivery import wait_until_sent
from tests.slack_server import Server as SlackServer
from tests.slack_user import SlackUser
from tests.slack_workspace import ADMIN, READER
from tests.slack_workspace import CHANNEL as SLACK_CHANNEL
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

HERE = Target("fake", "T1", "papers")
MEMBER = Person("fake", "member", "en")
CURATOR = Person("fake", "curator", "en", may_curate=True)
WEEK, OWN_WEEK = "2023-W41 dair", Week(2023, 41)
RING = samples.RING.key


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue(intros={"en": "Rings and agents."})])
    return replace(
        context, platforms=frozenset({"fake", "discord", "slack"}), series=("dair",),
    )  # fmt: skip


async def ask(
    context: Context, name: str, argument: str = "", person: Person = CURATOR, **fields: str
) -> Reply:
    return await dispatch(context, Request(name, argument, person, HERE, fields=fields))


async def open_form(context: Context, name: str, argument: str) -> Form:
    content = (await ask(context, name, argument)).content
    assert isinstance(content, Form), content
    return content


async def submit(context: Context, form: Form, **changed: str) -> Reply:
    values = {field.name: field.value for field in form.fields} | changed
    request = Request(form.action.name, form.action.argument, CURATOR, HERE, fields=values)
    return await dispatch(context, request)


def card(reply: Reply) -> Card:
    assert isinstance(reply.content, Card)
    return reply.content


def said(reply: Reply) -> str:
    shown = card(reply)
    lines = [shown.title]
    for block in shown.blocks:
        for runs in getattr(block, "items", None) or [getattr(block, "runs", ())]:
            lines += ["".join(run.text for run in runs)]
    return "\n".join(lines)


def button(reply: Reply, label: str) -> tuple[str, str]:
    """Return the action of a button, by the beginning of its label."""
    found = [
        control.action
        for control in card(reply).controls
        if isinstance(control, Button) and control.label.startswith(label)
    ]
    return found[0].name, found[0].argument


async def press(context: Context, reply: Reply, label: str) -> Reply:
    return await ask(context, *button(reply, label))


async def paper_of(context: Context) -> Paper:
    (paper,) = await context.archive.papers([1])
    return paper


async def issue_of(context: Context, week: Week = OWN_WEEK) -> Issue | None:
    wanted = SeriesPreference(only="dair")
    return (await context.archive.find_issue(week, samples.MONDAY, wanted)).issue


async def test_texts_are_edited_in_a_form_as_one_edit_with_one_undo(context: Context) -> None:
    shown = await ask(context, "curate", "ring attention")
    form = (await press(context, shown, "Texts in English")).content
    assert isinstance(form, Form)
    assert [field.name for field in form.fields] == ["title", "summary", "abstract", "why"]
    done = await submit(context, form, title="Ring, put right", summary="Better.", why="a typo")
    assert said(done).startswith("The edit is made")
    paper = await paper_of(context)
    assert (paper.titles["en"], paper.summaries["en"]) == ("Ring, put right", "Better.")
    assert paper.titles["ko"] == samples.RING.titles["ko"]
    (edit,) = await context.curation.edits(RING, 10)
    assert (edit.by.actor, edit.by.reason) == ("fake:curator", "a typo")
    assert [change.field for change in edit.changes] == ["title", "summary"]
    history = await press(context, done, "History")
    for word in ("Corrected", "fake:curator", "a typo", "as the sources have it → “Better.”"):
        assert word in said(history)
    undone = await press(context, history, "Undo 1")
    assert (await paper_of(context)).titles == samples.RING.titles
    await press(context, undone, "Undo")
    assert (await paper_of(context)).summaries["en"] == "Better."
    assert (await submit(context, form)).is_refused, "what it was opened on has changed"


async def test_a_form_on_a_text_that_was_changed_meanwhile_overwrites_nothing(
    context: Context,
) -> None:
    form = await open_form(context, "curate_text", "id:1 en")
    await correct_text(context.curation, RING, "summary", "en", "The newer text of another.")
    refused = await submit(context, form, summary="My text of before.")
    assert refused.is_refused
    assert "The text was changed meanwhile" in said(refused)
    assert "The newer text of another." in said(refused)
    assert "My text of before." in said(refused)
    assert (await paper_of(context)).summaries["en"] == "The newer text of another."
    again = (await press(context, refused, "Open the form")).content
    assert isinstance(again, Form)
    assert again.fields[1].value == "The newer text of another."
    await submit(context, again, summary="My text of before.")
    assert (await paper_of(context)).summaries["en"] == "My text of before."
    # A source's new wording counts as a change as well.
    form = await open_form(context, "curate_introduction", WEEK)
    await context.archive.save([samples.issue(intros={"en": "Of the source, anew."})])
    refused = await submit(context, form, en="Mine.")
    assert "Of the source, anew." in said(refused)
    again = (await press(context, refused, "Open the form")).content
    assert isinstance(again, Form)
    await submit(context, again, en="Mine.", ko="제 소개.")
    issue = await issue_of(context)
    assert issue
    assert issue.intros == {"en": "Mine.", "ko": "제 소개."}


async def test_of_two_who_edit_at_once_one_wins_and_the_other_is_shown_it(
    context: Context,
) -> None:
    form = await open_form(context, "curate_text", "id:1 en")
    replies = await asyncio.gather(
        *(submit(context, form, title=f"Title {number}") for number in range(4))
    )
    assert sum(not reply.is_refused for reply in replies) == 1
    assert len(await context.curation.edits(RING, 10)) == 1


async def test_tags_and_links_are_edited_and_an_emptied_text_returns_to_the_source(
    context: Context,
) -> None:
    form = await open_form(context, "curate_text", "id:1 facts")
    links = "Project page=https://example.org/ring\nhttps://arxiv.org/abs/2310.01889"
    await submit(context, form, tags="agents, #long-context", links=links)
    paper = await paper_of(context)
    assert set(paper.all_tags) == {"agents", "long-context"}
    assert (paper.links[0].label, paper.links[0].url) == (
        "Project page", "https://example.org/ring",
    )  # fmt: skip
    form = await open_form(context, "curate_text", "id:1 facts")
    assert form.fields[1].value.startswith("Project page=https://example.org/ring\n")
    refused = await submit(context, form, links="javascript:alert(1)")
    assert "is no link" in said(refused)
    await submit(context, form, links="", tags="")
    paper = await paper_of(context)
    assert paper.links == samples.RING.links
    form = await open_form(context, "curate_text", "id:1 en")
    assert "Nothing would change" in said(await submit(context, form))


async def test_a_text_that_is_too_long_for_a_form_is_told_and_never_cut(context: Context) -> None:
    long = "가" * (MOST_EDITABLE + 1)
    await correct_text(context.curation, RING, "abstract", "ko", long)
    form = await open_form(context, "curate_text", "id:1 ko")
    assert [field.name for field in form.fields] == ["title", "summary", "why"]
    assert "too long for a form" in form.note
    await submit(context, form, title="새 제목")
    paper = await paper_of(context)
    assert (paper.titles["ko"], paper.abstracts["ko"]) == ("새 제목", long)
    await context.curation.curate(
        CorrectLinks(RING, (Link("code", "Code", "https://example.org/" + "x" * 2900),)), ADA
    )
    await correct_text(context.curation, RING, "title", "ko", None)
    too_long = await submit(context, await open_form(context, "curate_text", "id:1 ko"),
                            summary="x" * 4001)  # fmt: skip
    assert too_long.is_refused
    assert "4,000" in said(too_long) or "4000" in said(too_long)


async def test_papers_are_added_moved_and_removed(context: Context) -> None:
    week = await ask(context, "curate", "2023-W41")
    form = (await press(context, week, "Add a paper")).content
    assert isinstance(form, Form)
    added = await submit(context, form, address="2606.00001", title="A Title", position="1")
    assert said(added).startswith("The edit is made")
    issue = await issue_of(context)
    assert issue
    assert [entry.paper.key for entry in issue.entries][:2] == ["arxiv:2606.00001", RING]
    for wrong, told in (
        ({"address": "words"}, "is no address"), ({"address": RING}, "already"),
        ({"address": "2606.00002", "position": "-1"}, "is no position"),
    ):  # fmt: skip
        refused = await submit(context, form, **wrong)
        assert refused.is_refused
        assert told in said(refused)
    choice = next(each for each in card(week).controls if isinstance(each, Choice))
    ring = await ask(context, choice.action, choice.options[0].value)
    moving = (await press(context, ring, "Move in 2023-W41")).content
    assert isinstance(moving, Form)
    assert moving.fields[0].value == "2023-W41"
    assert "say at which position" in said(await submit(context, moving))
    await submit(context, moving, week="2023-W42", why="misfiled")
    moved = await issue_of(context, Week(2023, 42))
    assert moved
    assert [entry.paper.key for entry in moved.entries] == [RING]
    assert (await submit(context, moving, week="2023-W43")).is_refused, "it is not there any more"
    ring = await ask(context, "curate", "ring attention")
    removing = (await press(context, ring, "Remove from 2023-W42")).content
    assert isinstance(removing, Form)
    await submit(context, removing, why="no paper")
    assert await issue_of(context, Week(2023, 42)) is None
    history = said(await ask(context, "curate_history", WEEK))
    assert "misfiled" in history
    assert "Added" in history
    unknown = await ask(context, "curate", "2023-W41 dare")
    assert unknown.is_refused
    assert "There is no series “dare”" in said(unknown)
    forged = await ask(context, "curate_add", "2023-W41 dare", address="2606.00003")
    assert "There is no series “dare”" in said(forged)
    new = await ask(context, "curate", "2030-W01 dair")
    assert "does not have this week yet" in said(new)


async def test_papers_and_weeks_are_retracted_and_restored(context: Context) -> None:
    for asked, subject in (("ring attention", "id:1"), ("2023-W41", WEEK)):
        shown = await ask(context, "curate", asked)
        form = (await press(context, shown, "Retract")).content
        assert isinstance(form, Form)
        assert isinstance((await submit(context, form, reason=" ")).content, Form)
        await submit(context, form, reason="It is wrong. @everyone")
        shown = await ask(context, "curate", subject)
        assert "It is wrong." in said(shown)
        assert (await submit(context, form, reason="Other words.")).is_refused is False
        await press(context, shown, "Restore")
        assert "It is wrong." not in said(await ask(context, "curate", subject))
        assert (await ask(context, "curate_restore", subject)).is_refused
    assert (await issue_of(context)) is not None
    for _ in range(3):
        await submit(context, await open_form(context, "curate_retract", "id:1"), reason="x")
        await ask(context, "curate_restore", "id:1")
    first = await ask(context, "curate_history", "id:1")
    older = await press(context, first, "Older")
    assert "1. Retracted" in said(older)
    assert button(older, "Undo")


@pytest.mark.parametrize("name", sorted({*CURATION_ACTIONS, "curate"} - {"show_report"}))
async def test_forged_buttons_and_forms_are_refused_in_words(context: Context, name: str) -> None:
    everything = {"reason": "x", "why": "x", "title": "x", "address": "2606.1", "week": "2023-W42",
                  "en": "x", "text": "x", "summary": "x", "tags": "x"}  # fmt: skip
    arguments = ("id:1", "id:1 en 0123456789ab", WEEK, f"{WEEK} 0123456789ab", f"id:1 {WEEK}")
    for argument in arguments:
        reply = await ask(context, name, argument, MEMBER, **everything)
        assert said(reply).startswith("Only curators may do that"), (name, argument)
        assert reply.is_refused
    for argument in ("", "id:99", "id:99 en x", "id:1 de x", "2023-W41", "2020-W01 dair",
                     "2023-W41 nobody x", "id:1 2020-W01 dair", "id:" + "9" * 30, "🙂 " * 40,
                     "latest nobody", "99999999999999999999 id:1"):  # fmt: skip
        reply = await ask(context, name, argument, CURATOR, **everything)
        is_form = isinstance(reply.content, Form)
        assert is_form or reply.is_private, (name, argument)
    assert await context.curation.edits(None, 10) == ()


async def test_at_the_terminal_a_week_is_introduced_and_a_text_emptied(context: Context) -> None:
    output = io.StringIO()
    chat = Chat(lambda request: dispatch(context, request), "en", output)
    for line in ("/curate 2023-W41", "a", "새 소개.", "-", ""):
        await chat.handle_line(line)
    issue = await issue_of(context)
    assert issue
    assert issue.intros["ko"] == "새 소개."
    assert "An emptied text becomes the source's own again." in output.getvalue()


def test_every_form_keeps_to_discords_five_inputs(context: Context) -> None:
    async def forms() -> list[Form]:
        opened = [("curate_text", f"id:1 {group}") for group in ("ko", "en", "facts")]
        opened += [("curate_introduction", WEEK), ("curate_retract", "id:1"), ("curate_add", WEEK)]
        opened += [("curate_move", f"id:1 {WEEK}"), ("curate_remove", f"id:1 {WEEK}")]
        return [await open_form(context, *each) for each in opened]

    for form in asyncio.run(forms()):
        assert len(form.fields) <= 5
        assert len(form.note) <= 100
        modal = discord_modals.build_modal(form)
        assert len(modal["custom_id"]) <= 100


async def test_the_form_of_texts_is_rendered_as_it_was_looked_at() -> None:
    locale = Locale(catalogues.load(), "ko")
    form = text_form(locale, samples.RING, "ko")
    assert form
    golden_files.check("curate-form.discord", discord_modals.build_modal(form))
    origin = Origin("T1", "U1", "C1")
    golden_files.check("curate-form.slack", slack_modals.build_modal(form, origin, locale))


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with discord_bot.strict_server() as found:
        yield found


async def test_on_discord_a_form_edits_the_digest_and_a_retraction_too(
    discord: DiscordServer, context: Context
) -> None:
    async def act(kind: int, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        return await discord.interact(kind, data, **{"roles": ["88"], **more})

    async def click(shown: dict[str, Any], word: str) -> dict[str, Any]:
        custom_id = discord_bot.find_control(shown, word)
        return await act(3, {"custom_id": custom_id, "component_type": 2})

    async def send(form: dict[str, Any], **values: str) -> dict[str, Any]:
        given = {
            each["component"]["custom_id"]: each["component"].get("value", "")
            for each in form["data"]["components"]
        }
        rows = [
            {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
            for name, value in (given | values).items()
        ]
        return await act(5, {"custom_id": form["data"]["custom_id"], "components": rows})

    async with discord_bot.run_bot(discord, context, curator_roles=["88"]):
        for name in ("subscribe", "now"):
            sub: dict[str, Any] = {"name": name, "type": 1, "options": []}
            rights = {"rights": str(1 << 4), "channel": discord.channels[CHANNEL]}
            await act(2, discord_bot.command("digest", sub), **rights)
        await wait_until_sent(context)
        asked = discord_bot.command("curate", discord_bot.option("name", "ring"))
        refused = await act(2, asked, roles=["99"])
        assert "Only curators may do that" in discord_bot.visible_text(refused)
        shown = await act(2, asked)
        assert discord_bot.is_private(shown)
        form = await click(shown, "Texts in English")
        assert form["type"] == 9
        assert len(form["data"]["components"]) == 4
        done = await send(form, title="Ring, put right @everyone")
        assert "The edit is made" in discord_bot.visible_text(done)
        await wait_until(lambda: "Ring, put right" in discord.text(CHANNEL))
        late = await send(form, title="Too late")
        assert "The text was changed meanwhile" in discord_bot.visible_text(late)
        done = await send(await click(shown, "Retract"), reason="It could not be repeated.")
        assert "The edit is made" in discord_bot.visible_text(done)
        await wait_until(lambda: "It could not be repeated." in discord.text(CHANNEL))
        history = await click(done, "History")
        assert "none → “It could not be repeated.”" in discord_bot.visible_text(history)
        await click(done, "Undo")
        await wait_until(lambda: "It could not be repeated." not in discord.text(CHANNEL))
    assert len(discord.messages[CHANNEL]) == 1
    assert discord.messages[CHANNEL][0]["allowed_mentions"] == {"parse": []}


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_bot.strict_server() as found:
        found.here.per_second = 1000
        yield found


async def test_on_slack_a_week_is_withdrawn_in_a_view_and_members_may_not(
    slack: SlackServer, context: Context
) -> None:
    talk = SlackUser(slack, slack.sockets)
    async with slack_bot.run_bot(slack, context, curators=(ADMIN,)):
        await slack.sockets.connected()
        await talk.slash("/digest subscribe language=en", user=ADMIN)
        await talk.slash("/digest now", user=ADMIN)
        await wait_until(lambda: bool(slack.messages.get(SLACK_CHANNEL)))
        refused = await talk.slash("/curate 2023-W41")
        assert "Only curators may do that" in slack_user.visible_text(refused)
        shown = await talk.slash("/curate 2023-W41", user=ADMIN)
        before = len(slack.here.views)
        await talk.click(slack_user.find_control(shown, "Retract"), user=ADMIN)
        view = await talk.view(before)
        forged = await talk.submit(view | {"user": READER}, reason={"value": "mine"})
        assert "Only curators may do that" in str(forged["view"])
        ack = await talk.submit(
            view | {"user": ADMIN}, reason={"value": "Another <!channel> week"}
        )
        assert "The edit is made" in str(ack["view"])
        await wait_until(lambda: "Retracted by the curators" in slack.here.text(SLACK_CHANNEL))
        assert "Ring Attention" not in slack.here.text(SLACK_CHANNEL)
        shown = await talk.slash("/curate 2023-W41", user=ADMIN)
        url = await talk.click(slack_user.find_control(shown, "Restore"), user=ADMIN)
        assert "The edit is made" in slack_user.visible_text(await talk.wait_for_answer(url))
        await wait_until(lambda: "Ring Attention" in slack.here.text(SLACK_CHANNEL))
    assert len(slack.messages[SLACK_CHANNEL]) == 1
