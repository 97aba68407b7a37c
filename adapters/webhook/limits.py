"""How much one webhook message holds, and how long a receiver may make it wait."""

from datetime import timedelta

from bot.model.subscriptions import Layout

LAYOUTS = tuple(Layout)
"""How a digest may fill a channel."""

MESSAGE_BYTES = 64 * 1024
"""The largest message, as UTF-8 JSON of `card`, `markdown` and `text`; a longer card is split."""

MAX_RETRY_AFTER = timedelta(days=1)
"""A receiver that asks for more than this is asked again after this."""

CONNECT_SHARE = 0.25
"""The share of a request's time that each step before its first byte may take.

There are three (a free connection, TCP, TLS), so that what runs out of time before it is sent is
told apart from what runs out of time later.
"""

MAX_CONNECTIONS = 100
"""The most requests that are under way at once."""
