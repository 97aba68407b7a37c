"""What a notebook takes at most."""

from bot.model.mentions import MentionSyntax
from bot.model.subscriptions import Layout

LAYOUTS = (Layout.OVERVIEW, Layout.THREADS)
"""How a digest may fill a channel."""

MENTIONS = MentionSyntax(groups=(r"\*(?P<id>\w+)\*",))
"""A group of readers is written `*readers*`."""

PAGE = 2000
"""Characters of a message."""
