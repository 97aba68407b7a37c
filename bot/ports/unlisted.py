"""The port to papers that no weekly list has."""

from typing import Protocol

from bot.model.papers import Paper


class UnlistedPaperFinder(Protocol):
    """Looks up papers that the archive lacks."""

    async def find(self, number: str) -> Paper | None:
        """Return the paper with an arXiv id, which has no id in the archive; None for no paper.

        Raises TryLater where that cannot be found out soon.
        """
        ...
