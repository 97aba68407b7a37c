"""Executes a statement for many rows, so that a client that stands still meanwhile is noticed."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, Self

import psycopg
from psycopg.abc import Params, Query

_BATCH_SIZE = 500
"""How many rows are sent at once."""


class BatchCursor(psycopg.Cursor[Any]):
    """A cursor whose `executemany` sends many rows in one message.

    psycopg's own sends a message for each row in a pipeline, which ends after the last one. Until
    then the server waits for more without a limit, and keeps the locks of the transaction. Between
    whole messages it waits for `idle_in_transaction_session_timeout`.
    https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
    """

    _total: int | None = None
    """How many rows the last `executemany` changed; None after a single statement."""

    def executemany(
        self, query: Query, params_seq: Iterable[Params], *, returning: bool = False
    ) -> None:
        """Execute a statement for each of many rows. Raises psycopg.Error.

        What they return cannot be had: `returning` is refused.
        """
        if returning:
            raise psycopg.NotSupportedError("what the rows of a batch return is not kept")
        quoting = psycopg.ClientCursor(self.connection)
        rows, total = iter(params_seq), 0
        while batch := list(islice(rows, _BATCH_SIZE)):
            statements = ";".join(quoting.mogrify(query, row) for row in batch)
            # Several statements cannot be prepared.
            self.execute(statements, prepare=False)
            total += sum(result.rowcount for result in self.results())
        self._total = total

    def execute(self, query: Any, params: Params | None = None, **options: Any) -> Self:
        self._total = None
        return super().execute(query, params, **options)

    @property
    def rowcount(self) -> int:
        return super().rowcount if self._total is None else self._total
