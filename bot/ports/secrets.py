"""The port to the encrypted store of a platform's secrets."""

from datetime import datetime
from typing import Protocol


class SecretUnreadable(Exception):
    """What is kept was sealed with a key that is not at hand."""


class SecretStore(Protocol):
    """Keeps the secrets of one platform, sealed; names are no secrets.

    Every method may raise `bot.ports.errors.StorageUnavailable`.
    """

    async def put(self, name: str, secret: str, expires_at: datetime | None = None) -> None:
        """Keep a secret in place of the one that had its name, for ever or until then."""
        ...

    async def get(self, name: str) -> str | None:
        """Return a secret; None where there is none or it expired. Raises SecretUnreadable."""
        ...

    async def pop(self, name: str) -> str | None:
        """Return a secret and delete it, so that it is used once. Raises SecretUnreadable."""
        ...

    async def names(self, prefix: str) -> tuple[str, ...]:
        """Return the names that begin so, in order."""
        ...

    async def close(self) -> None:
        """Let go of the file."""
        ...
