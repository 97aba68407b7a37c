"""The stages of a look-up: each finds papers by one way of naming them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.lib.normalise import (
    fold,
    hangul_to_latin_keys,
    index_tokens,
    is_lone_jamo,
    latin_to_hangul_keys,
    letters,
    stem,
    words,
)
from bot.lib.transliteration import has_hangul, romanise, sounds
from bot.papers.identifiers import find_keys
from bot.ports.search_index import IndexedName, SearchIndex
from bot.search.description import content_words
from bot.search.similarity import coverage, has_numbers, max_typos, similarity_score

MAX_CANDIDATES = 200
"""Maximum number of names that a stage compares."""

_MAX_FUZZY_CANDIDATES = 60
"""Maximum number of names with common trigrams that are compared letter by letter."""

_MIN_LAYOUT_LENGTH = 3
"""Minimum letters for the other keyboard layout; shorter input is ambiguous."""

_MAX_WORD_GAP = 8
"""Maximum number of other words between the words of a phrase."""

_MIN_PHRASE_WORDS = 3
"""Minimum words that carry meaning of a phrase; a shorter one needs a word of its own."""

_MIN_SURE_TYPO = 5
"""In shorter names a mistake makes another name: it only suggests."""

_MIN_SURE_WORD = 7
"""In a shorter single word another letter makes another name: ResNet is not RetNet."""

_MIN_SOUND = 2
"""Minimum consonants of a name that is found by its sound."""

_MAX_SOUNDING = 40
"""Maximum number of names of one sound that are compared."""

_MIN_CLEAR_SOUND = 3
_MIN_ALIKE = 0.75
"""Names of fewer consonants have to be spelt alike as well to be meant surely."""

_SURE_SOUND = 85
"""Minimum score of a name that is surely meant by its sound."""

_PLURAL = "S"
"""The sound of a plural, which Korean leaves out: OpenAgents is 오픈에이전트."""

_MAX_INITIALS = 7
_MIN_SIMILARITY = 45.0
"""Minimum similarity (0 to 100) of a suggested name."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate paper."""

    paper_id: int
    score: float
    """0 to 100; comparable within one query only."""
    newest_ordinal: int
    stage: str
    name: str


Stage = Callable[[SearchIndex, str], Iterable[Hit]]
"""Yields the papers that a text may name."""


def _match_keys(index: SearchIndex, asked: str) -> Iterable[Hit]:
    keys = find_keys(asked)
    for number in index.find_by_keys(keys):
        yield Hit(number, 100, 0, "key", ", ".join(keys))


def _match_exact_name(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if spelt:
        names = index.find_exact(spelt, MAX_CANDIDATES)
        same = [name for name in names if _has_same_sign(asked, name)]
        yield from _hits(same, "equal", lambda _: 100)


def _has_same_sign(asked: str, name: IndexedName) -> bool:
    """Tell whether both or neither have a plus, the one sign that makes another name: LoRA+."""
    return ("+" in fold(asked)) == ("+" in fold(name.name))


def _match_partial_name(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    if not spelt:
        return
    names = tuple(filter(_is_whole, index.find_by_prefix(spelt, MAX_CANDIDATES)))
    others = {name for name in names if not _has_same_sign(asked, name)}
    yield from _hits(
        names,
        "beginning",
        lambda name: (75 if name in others else 85) + 10 * coverage(spelt, name),
    )
    names = index.find_by_word_prefix(spelt, MAX_CANDIDATES)
    yield from _hits(names, "start", lambda name: 75 + 10 * coverage(spelt, name))
    if not content_words(asked):
        return
    stems = [letters(stem(word)) for word in words(asked)]
    names = tuple(
        name
        for name in index.find_by_all_words([each for each in stems if each], MAX_CANDIDATES)
        if has_numbers(asked, name.name)
    )
    whole = "".join(stems)
    yield from _hits(names, "words", lambda name: 70 + 10 * coverage(whole, name))


def _is_whole(name: IndexedName) -> bool:
    """Tell whether a name is not one of initials, which are only found whole."""
    return len(name.letters) > _MAX_INITIALS or letters(name.name) == name.letters


def _match_other_layout(index: SearchIndex, asked: str) -> Iterable[Hit]:
    spelt = letters(asked)
    for meant in (hangul_to_latin_keys(asked), latin_to_hangul_keys(asked)):
        # Input whose script stays the same was not typed on the other layout.
        if len(meant) >= _MIN_LAYOUT_LENGTH and is_lone_jamo(spelt) != is_lone_jamo(meant):
            yield from _match_converted(index, meant)


def _match_converted(index: SearchIndex, meant: str) -> Iterable[Hit]:
    names = index.find_by_prefix(meant, MAX_CANDIDATES) + index.find_by_word_prefix(
        meant, MAX_CANDIDATES
    )
    yield from _hits(names, "other keys", lambda name: 60 + 30 * coverage(meant, name))


def typo_stage(similar: Callable[[str], Iterable[Hit]]) -> Stage:
    """Return the stage that finds names with few mistakes among what `match_similar` yields."""

    def match_typos(index: SearchIndex, asked: str) -> Iterable[Hit]:
        spelt = letters(asked)
        if len(spelt) < _MIN_SURE_TYPO or _is_known_word(index, asked):
            return
        is_short = len(spelt) < _MIN_SURE_WORD and len(words(asked)) == 1
        for hit in similar(asked):
            is_close = hit.score >= 100 * (1 - max_typos(spelt) / len(spelt))
            if is_close and not (is_short and _is_substituted(spelt, letters(hit.name))):
                yield hit

    return match_typos


def _is_substituted(spelt: str, name: str) -> bool:
    """Tell whether other letters, not missing or swapped ones, tell two names apart."""
    return len(spelt) == len(name) and sorted(spelt) != sorted(name)


def _is_known_word(index: SearchIndex, asked: str) -> bool:
    """Tell whether texts have a single word as it was typed: it is no mistake then."""
    tokens = index_tokens(asked)
    if len(words(asked)) != 1 or not tokens:
        return False
    return bool(index.search_texts(tokens, 1, 0, max_gap=0)[0])


def match_sure_sound(index: SearchIndex, core: str) -> Iterable[Hit]:
    """Yield those of `match_sound` that are surely meant: whole and spelt alike."""
    for hit in match_sound(index, core):
        if hit.score >= _SURE_SOUND:
            yield hit


def match_sound(index: SearchIndex, core: str) -> Iterable[Hit]:
    """Yield names in the other script that sound like the query."""
    spoken = [sound for sound in sounds(core) if len(sound) >= _MIN_SOUND]
    roman = letters(romanise(core))
    for sound in spoken:
        for name in index.find_by_sound(sound, _MAX_SOUNDING):
            if has_hangul(name.name) == has_hangul(core):
                continue
            run = _sounding_run(sound, name.name)
            if run is not None:
                start, text = run
                alike = OSA.normalized_similarity(roman, letters(romanise(text)))
                is_whole = letters(text) == name.letters
                score = 40 + 30 * alike + 15 * (start == 0) + 10 * is_whole + min(len(sound), 5)
                if len(sound) < _MIN_CLEAR_SOUND and alike < _MIN_ALIKE:
                    score = min(score, _SURE_SOUND - 1)
                yield Hit(name.paper_id, score, name.newest_ordinal, "sound", name.name)


def _sounding_run(sound: str, name: str) -> tuple[int, str] | None:
    """Return the words of a name that sound so: the first one's position, and the text."""
    parts = re.findall(r"\w+", name)
    for start in range(len(parts)):
        for end in range(start + 1, len(parts) + 1):
            text = " ".join(parts[start:end])
            if not {sound, sound + _PLURAL}.isdisjoint(sounds(text)):
                return start, text
    return None


def match_similar(index: SearchIndex, asked: str) -> Iterable[Hit]:
    """Yield the nearest names, however many mistakes lie between."""
    spelt = letters(asked)
    if not spelt:
        return
    typed = [letters(word) for word in words(asked)]
    for hit in _hits(
        index.find_similar(spelt, _MAX_FUZZY_CANDIDATES),
        "alike",
        lambda name: similarity_score(spelt, typed, name),
    ):
        if hit.score >= _MIN_SIMILARITY:
            yield hit


def match_texts(index: SearchIndex, asked: str) -> Iterable[Hit]:
    """Yield papers that have the query as a phrase in a title, summary or abstract."""
    spoken = index_tokens(asked)
    content = index_tokens(" ".join(content_words(asked)))
    said = [word for word in words(asked) if not word.isdigit()]
    if len(said) < 2 and len(spoken) < _MIN_PHRASE_WORDS:  # noqa: PLR2004 - one word is no phrase
        return
    numbers, total = index.search_texts(spoken, MAX_CANDIDATES, 0, max_gap=0)
    is_long = len(content) >= _MIN_PHRASE_WORDS
    if not is_long and not _is_telling(index, content, total):
        return
    if not numbers and is_long:
        near, _ = index.search_texts(spoken, MAX_CANDIDATES, 0, max_gap=_MAX_WORD_GAP)
        numbers = _with_numbers(index, near, asked)
    for place, number in enumerate(numbers):
        yield Hit(number, max(60.0 - place, 0), 0, "text", asked)


def _is_telling(index: SearchIndex, tokens: Sequence[str], total: int) -> bool:
    """Tell whether a word of a phrase is in no other texts; else it is a subject, no quotation."""
    return any(index.search_texts((each,), 1, 0, max_gap=0)[1] == total for each in tokens)


def _with_numbers(index: SearchIndex, papers: Sequence[int], asked: str) -> tuple[int, ...]:
    """Return the papers that have the numbers of a query in one of their texts."""
    if not any(map(str.isdigit, asked)):
        return tuple(papers)
    texts = index.texts(papers)
    return tuple(each for each in papers if any(has_numbers(asked, text) for text in texts[each]))


EXACT_STAGES: tuple[tuple[str, Stage], ...] = (
    ("key", _match_keys),
    ("equal", _match_exact_name),
    ("part", _match_partial_name),
)
"""What is left to try for a query of words that say nothing."""

NAME_STAGES = (*EXACT_STAGES, ("other keys", _match_other_layout))
"""The stages that come before `typo_stage`."""


def best_hits(hits: Iterable[Hit], limit: int) -> tuple[Hit, ...]:
    """Return the best hit of each paper, best first, the newer first among equals."""
    found: dict[int, Hit] = {}
    for hit in hits:
        if hit.paper_id not in found or hit.score > found[hit.paper_id].score:
            found[hit.paper_id] = hit
    ordered = sorted(found.values(), key=lambda hit: (-round(hit.score, 1), -hit.newest_ordinal))
    return tuple(ordered[:limit])


def _hits(
    names: Sequence[IndexedName], stage: str, score: Callable[[IndexedName], float]
) -> Iterable[Hit]:
    for name in names:
        yield Hit(name.paper_id, score(name), name.newest_ordinal, stage, name.name)
