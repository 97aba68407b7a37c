"""Forums, feeds and folders are followed, whatever their oddities."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.context import Context
from bot.model.papers import ParseResult
from bot.model.weeks import Week
from bot.ports.archive import SeriesPreference
from bot.sources.crawlers.pages import Source
from bot.sources.parsers import bundle
from bot.sources.parsers.discourse import listing, topic
from storage.store import ArchiveStore
from tests import dair_lists, samples
from tests.discourse_server import START, Forum, cooked, title
from tests.sync_harness import SyncHarness
from tests.web_server import Page, WebServer

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = "long"

WEEK = timedelta(days=7)
FIRST = date(2026, 5, 4)
NOW = datetime(2026, 6, 16, 9, tzinfo=UTC)


@pytest.fixture
async def world(context: Context, store: ArchiveStore) -> AsyncIterator[SyncHarness]:
    async with WebServer() as site:
        made = SyncHarness(context, site, store)
        yield made
        await made.web.close()


@pytest.fixture
def forum(world: SyncHarness) -> Forum:
    found = Forum(world.site)
    for number in range(6):
        found.week(10 * number + 1, FIRST + number * WEEK)
        found.chat(10 * number + 2)
    url = world.site.url("/c/news/14")
    world.source = Source("forum", "discourse", "pytorch-kr", url=url)
    return found


async def summary(world: SyncHarness, start: date, series: str = "pytorch-kr") -> str:
    found = await world.context.archive.find_issue(
        Week.of(start), start, SeriesPreference(only=series)
    )
    assert found.issue
    return next(iter(found.issue.entries[0].paper.summaries.values()))


async def test_every_weekly_post_of_a_category_comes_once(
    world: SyncHarness, forum: Forum
) -> None:
    first = await world.sync(now=NOW)
    asked = len(world.site.asked)
    second = await world.sync(now=NOW)

    assert (first.issues, first.added, first.problems) == (6, 12, [])
    assert asked == 4 + 6
    assert (second.issues, second.state.failure) == (0, "")
    assert world.site.paths()[asked:] == ["/c/news/14/l/latest.json"]
    found = await world.context.archive.find_issue(
        Week.of(FIRST), FIRST, SeriesPreference(only="pytorch-kr")
    )
    assert found.issue
    assert found.issue.source_url == world.site.url("/t/weekly/1")


async def test_a_new_post_and_an_edit_that_was_bumped_come_at_once(
    world: SyncHarness, forum: Forum
) -> None:
    await world.sync(now=NOW)
    forum.week(90, FIRST + 6 * WEEK)
    old = forum.topics[11]
    bumped = START + timedelta(hours=91)
    forum.post(replace(old, cooked=cooked(FIRST + WEEK, "고쳤습니다."), bumped_at=bumped))
    forum.post(replace(forum.topics[21], bumped_at=START + timedelta(hours=92)))

    synced = await world.sync(now=NOW)

    assert (synced.added, synced.updated, synced.issues) == (2, 2, 2)
    assert await summary(world, FIRST + WEEK) == "고쳤습니다."


async def test_a_busy_category_is_not_walked_through_each_time(
    world: SyncHarness, forum: Forum
) -> None:
    for number in range(100, 130):
        forum.chat(number)
    await world.sync(now=START + timedelta(hours=130))
    lists = []
    for hour in (131, 156, 180):
        world.site.asked.clear()
        forum.chat(hour)
        await world.sync(now=START + timedelta(hours=hour))
        lists.append(world.site.paths().count("/c/news/14/l/latest.json"))

    # All that was bumped since the day before the last time: much at first, little then.
    assert lists == [9, 9, 1]


async def test_an_edit_that_shows_in_no_list_is_found_in_time(
    world: SyncHarness, forum: Forum
) -> None:
    await world.sync(now=NOW)
    newest = FIRST + 5 * WEEK
    forum.post(replace(forum.topics[51], cooked=cooked(newest, "조용히 고쳤습니다.")))
    forum.read(41)

    soon = await world.sync(now=NOW + timedelta(minutes=20))
    later = await world.sync(now=NOW + timedelta(days=1))

    assert (soon.has_changes, later.updated) == (False, 2)
    assert await summary(world, newest) == "조용히 고쳤습니다."
    assert later.issues == 1  # the other one was only read


@pytest.mark.parametrize("are_objects", [False, True])
async def test_a_tag_is_followed_in_both_forms(
    world: SyncHarness, forum: Forum, *, are_objects: bool
) -> None:
    forum.tags_are_objects = are_objects
    forum.post(replace(forum.topics[1], tags=("other",)))
    world.source = replace(world.source, url=world.site.url("/tag/papers"))
    by_list = await world.sync(now=NOW)
    category = world.site.url("/c/news/14")
    world.source = replace(world.source, name="again", url=category, tag="papers")

    by_name = await world.sync(now=NOW)

    assert (by_list.issues, by_name.issues, by_name.unchanged) == (5, 5, 10)
    assert "/tag/papers/l/latest.json" in world.site.paths()


async def test_a_pinned_post_hides_nothing(world: SyncHarness, forum: Forum) -> None:
    forum.post(replace(forum.topics[1], is_pinned=True))
    await world.sync(now=NOW)
    forum.week(90, FIRST + 6 * WEEK)

    assert (await world.sync(now=NOW)).added == 2


async def test_what_came_before_a_forum_wanted_time_is_kept(
    world: SyncHarness, forum: Forum
) -> None:
    answer = world.site.answers["/t/31.json"]
    world.site.answers["/t/31.json"] = lambda _: Page(status=429, headers={"Retry-After": "90"})

    first = await world.sync(now=NOW)
    await world.wait()
    world.site.answers["/t/31.json"] = answer
    world.site.asked.clear()
    second = await world.sync(now=NOW + timedelta(minutes=5))

    assert "429" in first.state.failure
    assert (first.issues, second.issues) == (2, 4)
    assert second.state.failure == ""
    assert "/t/51.json" not in world.site.paths()


async def test_what_a_forum_cut_off_further_back_comes_when_it_is_asked_again(
    world: SyncHarness, forum: Forum
) -> None:
    await world.sync(now=NOW)
    later = NOW + timedelta(days=30)
    for number in range(8):  # a page has three: the first week stands on the third one
        forum.chat(100 + number)
        forum.topics[100 + number] = replace(
            forum.topics[100 + number], bumped_at=later - timedelta(hours=number)
        )
    for number, start in ((200, date(2026, 7, 6)), (201, date(2026, 6, 22))):
        topic = replace(forum.week(number, start), bumped_at=later - timedelta(days=number - 200))
        forum.post(topic)
    world.site.answers["/t/201.json"] = lambda _: Page(status=429)
    cut = await world.sync(now=later)

    forum.post(forum.topics[201])
    await world.wait()
    whole = await world.sync(now=later + timedelta(hours=1))

    assert cut.state.failure
    assert "2026-W28" in cut.state.weeks
    assert "2026-W26" in whole.state.weeks


async def test_a_post_that_is_gone_or_emptied_raises_an_alarm_and_stays(
    world: SyncHarness, forum: Forum
) -> None:
    await world.sync(now=NOW)
    del world.site.answers["/t/51.json"]
    forum.post(replace(forum.topics[41], cooked="<p>-</p>", bumped_at=START + timedelta(hours=99)))

    synced = await world.sync(now=NOW + timedelta(days=2))
    again = await world.sync(now=NOW + timedelta(days=4))

    lines = " ".join(synced.alarms)
    assert "answered 404" in lines
    assert "2026-W23 is missing; it had 2 papers." in lines
    assert "no paper is in it" in lines
    assert again.alarms == ()
    assert await summary(world, FIRST + 5 * WEEK) == "좋은 논문입니다."


@pytest.mark.parametrize(
    "page",
    [
        Page(b"no", status=403),
        Page(b"no", status=404),
        Page(b"<!DOCTYPE html><html><title>Log in</title></html>"),
        Page(b"<html><title>Just a moment...</title></html>"),
        Page(b"", status=302, headers={"Location": "/login"}),
        Page(b"{}"),
    ],
)
async def test_a_forum_that_refuses_is_a_failure_that_cannot_be_accepted(
    world: SyncHarness, forum: Forum, page: Page
) -> None:
    await world.sync(now=NOW)
    path = "/c/news/14/l/latest.json"
    kept = world.site.answers[path]
    world.site.answers[path] = lambda _: page
    world.site.put("/login", "<!DOCTYPE html><html><title>Log in</title></html>")

    first = await world.sync(now=NOW)
    again = await world.sync(now=NOW, is_accepted=True)

    assert (first.state.failures, again.state.failures) == (1, 2)
    assert path in again.state.failure
    assert again.state.alarms == ()
    assert len(again.state.weeks) == 6
    world.site.answers[path] = kept
    back = await world.sync(now=NOW)
    assert (back.state.failures, back.state.failure, len(back.state.weeks)) == (0, "", 6)


@pytest.mark.parametrize(
    "page",
    [Page(b"no", status=403), Page(b"<!doctype html><html>Sign in</html>")],
)
@pytest.mark.parametrize("kind", ["dair", "feed"])
async def test_a_list_or_feed_that_refuses_is_a_failure(
    world: SyncHarness, page: Page, kind: str
) -> None:
    world.source = Source("s", kind, "s", url=world.site.url("/root"))
    world.site.put("/root", dair_lists.year(2026, [dair_lists.week(FIRST)]))
    if kind == "dair":
        await world.sync(now=NOW)
    world.site.answers["/root"] = lambda _: page

    refused = await world.sync(now=NOW, is_accepted=True)

    assert refused.state.failures == 1
    assert "/root" in refused.state.failure
    assert refused.state.alarms == ()
    assert len(refused.state.weeks) == (kind == "dair")


async def test_a_page_that_a_parser_fails_on_costs_itself_alone(
    world: SyncHarness, forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_topic = topic.parse_topic

    def fail(value: dict[str, object], home: str) -> ParseResult:
        if value["id"] == 21:
            raise KeyError("ko")
        return parse_topic(value, home)

    monkeypatch.setattr(topic, "parse_topic", fail)
    synced = await world.sync(now=NOW)

    assert len(synced.state.weeks) == 5
    assert "/t/21.json: the parser failed on it" in synced.problems[0]


async def test_a_bug_while_saving_is_a_failure_that_is_told(
    world: SyncHarness, forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OverflowError

    monkeypatch.setattr(type(world.context.archive), "save", fail)
    synced = await world.sync(now=NOW)

    assert synced.state.failures == 1
    assert "internal error" in synced.state.failure


async def test_an_address_that_is_no_forum_is_told(world: SyncHarness) -> None:
    world.source = Source("forum", "discourse", url=world.site.url("/latest"))
    assert "category or a tag" in (await world.sync()).state.failure
    world.source = replace(world.source, url=world.site.url("/c/none/1"))
    assert "404" in (await world.sync()).state.failure


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://a.example/c/news/14", "https://a.example/c/news/14/l/latest.json"),
        (
            "https://a.example/c/up/news/14/l/latest",
            "https://a.example/c/up/news/14/l/latest.json",
        ),
        ("https://a.example/forum/c/news/14/", "https://a.example/forum/c/news/14/l/latest.json"),
        ("https://a.example/tag/llm.json?x=1", "https://a.example/tag/llm.json"),
    ],
)
def test_a_forums_place_is_understood_however_it_is_copied(url: str, first: str) -> None:
    place = listing.parse_list_url(url)
    assert place
    assert place.first_page_url == first
    assert place.page_url("/c/news/14/l/latest?page=2").startswith("https://a.example/c/news")


async def test_a_newer_program_reads_every_post_once_more(
    world: SyncHarness, forum: Forum
) -> None:
    forum.has_etags = True
    await world.sync(now=NOW)
    world.site.asked.clear()

    newer = await world.sync(now=NOW, version="10")
    asked = len(world.site.asked)
    again = await world.sync(now=NOW, version="10")

    assert (newer.issues, newer.unchanged, newer.has_changes) == (6, 12, False)
    assert (asked, len(world.site.asked) - asked) == (4 + 6, 1)
    assert again.issues == 0
    assert (await world.sync(now=NOW + timedelta(days=3), version="10")).issues == 0
    assert world.site.asked[-1].is_conditional


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"post_stream": {"posts": 7}, "title": "x"}'])
async def test_a_damaged_topic_costs_no_other(
    world: SyncHarness, forum: Forum, body: bytes
) -> None:
    world.site.answers["/t/31.json"] = lambda _: Page(body)

    synced = await world.sync(now=NOW)

    assert (synced.issues, synced.state.failure, synced.state.alarms) == (5, "", ())
    assert any("/t/31.json" in line for line in synced.state.problems)
    assert (await world.sync(now=NOW)).issues == 0


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Weekly</title>{items}</channel></rss>"""


def item(start: date, html: str = "", head: str = "") -> str:
    return (
        f"<item><title>{head or title(start)}</title><link>https://a.example/{start}</link>"
        f"<guid>{start}</guid><pubDate>Tue, 16 Jun 2026 09:00:00 GMT</pubDate>"
        f"<content:encoded><![CDATA[{html or cooked(start)}]]></content:encoded></item>"
    )


def rss(*items: str) -> str:
    return RSS.format(items="".join(items))


@pytest.fixture
def fed(world: SyncHarness) -> SyncHarness:
    world.source = Source("feed", "feed", "weekly", url=world.site.url("/feed.rss"))
    return world


async def test_a_feed_is_followed_and_what_it_lets_go_of_is_kept(fed: SyncHarness) -> None:
    fed.site.put("/feed.rss", rss(item(FIRST), "<item><title>News</title></item>"))
    first = await fed.sync()
    fed.site.put("/feed.rss", rss(item(FIRST + WEEK), item(FIRST, cooked(FIRST, "고침."))))
    second = await fed.sync()
    fed.site.put("/feed.rss", rss(item(FIRST + 2 * WEEK)))
    third, fourth = await fed.sync(), await fed.sync()

    assert (first.added, second.added, second.updated, third.added) == (2, 2, 2, 2)
    assert (third.state.alarms, len(third.state.weeks)) == ((), 3)
    assert fed.site.asked[-1].is_conditional
    assert fourth.issues == 0
    assert await summary(fed, FIRST, "weekly") == "고침."


async def test_a_numbered_list_in_a_feed_is_read(fed: SyncHarness) -> None:
    html = (
        "<p>Welcome.</p><h2>1. Ring Attention</h2><p>Long texts in a ring.</p>"
        "<p><a href='https://arxiv.org/abs/2310.01889'>Paper</a> | "
        "<a href='https://x.com/a/status/17'>Tweet</a></p>"
        "<p><strong>2) FireAct</strong> - Agents that are tuned. "
        "(<a href='https://arxiv.org/abs/2310.05915'>paper</a>)</p><p>More of it.</p>"
    )
    head = "Top AI Papers of the Week (December 28 - January 3)"
    fed.site.put("/feed.rss", rss(item(FIRST, html, head).replace("16 Jun 2026", "05 Jan 2026")))

    synced = await fed.sync()

    found = await fed.context.archive.find_issue(
        Week(2025, 53) if "2025-W53" in synced.state.weeks else Week(2026, 1),
        FIRST, SeriesPreference(only="weekly"),
    )  # fmt: skip
    assert found.issue
    assert (found.issue.start, found.issue.end) == (date(2025, 12, 28), date(2026, 1, 3))
    ring, fire = (entry.paper for entry in found.issue.entries)
    assert (ring.key, ring.titles) == ("arxiv:2310.01889", {"en": "Ring Attention"})
    assert ring.summaries == {"en": "Long texts in a ring."}
    assert (fire.key, fire.titles) == ("arxiv:2310.05915", {"en": "FireAct"})
    assert fire.summaries == {"en": "Agents that are tuned.\n\nMore of it."}


async def test_a_feed_that_breaks_raises_an_alarm_and_keeps_what_it_had(fed: SyncHarness) -> None:
    fed.site.put("/feed.rss", rss(item(FIRST)))
    await fed.sync()
    fed.site.put("/feed.rss", rss(item(FIRST))[:-30])

    broken = await fed.sync()
    fed.site.put("/feed.rss", rss(item(FIRST)))
    whole = await fed.sync()

    assert "is missing" in broken.alarms[0]
    assert whole.is_recovered
    assert len(whole.state.weeks) == 1


async def test_a_feed_without_weeks_is_told(fed: SyncHarness) -> None:
    fed.site.put("/feed.rss", rss("<item><title>News</title></item>"))

    synced = await fed.sync()

    assert "none of its 1 posts" in synced.state.failure


async def test_a_folder_of_bundles_is_followed(
    world: SyncHarness, tmp_path: Path, context: Context
) -> None:
    folder = tmp_path / "weeks"
    folder.mkdir()
    world.source = Source("ours", "folder", path=folder)
    own = samples.issue((samples.RING, samples.FIREACT), series="ours")
    (folder / "a.yaml").write_text(bundle.dump([own], "yaml"), encoding="utf-8")
    (folder / "notes.pdf").write_bytes(b"%PDF")
    first = await world.sync()
    os.utime(folder / "a.yaml", ns=(1, 1))
    touched = await world.sync()
    newer = samples.issue((samples.UNISIM,), samples.MONDAY + WEEK, "ours")
    (folder / "b.json").write_text(bundle.dump([newer], "json"), encoding="utf-8")
    second = await world.sync()
    (folder / "a.yaml").unlink()
    gone = await world.sync()
    accepted = await world.sync(is_accepted=True)

    assert (first.added, touched.issues, second.issues, second.added) == (2, 0, 1, 1)
    assert "a.yaml: the file is gone." in gone.alarms
    assert accepted.state.alarms == ()
    assert (await context.archive.totals()).issues == 2
    world.source = replace(world.source, path=tmp_path / "none")
    assert "folder cannot be read" in (await world.sync()).state.failure
