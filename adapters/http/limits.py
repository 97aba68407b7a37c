"""How much is fetched, how long that may take, and how often a host is asked."""

from datetime import timedelta

MAX_BYTES = 32 * 1024 * 1024
"""The largest answer that is read, before and after decompression."""

MAX_REDIRECTS = 5

READ_TIMEOUT = timedelta(seconds=20)
"""How long the server may stay silent."""

TOTAL_TIMEOUT = timedelta(minutes=2)
"""How long a whole answer may take, however steadily it drips."""

REQUEST_INTERVAL = timedelta(seconds=1)
"""The least time between two requests to one host."""

MAX_RETRY_AFTER = timedelta(days=1)
"""The longest that a host is left alone, whatever its Retry-After asks for."""
