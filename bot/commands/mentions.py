"""Extracts possible paper names from a chat message, and tells small talk apart (pure)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from bot.lib.urls import find_urls

_MAX_TITLE_LENGTH = 100
"""Characters; a longer line is not a title."""
_MAX_QUERIES = 8
_MAX_TEXT, _MAX_LINE = 4000, 400
"""Characters of a message, and of a line, in which names are looked for."""

_QUOTED = re.compile('[“"「『\u2018]([^”"」』\u2019\n]{3,100})[”"」』\u2019]')
_MARKS = r"[A-Za-z0-9](?:[A-Za-z0-9.+-]*[A-Za-z0-9+])?"
_WORD = re.compile(rf"(?<![A-Za-z0-9]){_MARKS}")
"""ASCII only, so that a Korean particle after a name is not part of it."""
_LINKING = "of|is|for|with|the|and|in|to|on|a"
_CAPITALISED = re.compile(
    rf"[A-Z][A-Za-z0-9-]+(?: (?:[A-Z][A-Za-z0-9-]*|{_LINKING}))* [A-Z][\w-]*[a-z][\w-]*"
)
_UPPER_OR_DIGIT = re.compile(r"[A-Z0-9]")
_COMMON = frozenset({"AI", "API", "CPU", "FYI", "GPU", "LLM", "LLMs", "ML", "NLP", "OK", "PDF"})
_SENTENCE_END = ("?", "!", "？", "！")  # noqa: RUF001 - people type them
_SHORT = 4
"""Words; a line in lower case that is longer is a sentence."""

_EMOJI_CODE = re.compile(r":[a-z0-9_+'-]+:")
_GREETINGS = frozenset({
    "hi", "hello", "hey", "good morning", "good afternoon", "good evening", "yo",
    "안녕", "안녕하세요", "하이", "헬로",
})  # fmt: skip
_THANKS = frozenset({
    "thanks", "thank you", "thank you so much", "thank you very much", "thanks a lot",
    "many thanks", "thx", "ty", "cheers", "ok", "okay", "k", "yes", "no", "nice", "cool", "great",
    "awesome", "perfect", "got it", "good", "wow", "lol", "bye", "sorry", "never mind",
    "감사", "감사합니다", "감사해요", "고마워", "고마워요", "고맙습니다", "네", "넵", "예",
    "아니요", "아니오", "좋아요", "좋네요", "좋습니다", "ㅇㅋ", "ㅎㅎ", "ㅋㅋ", "ㅋㅋㅋ", "굿",
    "오케이", "잘가", "수고하세요", "수고하셨습니다",
})  # fmt: skip


class SmallTalk(Enum):
    """What a message is that asks for nothing."""

    GREETING = "greeting"
    REACTION = "reaction"
    """Thanks, an assent, or emoji; it needs no answer."""


def small_talk(text: str) -> SmallTalk | None:
    """Return what kind of small talk a whole message is; None if it may name a paper."""
    said = "".join(
        char if char.isalnum() else " " for char in _EMOJI_CODE.sub(" ", text).casefold()
    )
    words = " ".join(said.split())
    if not words or words in _THANKS:
        return SmallTalk.REACTION
    return SmallTalk.GREETING if words in _GREETINGS else None


def paper_queries(text: str, previews: Iterable[str] = ()) -> tuple[str, ...]:
    """Return possible names of papers, most reliable first.

    That is addresses, previews, quoted names, lines that may be titles, names within sentences,
    and sentences. `previews` are the titles and addresses of the message's link previews.
    """
    return tuple(dict.fromkeys(_iter_queries(text, previews)))[:_MAX_QUERIES]


def _iter_queries(text: str, previews: Iterable[str]) -> Iterator[str]:
    places = tuple(find_urls(text))
    yield from (text[start:end] for start, end in places)
    yield from previews
    rest = _blank_out(text, places)[:_MAX_TEXT]
    yield from (match[1].strip() for match in _QUOTED.finditer(rest))
    lines = [each.strip() for each in rest.splitlines() if len(each.strip()) > 1]
    short = [each for each in lines if len(each) <= _MAX_TITLE_LENGTH]
    yield from (each for each in short if not _is_sentence(each))
    for line in lines:
        yield from _names_in(line)
    yield from filter(_is_sentence, short)


def _is_sentence(line: str) -> bool:
    """Return whether a line is more likely a sentence than a title."""
    return line.endswith(_SENTENCE_END) or (line[0].islower() and len(line.split()) > _SHORT)


def _names_in(line: str) -> Iterator[str]:
    """Yield what is written like the name of a paper: `FireAct`, `GPT-4`, `Ring Attention`."""
    for match in _CAPITALISED.finditer(line[:_MAX_LINE]):
        yield match[0]
    for match in _WORD.finditer(line):
        word = match[0]
        has_letter = any(char.isalpha() for char in word)
        if has_letter and len(_UPPER_OR_DIGIT.findall(word)) > 1 and word not in _COMMON:
            yield word


def _blank_out(text: str, places: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(places):
        text = f"{text[:start]} {text[end:]}"
    return text
