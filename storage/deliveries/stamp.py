"""A counter outside the database, by which a ledger notices that it was replaced by a copy."""

import logging
import os
import threading
from pathlib import Path

_LOG = logging.getLogger(__name__)


class LedgerStamp:
    """Keeps the last beat of each platform's lease in a file beside the database.

    The beat grows with every renewal and every claim, before anything is sent. A database whose
    beat is smaller than the stamp's is older than what was posted. A stamp that is missing, as
    after a move to another machine, says nothing.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._lock = threading.Lock()
        """The beats of a renewal and of a claim are written in threads of their own."""
        self._written: dict[str, int] = {}

    def read(self, platform: str) -> int:
        """Return the last beat; 0 where none is known."""
        try:
            return int(self._file(platform).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def write(self, platform: str, beat: int) -> None:
        """Replace the last beat; a failure is logged, as delivery does not depend on it."""
        with self._lock:
            if beat > self._written.get(platform, 0):
                self._written[platform] = beat
                self._replace(platform, beat)

    def _replace(self, platform: str, beat: int) -> None:
        file = self._file(platform)
        fresh = file.with_name(f"{file.name}.new")
        try:
            fresh.write_text(str(beat), encoding="ascii")
            os.replace(fresh, file)  # noqa: PTH105 - atomic, and the same on every system
        except OSError as error:
            fields = {"file": str(file), "error": str(error)}
            _LOG.warning("Failed to write ledger stamp", extra={"fields": fields})

    def _file(self, platform: str) -> Path:
        return self._database.with_name(f"{self._database.name}.{platform}.beat")
