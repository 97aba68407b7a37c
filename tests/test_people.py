"""What is a person's own: saved papers and their export, what is stored, and forgetting it."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.context import Context
from bot.commands.service import command_service
from bot.model.card import Action, Button, Card, Choice, Code
from bot.model.channels import Person, Target
from bot.model.curation import Attribution, CorrectText
from bot.ports.conversation import Reply, Request
from storage.people.forgotten import forget_again
from storage.restore import restore
from storage.store import ArchiveStore
from tests import discord_bot, samples, slack_bot
from tests.discord_bot import command, find_control, is_private, option, visible_text
from tests.slack_user import SlackUser

pytestmark = pytest.mark.slow

HERE = Target("discord", "100", "200")
PERSON = "123456789012345678"


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"discord", "slack"}), series=("dair",))


async def ask(
    context: Context, name: str, words: str = "", who: str = PERSON, place: Target = HERE
) -> Reply:
    service = command_service(context)
    person = Person(place.platform, who, "en", may_manage=True)
    return await service.answer(Request(name, words, person, place))


def controls(reply: Reply, kind: type[Button] | type[Choice]) -> list[Button | Choice]:
    assert isinstance(reply.content, Card)
    return [each for each in reply.content.controls if isinstance(each, kind)]


def code(reply: Reply) -> str:
    assert isinstance(reply.content, Card)
    return next(block.text for block in reply.content.blocks if isinstance(block, Code))


async def test_papers_are_saved_by_name_and_by_button_and_listed(context: Context) -> None:
    by_name = await ask(context, "save", "ring attention")
    paper = await ask(context, "paper", "FireAct")
    (button,) = [
        each for each in controls(paper, Button)
        if isinstance(each, Button) and each.action.name == "save"
    ]  # fmt: skip
    by_button = await ask(context, "save", button.action.argument)
    again = await ask(context, "save", "ring attention")
    listed = await ask(context, "saved")
    assert by_name.is_private
    assert "in your list now" in str(by_button.content)
    assert "in your list already" in str(again.content)
    assert "2 saved papers" in str(listed.content)
    assert listed.is_private
    # In another server of the platform the list is the same, and for another person it is not.
    elsewhere = await ask(context, "saved", place=replace(HERE, workspace="999", channel="1"))
    other = await ask(context, "saved", who="9")
    assert elsewhere.content == listed.content
    assert "0 saved papers" in str(other.content)


async def test_papers_are_marked_as_read_sorted_and_removed(context: Context) -> None:
    for name in ("ring attention", "FireAct", "UniSim"):
        await ask(context, "save", name)
    listed = await ask(context, "saved")
    marks = {
        each.action: each.options for each in controls(listed, Choice) if isinstance(each, Choice)
    }
    read = await ask(context, "saved_read", marks["saved_read"][0].value)
    unread = await ask(context, "saved", "unread")
    removed = await ask(context, "unsave", marks["unsave"][0].value)
    assert "read on" in str(read.content)
    assert str(unread.content).index("saved on") < str(unread.content).index("read on")
    assert "not in your list any more" in str(removed.content)
    assert "2 saved papers" in str((await ask(context, "saved", "oldest 7")).content)
    wrong = await ask(context, "saved", "sideways")
    assert "sideways" in str(wrong.content)


async def test_many_papers_have_pages(context: Context) -> None:
    papers = tuple(
        replace(samples.FIREACT, key=f"arxiv:2310.{n:05}", titles={"en": f"Paper {n}"}, aliases=(),
                links=(), nickname="")
        for n in range(23)
    )  # fmt: skip
    await context.archive.save([samples.issue(papers)])
    for paper in await context.archive.papers_after(0, 99):
        if paper.key in {each.key for each in papers}:
            await ask(context, "save", f"id:{paper.id}")
    first, last = await ask(context, "saved"), await ask(context, "saved", "newest 3")
    assert Action("saved", "newest 2") in [
        each.action for each in controls(first, Button) if isinstance(each, Button)
    ]
    assert len(last.content.blocks[0].items) == 3  # type: ignore[union-attr]
    assert code(await ask(context, "saved", "export csl")).count('"title"') == 23


async def test_saved_papers_are_exported_in_three_forms(context: Context) -> None:
    assert "0 saved papers" in str((await ask(context, "saved", "export bibtex")).content)
    await ask(context, "save", "ring attention")
    markdown = code(await ask(context, "saved", "export"))
    bibtex = code(await ask(context, "saved", "export bibtex"))
    csl = json.loads(code(await ask(context, "saved", "export csl")))
    assert markdown.startswith("- [Ring Attention")
    assert "](https://arxiv.org/abs/2310.01889)" in markdown
    assert bibtex.startswith("@")
    assert csl[0]["URL"] == "https://arxiv.org/abs/2310.01889"
    assert csl[0]["title"].startswith("Ring Attention")


async def test_a_person_is_told_what_is_stored_and_gets_it_as_data(context: Context) -> None:
    nothing = await ask(context, "privacy")
    await ask(context, "save", "ring attention")
    told = await ask(context, "privacy")
    file = (await ask(context, "privacy", "json")).attachment
    assert file is not None
    data = json.loads(file.content)
    assert "Nothing is stored about you" in str(nothing.content)
    assert "1 saved paper" in str(told.content)
    assert data["id"] == PERSON
    assert data["saved"][0]["paper"] == "arxiv:2310.01889"


def contains(path: Path, wanted: str) -> list[str]:
    """Return which files of a database have a text in them, wherever it stands."""
    return [
        each.name for each in path.parent.glob(f"{path.name}*")
        if each.is_file() and wanted.encode() in each.read_bytes()
    ]  # fmt: skip


async def test_who_is_forgotten_is_in_no_byte_of_the_database(context: Context) -> None:
    assert isinstance(context.archive, ArchiveStore)
    path = context.archive.path
    papers = await context.archive.papers_after(0, 9)
    for number in range(300):  # pages are split and joined meanwhile
        await ask(context, "save", f"id:{papers[0].id}", who=f"{10**17 + number}")
    for paper in papers:
        await ask(context, "save", f"id:{paper.id}")
        await ask(context, "saved_read", f"id:{paper.id}")
    await ask(context, "vote", f"id:{papers[0].id}/en")
    await ask(context, "digest", "subscribe")
    await ask(context, "unsave", f"id:{papers[1].id}")
    assert contains(path, PERSON)
    asked = await ask(context, "forget-me")
    assert contains(path, PERSON)
    done = await ask(context, "forget-me", "yes")
    assert "Remove all that is stored about you?" in str(asked.content)
    assert "is removed" in str(done.content)
    assert contains(path, PERSON) == []
    assert contains(path, str(10**17 + 7))
    assert "Nothing is stored about you" in str((await ask(context, "privacy")).content)


async def test_a_copy_that_is_put_back_forgets_again_who_was_forgotten_since(
    context: Context,
) -> None:
    assert isinstance(context.archive, ArchiveStore)
    path, database = context.archive.path, context.archive.database
    paper = (await context.archive.papers_after(0, 1))[0].id
    curator, voter, other, returning = (f"{10**17 + number}" for number in range(4))
    await ask(context, "save", f"id:{paper}")
    await ask(context, "digest", "subscribe")
    await ask(context, "save", f"id:{paper}", who=other)
    await ask(context, "save", f"id:{paper}", who=returning)
    for who in (voter, other):
        await ask(context, "vote", f"id:{paper}/en", who=who)
    edit = CorrectText(samples.RING.key, "title", "ko", "제목")
    await context.archive.curate(edit, Attribution(f"discord:{curator}", ""))
    database.copy_to(copy := path.with_name("copy.sqlite3"))
    for who in (PERSON, curator, voter, returning):
        await ask(context, "forget-me", "yes", who=who)
    await ask(context, "save", f"id:{paper}", who=returning)
    database.copy_to(newer := path.with_name("newer.sqlite3"))
    await context.archive.close()

    restored = restore(database, copy)

    assert restored.forgotten == 4
    assert restored.former is not None
    assert contains(path, PERSON) == contains(path, curator) == []
    assert contains(path, returning) == [restored.former.name]
    assert path.name in contains(path, other)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM votes").fetchone() == (1,)
    assert forget_again(database, context.now()) == 0
    path.write_bytes(copy.read_bytes())
    assert forget_again(database, context.now()) == 4, "put back by hand"
    assert restore(database, newer).forgotten == 0
    assert path.name in contains(path, returning), "who came back is not forgotten"


async def test_the_list_of_the_forgotten_is_private_and_as_old_as_copies(context: Context) -> None:
    assert isinstance(context.archive, ArchiveStore)
    path = context.archive.path
    kept = path.with_name(f"{path.name}.forgotten")
    for who in (PERSON, "7"):
        await ask(context, "forget-me", "yes", who=who)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert (PERSON in kept.read_text(), len(kept.read_text().splitlines())) == (False, 3)
    await context.people.delete_copies(context.now() - timedelta(days=1))
    assert len(kept.read_text().splitlines()) == 3
    await context.people.delete_copies(context.now() + timedelta(days=1))
    assert len(kept.read_text().splitlines()) == 1
    kept.write_text("no list \N{SNOWMAN}", encoding="utf-8")
    assert forget_again(context.archive.database, context.now()) == 0
    kept.unlink()
    kept.mkdir()
    await ask(context, "forget-me", "yes")
    assert "Nothing is stored about you" in str((await ask(context, "privacy")).content)


def press(custom_id: str) -> dict[str, object]:
    return {"custom_id": custom_id, "component_type": 2}


async def test_on_discord_a_person_saves_lists_and_forgets(context: Context) -> None:
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        shown = await server.interact(2, command("paper", option("name", "ring attention")))
        saved = await server.interact(3, press(find_control(shown, "Save")))
        listed = await server.interact(2, command("saved"))
        stored = await server.interact(2, command("privacy"))
        asked = await server.interact(3, press(find_control(stored, "Remove all")))
        await server.interact(3, press(find_control(asked, "Remove all")))
        gone = await server.interact(2, command("saved"))
    assert is_private(saved)
    assert is_private(listed)
    assert "1 saved paper" in visible_text(listed)
    assert "0 saved papers" in visible_text(gone)


async def test_on_slack_a_person_saves_and_exports(context: Context) -> None:
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, context):
        user = SlackUser(server, server.sockets)
        await user.slash("/save ring attention")
        listed = await user.slash("/saved")
        exported = await user.slash("/saved export bibtex")
        stored = await user.slash("/privacy")
        await user.slash("/forget-me yes")
        gone = await user.slash("/saved")
    assert listed["response_type"] == "ephemeral"
    assert "1 saved paper" in json.dumps(listed)
    assert "@" in json.dumps(exported["blocks"])
    assert "1 saved paper" in json.dumps(stored)
    assert "0 saved papers" in json.dumps(gone)
