"""Speaks of commands by the names that a platform has for them (pure)."""

import re
from collections.abc import Callable, Mapping
from gettext import NullTranslations

_COMMAND = re.compile(r"(?<![\w/.:])/([a-z]+)\b")

CommandNamer = Callable[[str], str]
"""Given a command's name, returns how it is called, such as `/paper`."""


class CommandNameCatalogue(NullTranslations):
    """A catalogue whose sentences call commands so."""

    def __init__(self, catalogue: NullTranslations, called: CommandNamer) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._called = called

    def gettext(self, message: str) -> str:
        """Return a sentence."""
        return self._renamed(self._catalogue.gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return a sentence that counts."""
        return self._renamed(self._catalogue.ngettext(msgid1, msgid2, n))

    def _renamed(self, sentence: str) -> str:
        return _COMMAND.sub(lambda match: self._called(match[1]), sentence)


def with_command_names(
    catalogues: Mapping[str, NullTranslations], called: CommandNamer
) -> Mapping[str, NullTranslations]:
    """Return catalogues that call commands so."""
    return {language: CommandNameCatalogue(each, called) for language, each in catalogues.items()}
