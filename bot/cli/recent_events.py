"""Keeps the last warnings and errors of the program, for the admin's page."""

import logging
from collections import deque
from collections.abc import Sequence

from bot.cli.logs import LogFormatter

_KEPT = 50


class RecentEvents(logging.Handler):
    """Keeps the lines of the last events from a warning on, with secrets masked."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(LogFormatter(secrets, as_json=True))
        self._lines: deque[str] = deque(maxlen=_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an event."""
        self._lines.appendleft(self.format(record))

    def lines(self) -> Sequence[str]:
        """Return the events, the newest first."""
        return tuple(self._lines)
