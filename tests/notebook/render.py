"""Turns a card into pages of plain text (pure)."""

from textwrap import wrap

from adapters.notebook import limits

from bot.model.card import Card, Form
from bot.ports.platform import NativeMessage


def messages(card: Card) -> list[NativeMessage]:
    """Return the pages that show a card."""
    return [{"text": page} for page in pages(card)]


def pages(content: Card | Form) -> list[str]:
    """Return the title and every text of a card or a form."""
    texts = [content.title, *(str(block) for block in getattr(content, "blocks", ()))]
    return wrap("\n".join(texts), limits.PAGE)
