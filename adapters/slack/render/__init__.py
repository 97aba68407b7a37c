"""Renders a card as messages of blocks (pure).

A message is the text and the blocks of https://docs.slack.dev/reference/methods/chat.postMessage.
"""

from collections.abc import Iterable

from adapters.slack import limits
from adapters.slack.render import controls
from adapters.slack.render.blocks import (
    Block,
    BlockGroup,
    iter_block_groups,
    json_length,
    single_line,
)
from adapters.slack.render.escape import plain_text
from adapters.slack.render.fallback_text import render_fallback_text
from bot.cards.fit import utf16_length
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
    _fill(found, iter_block_groups(card, "" if header else card.title, more))
    for row in controls.action_blocks(card.controls):
        if not _has_room(found[-1], (row,)):
            found.append([])
        found[-1].append(row)
    title = single_line(card.title)
    return [
        {"text": render_fallback_text(blocks, title), "blocks": blocks or [_nothing()]}
        for blocks in found
    ]


def _header(card: Card) -> Block | None:
    """Return the title as a header block; None if there is none, or it must be rich text.

    That is if it is too long for a header, or the only link to the card's URL, as a header cannot
    link.
    """
    title = single_line(card.title)
    leads = {control.url for control in card.controls if isinstance(control, LinkButton)}
    if (
        not title
        or utf16_length(title) > limits.HEADER
        or (is_safe_url(card.url) and card.url not in leads)
    ):
        return None
    return {"type": "header", "text": plain_text(title)}


def _fill(found: list[list[Block]], groups: Iterable[BlockGroup]) -> None:
    """Append groups to the last message, and to further ones when it is full."""
    for group in groups:
        blocks = (_DIVIDER, *group.blocks) if group.has_divider and found[-1] else group.blocks
        if not _has_room(found[-1], blocks):
            found.append([])
            blocks = group.blocks
        found[-1] += blocks


def _has_room(there: list[Block], blocks: Iterable[Block]) -> bool:
    whole = [*there, *blocks]
    characters = sum(json_length(block) + limits.BLOCK_OVERHEAD for block in whole)
    return len(whole) <= limits.BLOCKS and characters <= limits.MESSAGE


def _nothing() -> Block:
    return {"type": "section", "text": plain_text(_EMPTY)}
