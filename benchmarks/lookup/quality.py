"""Scores the look-up on a list of queries and on randomly damaged titles."""

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.model.papers import Paper
from bot.ports.embedder import Embedder
from bot.ports.search_index import SearchIndex
from bot.search.lookup import look_up
from bot.search.thesaurus import Thesaurus

QUERIES = Path(__file__).with_name("queries.tsv")
MEMBER_QUERIES = Path(__file__).with_name("members.tsv")
LATER_MEMBER_QUERIES = Path(__file__).with_name("members-2.tsv")
JUDGED_QUERIES = Path(__file__).with_name("members-judged.tsv")
LATER_JUDGED_QUERIES = tuple(
    Path(__file__).with_name(f"members-judged-{number}.tsv") for number in (2, 3, 4, 5)
)
SAMPLE_QUERIES = Path(__file__).with_name("sample-queries.tsv")
NOTHING = "-"
FIVE = 5


@dataclass(frozen=True, slots=True)
class Query:
    """A query and the right papers; empty where nothing matches."""

    kind: str
    text: str
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of a kind: queries, right paper first, right paper among five."""

    asked: int
    first: int
    among_five: int
    wrong: tuple[str, ...]
    """Queries whose first answer was wrong."""


def read(path: Path, papers: Iterable[Paper]) -> list[Query]:
    """Return the queries of a file; a title stands for each paper that bears it, a key for one."""
    by_title: dict[str, set[int]] = defaultdict(set)
    for paper in papers:
        for wording in (paper.titles.values(), _english(paper), (paper.key,)):
            for title in wording:
                by_title[title.casefold()].add(paper.id)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Query(
            row["kind"],
            row["query"],
            frozenset()
            if row["title"] == NOTHING
            else frozenset(by_title[row["title"].casefold()]),
        )
        for row in rows
    ]


def _english(paper: Paper) -> tuple[str, ...]:
    return (paper.nickname,) if paper.nickname else ()


def damaged(papers: Sequence[Paper], count: int, seed: int) -> list[Query]:
    """Return queries made of titles: one or two letters wrong, squashed, cut, words lost."""
    chance = random.Random(seed)
    by_title: dict[str, set[int]] = defaultdict(set)
    for paper in papers:
        for title in paper.titles.values():
            by_title[title].add(paper.id)
    titles = sorted(title for title in by_title if len(title) > 8)
    found = []
    for title in chance.sample(titles, min(count, len(titles))):
        kind = chance.choice(sorted(_DAMAGES))
        found.append(Query(kind, _DAMAGES[kind](title, chance), frozenset(by_title[title])))
    return found


def _typo(title: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(title) - 1)
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
    return chance.choice(
        [
            title[:place] + title[place + 1 :],
            title[:place] + letter + title[place + 1 :],
            title[:place] + letter + title[place:],
            title[:place] + title[place + 1] + title[place] + title[place + 2 :],
        ]
    )


def _two_typos(title: str, chance: random.Random) -> str:
    return _typo(_typo(title, chance), chance)


def _squash(title: str, chance: random.Random) -> str:
    return "".join(char for char in _typo(title, chance) if char.isalnum()).lower()


def _beginning(title: str, chance: random.Random) -> str:
    return title[: max(6, int(len(title) * chance.uniform(0.5, 0.9)))]


def _shuffled(title: str, chance: random.Random) -> str:
    words = title.split()
    chance.shuffle(words)
    return " ".join(words)


_DAMAGES = {
    "one typo": _typo,
    "two typos": _two_typos,
    "squashed, a typo": _squash,
    "beginning": _beginning,
    "shuffled": _shuffled,
}


def measure(index: SearchIndex, queries: Iterable[Query]) -> dict[str, Score]:
    """Return the score of each kind; the kind 'none' counts a query right that finds nothing."""
    grouped: dict[str, list[Query]] = defaultdict(list)
    for query in queries:
        grouped[query.kind].append(query)
    return {kind: _score(index, each) for kind, each in grouped.items()}


def _score(index: SearchIndex, queries: Sequence[Query]) -> Score:
    first, five, wrong = 0, 0, []
    for query in queries:
        found = [hit.paper_id for hit in look_up(index, query.text, FIVE).hits]
        right_first = found[0] in query.right if found else not query.right
        first += right_first
        five += bool(query.right.intersection(found)) or (not found and not query.right)
        if not right_first:
            wrong.append(query.text)
    return Score(len(queries), first, five, tuple(wrong))


@dataclass(frozen=True, slots=True)
class DescriptionScore:
    """Counts of a kind of described papers; guesses count where nothing is sure."""

    asked: int
    first: int
    among_five: int
    sure: int
    """Queries that got a sure answer."""
    sure_and_wrong: tuple[str, ...]
    """Queries whose sure answer does not have the right paper."""


def half(queries: Sequence[Query], *, tuned: bool) -> list[Query]:
    """Return every second query: those that the stages were tuned on, or the others."""
    return list(queries[not tuned :: 2])


def measure_descriptions(
    index: SearchIndex,
    queries: Iterable[Query],
    thesaurus: Thesaurus,
    embedder: Embedder | None = None,
) -> dict[str, DescriptionScore]:
    """Return the score of each kind, sure answers and guesses together."""
    grouped: dict[str, list[Query]] = defaultdict(list)
    for query in queries:
        grouped[query.kind].append(query)
    return {
        kind: _describe(index, each, thesaurus, embedder) for kind, each in sorted(grouped.items())
    }


def measure_engine(
    ask: Callable[[str], Sequence[int]], queries: Iterable[Query]
) -> tuple[float, float]:
    """Return the shares of queries whose right paper another engine has first, and among five."""
    found = [(ask(query.text), query.right) for query in queries]
    first = sum(bool(shown) and shown[0] in right for shown, right in found)
    five = sum(bool(right.intersection(shown)) for shown, right in found)
    return first / len(found), five / len(found)


def _describe(
    index: SearchIndex, queries: Sequence[Query], thesaurus: Thesaurus, embedder: Embedder | None
) -> DescriptionScore:
    first, five, sure, wrong = 0, 0, 0, []
    for query in queries:
        found = look_up(index, query.text, FIVE, thesaurus, embedder)
        hits = [hit.paper_id for hit in found.hits]
        shown = hits or [guess.paper_id for guess in found.guesses]
        first += bool(shown) and shown[0] in query.right
        five += bool(query.right.intersection(shown))
        sure += bool(hits)
        if hits and not query.right.intersection(hits):
            wrong.append(query.text)
    return DescriptionScore(len(queries), first, five, sure, tuple(wrong))


def total(scores: Iterable[Score]) -> Score:
    """Return all scores as one."""
    each = list(scores)
    return Score(
        sum(score.asked for score in each),
        sum(score.first for score in each),
        sum(score.among_five for score in each),
        tuple(text for score in each for text in score.wrong),
    )
