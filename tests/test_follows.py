"""What people follow: found in a new week, and told in one direct message each."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.commands.context import Context
from bot.commands.service import command_service
from bot.digests.follows import FollowPlanner, message_for
from bot.digests.reviewer import Reviewer
from bot.model.card import Button, Card, Choice
from bot.model.channels import Person, Target
from bot.model.curation import Attribution
from bot.model.papers import Paper
from bot.model.people import Follower, FollowKind
from bot.model.review_rules import ReviewRules
from bot.model.reviews import ReviewState, ReviewVerdict
from bot.model.subscriptions import Subscription
from bot.ports.conversation import Reply, Request
from storage.store import ArchiveStore
from tests import discord_bot, samples, slack_bot
from tests.discord_bot import command, find_control, is_private, visible_text
from tests.slack_user import SlackUser
from tests.slack_workspace import READER, TEAM

ON_BOTH_DATABASES = True
HERE = Target("discord", "100", "200")
READERS = "123456789012345678"
NOON = datetime(2023, 10, 15, 12, tzinfo=UTC)
"""A Sunday."""


@dataclass
class Clock:
    """A clock that stands still."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class World:
    """A community on a day that can be chosen."""

    context: Context
    clock: Clock

    async def ask(
        self, name: str, words: str = "", who: str = READERS, place: Target = HERE, **fields: str
    ) -> Reply:
        service = command_service(self.context)
        person = Person(place.platform, who, "en", may_manage=True)
        return await service.answer(Request(name, words, person, place, fields=fields))

    async def tick(self, patience: timedelta = timedelta()) -> None:
        await FollowPlanner(self.context.people, self.clock, patience).tick()

    async def owed(self) -> list[tuple[str, datetime]]:
        """Return to whom direct messages are owed, and when each is due."""
        far = self.clock.at + timedelta(days=20)
        due = await self.context.ledger.next_parts("discord", far, 1000)
        return sorted(
            (each.subscription.target.person, each.delivery.due_at)
            for each in due
            if each.subscription.target.person
        )

    async def told(self, until: datetime, who: str = READERS) -> list[tuple[str, list[str]]]:
        """Return what a message that is due then tells: each follow, and its papers' keys."""
        person = Person("discord", who)
        found = []
        for each in await self.context.people.followed_papers(person, until):
            papers = await self.context.archive.papers(each.papers)
            found.append((each.follow.name, [paper.key for paper in papers]))
        return found


@pytest.fixture
def world(store: ArchiveStore, context: Context) -> World:
    clock = Clock()
    return World(replace(context, now=clock.now, platforms=frozenset({"discord"})), clock)


def text(reply: Reply) -> str:
    return str(reply.content)


def paper(number: int, title: str, *tags: str) -> Paper:
    return Paper(f"arxiv:2310.{number:05}", titles={"en": title}, tags=tags)


async def test_a_tag_an_author_and_words_are_told_apart(world: World) -> None:
    await world.context.archive.save([samples.issue()])
    await world.context.records.save_records({"2310.01889": samples.RECORD}, NOON)
    said = {
        asked: text(await world.ask("follow", asked))
        for asked in ("agents", "#long-context", "matei zaharia", "author:Ada Lovelace",
                      "ring attention -survey", "tag:nonsense")
    }  # fmt: skip
    kept = await world.context.people.follows(Person("discord", READERS))
    assert [(each.kind, each.name) for each in kept] == [
        (FollowKind.TAG, "agents"), (FollowKind.TAG, "long-context"),
        (FollowKind.AUTHOR, "matei zaharia"), (FollowKind.AUTHOR, "Ada Lovelace"),
        (FollowKind.WORDS, "ring attention -survey"), (FollowKind.WORDS, "tag:nonsense"),
    ]  # fmt: skip
    assert "You follow #agents" in said["agents"]
    assert "cannot be followed" in text(await world.ask("follow", "-"))
    assert "cannot be followed" in text(await world.ask("follow", "x" * 300))
    listed = await world.ask("following")
    assert listed.is_private
    assert "You follow 6 things" in text(listed)
    assert "no longer follow" in text(await world.ask("unfollow", "AGENTS"))
    assert "You do not follow" in text(await world.ask("unfollow", "agents"))
    assert isinstance(listed.content, Card)
    (stop,) = [each for each in listed.content.controls if isinstance(each, Choice)]
    await world.ask("unfollow", stop.options[-1].value)
    assert "do not follow that any more" in text(await world.ask("unfollow", "999999999999"))
    assert "You follow 4 things" in text(await world.ask("following"))


async def test_the_hour_is_the_communitys_until_the_person_chooses(world: World) -> None:
    wanted = Subscription(HERE, "dair", at=time(18, 30), zone="Europe/Berlin")
    await world.context.ledger.subscribe(wanted, NOON)
    near = replace(HERE, channel="201")
    assert "18:30 (Europe/Berlin)" in text(await world.ask("follow", "agents", place=near))
    assert "20:00 (Europe/Berlin)" in text(await world.ask("following", "time=20:00"))
    assert "07:00 (Asia/Seoul)" in text(
        await world.ask("follow", "robotics", time="7am", zone="seoul")
    )
    assert "is no time of day" in text(await world.ask("following", "time=25:00"))
    assert "is no time zone" in text(await world.ask("following", "zone=atlantis"))
    assert "is no setting" in text(await world.ask("following", "daily"))
    elsewhere = await world.ask("follow", "agents", who="9", place=Target("discord", "", "7"))
    assert "09:00 (Asia/Seoul)" in text(elsewhere)


async def test_a_new_week_is_told_once_at_the_persons_hour(world: World) -> None:
    await world.context.archive.save([samples.issue(start=NOON.date() - timedelta(days=60))])
    await world.tick()
    await world.ask("follow", "agents", time="09:00", zone="UTC")
    await world.ask("follow", "robotics", who="8", time="13:00", zone="UTC")
    await world.ask("follow", "nothing-of-it", who="9")
    await world.tick()
    assert await world.owed() == []
    await world.context.archive.save([
        samples.issue([paper(1, "One", "agents"), paper(2, "Two", "robotics", "agents")],
                      start=NOON.date() - timedelta(days=7))
    ])  # fmt: skip
    world.clock.at += timedelta(minutes=5)
    await world.tick()
    await world.tick()
    monday, sunday = datetime(2023, 10, 16, 9, tzinfo=UTC), datetime(2023, 10, 15, 13, tzinfo=UTC)
    assert await world.owed() == [(READERS, monday), ("8", sunday)]
    assert await world.told(monday) == [("agents", ["arxiv:2310.00001", "arxiv:2310.00002"])]
    # The other language's list of the same papers is no news; another paper of it is.
    twin = samples.issue([paper(2, "둘", "agents"), paper(3, "셋", "agents")], series="pytorch-kr",
                         start=NOON.date() - timedelta(days=7))  # fmt: skip
    world.clock.at = monday + timedelta(hours=3)
    await world.context.archive.save([twin])
    await world.tick()
    later = datetime(2023, 10, 23, 9, tzinfo=UTC)
    assert await world.told(later) == [("agents", ["arxiv:2310.00003"])]
    due = await world.context.ledger.next_parts("discord", monday, 1000)
    await world.context.ledger.claim("nobody", [(each, 1) for each in due], monday)
    assert (READERS, monday) in await world.owed()


def test_of_a_week_there_is_one_message_at_most() -> None:
    at = time(9)
    seoul = Follower(1, at, "Asia/Seoul", None)
    first = message_for(seoul, NOON)
    assert first is not None
    assert first.due_at == datetime(2023, 10, 16, 0, tzinfo=UTC)
    assert str(first.week) == "2023-W42"
    waiting = replace(seoul, last_due_at=first.due_at)
    assert message_for(waiting, NOON) is None
    again = message_for(waiting, first.due_at + timedelta(days=2))
    assert again is not None
    assert (again.due_at - first.due_at, str(again.week)) == (timedelta(days=7), "2023-W43")
    # A person who comes to another hour gets no second one in the week either.
    moved = message_for(replace(waiting, at=time(8), zone="UTC"), first.due_at)
    assert moved is not None
    assert moved.due_at == datetime(2023, 10, 23, 8, tzinfo=UTC)


async def test_authors_are_awaited_for_a_while(world: World) -> None:
    await world.ask("follow", "author:Hao Liu", time="09:00", zone="UTC")
    week = samples.issue([samples.RING], start=NOON.date() - timedelta(days=7))
    await world.context.archive.save([week])
    await world.tick(timedelta(hours=1))
    await world.context.records.save_records({"2310.01889": samples.RECORD}, NOON)
    assert await world.owed() == []
    await world.tick(timedelta(hours=1))
    assert len(await world.owed()) == 1
    other = samples.issue([paper(5, "Five", "agents")], start=NOON.date() - timedelta(days=8))
    await world.ask("follow", "agents", who="8", time="09:00", zone="UTC")
    await world.context.archive.save([replace(other, series="x")])
    await world.tick(timedelta(hours=1))
    assert len(await world.owed()) == 1
    world.clock.at += timedelta(hours=1)
    await world.tick(timedelta(hours=1))
    assert len(await world.owed()) == 2


async def test_a_week_that_curators_hold_is_no_news(world: World) -> None:
    reviewer = Reviewer(world.context.reviews, ReviewRules(frozenset({"dair"})))
    await world.ask("follow", "agents", time="09:00", zone="UTC")
    week = samples.issue(start=NOON.date() - timedelta(days=7))
    await world.context.archive.save([week])
    await reviewer.review("dair", (week.week,), NOON)
    await world.tick()
    assert await world.owed() == []
    for review in await world.context.reviews.reviews_of("dair", week.week):
        verdict = ReviewVerdict(ReviewState.APPROVED)
        await world.context.reviews.decide_review(review.id, verdict, Attribution("me"), NOON)
    await world.tick()
    assert len(await world.owed()) == 1


async def test_words_mean_the_papers_that_the_look_up_finds(world: World) -> None:
    """The same words name the same papers, whether they are looked for or followed."""
    papers = [
        samples.RING, samples.UNISIM, samples.FIREACT,
        paper(1, "GPT-4 for robots: a survey", "robotics"),
        paper(2, "대규모 언어 모델의 환각에 대한 서베이"),
    ]  # fmt: skip
    await world.context.archive.save([samples.issue(papers)])
    asked = ("ring attention", '"ring attention"', "gpt4", "robots -survey", "환각 서베이",
             "환각은", "tag:robotics simulators", "learning agents", '"real world"')  # fmt: skip
    for words in asked:
        await world.ask("follow", words, who=f"w{words}")
    world.clock.at += timedelta(minutes=1)
    await world.tick()
    for words in asked:
        found = await world.ask("find", words)
        told = await world.told(world.clock.at, f"w{words}")
        keys = {key for _, some in told for key in some}
        assert keys == {each.key for each in found.papers}, words


async def test_a_message_that_was_refused_is_told_of_once(world: World) -> None:
    await world.ask("follow", "agents")
    people = world.context.people
    await world.context.archive.save([samples.issue(start=NOON.date() - timedelta(days=7))])
    await world.tick()
    owed = await world.context.ledger.next_parts("discord", NOON + timedelta(days=2), 9)
    await world.context.ledger.acquire_or_renew("discord", "me", None, NOON)
    (claimed,) = await world.context.ledger.claim("me", [(owed[0], 1)], NOON)
    await world.context.ledger.mark_failed(claimed, "closed", NOON, is_unconfirmed=False)
    assert await world.context.ledger.pending_notices("discord", NOON, 9) == ()
    first, second = await world.ask("saved"), await world.ask("saved")
    assert "did not arrive" in text(first)
    assert "did not arrive" not in text(second)
    assert await people.take_undelivered(Person("discord", READERS)) == ""
    (button,) = [
        each for each in first.content.controls  # type: ignore[union-attr]
        if isinstance(each, Button) and each.action.name == "followed"
    ]  # fmt: skip
    shown = await world.ask(button.action.name, button.action.argument)
    assert "FireAct" in text(shown)


async def yesterday_news(context: Context, people: Sequence[Person], workspace: str) -> None:
    """Let people be told today of a week that came yesterday."""
    clock = Clock(datetime.now(UTC) - timedelta(days=1))
    planner = FollowPlanner(context.people, clock)
    await planner.tick()
    start = clock.at.date() - timedelta(days=6)
    await context.archive.save([samples.issue(start=start)])
    await planner.tick()


def press(custom_id: str, **more: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "component_type": 2, **more}


async def test_on_discord_followers_get_a_direct_message_and_unfollow_in_it(
    context: Context,
) -> None:
    people = [Person("discord", f"50{number}", "en") for number in range(3)]
    context = replace(context, platforms=frozenset({"discord"}))
    early = replace(context, now=lambda: datetime.now(UTC) - timedelta(days=2))
    world = World(early, Clock())
    for person in people:
        await world.ask("follow", "agents", who=person.id, place=HERE)
    await yesterday_news(context, people, "100")
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        await server.wait_until(lambda: all(server.keys(f"7{each.id}") for each in people))
        (message,) = server.messages["7500"]
        seen = {"data": message}
        answer = await server.interact(3, press(find_control(seen, "Unfollow")))
        listed = await server.interact(2, command("following"))
        await asyncio.sleep(0.3)
        assert all(len(server.keys(f"7{each.id}")) == 1 for each in people)
    assert "FireAct" in visible_text(seen)
    assert "no longer follow" in visible_text(answer)
    assert is_private(listed)
    assert "You follow nothing yet" in visible_text(listed)


async def test_on_slack_a_follower_gets_a_direct_message(context: Context) -> None:
    context = replace(context, platforms=frozenset({"slack"}))
    early = replace(context, now=lambda: datetime.now(UTC) - timedelta(days=2))
    place = Target("slack", TEAM, "C1")
    await World(early, Clock()).ask("follow", "agents", who=READER, place=place)
    await yesterday_news(context, [], TEAM)
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, context):
        user = SlackUser(server, server.sockets)
        direct = f"D{READER[1:]}"
        await server.wait_until(lambda: bool(server.here.messages.get(direct)))
        listed = await user.slash("/following")
        (message,) = server.here.messages[direct]
    assert "FireAct" in json.dumps(message)
    assert listed["response_type"] == "ephemeral"
