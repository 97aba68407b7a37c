"""Reads the catalogues of sentences, one per language."""

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("ko", "en")
SOURCE_LANGUAGE = "en"
"""The language that sentences have in the code."""


def load() -> Mapping[str, NullTranslations]:
    """Return the translations by language.

    Catalogues are compiled as they are read, so that a clone needs no build step. The language
    of the code, English, needs none.
    """
    return {
        language: NullTranslations() if language == SOURCE_LANGUAGE else _compile(language)
        for language in LANGUAGES
    }


def _compile(language: str) -> NullTranslations:
    file = resources.files("config") / "locales" / language / "LC_MESSAGES" / "paperboy.po"
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
