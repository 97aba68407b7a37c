"""Reads the catalogues of sentences, one per language."""

import re
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO
from types import MappingProxyType
from typing import IO

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

_PLACEHOLDER = re.compile(r"{(\w+)}")
_BETWEEN_NAMES = re.compile(r", | and ")

LANGUAGES = ("ko", "en")
SOURCE_LANGUAGE = "en"
"""The language that sentences have in the code."""


def load(others: tuple[str, ...] = ()) -> Mapping[str, NullTranslations]:
    """Return the translations by language; each language is read once.

    In `others`, languages into which texts alone are translated, sentences are English.

    Catalogues are compiled as they are read, so that a clone needs no build step. The language
    of the code, English, needs none.
    """
    return MappingProxyType(
        {
            language: _compile(language) if language == "ko" else NullTranslations()
            for language in (*LANGUAGES, *others)
        }
    )


class Translations(GNUTranslations):
    """Sentences of a language, found as they stand in the code or with values filled in.

    The reasons of errors are stored as sentences, in which their values stand already.
    """

    def __init__(self, compiled: IO[bytes], catalog: Catalog) -> None:
        super().__init__(compiled)
        messages = sorted(filter(_can_be_filled, catalog), key=_words_of, reverse=True)
        self._filled = [_pattern(each) for each in messages]

    def gettext(self, message: str) -> str:
        """Return the translation of a sentence; the sentence itself if there is none."""
        found = super().gettext(message)
        if found != message or not message.endswith("."):
            return found
        for pattern, translation in self._filled:
            if match := pattern.fullmatch(message):
                values = {name: self._names(value) for name, value in match.groupdict().items()}
                return translation.format(**values)
        return message

    def _names(self, value: str) -> str:
        """Return a value as it is; a list of names that are known, in this language."""
        names = _BETWEEN_NAMES.split(value)
        said = [super(Translations, self).gettext(each) for each in names]
        is_known = all(here != name for here, name in zip(said, names, strict=True))
        return ", ".join(said) if is_known else value


@cache
def _compile(language: str) -> NullTranslations:
    file = resources.files("config") / "locales" / language / "LC_MESSAGES" / "paperboy.po"
    with file.open("rb") as source:
        catalog = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled, catalog)


def _can_be_filled(message: Message) -> bool:
    """Tell whether a message is a sentence that begins with words and holds values."""
    said = message.id
    return (
        isinstance(said, str) and said[:1] not in ("", "{") and said.endswith(".") and "{" in said
    )


def _words_of(message: Message) -> int:
    """Return the length without values: of two sentences that match, the longer is meant."""
    return len(_PLACEHOLDER.sub("", str(message.id)))


def _pattern(message: Message) -> tuple[re.Pattern[str], str]:
    """Return what a sentence matches with its values filled in, and its translation."""
    texts = _PLACEHOLDER.split(str(message.id))
    parts = [f"(?P<{each}>.+)" if odd % 2 else re.escape(each) for odd, each in enumerate(texts)]
    return re.compile("".join(parts), re.DOTALL), str(message.string)
