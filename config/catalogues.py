"""Reads the catalogues of sentences, one per language."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache, cached_property
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

_PLACEHOLDER = re.compile(r"{(\w+)}")
_BETWEEN_NAMES = re.compile(r", | and ")

_DIGEST_LENGTH = 32
"""Bytes of the digest before a kept catalogue, of which a part may have been written."""

_NO_CACHE = (OSError, RuntimeError)
"""What says that the user has no folder for caches, or none that can be read or written."""

LANGUAGES = ("ko", "en")
SOURCE_LANGUAGE = "en"
"""The language that sentences have in the code."""


def load(others: tuple[str, ...] = ()) -> Mapping[str, NullTranslations]:
    """Return the translations by language; each language is read once.

    In `others`, languages into which texts alone are translated, sentences are English.

    Catalogues are compiled when they are first read, so that a clone needs no build step, and the
    compiled ones kept in the user's folder for caches. The language of the code, English, needs
    none.
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

    def __init__(self, source: bytes, language: str) -> None:
        super().__init__(BytesIO(_compiled(source, language)))
        self._source, self._language = source, language

    @cached_property
    def _filled(self) -> Sequence[tuple[re.Pattern[str], str]]:
        """What sentences with values match, and their translations; few programs need them."""
        catalog = _parse(self._source, self._language)
        messages = sorted(filter(_can_be_filled, catalog), key=_words_of, reverse=True)
        return [_pattern(each) for each in messages]

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
    return Translations(file.read_bytes(), language)


def _compiled(source: bytes, language: str) -> bytes:
    """Return a catalogue in the form of gettext, which is kept for the next time."""
    name = f"{language}-{hashlib.sha256(source).hexdigest()[:16]}.kept"
    if (found := _read_kept(name)) is not None:
        return found
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - once for each catalogue

    compiled = BytesIO()
    write_mo(compiled, _parse(source, language))
    _keep(name, compiled.getvalue())
    return compiled.getvalue()


def _read_kept(name: str) -> bytes | None:
    """Return what was kept; None where there is nothing, or it was not written whole."""
    with suppress(*_NO_CACHE):
        written = (_cache_folder() / name).read_bytes()
        content = written[_DIGEST_LENGTH:]
        if hashlib.sha256(content).digest() == written[:_DIGEST_LENGTH]:
            return content
    return None


def _keep(name: str, content: bytes) -> None:
    """Write a file whole, in place of those of earlier catalogues; where it cannot, do nothing."""
    with suppress(*_NO_CACHE):
        folder = _cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        for earlier in folder.glob(f"{name.partition('-')[0]}-*"):
            earlier.unlink(missing_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=name, delete=False) as file:
            file.write(hashlib.sha256(content).digest() + content)
        Path(file.name).replace(folder / name)


def _cache_folder() -> Path:
    """Return the user's folder for caches. Raises RuntimeError where the user has no home."""
    return platformdirs.user_cache_path("paperboy", appauthor=False)


def _parse(source: bytes, language: str) -> "Catalog":
    from babel.messages.pofile import read_po  # noqa: PLC0415 - takes half of what compiling does

    return read_po(BytesIO(source), locale=language)


def _can_be_filled(message: "Message") -> bool:
    """Tell whether a message is a sentence that begins with words and holds values."""
    said = message.id
    return (
        isinstance(said, str) and said[:1] not in ("", "{") and said.endswith(".") and "{" in said
    )


def _words_of(message: "Message") -> int:
    """Return the length without values: of two sentences that match, the longer is meant."""
    return len(_PLACEHOLDER.sub("", str(message.id)))


def _pattern(message: "Message") -> tuple[re.Pattern[str], str]:
    """Return what a sentence matches with its values filled in, and its translation."""
    texts = _PLACEHOLDER.split(str(message.id))
    parts = [f"(?P<{each}>.+)" if odd % 2 else re.escape(each) for odd, each in enumerate(texts)]
    return re.compile("".join(parts), re.DOTALL), str(message.string)
