"""Measures what 50,000 people with lists of their own cost: commands, a new week, the file.

Commands take CPU time, as other programs use the machine too, and are compared with an archive of
the same papers in which a few people have as much.
"""

import asyncio
import itertools
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from typing import TypeVar

from sqlalchemy import insert

from benchmarks.machine import described, percentile
from bot.app.archive import build_context
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.digests.follows import FollowPlanner
from bot.model.channels import Person, Target
from bot.model.papers import Paper
from bot.ports.conversation import Request
from config.settings import Settings
from storage.database import transaction
from storage.schema.people import follows, people
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import samples

RESULTS = Path(__file__).with_name("RESULTS.md")
PEOPLE, SMALL, FEW = 50_000, 5_000, 200
SAVED, FOLLOWED = 20, 3
PAPERS, PER_WEEK = 400, 20
_TIMES = 200
_TAGS = tuple(f"subject-{number}" for number in range(200))
_WORDS = (
    "attention",
    "diffusion",
    "robots",
    "alignment",
    "quantum",
    "protein",
    "speech",
    "graphs",
)
HERE = Target("discord", "100", "200")
_ROWS_AT_ONCE = 50_000


T = TypeVar("T")


class _Clock:
    """The clock of the machine, put forward."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Week:
    """What a new week took for so many people."""

    people: int
    matching: float
    """CPU seconds until everyone is found whom the week has papers for."""
    told: int
    """How many people that are."""
    enqueueing: float
    """CPU seconds until their messages are owed."""
    next_parts: float
    """CPU seconds of one poll of the outbox then."""
    compose: float
    """CPU seconds of what one message says, the first one of the week apart."""


async def fill_archive(store: ArchiveStore) -> None:
    """Save weeks of papers."""
    numbers = itertools.count()
    start = datetime.now(UTC).date() - timedelta(days=7 * (PAPERS // PER_WEEK) + 60)
    issues = [
        samples.issue(
            [_paper(next(numbers)) for _ in range(PER_WEEK)], start + timedelta(7 * week)
        )
        for week in range(PAPERS // PER_WEEK)
    ]
    await store.save(issues)


def _paper(number: int) -> Paper:
    words = f"{_WORDS[number % len(_WORDS)]} {_WORDS[number // 7 % len(_WORDS)]}"
    return Paper(
        f"arxiv:{2000 + number // 10_000}.{number % 10_000:05}",
        titles={"en": f"Model{number}: a study of {words}"},
        summaries={"en": f"We look at {words} again, and find number {number}."},
        tags=(_TAGS[number % len(_TAGS)], _TAGS[number * 7 % len(_TAGS)]),
    )


def fill_people(store: ArchiveStore, count: int) -> None:
    """Let people keep papers and follow subjects, an author and words."""
    now = datetime.now(UTC)
    engine = store.database.open_engine("benchmark")
    with transaction(store.database, engine) as connection:
        for some in _parts(_people(count, now)):
            connection.execute(insert(people), some)
        # A million rows: the types of SQLAlchemy would take longer than the database.
        saved = "INSERT INTO saved_papers VALUES (?, ?, ?, ?)"
        connection.exec_driver_sql(saved, list(_saved(count, now)))
        for some in _parts(_follows(count, now)):
            connection.execute(insert(follows), some)
    engine.dispose()


def _people(count: int, now: datetime) -> Iterator[dict[str, object]]:
    for number in range(1, count + 1):
        yield {
            "id": number, "platform": "discord", "person": _id(number), "workspace": "100",
            "language": "en", "at": hour(number % 24), "zone": "Asia/Seoul", "undelivered": "",
            "seen_at": now,
        }  # fmt: skip


def _saved(count: int, now: datetime) -> Iterator[tuple[int, int, str, str | None]]:
    times = [f"{(now - timedelta(minutes=place)).replace(tzinfo=None)}" for place in range(SAVED)]
    for number in range(1, count + 1):
        for place in range(SAVED):
            paper = (number * 37 + place * 101) % PAPERS + 1
            yield number, paper, times[place], times[place] if place % 2 else None


def _follows(count: int, now: datetime) -> Iterator[dict[str, object]]:
    for number in range(1, count + 1):
        tag, word = _TAGS[number % len(_TAGS)], _WORDS[number % len(_WORDS)]
        author = f"ada{number % 5000} lovelace"
        for kind, key, terms in (
            ("tag", tag, {"tags": [tag]}), ("author", author, {"authors": [author]}),
            ("words", word, {"needed": [[[word]], [[f"model{number % 9000}"]]]}),
        ):  # fmt: skip
            name = f"{key} model{number % 9000}" if kind == "words" else key
            if kind == "words":
                key = max((key, f"model{number % 9000}"), key=len)  # noqa: PLW2901 - as it is stored
            yield {"person_id": number, "kind": kind, "key": key, "name": name, "terms": terms,
                   "made_at": now}  # fmt: skip


def _parts(rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    while some := list(itertools.islice(rows, _ROWS_AT_ONCE)):
        yield some


def _id(number: int) -> str:
    return str(10**17 + number)


async def measure_commands(context: Context) -> dict[str, float]:
    """Return the 99th percentile of the CPU milliseconds of each command."""
    asked = {
        "/save": ("save", "id:{paper}"), "/saved": ("saved", ""),
        "/saved unread 2": ("saved", "unread 2"),
        "unsave": ("unsave", "id:{paper}"), "/follow": ("follow", "tag:subject-{tag}"),
        "/following": ("following", ""), "/unfollow": ("unfollow", "tag:subject-{tag}"),
        "/remind": ("remind", "id:{paper} friday"), "/reminders": ("reminders", ""),
        "/privacy": ("privacy", ""), "/paper": ("paper", "id:{paper}"),
    }  # fmt: skip
    found = {}
    for label, (name, words) in asked.items():
        taken = []
        for number in range(_TIMES):
            argument = words.format(paper=number * 5 % PAPERS + 1, tag=number * 3 % len(_TAGS))
            person = Person("discord", _id(number % FEW + 1), "en")
            started = time.process_time()
            await dispatch(context, Request(name, argument, person, HERE))
            taken.append((time.process_time() - started) * 1000)
        found[label] = percentile(taken, 0.99)
    return found


async def measure_week(store: ArchiveStore, count: int) -> Week:
    """Let a week come, and decide for everyone who follows something of it."""
    clock = _Clock()
    clock.ahead = timedelta(minutes=1)
    store_people, ledger = store.people(), store.ledger()
    first = PAPERS + 10_000
    week = samples.issue(
        [_paper(first + number) for number in range(PER_WEEK)],
        datetime.now(UTC).date() - timedelta(days=7),
    )
    await FollowPlanner(store_people, clock).tick()
    await store.save([week])
    await store_people.note_issues(clock.now())
    (issue,) = await store_people.unmatched_issues()
    now = clock.now()
    await store_people.begin_news(issue, now)
    issue = replace(issue, news_at=now)
    matching, told = await _cpu(lambda: store_people.find_followers(issue))
    enqueueing, _ = await _cpu(FollowPlanner(store_people, clock).tick)
    far = clock.now() + timedelta(days=2)
    next_parts, due = await _cpu(lambda: ledger.next_parts("discord", far, 200))
    target = due[0].subscription.target
    until = due[0].delivery.due_at
    person = Person(target.platform, target.person)
    await store_people.followed_papers(person, until)
    compose, _ = await _cpu(lambda: store_people.followed_papers(person, until))
    return Week(count, matching, len(told), enqueueing, next_parts, compose)


async def _cpu(work: Callable[[], Awaitable[T]]) -> tuple[float, T]:
    started = time.process_time()
    found = await work()
    return time.process_time() - started, found


async def _with_people(
    empty: Path, folder: Path, count: int
) -> tuple[dict[str, float], Week | None, int, int]:
    """Return the commands and the week of so many people, and the file's bytes before, after."""
    path = folder / f"{count}.sqlite3"
    SqliteDatabase(empty).copy_to(path)
    store = ArchiveStore.open(path)
    before = _size(path)
    await asyncio.to_thread(fill_people, store, count)
    after = _size(path)
    context = replace(
        build_context(Settings(), store), embedder=None, platforms=frozenset({"discord"})
    )
    commands = await measure_commands(context) if count != SMALL else {}
    week = await measure_week(store, count) if count != FEW else None
    await store.close()
    return commands, week, before, after


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


def report(
    few: dict[str, float], full: dict[str, float], weeks: list[Week], sizes: tuple[int, int]
) -> str:
    """Return the results as tables."""
    load = os.getloadavg()[0]
    mebi = 1 << 20
    lines = [
        "# What 50,000 people with lists of their own cost", "",
        f"Written by `make bench-people`: {PEOPLE:,} people, each with {SAVED} saved papers and",
        f"{FOLLOWED} follows, in an archive of {PAPERS:,} papers; {described('sqlalchemy')},",
        f"load {load:.0f} at the end. CPU time, which other programs do not lengthen.", "",
        f"The 99th percentile of {_TIMES} answers, beside the same with {FEW} people:", "",
        f"| command | {FEW} people, ms | {PEOPLE:,} people, ms | ratio |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {name} | {few[name]:.1f} | {full[name]:.1f} | {full[name] / few[name]:.1f} |"
            for name in full
        ), "",
        "A new week of 20 papers:", "",
        "| figure | " + " | ".join(f"{each.people:,} people" for each in weeks) + " | growth |",
        "| --- | ---: | ---: | ---: |",
    ]  # fmt: skip
    small, large = weeks
    for name, text in (
        ("told", "people with papers"), ("matching", "finding them, s"),
        ("enqueueing", "the whole tick, s"), ("next_parts", "a poll of the outbox, s"),
        ("compose", "papers of one message, s"),
    ):  # fmt: skip
        first, second = getattr(small, name), getattr(large, name)
        shown = [f"{each:,}" if name == "told" else f"{each:.3f}" for each in (first, second)]
        lines.append(f"| {text} | {shown[0]} | {shown[1]} | {second / max(first, 1e-9):.1f} |")
    before, after = sizes
    each = (after - before) / PEOPLE
    lines += [
        "",
        f"The file grows from {before / mebi:.0f} to {after / mebi:.0f} MiB:",
        f"{each:.0f} bytes a person.",
        "",
    ]
    return "\n".join(lines)


async def _measure() -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = folder / "made.sqlite3"
        SqliteDatabase(made).prepare()
        store = ArchiveStore.open(made)
        await fill_archive(store)
        await store.close()
        few, _, _, _ = await _with_people(made, folder, FEW)
        _, small, _, _ = await _with_people(made, folder, SMALL)
        full, large, before, after = await _with_people(made, folder, PEOPLE)
    return report(few, full, [each for each in (small, large) if each], (before, after))


def main() -> None:
    """Measure, and write the results."""
    found = asyncio.run(_measure())
    RESULTS.write_text(found)
    print(found)


if __name__ == "__main__":
    main()
