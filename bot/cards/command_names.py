"""Replaces command names in sentences by those of a platform (pure)."""

import re
from collections.abc import Callable, Mapping
from gettext import NullTranslations

_COMMAND = re.compile(r"(?<![\w/.:])/([a-z]+(?:-[a-z]+)*)\b")

CommandNamer = Callable[[str], str]
"""Given the name of a command, returns how the platform calls it, such as `/paper`."""


class CommandNameCatalogue(NullTranslations):
    """A catalogue whose sentences have the command names of a platform."""

    def __init__(self, catalogue: NullTranslations, called: CommandNamer) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._called = called

    def gettext(self, message: str) -> str:
        """Return the translation of a sentence."""
        return self._renamed(self._catalogue.gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the translation of a sentence with a plural."""
        return self._renamed(self._catalogue.ngettext(msgid1, msgid2, n))

    def _renamed(self, sentence: str) -> str:
        return _COMMAND.sub(lambda match: self._called(match[1]), sentence)


def with_command_names(
    catalogues: Mapping[str, NullTranslations], called: CommandNamer
) -> Mapping[str, NullTranslations]:
    """Return catalogues whose sentences have the command names of a platform."""
    return {language: CommandNameCatalogue(each, called) for language, each in catalogues.items()}
