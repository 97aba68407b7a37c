"""Curation of the archive, as the core asks storage for it."""

from typing import Protocol

from bot.model.curation import Attribution, CurationRequest, Edit


class CurationRefused(ValueError):
    """The edit cannot be made; nothing was changed. Its text tells people why."""


class Curation(Protocol):
    """Edits of curators, which stand above every source; each is recorded and can be undone."""

    async def curate(self, request: CurationRequest, by: Attribution) -> Edit:
        """Make an edit in one transaction, and record it.

        Raises CurationRefused for an unknown paper, week or edit, where nothing would change, and
        for an undo of what was changed again since.
        """
        ...

    async def edits(self, key: str | None, limit: int) -> tuple[Edit, ...]:
        """Return the edits of a paper, or all, the newest first."""
        ...
