"""What Slack takes at most, by its own names for things.

Sources: https://docs.slack.dev/reference/block-kit (blocks, elements and composition objects),
https://docs.slack.dev/reference/methods/chat.postMessage (text) and
https://docs.slack.dev/reference/views. Characters are counted as UTF-16 units, which is never
less than what Slack counts.
"""

from bot.models import Layout

LAYOUTS = (Layout.OVERVIEW, Layout.THREADS)
"""How a digest may fill a channel; Slack has no forums."""

TEXT = 4000
"""Characters of a message's text that Slack recommends at most; it cuts after 40,000."""
BLOCKS = 50
"""Blocks of a message."""
MESSAGE = 10_000
"""Characters in all blocks of a message together.

Slack tells no number for `msg_blocks_too_long`; it was seen from about 12,000 on.
"""

HEADER = 150
TEXT_OBJECT = 3000
"""Characters of a text object, and so of a section; blocks of rich text keep to it too."""
CONTEXT_ELEMENTS = 10

ACTIONS_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
URL = 3000
"""Characters of an address that a button or an option leads to."""
OVERFLOW_OPTIONS = 5
OPTIONS = 100
"""Options of a static select."""
OPTION_TEXT = 75
OPTION_VALUE = 75
OPTION_DESCRIPTION = 75
PLACEHOLDER = 150
LABEL = 2000
"""Characters of the question above a field of a form."""
TEXT_INPUT = 3000

VIEW_BLOCKS = 100
VIEW_TITLE = 24
VIEW_BUTTON = 24
"""Characters of what sends a view, and of what closes it."""
PRIVATE_METADATA = 3000
