"""Configures logging: a line for each event, as text or JSON, with secrets masked."""

import json
import logging
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO

from adapters import options_types
from bot.lib.clean import strip_controls
from config.settings import Settings

_MASK = "***"
_CREDENTIALS = r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
"""The name and password in an address."""
_OUR_PACKAGES = ("bot", "adapters", "storage", "config")

_MIN_SECRET_LENGTH = 4
"""A secret shorter than this would hide pieces of ordinary words."""


class LogFormatter(logging.Formatter):
    """Writes a record as JSON on one line, or as a sentence at a terminal."""

    def __init__(self, secrets: Sequence[str], *, as_json: bool) -> None:
        super().__init__()
        long = [secret for secret in secrets if len(secret) >= _MIN_SECRET_LENGTH]
        forms = {*long, *(json.dumps(secret, ensure_ascii=False)[1:-1] for secret in long)}
        self._secrets = sorted(forms, key=len, reverse=True)
        self._tokens = _token_pattern()
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
            text = json.dumps(fields, ensure_ascii=False, default=str)
            return self._mask_secrets(strip_controls(text))
        more = [f"{name}={value}" for name, value in getattr(record, "fields", {}).items()]
        line = " ".join([f"{at:%H:%M:%S}", fields["level"], fields["event"], *more])  # type: ignore[list-item]
        # A line break in a message must not look like the next event.
        line = " ".join(line.splitlines())
        text = f"{line}\n{fields['error']}" if record.exc_info else line
        return self._mask_secrets(strip_controls(text))

    def _mask_secrets(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, _MASK)
        return self._tokens.sub(_MASK, line)


def _token_pattern() -> re.Pattern[str]:
    """Return what a token of any platform looks like, or a password in an address."""
    found = (options.token_pattern for options in options_types().values())
    return re.compile("|".join([*filter(None, found), _CREDENTIALS]))


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Log to the error output, at the level and in the form of the settings."""
    stream, wanted = stream or sys.stderr, settings.log
    as_json = not stream.isatty() if wanted.format == "auto" else wanted.format == "json"
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter(settings.secrets(), as_json=as_json))
    level = logging.getLevelNamesMapping()[wanted.level.upper()]
    # Libraries log each request and each step at INFO, and at DEBUG what they send, tokens too.
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    for package in _OUR_PACKAGES:
        logging.getLogger(package).setLevel(level)
    # It warns of every tick that is skipped while a slow one runs, which is as it should be.
    logging.getLogger("apscheduler").setLevel(max(level, logging.ERROR))
