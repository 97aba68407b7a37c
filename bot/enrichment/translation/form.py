"""Checks the form of a machine-made text: language, markup, chatter and tone (pure)."""

import re
from collections.abc import Iterator

from bot.enrichment.translation.faults import Check, Fault
from bot.enrichment.translation.names import find_names
from bot.enrichment.translation.scripts import check_script
from bot.model.papers import LANGUAGES

_MIN_HANGUL, _MIN_HANGUL_TITLE, _MAX_HANGUL = 0.55, 0.2, 0.1
"""Share of Hangul in the letters of a Korean text, its title, and an English text."""

_LEFT = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){5,}")
"""Six lower-case Latin words in a row: a sentence that was left in English."""

_MARKUP = re.compile(
    r"\*\*|__\w|^\s*#{1,6}\s|^\s*[-*>]\s|```|</?[a-z][^>\n]*>|\[[^\]\n]+\]\([^)\n]+\)"
    r"|^\s*[{\[]\"|\"\s*[}\]]\s*$",
    re.MULTILINE,
)
_CHATTER = re.compile(
    r"^(?:sure|certainly|of course|here(?:'s| is| are)|okay|ok,|translation|note|korean|english)\b"
    r"[^.\n]{0,60}[:,!]"
    r"|\b(?:as an ai|i(?:'m| am) (?:sorry|unable|an ai)|i can(?:no|')t|let me know)\b"
    r"|\bhope this helps\b"
    r"|^(?:네[,.! ]|물론|알겠습니다|번역(?:문|본|결과|하면)?\s?[:은]|다음은 |아래는 )"
    r"|^(?:요청하신|죄송|한국어 번역|참고:|제목:|요약:)"
    r"|(?:인공지능|AI) (?:언어 )?모델로서"
    r"|(?:번역|도움|답변)(?:을|를)? (?:드릴|해 드릴|드리|해 드리)"
    r"|(?:번역|답변|요청)(?:은|는|을|를|할) ?(?:수 없|도와)|도움이 되(?:었|셨)|더 필요하",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING = "\"'”’)"  # noqa: RUF001 - the marks themselves
_SENTENCE = re.compile(
    rf"[^.!?…\n]+(?:\.(?=\d)[^.!?…\n]+)*[.!?…]+(?=\s|$|[{_CLOSING}])|[^.!?…\n]+$", re.MULTILINE
)
_PLAIN_FORM = re.compile(rf"(?<!니)다[.!?]*[{_CLOSING}]?\s*$")
_POLITE_YO = re.compile(
    rf"(?<!까)요[.!?]+[{_CLOSING}]?\s*$|(?:해요|어요|아요|네요|예요|에요|죠)[.!?]*\s*$"
)
_BLUNT = re.compile(r"(?:[했었였겠]음|함|됨|임)[.!?]+\s*$")


def check_language(text: str, language: str, *, is_title: bool = False) -> Iterator[Fault]:
    """Yield a fault where a text is not in its language from beginning to end."""
    if language not in LANGUAGES:
        yield from check_script(text, language, is_title=is_title)
        return
    letters = [char for char in text if char.isalpha()]
    if language == "ko":
        kept = sum(len(name) for name in find_names(text))
        hangul = sum("가" <= char <= "힣" for char in letters)
        share = hangul / max(len(letters) - min(kept, len(letters) - 1), 1)
        if share < (_MIN_HANGUL_TITLE if is_title else _MIN_HANGUL):
            yield Fault(Check.LANGUAGE, "The text is not in Korean.")
        elif _LEFT.search(text):
            yield Fault(Check.LANGUAGE, "A part of the text was left in English.")
    elif sum("가" <= char <= "힣" for char in letters) > _MAX_HANGUL * len(letters):
        yield Fault(Check.LANGUAGE, "The text is not in English.")
    if any("\u3040" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in letters):
        yield Fault(Check.LANGUAGE, "The text has Chinese or Japanese characters.")


def check_form(
    text: str, source: str, language: str, *, is_title: bool = False
) -> Iterator[Fault]:
    """Yield the markup and chatter of a text that its source has not, and a wrong tone."""
    markup = _MARKUP.search(text)
    if markup and markup[0] not in source:
        yield Fault(Check.FORM, f"The text has markup: {markup[0].strip()}")
    chatter = _CHATTER.search(text.strip())
    if chatter and chatter[0].strip().lower() not in source.lower():
        yield Fault(Check.CHATTER, f"Only the text is wanted, without “{chatter[0].strip()}”.")
    if language == "ko" and not is_title:
        yield from _check_tone(text)


def _check_tone(text: str) -> Iterator[Fault]:
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip()
        if any(form.search(sentence) for form in (_PLAIN_FORM, _POLITE_YO, _BLUNT)):
            yield Fault(Check.TONE, f"The sentence has to end in -ㅂ니다: …{sentence[-20:]}")
