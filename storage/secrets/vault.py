"""The encrypted secrets of a platform: the port `bot.ports.secrets.SecretStore`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from storage.addresses import find_database
from storage.connections import ThreadedTransactions
from storage.database import Database
from storage.schema.archive import secrets
from storage.schema.upserts import insert_or
from storage.secrets.encryption import Cipher


class EncryptedSecretStore:
    """The secret store of one platform; the database is opened when it is first needed."""

    def __init__(self, worker: ThreadedTransactions, platform: str, seal: Cipher) -> None:
        self._worker = worker
        self._platform = platform
        self._seal = seal

    @classmethod
    def open(cls, place: Path | Database, platform: str, keys: Sequence[str]) -> Self:
        """Return a store in a database whose tables are up to date by the time it is used."""
        database = find_database(place) if isinstance(place, Path) else place
        return cls(ThreadedTransactions(database, "secrets"), platform, Cipher(keys))

    async def put(self, name: str, secret: str, expires_at: datetime | None = None) -> None:
        row: dict[str, Any] = {"sealed": self._seal.encrypt(secret), "until": expires_at}
        await self._worker.write(_put, self._platform, name, row)

    async def get(self, name: str) -> str | None:
        sealed = await self._worker.read(_get, self._place(name))
        if sealed is None:
            return None
        secret, is_old = self._seal.decrypt(sealed)
        if is_old:
            anew = self._seal.encrypt(secret)
            await self._worker.write(_reencrypt, self._place(name), sealed, anew)
        return secret

    async def pop(self, name: str) -> str | None:
        sealed = await self._worker.write(_take, self._place(name))
        return None if sealed is None else self._seal.decrypt(sealed)[0]

    async def names(self, prefix: str) -> tuple[str, ...]:
        return await self._worker.read(_names, self._platform, prefix)

    async def close(self) -> None:
        await self._worker.close()

    def _place(self, name: str) -> ColumnElement[bool]:
        return and_(secrets.c.platform == self._platform, secrets.c.name == name)


def _put(connection: Connection, platform: str, name: str, row: dict[str, Any]) -> None:
    connection.execute(delete(secrets).where(secrets.c.until <= datetime.now(UTC)))
    added = insert_or(secrets).values(platform=platform, name=name, **row)
    connection.execute(added.on_conflict_do_update(index_elements=["platform", "name"], set_=row))


def _get(connection: Connection, place: ColumnElement[bool]) -> bytes | None:
    return connection.execute(select(secrets.c.sealed).where(place, _is_unexpired())).scalar()


def _take(connection: Connection, place: ColumnElement[bool]) -> bytes | None:
    sealed = _get(connection, place)
    connection.execute(delete(secrets).where(place))
    return sealed


def _reencrypt(
    connection: Connection, place: ColumnElement[bool], old: bytes, anew: bytes
) -> None:
    """Encrypt with the newest key what was not changed in the meantime."""
    row = update(secrets).where(place, secrets.c.sealed == old)
    connection.execute(row.values(sealed=anew))


def _names(connection: Connection, platform: str, beginning: str) -> tuple[str, ...]:
    rows = connection.execute(
        select(secrets.c.name)
        .where(
            secrets.c.platform == platform,
            secrets.c.name.startswith(beginning, autoescape=True),
            _is_unexpired(),
        )
        .order_by(secrets.c.name)
    )
    return tuple(rows.scalars())


def _is_unexpired() -> ColumnElement[bool]:
    return or_(secrets.c.until.is_(None), secrets.c.until > datetime.now(UTC))
