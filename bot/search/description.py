"""Parses the description of a paper: its content words, and its year or month (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.lib.normalise import letters, stem, words
from bot.lib.transliteration import has_hangul
from bot.model.week_phrases import MONTH_NUMBERS
from bot.model.weeks import Month
from bot.ports.search_index import Concept
from bot.search.thesaurus import Entry, Thesaurus
from bot.search.word_forms import word_forms

_REQUEST_WORDS = frozenset(
    """
    a an the that this those these one some any paper papers article articles preprint publication
    about on of for in at to by from with called named titled name title please pls show give send
    find get search tell me us my i i'm im am we looking look want need do does did you know have
    has had got can could would is are was were be what what's whats which where where's who there
    asap someone anyone everybody guys read wanna call again
    link links pdf arxiv thanks thank hi hello hey it its regarding related something like remember
    논문 논문들 논문은 논문이 논문을 논문의 논문좀 찾아줘 찾아 찾아주세요 찾고 찾는
    보여줘 보여주세요 알려줘 알려주세요 좀 있어 있나 있나요 있어요 있던 있는 뭐였지
    뭐야 뭐지 뭐더라 뭐 무슨 어떤 어디 관련 관련된 관한 대한 대해 라는 이라는 하는
    다룬 다루는 쓰는 넣으면 그 그거 저 링크 제목 이름 주세요 해줘 궁금해 혹시 나온
    있으신 있으세요 분 계신가요 읽고 싶어요 싶은데 찾는데 찾아요 공유 부탁드려요 부탁 있잖아 중
    에서 것 거 최신 안녕 안녕하세요
    """.split()  # noqa: SIM905 - a list of words reads better as a text
)
"""Words that ask for a paper and say nothing about it."""

_FUNCTION_WORDS = _REQUEST_WORDS | frozenset(
    """
    and or but not no as if than then so how why when while into over under between through their
    they them he she his her our your using use used uses via only just very more most much many
    make makes made let lets without within each other such also will may might new up so help
    good best better great nice cool interesting popular recent latest ok okay yes sorry
    too really actually still even almost quite rather always never often sometimes already yet
    thing things stuff way ways kind lot lots bit every another same whole it's that's there's
    아주 매우 너무 더 덜 잘 못 안 또 다시 그냥 바로 좀더 걸 게 수 때 중에 중에서 등 및 위해 위한
    통해 통한 따른 따라서 그리고 그런데 하지만 또는 혹은 같은 같이 되는 된 하면 하면서 해서 했던
    했는데 되어 되나 되나요 하나요 인가 인가요 인지 어떻게 얼마나
    """.split()  # noqa: SIM905 - a list of words reads better as a text
)
_THANKS = re.compile(
    r"\b(?:many )?(?:thanks?(?: you)?|thx)\b(?: a lot| so much| very much| again)?",
    re.IGNORECASE,
)
_EDGES = " \t.,;:!?\"'\u201c\u201d\u2018\u2019()[]~\u2026\u00b7"
_YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?!\d|\.\d)(?:년도?)?(?:에)?")
_KOREAN_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9])월(?:에)?")
_MIN_JOINED = 6


@dataclass(frozen=True, slots=True)
class Description:
    """A query in its parts."""

    core: str
    """The query without the words that only ask, and without its period."""
    content: tuple[str, ...]
    """The words of the core that carry meaning."""
    period: Month | int | None
    """A month or a year that the paper is of."""

    def is_of_period(self, days: Sequence[date]) -> bool:
        """Tell whether any of these days lies in the period."""
        if self.period is None:
            return True
        if isinstance(self.period, int):
            return any(day.year == self.period for day in days)
        return any(Month(day.year, day.month) == self.period for day in days)


def parse_description(query: str) -> Description:
    """Return a query in its parts."""
    rest, period = _split_period(query)
    core = _strip_request(rest)
    if not core:  # a year alone is no filter
        core, period = _strip_request(query), None
    return Description(core, content_words(core), period)


def content_words(text: str) -> tuple[str, ...]:
    """Return the words of a text that carry meaning, in order."""
    return tuple(word for word in words(text) if not _says_nothing(word))


def concepts(content: Sequence[str], thesaurus: Thesaurus) -> tuple[Concept, ...]:
    """Return the ideas in content words, each with the alternatives that texts may have for it."""
    return tuple(_concepts(content, thesaurus))


def in_english(content: Sequence[str], thesaurus: Thesaurus) -> tuple[str, ...]:
    """Return Korean content words in English, as far as the thesaurus has them, as one text.

    It is empty where there is nothing to say in English.
    """
    ideas = concepts(content, thesaurus.without_synonyms())
    said = [_words_in_english(idea) for idea in ideas]
    if all(words is idea[0] for words, idea in zip(said, ideas, strict=True)):
        return ()
    return (" ".join(" ".join(words) for words in said).replace("*", ""),)


def _words_in_english(idea: Concept) -> Sequence[str]:
    """Return the first alternative that is English, or else the first."""
    english = (words for words in idea if not any(map(has_hangul, words)))
    return next(english, idea[0])


def _concepts(content: Sequence[str], thesaurus: Thesaurus) -> Iterator[Concept]:
    spoken = [short if (short := stem(word)).isascii() else word for word in content]
    place = 0
    while place < len(spoken):
        word = spoken[place]
        if not has_hangul(word):
            yield _latin_concept(spoken, place, thesaurus)
            place += 1
            continue
        known = thesaurus.find(spoken[place : place + 2])
        count = 1 + (known is not None and " " in known.korean)
        own = " ".join(stem(each) for each in spoken[place : place + count])
        others = list(thesaurus.parts(_rest_of(word, known)))
        first = known.alternatives if known else others.pop(0) if others else ()
        yield ((own,), *first)
        yield from others
        place += count


def _rest_of(word: str, known: Entry | None) -> str:
    """Return what of a Korean word an entry leaves, without a particle."""
    if known and " " in known.korean:
        return ""
    return stem(word)[len(known.korean) if known else 0 :]


def _latin_concept(content: Sequence[str], place: int, thesaurus: Thesaurus) -> Concept:
    """Return a word, and it joined with its neighbours, as people write names of accounts."""
    word = content[place]
    pairs = (content[place : place + 2], content[max(place - 1, 0) : place + 1])
    joined = ("".join(pair) + "*" for pair in pairs if len(pair) == 2 and "".join(pair).isascii())  # noqa: PLR2004 - a pair
    said = [word, *sorted(thesaurus.synonyms_of(word))]
    forms = dict.fromkeys(form for each in said for form in word_forms(each))
    alternatives = [*forms, *(each for each in joined if len(each) > _MIN_JOINED)]
    return tuple((each,) for each in alternatives)


def _split_period(query: str) -> tuple[str, Month | int | None]:
    year = _YEAR.search(query)
    if year is None:
        return query, None
    rest = query[: year.start()] + " " + query[year.end() :]
    number = int(year[1])
    for match in re.finditer(r"\w+", rest):
        if match[0].casefold() in MONTH_NUMBERS:
            month = Month(number, MONTH_NUMBERS[match[0].casefold()])
            return rest[: match.start()] + " " + rest[match.end() :], month
    if month_of := _KOREAN_MONTH.search(rest):
        left = rest[: month_of.start()] + " " + rest[month_of.end() :]
        return left, Month(number, int(month_of[1]))
    return rest, number


def _strip_request(text: str) -> str:
    parts = _THANKS.sub(" ", text).split()
    while parts and parts[0].strip(_EDGES).casefold() in _REQUEST_WORDS | {""}:
        parts = parts[1:]
    while parts and parts[-1].strip(_EDGES).casefold() in _REQUEST_WORDS | {""}:
        parts = parts[:-1]
    return " ".join(parts).strip(" ?!.,")


def _says_nothing(word: str) -> bool:
    return word in _FUNCTION_WORDS or stem(word) in _FUNCTION_WORDS or not letters(word)
