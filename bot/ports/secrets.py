"""The port to the encrypted store of a platform's secrets."""

from datetime import datetime
from typing import Protocol


class SecretUnreadable(Exception):
    """A secret was encrypted with a key that is not configured."""


class SecretStore(Protocol):
    """The encrypted secrets of one platform, by name; names are stored in clear.

    Every method may raise `bot.ports.errors.StorageUnavailable`.
    """

    async def put(self, name: str, secret: str, expires_at: datetime | None = None) -> None:
        """Store a secret, replacing any with that name, for ever or until a UTC time."""
        ...

    async def get(self, name: str) -> str | None:
        """Return a secret; None where there is none or it expired. Raises SecretUnreadable."""
        ...

    async def pop(self, name: str) -> str | None:
        """Return a secret and delete it, so that it is used once. Raises SecretUnreadable."""
        ...

    async def names(self, prefix: str) -> tuple[str, ...]:
        """Return the names with this prefix, sorted."""
        ...

    async def close(self) -> None:
        """Close the database connection."""
        ...
