"""Sets logging up: a line of JSON for each event, with no secret in it."""

import json
import logging
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO

_MASK = "***"
_TOKENS = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]+|xapp-[\w-]+|(?<=ticket=)[\w-]+|Bot [\w-]{20,}\.[\w-]+\.[\w-]+|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
"""What looks like a secret of a platform, or a password in an address, wherever it comes from."""

_MIN_SECRET_LENGTH = 4
"""A secret shorter than this would hide pieces of ordinary words."""


class LogFormatter(logging.Formatter):
    """Writes a record as JSON on one line, or as a sentence at a terminal."""

    def __init__(self, secrets: Sequence[str], *, as_json: bool) -> None:
        super().__init__()
        self._secrets = sorted(
            (s for s in secrets if len(s) >= _MIN_SECRET_LENGTH), key=len, reverse=True
        )
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = datetime.fromtimestamp(record.created, UTC)
        fields: dict[str, object] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "module": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        if self._as_json:
            return self._mask_secrets(json.dumps(fields, ensure_ascii=False, default=str))
        more = [f"{name}={value}" for name, value in getattr(record, "fields", {}).items()]
        line = " ".join([f"{at:%H:%M:%S}", fields["level"], fields["event"], *more])  # type: ignore[list-item]
        return self._mask_secrets(f"{line}\n{fields['error']}" if record.exc_info else line)

    def _mask_secrets(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, _MASK)
        return _TOKENS.sub(_MASK, line)


def configure_logging(
    secrets: Sequence[str], level: str = "INFO", stream: TextIO | None = None
) -> None:
    """Log to the error output: for people at a terminal, as JSON lines elsewhere."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter(secrets, as_json=not stream.isatty()))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "aiosqlite", "discord", "slack_bolt", "slack_sdk"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns of every tick that a slow one takes the place of, which is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
