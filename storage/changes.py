"""Collects what a transaction changed that other programs act on; a database may tell them."""

from sqlalchemy import Connection

from bot.ports.changes import Change

_INFO = "announced"


def announce(connection: Connection, change: Change) -> None:
    """Let other programs be told once the transaction is committed, where the database can."""
    connection.info.setdefault(_INFO, set()).add(change)


def take_announced(connection: Connection) -> frozenset[Change]:
    """Return what is to be told of a transaction, once."""
    return frozenset(connection.info.pop(_INFO, ()))
