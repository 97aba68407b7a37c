"""Discord's limits, by its own names.

Sources: https://docs.discord.com/developers/components/reference (components, custom_id),
https://docs.discord.com/developers/resources/message (embeds, nonce, flags) and
https://docs.discord.com/developers/resources/channel (threads, forum tags). Characters are
counted as UTF-16 units, which is never less than what Discord counts.
"""

from bot.model.mentions import MentionSyntax
from bot.model.subscriptions import Layout

LAYOUTS = tuple(Layout)
"""The layouts that a digest can have."""

CONTENT = 2000
"""Characters of a message without Components V2."""

MENTIONS = MentionSyntax(
    groups=(r"<@&(?P<id>\d{1,20})>", r"(?P<id>\d{15,20})"),
    channels=(r"<#(?P<id>\d{1,20})>", r"(?P<id>\d{15,20})"),
)
"""What a client inserts for a role and a channel, and their ids.

Source: https://discord.com/developers/docs/reference#message-formatting.
"""

MENTION = 30
"""Characters of the mention of a role: `<@&…>` with an id of up to 20 digits."""

COMPONENTS = 40
"""Components of a message with Components V2, nested ones included."""
TEXT_DISPLAYS = 4000
"""Characters of all text displays of a message together."""

ATTACHMENT_DESCRIPTION = 1024
EMBED_DESCRIPTION = 4096
EMBED_TITLE = 256
EMBED_URL = 2048

ACTION_ROWS = 5
"""Action rows of a message without Components V2."""
BUTTONS = 5
"""Buttons of an action row."""
BUTTON_LABEL = 80
BUTTON_URL = 512
CUSTOM_ID = 100
OPTIONS = 25
OPTION_LABEL = 100
OPTION_VALUE = 100
OPTION_DESCRIPTION = 100
PLACEHOLDER = 150

MODAL_TITLE = 45
MODAL_LABEL = 45
MODAL_DESCRIPTION = 100
MODAL_FIELDS = 5
TEXT_INPUT = 4000

NONCE = 25
THREAD_NAME = 100
APPLIED_TAGS = 5
AVAILABLE_TAGS = 20
"""Tags of a forum."""
TAG_NAME = 20
CHOICES = 25
"""Suggestions of an autocomplete."""
CHOICE_NAME = 100
CHOICE_VALUE = 100
"""Characters of a suggestion's label, and of its value."""
