"""The port to the stored counts of use."""

from collections.abc import Mapping
from typing import Protocol

from bot.model.usage import Usage, UsageKey


class UsageStore(Protocol):
    """Storage of counts. Every method may raise StorageUnavailable."""

    async def add_usage(self, counts: Mapping[UsageKey, int]) -> None:
        """Add to the stored counts."""
        ...

    async def usage(self, platform: str, workspace: str) -> Usage:
        """Return the counts of a server or team."""
        ...
