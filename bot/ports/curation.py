"""Curation of the archive, as the core asks storage for it."""

from typing import Protocol

from bot.model.curation import Attribution, CurationRequest, Edit


class CurationRefused(ValueError):
    """The edit cannot be made; nothing was changed. It tells people why."""

    def __init__(self, sentence: str, **values: object) -> None:
        """Take a sentence of the catalogues, and the values in it."""
        super().__init__(sentence.format(**values))
        self.sentence = sentence
        self.values = values


class TextChanged(CurationRefused):
    """A text is not any more what its editor saw: it is to be shown anew."""


class Curation(Protocol):
    """Edits of curators, which stand above every source; each is recorded and can be undone."""

    async def curate(self, request: CurationRequest, by: Attribution) -> Edit:
        """Make an edit in one transaction, and record it.

        Raises CurationRefused for an unknown paper, week or edit, where nothing would change, and
        for an undo of what was changed again since.
        """
        ...

    async def edits(self, key: str | None, limit: int) -> tuple[Edit, ...]:
        """Return the edits of a paper, by its key, or of an issue, by `issue_key`; or all.

        The newest comes first. Those of an issue have what was placed in it.
        """
        ...
