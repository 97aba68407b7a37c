"""Turns a card into Slack's messages, made of blocks (pure).

A message is the text and the blocks of https://docs.slack.dev/reference/methods/chat.postMessage.
"""

from collections.abc import Iterable

from adapters.slack import limits
from adapters.slack.render import controls
from adapters.slack.render.blocks import Block, Group, flow, length, line
from adapters.slack.render.escape import plain
from adapters.slack.render.fallback_text import spoken
from bot.cards.fit import size
from bot.lib.urls import is_safe_url
from bot.model.card import Card, LinkButton
from bot.ports.platform import NativeMessage

_DIVIDER: Block = {"type": "divider"}
_EMPTY = "…"


def messages(card: Card) -> list[NativeMessage]:
    """Return a card as messages, in order; controls stand on the last one."""
    header = _header(card)
    more = controls.links_without_button(card.controls)
    found = [[header]] if header else [[]]
    _fill(found, flow(card, "" if header else card.title, more))
    for row in controls.rows(card.controls):
        if not _has_room(found[-1], (row,)):
            found.append([])
        found[-1].append(row)
    title = line(card.title)
    return [{"text": spoken(blocks, title), "blocks": blocks or [_nothing()]} for blocks in found]


def _header(card: Card) -> Block | None:
    """Return the title as a header; None where it has none, or it has to stand in the text.

    That is where it is too long, and where it is the only way to the card's address, as a header
    leads nowhere.
    """
    title = line(card.title)
    leads = {control.url for control in card.controls if isinstance(control, LinkButton)}
    if (
        not title
        or size(title) > limits.HEADER
        or (is_safe_url(card.url) and card.url not in leads)
    ):
        return None
    return {"type": "header", "text": plain(title)}


def _fill(found: list[list[Block]], groups: Iterable[Group]) -> None:
    """Put groups on the last message, and on further ones where it is full."""
    for group in groups:
        blocks = (_DIVIDER, *group.blocks) if group.is_apart and found[-1] else group.blocks
        if not _has_room(found[-1], blocks):
            found.append([])
            blocks = group.blocks
        found[-1] += blocks


def _has_room(there: list[Block], blocks: Iterable[Block]) -> bool:
    whole = [*there, *blocks]
    characters = sum(length(block) + limits.FRAME for block in whole)
    return len(whole) <= limits.BLOCKS and characters <= limits.MESSAGE


def _nothing() -> Block:
    return {"type": "section", "text": plain(_EMPTY)}
