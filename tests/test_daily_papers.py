"""Lists of daily papers are gathered, and each week is made once: when it is closed."""

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.context import Context
from bot.model.papers import Issue
from bot.model.weeks import Week
from bot.papers.links import links_in
from bot.sources.crawlers.pages import Source
from bot.sources.daily_weeks import WeeklySelection, gather, make_week
from bot.sources.parsers import daily
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.lists.listed import ListedPaper
from storage.store import ArchiveStore
from tests.sync_harness import SyncHarness
from tests.web_server import WebServer

MONDAY = datetime(2026, 6, 22, 12, tzinfo=UTC)
WEEK = Week(2026, 26)
DAY = timedelta(days=1)
ADDRESS = "/api/daily_papers"


def item(number: int, day: datetime, votes: int) -> dict[str, object]:
    """Return a paper as Hugging Face's list has it."""
    own = f"2606.{number:05}"
    return {
        "paper": {
            "id": own,
            "authors": [{"_id": "6a1", "name": "Ada Example", "hidden": False}],
            "publishedAt": "2026-06-18T17:59:59.000Z",
            "submittedOnDailyAt": f"{day:%Y-%m-%d}T00:12:34.567Z",
            "title": f"Paper {number}:\n  A Study",
            "summary": "Long\ntexts.",
            "upvotes": votes,
            "discussionId": "6a2",
            "githubRepo": f"https://github.com/example/paper-{number}",
            "ai_summary": f"It is paper {number}.",
            "ai_keywords": ["agents"],
        },
        "publishedAt": "2026-06-18T13:59:59.000Z",
        "title": f"Paper {number}: A Study",
        "summary": "Long texts.",
        "thumbnail": f"https://cdn.example/{own}.png",
        "numComments": 2,
        "submittedBy": {"name": "ada", "isPro": False},
    }


def announcement(number: int, kind: str = "new") -> str:
    """Return a paper as arXiv's feeds have it."""
    own = f"2606.{number:05}"
    return (
        f"<item><title>Paper {number}: A Study &lt; B</title>"
        f"<link>https://arxiv.org/abs/{own}</link>"
        f"<description>arXiv:{own}v1 Announce Type: {kind} \nAbstract: Long\ntexts where "
        f"$a &lt; b$.</description><guid isPermaLink='false'>oai:arXiv.org:{own}v1</guid>"
        "<category>cs.CL</category><pubDate>Mon, 22 Jun 2026 00:00:00 -0400</pubDate>"
        f"<arxiv:announce_type>{kind}</arxiv:announce_type>"
        "<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>"
        "<dc:creator>Ada Example, Bo Example</dc:creator></item>"
    )


def arxiv_feed(items: Sequence[str]) -> str:
    return (
        "<?xml version='1.0' encoding='UTF-8'?><rss xmlns:arxiv='http://arxiv.org/schemas/atom' "
        "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:atom='http://www.w3.org/2005/Atom' "
        "version='2.0'><channel><title>cs.CL updates on arXiv.org</title>"
        "<link>http://rss.arxiv.org/rss/cs.CL</link><description>cs.CL updates</description>"
        "<skipDays><day>Sunday</day><day>Saturday</day></skipDays>"
        f"{''.join(items)}</channel></rss>"
    )


class Daily(SyncHarness):
    """A list of daily papers on a loopback host."""

    def put(self, *items: dict[str, object]) -> None:
        self.site.put(ADDRESS, json.dumps(items))

    def announce(self, *items: str) -> None:
        self.site.put(ADDRESS, arxiv_feed(items))

    async def issues(self) -> list[Issue]:
        return [issue async for issue in self.context.archive.issues("daily", None)]

    async def papers(self, week: Week = WEEK) -> list[str]:
        """Return the titles of a week, as far as the colon."""
        issues = [issue for issue in await self.issues() if issue.week == week]
        papers = [entry.paper for issue in issues for entry in issue.entries]
        return [paper.titles["en"].partition(":")[0] for paper in papers]


@pytest.fixture
async def world(context: Context, store: ArchiveStore) -> AsyncIterator[Daily]:
    async with WebServer() as site:
        made = Daily(context, site, store)
        selection = WeeklySelection(3, (6, time(18)), "Papers that were voted for")
        made.source = Source("hf", "daily", "daily", url=site.url(ADDRESS), selection=selection)
        yield made
        await made.web.close()


async def test_the_papers_with_most_votes_are_the_week_and_nothing_changes_afterwards(
    world: Daily,
) -> None:
    world.put(item(1, MONDAY, 5), item(2, MONDAY, 9))
    first = await world.sync(now=MONDAY)
    world.put(item(3, MONDAY + 2 * DAY, 70), item(2, MONDAY, 40), item(1, MONDAY, 6))
    await world.sync(now=MONDAY + 2 * DAY)
    world.put(item(4, MONDAY + 5 * DAY, 1), item(3, MONDAY + 2 * DAY, 90))
    open_yet = await world.sync(now=MONDAY + 6 * DAY)
    assert (await world.issues(), first.state.failure, open_yet.state.alarms) == ([], "", ())

    closed = await world.sync(now=MONDAY + 6 * DAY + timedelta(hours=6, minutes=10))

    assert (closed.added, closed.alarms) == (3, ())
    (issue,) = made = await world.issues()
    assert (issue.week, issue.start, issue.end) == (WEEK, date(2026, 6, 22), date(2026, 6, 28))
    assert issue.titles == {"en": "Papers that were voted for"}
    assert await world.papers() == ["Paper 3", "Paper 2", "Paper 1"]
    paper = issue.entries[0].paper
    assert (paper.key, paper.summaries) == ("arxiv:2606.00003", {"en": "It is paper 3."})
    assert paper.abstracts == {"en": "Long texts."}
    assert {link.kind for link in paper.links} == {"paper", "code"}

    world.put(item(4, MONDAY + 5 * DAY, 500), item(1, MONDAY, 400))
    for number in range(7, 13):
        await world.sync(now=MONDAY + number * DAY)
    assert await world.issues() == made


async def test_what_is_listed_after_the_end_is_of_the_next_week_and_nothing_twice(
    world: Daily,
) -> None:
    sunday = MONDAY + 6 * DAY
    world.put(*(item(number, MONDAY, number) for number in range(1, 6)))
    await world.sync(now=MONDAY)
    await world.sync(now=sunday + timedelta(hours=7))
    late = [item(6, sunday, 1), *(item(number, MONDAY, 90) for number in range(1, 6))]
    world.put(*late)
    await world.sync(now=sunday + timedelta(hours=9))
    world.put(item(7, sunday + 3 * DAY, 2), *late)
    await world.sync(now=sunday + 3 * DAY)

    await world.sync(now=sunday + 7 * DAY + timedelta(hours=7))

    assert await world.papers() == ["Paper 5", "Paper 4", "Paper 3"]
    assert await world.papers(Week(2026, 27)) == ["Paper 7", "Paper 6"]


async def test_the_first_poll_makes_no_week_of_what_is_left_of_an_earlier_one(
    world: Daily,
) -> None:
    world.put(item(1, MONDAY, 1), item(2, MONDAY - DAY, 50), item(3, MONDAY - 30 * DAY, 60))
    await world.sync(now=MONDAY)

    await world.sync(now=MONDAY + 8 * DAY)

    assert [issue.week for issue in await world.issues()] == [WEEK]
    assert await world.papers() == ["Paper 1"]


async def test_a_feed_of_arxiv_gives_the_first_papers_without_new_versions(world: Daily) -> None:
    world.announce(announcement(1), announcement(2, "replace"), announcement(3, "cross"))
    first = await world.sync(now=MONDAY)
    world.announce()  # there is none on Saturdays and Sundays
    empty = await world.sync(now=MONDAY + DAY)
    world.announce(announcement(4), announcement(5, "replace-cross"), announcement(6))
    await world.sync(now=MONDAY + 2 * DAY)

    closed = await world.sync(now=MONDAY + 7 * DAY)

    assert (first.state.failure, empty.state.failure, closed.state.alarms) == ("", "", ())
    assert await world.papers() == ["Paper 1", "Paper 3", "Paper 4"]
    paper = (await world.issues())[0].entries[0].paper
    assert paper.titles == {"en": "Paper 1: A Study < B"}
    assert paper.abstracts == {"en": "Long texts where $a < b$."}
    assert paper.key == "arxiv:2606.00001"


async def test_a_week_is_closed_though_the_list_is_down(world: Daily) -> None:
    world.put(item(1, MONDAY, 1))
    await world.sync(now=MONDAY)
    world.site.pages.clear()

    down = await world.sync(now=MONDAY + 7 * DAY)

    assert down.state.failure
    assert await world.papers() == ["Paper 1"]


async def test_a_restart_a_newer_version_and_a_full_reread_keep_what_was_gathered(
    world: Daily,
) -> None:
    world.put(item(1, MONDAY, 1))
    await world.sync(now=MONDAY)
    world.put(item(2, MONDAY + DAY, 2))
    await world.sync(now=MONDAY + DAY, version="2")
    await world.sync(now=MONDAY + 2 * DAY, is_accepted=True)

    await world.sync(now=MONDAY + 7 * DAY)

    assert await world.papers() == ["Paper 2", "Paper 1"]


async def test_a_held_week_is_made_when_it_is_accepted(world: Daily) -> None:
    old = [item(number, MONDAY, number) for number in range(1, 5)]
    for number, each in enumerate(old):
        each["paper"] |= {"id": f"2301.0000{number}"}  # type: ignore[operator]
    world.put(*old)
    await world.sync(now=MONDAY)

    held = await world.sync(now=MONDAY + 7 * DAY)

    assert "its newest paper is of 2023-01" in held.alarms[0]
    assert await world.issues() == []
    accepted = await world.sync(now=MONDAY + 7 * DAY + timedelta(hours=1), is_accepted=True)
    assert accepted.state.alarms == ()
    assert await world.papers() == ["Paper 4", "Paper 3", "Paper 2"]


async def test_a_list_that_is_another_thing_fails_and_keeps_what_was_gathered(
    world: Daily,
) -> None:
    world.put(item(1, MONDAY, 1))
    await world.sync(now=MONDAY)
    for body in ('{"error": "rate limited"}', "[1, 2]", "[{]", "words"):
        world.site.put(ADDRESS, body)
        broken = await world.sync(now=MONDAY + DAY)
        assert broken.state.alarms, body

    await world.sync(now=MONDAY + 7 * DAY)

    assert await world.papers() == ["Paper 1"]


@pytest.mark.parametrize(
    ("closes", "now", "open_week"),
    [
        ((6, time(18)), datetime(2026, 6, 28, 17, 59, tzinfo=UTC), WEEK),
        ((6, time(18)), datetime(2026, 6, 28, 18, tzinfo=UTC), Week(2026, 27)),
        ((0, time(6)), datetime(2026, 6, 29, 5, tzinfo=UTC), WEEK),
        ((0, time(6)), datetime(2026, 6, 29, 6, tzinfo=UTC), Week(2026, 27)),
        ((4, time(0)), datetime(2026, 6, 26, 0, tzinfo=UTC), Week(2026, 27)),
        ((3, time(23)), datetime(2026, 7, 2, 22, tzinfo=UTC), WEEK),
        ((6, time(18)), datetime(2026, 12, 31, tzinfo=UTC), Week(2026, 53)),
    ],
)
def test_a_week_is_closed_at_its_moment(
    closes: tuple[int, time], now: datetime, open_week: Week
) -> None:
    assert WeeklySelection(closes=closes).open_week(now) == open_week


@given(
    days=st.lists(st.integers(-20, 20) | st.none(), max_size=30),
    votes=st.lists(st.integers(-5, 5) | st.none(), min_size=30, max_size=30),
    at=st.integers(0, 400),
)
def test_whatever_is_listed_no_paper_is_in_two_weeks_or_a_made_one(
    days: list[int | None], votes: list[int | None], at: int
) -> None:
    now = MONDAY + timedelta(hours=at)
    listed = [
        ListedPaper(
            0,
            f"Paper {number}",
            links_in(f"2606.{number:05}"),
            day=None if day is None else MONDAY.date() + day * DAY,
            votes=votes[number],
        )
        for number, day in enumerate(days)
    ]
    selection = WeeklySelection(4)
    closed = [Week(2026, 25)] if at % 2 else []

    once = gather((), listed, closed, selection, now)
    twice = gather(once, reversed(listed), closed, selection, now)

    assert twice == once
    assert len({paper.title for paper in once}) == len(once)
    assert not {paper.week for paper in once} & set(map(str, closed))
    for week in {paper.week for paper in once}:
        year, number = week.split("-W")
        (issue,) = make_week(once, Week(int(year), int(number)), "x", selection).issues
        assert str(issue.week) == week
        assert 0 < len(issue.entries) <= 4


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(UnreadableSource):
        assert all(paper.links for paper in daily.parse(body).papers)


def test_a_title_of_arxivs_older_feeds_has_no_id() -> None:
    old = announcement(1).replace("A Study &lt; B", "A Study (arXiv:2606.00001v1 [cs.CL])")

    (paper,) = daily.parse(arxiv_feed([old]).encode()).papers

    assert paper.title == "Paper 1: A Study"
    assert replace(paper, title="", abstract="").links == links_in("2606.00001")
