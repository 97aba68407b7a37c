"""Reads the catalogues of sentences, one per language."""

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("ko", "en")


def load() -> Mapping[str, NullTranslations]:
    """Return the translations by language.

    They are compiled as they are read, so that a clone needs no build step.
    """
    return {language: _compile_catalogue(language) for language in LANGUAGES}


def _compile_catalogue(language: str) -> NullTranslations:
    file = resources.files("config") / "locales" / language / "LC_MESSAGES" / "paperboy.po"
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
