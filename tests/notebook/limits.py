"""What a notebook takes at most."""

from bot.model.subscriptions import Layout

LAYOUTS = (Layout.OVERVIEW, Layout.THREADS)
"""How a digest may fill a channel."""

PAGE = 2000
"""Characters of a message."""
