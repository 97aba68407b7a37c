"""Limits of size, time and rate for HTTP requests."""

from datetime import timedelta

MAX_BYTES = 32 * 1024 * 1024
"""The largest response body in bytes, before and after decompression."""

MAX_REDIRECTS = 5

READ_TIMEOUT = timedelta(seconds=20)
"""Timeout for connecting, and between two chunks of a response."""

TOTAL_TIMEOUT = timedelta(minutes=2)
"""Timeout for a whole response, however steadily it trickles."""

REQUEST_INTERVAL = timedelta(seconds=1)
"""Minimum time between two requests to one host."""

MAX_RETRY_AFTER = timedelta(days=1)
"""Upper bound for a Retry-After header."""
