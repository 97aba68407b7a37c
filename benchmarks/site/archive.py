"""Fills an archive with weeks of generated papers that have tags, authors and both languages."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from bot.model.papers import Entry, Issue, Link, MetadataProvider, Paper, Record
from bot.model.weeks import Week
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore

_FIRST_DAY = date(2006, 1, 2)
_PER_WEEK = 20
_SERIES = ("alpha", "beta", "gamma", "delta", "epsilon")
_TAGS, _AUTHORS = 120, 20_000
_SYLLABLES = ("가나다라마바사아자차카타파하" * 3)[::2]


def vocabulary(count: int = 20_000) -> list[str]:
    """Return made-up words, so that as many papers share one as in a real archive."""
    chance = random.Random(0)
    parts = [first + last for first in "bcdfghjklmnprstvz" for last in "aeiou"]
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choices(parts, k=chance.randint(2, 4)))] = None
    return list(found)


async def fill(path: Path, count: int, words: Sequence[str]) -> None:
    """Write an archive of so many papers."""
    SqliteDatabase(path).prepare()
    store = ArchiveStore.open(path)
    try:
        batch: list[Issue] = []
        for issue in issues(count, words):
            batch.append(issue)
            if len(batch) == 50:
                await store.save(batch)
                batch = []
        await store.save(batch)
    finally:
        await store.close()


def issues(count: int, words: Sequence[str]) -> Iterator[Issue]:
    """Yield weeks of papers with these words in them, reproducibly."""
    chance = random.Random(1)
    weights = list(accumulate(1 / (place + 10) for place in range(len(words))))
    tags = [f"tag-{number:03}" for number in range(_TAGS)]
    tag_weights = [1 / (place + 3) for place in range(_TAGS)]
    for number in range(count // _PER_WEEK):
        start = _FIRST_DAY + timedelta(weeks=number // len(_SERIES))
        papers = []
        for place in range(_PER_WEEK):
            own = number * _PER_WEEK + place
            named = " ".join(chance.choices(words, cum_weights=weights, k=6))
            title = f"{named.capitalize()} {own}"
            arxiv = f"{2000 + own // 10_000}.{own % 10_000:05}"
            korean = "".join(chance.choices(_SYLLABLES, k=20))
            summary = " ".join(chance.choices(words, cum_weights=weights, k=60)).capitalize() + "."
            papers.append(
                Paper(
                    key=f"arxiv:{arxiv}",
                    titles={"en": title, "ko": f"{korean} {own}"},
                    summaries={"en": summary, "ko": f"{korean} 요약입니다. " * 8},
                    tags=tuple(dict.fromkeys(chance.choices(tags, tag_weights, k=3))),
                    links=(Link("paper", "Paper", f"https://arxiv.org/abs/{arxiv}"),),
                )
            )
        yield Issue(
            series=_SERIES[number % len(_SERIES)],
            week=Week.of(start),
            start=start,
            end=start + timedelta(days=6),
            titles={"en": "Papers of the week"},
            intros={"en": " ".join(chance.choices(words, cum_weights=weights, k=80))},
            entries=tuple(Entry(place, paper) for place, paper in enumerate(papers, start=1)),
        )


def records(count: int) -> dict[str, Record]:
    """Return records with authors for every second paper, by arXiv id."""
    chance = random.Random(2)
    found = {}
    for own in range(0, count, 2):
        names = [f"Author {chance.randrange(_AUTHORS)}" for _ in range(4)]
        found[f"{2000 + own // 10_000}.{own % 10_000:05}"] = Record(
            origin=MetadataProvider.ARXIV, authors=tuple(dict.fromkeys(names)), category="cs.LG"
        )
    return found
