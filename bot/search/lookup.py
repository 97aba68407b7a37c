"""Looks a paper up: asks the stages in turn, the most certain first, and else guesses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from bot.lib.normalise import letters
from bot.ports.embedder import Embedder
from bot.ports.search_index import SearchIndex, Snippet
from bot.search.description import Description, in_english, parse_description
from bot.search.guesses import Guess, rank_by_words
from bot.search.meaning import fuse, guess_by_meaning
from bot.search.stages import (
    EXACT_STAGES,
    MAX_CANDIDATES,
    NAME_STAGES,
    Hit,
    Stage,
    best_hits,
    match_similar,
    match_sound,
    match_sure_sound,
    match_texts,
    typo_stage,
)
from bot.search.thesaurus import NO_THESAURUS, Thesaurus

MAX_QUERY_LENGTH = 300
"""Characters of a query that are read; the rest is ignored."""

_CLOSE_SOUND = 55
"""Minimum score of a name whose sound counts more than other words."""

_MAX_GUESSES = 5
_MIN_DESCRIBED = 2
"""Words with a meaning from which on a completion takes what is typed for a description."""

_MAX_SUGGESTIONS = 3
_MIN_LEAD = 8.0
"""Minimum lead (0 to 100) of the best hit over the next to be shown alone."""


@dataclass(frozen=True, slots=True)
class StageResult:
    """The hits of one stage."""

    stage: str
    hits: tuple[Hit, ...]

    def __str__(self) -> str:
        found = ", ".join(f"{hit.name} ({hit.score:.0f})" for hit in self.hits)
        return f"{self.stage}: {found or 'nothing'}"


@dataclass(frozen=True, slots=True)
class LookupResult:
    """The result of a look-up."""

    hits: tuple[Hit, ...] = ()
    """Matching papers, best first; the newer first on equal scores."""
    guesses: tuple[Guess, ...] = ()
    """Papers that may be meant, where none matches surely; best first."""
    suggestions: tuple[Hit, ...] = ()
    """The nearest names where no paper matches."""
    steps: tuple[StageResult, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether the first hit can be shown without a choice."""
        if len(self.hits) == 1:
            return True
        return bool(self.hits) and self.hits[0].score - self.hits[1].score >= _MIN_LEAD


def look_up(
    index: SearchIndex,
    query: str,
    limit: int = 5,
    thesaurus: Thesaurus = NO_THESAURUS,
    embedder: Embedder | None = None,
) -> LookupResult:
    """Return the papers that match a query; the first stage with hits ends the search.

    Where no stage is sure, papers are guessed from the query's words and, with an embedder, from
    its meaning.
    """
    asked = query.strip()[:MAX_QUERY_LENGTH]
    steps: list[StageResult] = []
    exact = ((name, stage, asked) for name, stage in EXACT_STAGES)
    # Most queries are names: what else they may say is not parsed.
    if hits := _first_hits(index, exact, limit, steps):
        return LookupResult(hits, steps=tuple(steps))
    description = parse_description(asked)
    if not description.content:
        return LookupResult(steps=tuple(steps))
    similar_to = cache(lambda text: tuple(match_similar(index, text)))
    attempts = _attempts(asked, description, typo_stage(similar_to))
    if hits := _first_hits(index, attempts, limit, steps):
        return LookupResult(hits, steps=tuple(steps))
    similar = best_hits(similar_to(description.core), _MAX_SUGGESTIONS)
    sounding = _of_period(
        index, best_hits(match_sound(index, description.core), limit), description
    )
    by_words = rank_by_words(index, description, thesaurus)
    guesses = by_words.guesses(_MAX_GUESSES)
    steps.append(StageResult("sound", sounding))
    steps.append(StageResult("words", tuple(_as_hit(guess) for guess in guesses)))
    if embedder is not None:
        wordings = (description.core, *in_english(description.content, thesaurus))
        near = guess_by_meaning(index, embedder, wordings, by_words.scores)
        near = _near_of_period(index, near, description)
        guesses = fuse(index, by_words, near, _MAX_GUESSES)
        steps.append(StageResult("meaning", tuple(_as_hit(guess) for guess in guesses)))
    guesses = _with_sounds(guesses, sounding)[:limit]
    steps.append(StageResult("nearest", similar))
    return LookupResult(guesses=guesses, suggestions=similar, steps=tuple(steps))


_Attempt = tuple[str, Stage, str]
"""A stage with its name and the text to look for."""


def _first_hits(
    index: SearchIndex, attempts: Iterable[_Attempt], limit: int, steps: list[StageResult]
) -> tuple[Hit, ...]:
    """Return the hits of the first attempt that has any; what each found is added to the steps."""
    for name, stage, text in attempts:
        hits = best_hits(stage(index, text), MAX_CANDIDATES)[:limit]
        steps.append(StageResult(name, hits))
        if hits:
            return hits
    return ()


def _attempts(asked: str, description: Description, match_typos: Stage) -> Iterator[_Attempt]:
    """Yield the stages after the exact ones: for the query, then for its core."""

    def of_period(stage: Stage) -> Stage:
        def match(index: SearchIndex, text: str) -> tuple[Hit, ...]:
            hits = best_hits(stage(index, text), MAX_CANDIDATES)
            return _of_period(index, hits, description)

        return match

    core = description.core
    by_name = (*NAME_STAGES, ("mistyped", match_typos))
    for name, stage in by_name[len(EXACT_STAGES) :]:
        yield name, stage, asked
    if core != asked:
        for name, stage in by_name:
            yield f"core {name}", of_period(stage), core
    yield "text", match_texts, asked
    yield "sure sound", of_period(match_sure_sound), core
    if core != asked:
        yield "core text", of_period(match_texts), core


def _of_period(
    index: SearchIndex, hits: tuple[Hit, ...], description: Description
) -> tuple[Hit, ...]:
    if description.period is None or not hits:
        return hits
    days = index.days_of([hit.paper_id for hit in hits])
    return tuple(hit for hit in hits if description.is_of_period(days.get(hit.paper_id, ())))


def _near_of_period(
    index: SearchIndex, near: tuple[tuple[int, float], ...], description: Description
) -> tuple[tuple[int, float], ...]:
    if description.period is None or not near:
        return near
    days = index.days_of([number for number, _ in near])
    return tuple(each for each in near if description.is_of_period(days.get(each[0], ())))


def _with_sounds(guesses: Sequence[Guess], sounding: Sequence[Hit]) -> tuple[Guess, ...]:
    """Return guesses with the names that sound alike: close ones first, the others last."""
    by_sound = [
        Guess(hit.paper_id, hit.score, Snippet(hit.paper_id, ((hit.name, True),)))
        for hit in sounding
    ]
    close = [guess for guess in by_sound if guess.score >= _CLOSE_SOUND]
    ordered: dict[int, Guess] = {}
    for guess in (*close, *guesses, *by_sound):
        ordered.setdefault(guess.paper_id, guess)
    return tuple(ordered.values())


def _as_hit(guess: Guess) -> Hit:
    shown = "".join(text for text, _ in guess.snippet.parts)
    return Hit(guess.paper_id, guess.score, 0, "words", shown)


@dataclass(frozen=True, slots=True)
class NameCompletion:
    """A completion of a paper's name."""

    paper_id: int
    name: str


def complete_name(
    index: SearchIndex, prefix: str, limit: int = 25, thesaurus: Thesaurus = NO_THESAURUS
) -> tuple[NameCompletion, ...]:
    """Return papers whose name has this prefix, newest first, then those with such a word.

    After them come those that a half-typed description of several words may mean.
    """
    typed = prefix[:MAX_QUERY_LENGTH]
    spelt = letters(typed)
    if not spelt:
        return ()
    found: dict[int, str] = {}
    for ask in (index.find_by_prefix, index.find_by_word_prefix):
        if len(found) < limit:
            for name in ask(spelt, 2 * limit):
                found.setdefault(name.paper_id, name.name)
    description = parse_description(typed)
    if not found and len(description.content) >= _MIN_DESCRIBED:
        ranking = rank_by_words(index, description, thesaurus, is_typing=True)
        for guess in ranking.guesses(_MAX_GUESSES):
            found[guess.paper_id] = _as_hit(guess).name
    return tuple(NameCompletion(number, name) for number, name in found.items())[:limit]
