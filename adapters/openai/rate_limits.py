"""Reads from the headers of an answer how long the endpoint's limits want a pause (pure).

The headers are OpenAI's, which vLLM and most hosted endpoints send too:
https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
"""

import re
from collections.abc import Mapping
from datetime import timedelta

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_LONGEST = 86_400
"""Seconds."""


def pause_after(headers: Mapping[str, str], tokens: int) -> timedelta:
    """Return the pause before a request that is as large as the last one, of so many tokens."""
    return max(
        _pause(headers, "requests", 1),
        _pause(headers, "tokens", max(tokens, 1)),
    )


def _pause(headers: Mapping[str, str], kind: str, needed: int) -> timedelta:
    left = headers.get(f"x-ratelimit-remaining-{kind}", "")
    if not left.isdecimal() or int(left) >= needed:
        return timedelta()
    return _duration(headers.get(f"x-ratelimit-reset-{kind}", ""))


def _duration(text: str) -> timedelta:
    """Return a span such as `1s`, `6m0s` or `120ms`, a day at most; nothing for what is none."""
    parts = _PART.findall(text.strip())
    if "".join(number + unit for number, unit in parts) != text.strip():
        return timedelta()
    seconds = sum(float(number) * _SECONDS[unit or "s"] for number, unit in parts)
    return timedelta(seconds=min(seconds, _LONGEST))
