"""Limits of Slack, by Slack's own names.

Sources: https://docs.slack.dev/reference/block-kit (blocks, elements and composition objects),
https://docs.slack.dev/reference/methods/chat.postMessage (text) and
https://docs.slack.dev/reference/views. Characters are counted as UTF-16 units, which is never
less than what Slack counts.
"""

from bot.model.mentions import MentionSyntax
from bot.model.subscriptions import Layout

LAYOUTS = (Layout.OVERVIEW, Layout.THREADS)
"""How a digest may fill a channel; Slack has no forums."""

MENTIONS = MentionSyntax(
    groups=(
        r"<!subteam\^(?P<id>S[A-Z0-9]{2,20})(?:\|[^>]*)?>",
        r"(?P<id>S(?=[A-Z]*\d)[A-Z0-9]{6,20})",
    ),
    channels=(
        r"<#(?P<id>[CG][A-Z0-9]{2,20})(?:\|[^>]*)?>",
        r"(?P<id>[CG](?=[A-Z]*\d)[A-Z0-9]{6,20})",
    ),
)
"""What the message field inserts for a user group and a channel, and their ids.

Source: https://docs.slack.dev/messaging/formatting-message-text#mentioning-groups.
"""

TEXT = 4000
"""Bytes of a message's text, as UTF-8.

chat.postMessage cuts after 40,000 characters; chat.update refuses what has more than this
(`msg_too_long`), and messages are edited.
"""
POSTED_TEXT = 40_000
"""Characters of a message's text that is posted and not edited; Slack cuts it there."""
BLOCKS = 50
"""Blocks of a message."""
MESSAGE = 10_000
"""Characters of all blocks of a message together, as JSON.

Slack documents no number for `msg_blocks_too_long`. It was observed from 11,300 characters of
text on, and from 13,200 with their frames: https://github.com/slackapi/bolt-js/issues/2509, 2867.
"""
BLOCK_OVERHEAD = 30
"""Characters that Slack adds to a block: an identifier."""

ALT_TEXT = 600
"""Characters of the description of a picture; Slack's 2,000 do not fit beside a full message."""
HEADER = 150
TEXT_OBJECT = 3000
"""Characters of a text object, and so of a section; blocks of rich text keep to it too."""

ACTIONS_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
URL = 3000
"""Characters of the URL of a button or an option."""
OVERFLOW_OPTIONS = 5
OPTIONS = 100
"""Options of a static select."""
OPTION_TEXT = 75
OPTION_VALUE = 75
OPTION_DESCRIPTION = 75
PLACEHOLDER = 150
LABEL = 2000
"""Characters of the label of an input block."""
TEXT_INPUT = 3000

VIEW_BLOCKS = 100
VIEW_TITLE = 24
VIEW_BUTTON = 24
"""Characters of a view's submit and close buttons."""
PRIVATE_METADATA = 3000

UNFURLS = 5
"""Addresses of a message under which something is shown; Slack tells of more."""
