"""Writes text so that Slack neither mentions, links nor sends anything by it (pure).

Blocks show their texts as they stand: rich text has no markup, and plain text objects are told to
make no emoji. Markup is read where a message's `text` is shown, in notifications and to screen
readers; there mentions and links are written `<!here>`, `<@U1>`, `<https://…>`, so without a bare
`<` there are none. Source: https://docs.slack.dev/messaging/formatting-message-text#escaping.
"""

from typing import Any

_MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escape(text: str) -> str:
    """Return a clean text as mrkdwn; only `& < >` are escaped, as Slack wants it."""
    return text.translate(_MARKS)


def plain_text(text: str) -> dict[str, Any]:
    """Return a clean text as a text object that shows it as it stands."""
    return {"type": "plain_text", "text": text, "emoji": False}
