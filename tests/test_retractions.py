"""What curators retract is shown with the reason, and is not posted as if nothing were."""

import asyncio
import json
from dataclasses import replace
from datetime import date

import pytest

from adapters.site import pages
from adapters.site.feeds import json_feed, paper_items, week_items
from adapters.site.markup import Reader, render_html, render_markdown_page
from adapters.site.structured_data import issue_document
from bot.cards.links import link_card
from bot.cards.lists import search_results_card
from bot.cards.locale import Locale
from bot.cards.paper_facts import citation_card
from bot.cards.papers import abstract_card, paper_card, paper_list, thread_opening_card
from bot.cards.weeks import month_card
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.commands.library import Library
from bot.model.card import Card
from bot.model.channels import Person, Target
from bot.model.curation import (
    CorrectIntroduction,
    CurationRequest,
    RetractPaper,
    Undo,
    WithdrawIssue,
)
from bot.model.papers import Issue, Retraction
from bot.model.subscriptions import Layout
from bot.model.weeks import Month, Week
from bot.papers import csl
from bot.ports.archive import Archive, SeriesPreference
from bot.ports.conversation import Request
from bot.ports.curation import Curation, CurationRefused
from bot.ports.search_index import Snippet
from bot.sources.parsers import bundle
from config import catalogues
from storage.store import ArchiveStore
from tests import samples
from tests.curators import ADA
from tests.test_message_edits import Play, World, play

__all__ = ["play"]

ON_BOTH_DATABASES = "long"

WEEK = Week(2023, 41)
RING = samples.RING.key
REASON = "Its results could not be repeated. See the authors' note."
RETRACT = RetractPaper(RING, REASON)
WITHDRAW = WithdrawIssue("dair", WEEK, "It is a list of another year.")


async def issue_of(archive: Archive) -> Issue:
    wanted = SeriesPreference(only="dair")
    found = (await archive.find_issue(WEEK, samples.MONDAY, wanted)).issue
    assert found
    return found


def test_a_retracted_paper_says_why_in_every_message_and_is_edited_back(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        await world.passes()
        before = world.platform.shown()
        made = await world.correct(RETRACT)
        await world.passes()
        after = world.platform.shown()
        changed = [number for number, text in after.items() if text != before[number]]
        # The overview, the paper's message and the first message of its thread.
        assert world.platform.edits() == dict.fromkeys(changed, 1)
        assert len(changed) == 3
        for number in changed:
            assert "could not be repeated" in after[number]
            assert samples.RING.summaries["en"][:40] not in after[number]
        await world.correct(Undo(made))
        await world.passes()
        assert all(
            text.partition("\nEdited on")[0].startswith(before[number][:60])
            and "repeated" not in text
            for number, text in world.platform.shown().items()
        )
        assert world.platform.edits() == dict.fromkeys(changed, 2)

    play(scene)


def test_a_retracted_paper_gets_no_message_of_its_own(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes("later", layout=Layout.THREADS)  # planned before, posted after
        await world.correct(RETRACT)
        await world.owes("planned", layout=Layout.FORUM)
        await world.passes()
        texts = world.platform.shown().values()
        assert sum("Retracted: Its results could not be repeated." in text for text in texts) == 2
        assert not any(text.startswith("1. ") for text in texts)
        assert len(texts) == (1 + 2 * 2) + (1 + 2)

    play(scene)


def test_a_withdrawn_issue_is_not_posted_and_a_posted_one_says_so(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes("early", layout=Layout.THREADS)
        await world.passes()
        await world.owes("late")
        made = await world.correct(WITHDRAW)
        await world.passes()
        assert {each.target.channel for each in world.platform.posted} == {"early"}
        texts = world.platform.shown()
        assert all("a list of another year" in text for text in texts.values())
        assert world.platform.edits() == dict.fromkeys(texts, 1)
        assert not any("Ring" in text for text in texts.values())
        await world.correct(Undo(made))
        await world.passes()
        assert "Ring Attention" in "\n".join(world.platform.shown().values())
        # What was not begun is planned again, like a week that came late.
        await world.owes("late")
        await world.passes()
        assert world.platform.posted[-1].target.channel == "late"

    play(scene)


def test_what_is_half_posted_when_it_is_withdrawn_is_not_gone_on_with(play: Play) -> None:
    async def scene(world: World) -> None:
        world.platform.latency = 2.0
        await world.owes(layout=Layout.THREADS)
        async with world.running():
            await asyncio.sleep(5)
            posted = len(world.platform.posted)
            await world.correct(WITHDRAW)
            await asyncio.sleep(60)
        assert posted <= len(world.platform.posted) <= posted + 1, "one may be on its way"
        assert all("another year" in text for text in world.platform.shown().values())

    play(scene)


def texts_of(card: Card) -> str:
    lines = [card.title]
    for block in card.blocks:
        for runs in getattr(block, "items", None) or [getattr(block, "runs", ())]:
            lines += ["".join(run.text for run in runs)]
    return "\n".join(lines)


def test_every_card_of_a_retracted_paper_says_so() -> None:
    locale = Locale(catalogues.load(), "en")
    paper = replace(samples.RECORDED, retraction=Retraction(REASON, date(2023, 10, 20)), id=1)
    whole = [
        paper_card(locale, paper, with_abstract=True), abstract_card(locale, paper),
        thread_opening_card(locale, paper), citation_card(locale, paper),
        link_card(locale, paper),
    ]  # fmt: skip
    listed = [
        Card("", blocks=(paper_list(locale, [paper]),)),
        search_results_card(locale, "x", [(paper, Snippet(1, (("x", True),)))], 1, 1),
    ]
    for card in map(texts_of, whole):
        assert "Retracted by the curators on October 20, 2023" in card
        assert "See the authors' note." in card
        assert paper.summaries["en"] not in card
    for card in map(texts_of, listed):
        assert "Retracted: Its results could not be repeated." in card
    assert "Retracted by its curators on 2023-10-20" in csl.format_items([(paper, "")])
    korean = texts_of(paper_card(Locale(catalogues.load(), "ko"), paper))
    assert "2023년 10월 20일에 큐레이터가 철회했습니다" in korean


async def curate(archive: Curation, *requests: CurationRequest) -> int:
    made = [await archive.curate(request, ADA) for request in requests]
    return made[-1].id


async def test_weeks_pages_feeds_and_programs_show_what_is_retracted(context: Context) -> None:
    await context.archive.save([samples.issue()])
    locale = Locale(context.catalogues, "en", "https://papers.example/")
    reader = Reader(locale, "https://papers.example/")
    library = Library(context)

    async def shown() -> list[str]:
        week = await pages.week(library, locale, "dair", WEEK)
        paper = await pages.paper(library, locale, RING)
        assert week
        assert paper
        assert week.issue
        return [
            render_html(week, reader), render_markdown_page(week, reader),
            str(json_feed(week, reader, week_items(reader, [week.issue]))),
            str(issue_document(week.issue, "")),
            render_html(paper, reader), render_markdown_page(paper, reader),
            str(paper_items(reader, paper.papers)),
            render_html(await pages.home(library, locale), reader),
        ]  # fmt: skip

    made = await curate(context.curation, RETRACT)
    for text in await shown():
        assert "could not be repeated" in text
    await curate(context.curation, Undo(made), WITHDRAW)
    week, markdown, feed, document, *others = await shown()
    for text in (week, markdown, feed, others[-1]):
        assert "a list of another year" in text
        assert "Ring Attention" not in text
    assert "a list of another year" in document
    assert "could not be repeated" not in "".join(others)
    year = await pages.year(library, locale, 2023)
    assert year
    assert "Retracted by the curators" in render_html(year, reader)
    asked = Request("week", "2023-W41", Person("fake", "u", "en"), Target("fake", "", "c"))
    answer = (await dispatch(context, asked)).content
    assert isinstance(answer, Card)
    assert "a list of another year" in texts_of(answer)
    issue = await issue_of(context.archive)
    assert "Retracted by" in texts_of(month_card(locale, Month(2023, 10), [issue]))


async def test_an_export_takes_it_to_another_archive(store: ArchiveStore) -> None:
    await store.save([samples.issue()])
    await curate(store, RETRACT, WITHDRAW)
    (exported,) = [issue async for issue in store.issues("dair", None)]
    (parsed,) = bundle.parse(json.loads(bundle.dump([exported], "json"))).issues
    assert parsed.retraction
    assert parsed.retraction.reason == WITHDRAW.reason
    assert parsed.entries[0].paper.retraction == exported.entries[0].paper.retraction
    # What curators restored stays so, whatever an older export says.
    await curate(store, RetractPaper(RING, None), WithdrawIssue("dair", WEEK, None))
    await store.save([parsed])
    found = await issue_of(store)
    assert found.retraction is None
    assert found.entries[0].paper.retraction is None
    await store.save([replace(parsed, series="copy")])
    (copied,) = [issue async for issue in store.issues("copy", None)]
    assert copied.retraction


async def test_introductions_are_corrected_and_kept_from_imports(store: ArchiveStore) -> None:
    await store.save([samples.issue(intros={"en": "The first one."})])
    made = await curate(store, CorrectIntroduction("dair", WEEK, {"ko": "새 소개.", "en": "New."}))
    await store.save([samples.issue(intros={"en": "The second one."})])
    assert (await issue_of(store)).intros == {"ko": "새 소개.", "en": "New."}
    await curate(store, Undo(made))
    assert (await issue_of(store)).intros == {"en": "The second one."}
    actions = [edit.action for edit in await store.edits("dair 2023-W41", 10)]
    assert actions == ["undo", "correct"]
    assert await store.edits("dair 2023-W40", 10) == ()
    assert await store.edits("nothing", 10) == ()


async def test_what_is_wrong_about_an_issue_is_told(store: ArchiveStore) -> None:
    await store.save([samples.issue()])
    for request in (
        WithdrawIssue("dair", Week(2020, 1), "x"), WithdrawIssue("nobody", WEEK, "x"),
        WithdrawIssue("dair", WEEK, None), RetractPaper(RING, None), RetractPaper("arxiv:1", "x"),
    ):  # fmt: skip
        with pytest.raises(CurationRefused):
            await store.curate(request, ADA)


async def test_a_withdrawn_week_that_was_misdated_stays_withdrawn(store: ArchiveStore) -> None:
    await store.save([samples.issue()])
    made = await curate(store, WITHDRAW)
    await store.save([samples.issue(start=date(2023, 10, 16))])
    (moved,) = [issue async for issue in store.issues("dair", None)]
    assert (moved.week, bool(moved.retraction)) == (Week(2023, 42), True)
    await curate(store, Undo(made))
    (restored,) = [issue async for issue in store.issues("dair", None)]
    assert restored.retraction is None
