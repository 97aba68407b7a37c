"""Remembers beside the database who was forgotten, so that an older copy forgets them again.

A copy of the database that is put back has everything that was removed since it was made. Of who
was forgotten a file keeps keyed hashes, in order; the database knows how many of them it has seen.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.lib.deferred import DeferredModule
from bot.model.channels import Person
from storage.database import Database, transaction
from storage.facts import read_fact, save_fact
from storage.reader import ConnectionReader

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.deliveries import votes
    from storage.people import erasure
else:
    # Where no one was forgotten, a start needs none of it.
    votes = DeferredModule("storage.deliveries.votes")
    erasure = DeferredModule("storage.people.erasure")

_FACT = "forgotten"
"""Name of the fact that stores the number of the last one whom this database forgot."""

_WORDS = 4
"""How many words a line has, each a field of an entry."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    at: str
    """In the form of ISO."""
    person: str
    """A hash by the key of the file."""
    voter: str
    """The hash of the person's votes, by the key of the database."""


class ForgottenPeople:
    """The file of one database; its writers are in transactions that write, and so alone."""

    def __init__(self, database: Path) -> None:
        self._file = database.with_name(f"{database.name}.forgotten")

    def add(self, connection: Connection, person: Person, now: datetime) -> None:
        """Note that the database forgets a person, in the same transaction.

        Where the file cannot be written, that is logged: the person is forgotten all the same.
        """
        key, entries = self._read()
        number = max(_last(connection), *(each.number for each in entries), 0) + 1
        voter = votes.pseudonym(connection, person.platform, person.id)
        added = _Entry(number, now.isoformat(), _hash(key, person), voter)
        if self._write(key, [*entries, added]):
            save_fact(connection, _FACT, str(number))

    def apply(self, connection: Connection, now: datetime) -> int:
        """Forget those of whom this database does not know it; return how many it still named."""
        key, entries = self._read()
        last = _last(connection)
        wanted = {each.person: each for each in entries if each.number > last}
        if not wanted:
            return 0
        found = [each for each in erasure.named_persons(connection) if _hash(key, each) in wanted]
        for person in found:
            erasure.forget_person(connection, person, now)
        voters = {each.voter for each in wanted.values()}
        without_name = votes.forget_voters(connection, voters, now)
        save_fact(connection, _FACT, str(max(each.number for each in entries)))
        return len(found) + without_name

    @property
    def last(self) -> int:
        """The number of the last one; 0 where the file has none."""
        return max((each.number for each in self._read()[1]), default=0)

    def has_older(self, before: datetime) -> bool:
        """Return whether `prune` has something to do."""
        return any(each.at < before.isoformat() for each in self._read()[1])

    def prune(self, _connection: Connection, before: datetime) -> None:
        """Remove those who were forgotten before then; copies that knew them are gone as well."""
        key, entries = self._read()
        self._write(key, [each for each in entries if each.at >= before.isoformat()])

    def _read(self) -> tuple[str, list[_Entry]]:
        try:
            key, *lines = self._file.read_text(encoding="ascii").splitlines()
        except (OSError, ValueError):
            return secrets.token_hex(32), []
        return key, list(_entries(lines))

    def _write(self, key: str, entries: list[_Entry]) -> bool:
        """Replace the file; return whether that was possible."""
        lines = [f"{each.number} {each.at} {each.person} {each.voter}" for each in entries]
        fresh = self._file.with_name(f"{self._file.name}.new")
        try:
            opened = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            with os.fdopen(opened, "w", encoding="ascii") as file:
                file.write("\n".join([key, *lines, ""]))
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, self._file)  # noqa: PTH105 - atomic, and the same on every system
        except OSError as error:
            fields = {"file": str(self._file), "error": str(error)}
            _LOG.warning("Failed to note forgotten person", extra={"fields": fields})
            return False
        return True


def forget_again(database: Database, now: datetime) -> int:
    """Forget in a database that was put back those who were forgotten since; return how many.

    Only a file has such a list. Raises DatabaseUnusable.
    """
    if database.file is None:
        return 0
    listed = ForgottenPeople(database.file)
    if not (last := listed.last):
        return 0
    engine = database.open_engine("archive")
    try:
        with database.translate_errors():
            reading = engine.execution_options(**database.read_options)
            with transaction(database, reading) as connection:
                if last <= _last(connection):
                    return 0
            with transaction(database, engine) as connection:
                forgotten = listed.apply(connection, now)
        database.erase_deleted()
    finally:
        engine.dispose()
    return forgotten


def _entries(lines: list[str]) -> Iterator[_Entry]:
    """Yield what can be read."""
    for line in lines:
        words = line.split()
        if len(words) == _WORDS and words[0].isdecimal():
            yield _Entry(int(words[0]), *words[1:])


def _last(connection: Connection) -> int:
    return int(read_fact(ConnectionReader(connection), _FACT) or 0)


def _hash(key: str, person: Person) -> str:
    said = f"{person.platform}/{person.id}".encode("utf-8", "replace")
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()
