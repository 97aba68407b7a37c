"""How much is fetched, and how long that may take."""

from datetime import timedelta

MAX_BYTES = 32 * 1024 * 1024
"""The largest answer that is read, after decompression."""

MAX_REDIRECTS = 5

TIMEOUT = timedelta(seconds=30)
"""How long the server may stay silent."""

MAX_DURATION = timedelta(minutes=2)
"""How long the whole answer may take, however steadily it drips."""
