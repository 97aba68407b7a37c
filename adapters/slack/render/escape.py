"""Escapes text so that it neither mentions nor links (pure).

Rich text blocks have no markup, and plain text objects are sent without emoji codes. Markup is
interpreted in a message's `text`, shown in notifications and to screen readers; mentions and links
are written `<!here>`, `<@U1>`, `<https://…>` there, so without a bare `<` there are none. Source: https://docs.slack.dev/messaging/formatting-message-text#escaping.
"""

from typing import Any

_MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escape(text: str) -> str:
    """Return a clean text as mrkdwn; only `& < >` are escaped, as Slack requires."""
    return text.translate(_MARKS)


def plain_text(text: str) -> dict[str, Any]:
    """Return a clean text as a plain_text object."""
    return {"type": "plain_text", "text": text, "emoji": False}
