"""Limits of messages, connections and waits."""

from datetime import timedelta

from bot.model.subscriptions import Layout

LAYOUTS = tuple(Layout)
"""How a digest may fill a channel."""

MESSAGE_BYTES = 64 * 1024
"""The largest message, as UTF-8 JSON of `card`, `markdown` and `text`; a longer card is split."""

RESPONSE_BYTES = 64 * 1024
"""The largest response that is read; it only has to name a message."""

ID_CHARACTERS = 2000
"""The longest id, thread or URL of a message that is accepted from a receiver."""

MAX_RETRY_AFTER = timedelta(days=1)
"""Maximum delay of a Retry-After header; a longer one is cut to this."""

CONNECT_SHARE = 0.25
"""Share of a request's timeout for each of the steps before its first byte.

There are three (a pooled connection, TCP, TLS), so that a timeout before sending is told apart
from a later one.
"""

MAX_CONNECTIONS = 100
"""Maximum number of concurrent requests."""
