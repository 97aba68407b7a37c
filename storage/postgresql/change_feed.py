"""Hears of what other programs wrote, by LISTEN on a connection of its own."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg

from bot.lib.backoff import Backoff, BackoffPolicy
from bot.ports.changes import Change

CHANNEL = "paperboy"
"""The name that NOTIFY has; it is of one database of the server."""

_CHECK_SECONDS = 30.0
"""How long nothing may be heard before the connection is tried."""

_ANSWER_SECONDS = 10.0
"""How long the server may take for an answer."""

_RECONNECT = BackoffPolicy(timedelta(seconds=0.5), timedelta(seconds=30), 0.5)

_LOG = logging.getLogger(__name__)


class _NotHeard(Exception):
    """The server answers, and what it is told comes to no one: a pooler is in between."""

    def __init__(self) -> None:
        super().__init__(
            "LISTEN has no effect, as behind a connection pooler in transaction mode; "
            "connect to the server itself, or let the pooler keep sessions"
        )


class PostgresqlChangeFeed:
    """Fulfils `bot.ports.changes.ChangeFeed`."""

    def __init__(self, address: str, explain: Callable[[Exception], str]) -> None:
        self._address = address
        self._explain = explain
        """Says an error in plain words, without the password."""
        self._is_live = False

    @property
    def is_live(self) -> bool:
        return self._is_live

    async def listen(self, on_change: Callable[[Change], None]) -> None:
        backoff = Backoff(_RECONNECT)
        while True:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    connection = await psycopg.AsyncConnection.connect(
                        self._address, autocommit=True
                    )
                async with connection:
                    await _begin(connection)
                    self._is_live = True
                    backoff.reset()
                    _LOG.info("Listening for changes")
                    for change in Change:
                        on_change(change)
                    await _listen(connection, on_change)
            except (psycopg.Error, OSError, _NotHeard) as error:
                self._is_live = False
                delay = backoff.next_delay().total_seconds()
                fields = {"error": self._explain(error), "seconds": round(delay, 1)}
                _LOG.warning("Not told of changes, polling", extra={"fields": fields})
                await asyncio.sleep(delay)
            finally:
                self._is_live = False


async def _begin(connection: "psycopg.AsyncConnection[Any]") -> None:
    """Listen, and find out whether anything is heard. Raises _NotHeard, or what is lost."""
    token = uuid4().hex
    async with asyncio.timeout(_ANSWER_SECONDS):
        await connection.execute(f"LISTEN {CHANNEL}")
        await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, token))
    async for heard in connection.notifies(timeout=_ANSWER_SECONDS):
        if heard.payload == token:
            return
    raise _NotHeard


async def _listen(
    connection: "psycopg.AsyncConnection[Any]", on_change: Callable[[Change], None]
) -> None:
    known = {change.value: change for change in Change}
    while True:
        async for heard in connection.notifies(timeout=_CHECK_SECONDS):
            if heard.payload in known:
                on_change(known[heard.payload])
        # A network that swallows everything leaves the connection open.
        async with asyncio.timeout(_ANSWER_SECONDS):
            await connection.execute("SELECT 1")
