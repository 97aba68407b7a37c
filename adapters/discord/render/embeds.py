"""Renders a card as messages with an embed, for clients without Components V2 (pure)."""

from adapters.discord import limits
from adapters.discord.render import ACCENT_COLOR, controls, escape
from adapters.discord.render.controls import Component
from adapters.discord.render.markdown import iter_blocks
from adapters.discord.render.pagination import Page, paginate
from bot.cards.fit import utf16_length
from bot.lib.clean import clean
from bot.lib.urls import is_safe_url
from bot.model.card import Card
from bot.ports.platform import NativeMessage

_GAP = "\n\n"
"""Takes the place of a divider."""
_ROOM = limits.EMBED_DESCRIPTION - 10 * len(_GAP)
"""Characters of a description that are left for text, with the most dividers of a page."""
_EMPTY = "…"


def messages(card: Card) -> list[NativeMessage]:
    """Return a card as messages of one embed each, in order; the last one has the controls."""
    title = _title(card)
    more = controls.links_without_button(card.controls)
    texts = paginate(iter_blocks(card, "" if title else card.title, more), _ROOM, _ROOM)
    embeds = [_embed(page) for page in texts]
    if title:
        embeds[0] = title | embeds[0]
    rows = controls.action_rows(card.controls)
    parts = [
        rows[start : start + limits.ACTION_ROWS]
        for start in range(0, len(rows), limits.ACTION_ROWS)
    ]
    found = [_message(embed, []) for embed in embeds[:-1]]
    found.append(_message(embeds[-1], parts[0] if parts else []))
    return [*found, *(_message(_embed([]), part) for part in parts[1:])]


def _title(card: Card) -> Component:
    text = escape.escape_without_links(" ".join(clean(card.title).split()))
    if not text or utf16_length(text) > limits.EMBED_TITLE:
        return {}
    if is_safe_url(card.url) and utf16_length(card.url) <= limits.EMBED_URL:
        return {"title": text, "url": card.url}
    return {"title": text}


def _embed(page: Page) -> Component:
    return {"description": _GAP.join(page) or _EMPTY, "color": ACCENT_COLOR}


def _message(embed: Component, rows: list[Component]) -> NativeMessage:
    # SUPPRESS_EMBEDS would hide this embed too; links in an embed do not unfold.
    return {"embeds": [embed], "components": rows, "allowed_mentions": {"parse": []}}
