"""Conflicts between curators and sources, as the core asks storage for them.

They are found by whatever imports, in the transaction of the import.
"""

from typing import Protocol

from bot.model.conflicts import Conflict, ConflictPage
from bot.model.curation import Attribution, CurationRequest


class ConflictStore(Protocol):
    """Storage of conflicts. Every method may raise StorageUnavailable."""

    async def conflict(self, number: int) -> Conflict | None:
        """Return a conflict."""
        ...

    async def open_conflicts(self, limit: int, offset: int) -> ConflictPage:
        """Return the conflicts that are open, oldest first."""
        ...

    async def keep_ours(self, number: int, by: Attribution) -> Conflict:
        """Close a conflict; the curators' text stays, and the same text is not asked about again.

        Raises CurationRefused where it was decided before, also at the same moment.
        """
        ...

    async def settle_conflict(
        self, number: int, request: CurationRequest, by: Attribution
    ) -> Conflict:
        """Make an edit and close the conflict, both or neither. Raises CurationRefused."""
        ...
