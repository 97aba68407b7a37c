"""Keeps signed requests from being accepted twice (pure)."""

import re

_TIMESTAMP = re.compile("[0-9]{1,12}")


class ReplayGuard:
    """The signatures of the requests that were accepted, for as long as they are recent.

    A signature covers time and body of a request, so that a known one is a replay.
    """

    def __init__(self, max_age_seconds: int) -> None:
        """Take a request as recent up to this difference between its clock and ours."""
        self._max_age = max_age_seconds
        self._seen: dict[str, float] = {}
        """Each signature with the time at which it is too old, in the order they came."""

    def is_recent(self, timestamp: str, now: float) -> bool:
        """Return whether a request has a time in whole seconds that is near ours."""
        if not _TIMESTAMP.fullmatch(timestamp):
            return False
        return abs(now - int(timestamp)) <= self._max_age

    def accept(self, signature: str, timestamp: str, now: float) -> bool:
        """Return whether a recent request was not accepted before, and accept it.

        Its signature has to be valid: others would fill the memory.
        """
        while self._seen and next(iter(self._seen.values())) < now:
            del self._seen[next(iter(self._seen))]
        if signature in self._seen:
            return False
        # The other clock may be ahead of ours; the request stays recent until then.
        self._seen[signature] = int(timestamp) + self._max_age
        return True
