"""Renders a card as messages of blocks (pure).

A message is the text and the blocks of https://docs.slack.dev/reference/methods/chat.postMessage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

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
from bot.cards.fit import truncate, utf16_length
from bot.lib.urls import is_safe_url
from bot.model.card import Card, Choice, Control, LinkButton
from bot.ports.platform import NativeMessage

Page = list[BlockGroup]
"""What stands in one message."""

_DIVIDER: Block = {"type": "divider"}
_EMPTY = "…"


def messages(card: Card) -> list[NativeMessage]:
    """Return a card as messages, in order; controls stand on the last one, below text."""
    header = _header(card)
    more = controls.links_without_button(card.controls)
    groups = [BlockGroup((header,))] if header else []
    pages = _paginate((*groups, *iter_block_groups(card, "" if header else card.title, more)))
    title = single_line(card.title)
    _add_controls(pages, card.controls, title)
    notifications = [single_line(card.notification), *[""] * len(pages)]
    return [
        {
            "text": render_fallback_text(blocks, title, notification),
            "blocks": blocks or [_nothing()],
        }
        for blocks, notification in zip(map(_blocks, pages), notifications, strict=False)
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


def _paginate(groups: Iterable[BlockGroup]) -> list[Page]:
    """Return groups on as few pages as they need."""
    pages: list[Page] = [[]]
    for group in groups:
        if not _has_room(pages[-1], group):
            pages.append([])
        pages[-1].append(group)
    return pages


def _add_controls(pages: list[Page], wanted: Sequence[Control], title: str) -> None:
    """Add controls to the last page.

    Where they do not fit there, descriptions of options are left out, then the last text moves on
    to the next page with them: a message never consists of controls only.
    """
    rows = controls.action_blocks(wanted)
    if rows and not _has_room(pages[-1], BlockGroup(tuple(rows))):
        rows = controls.action_blocks(map(_without_descriptions, wanted))
    for number, row in enumerate(rows):
        group = BlockGroup((row,))
        rest = BlockGroup(tuple(rows[number:]))
        if number == 0 and not _has_room(pages[-1], rest) and _can_spare_text(pages[-1]):
            pages.append([pages[-1].pop()])
        if not _has_room(pages[-1], group):
            pages.append(_heading(title))
        pages[-1].append(group)


def _can_spare_text(page: Page) -> bool:
    """Return whether a page has text beside its last group; a header alone is none."""
    return any(group.blocks[0]["type"] != "header" for group in page[:-1])


def _without_descriptions(control: Control) -> Control:
    if not isinstance(control, Choice):
        return control
    return replace(
        control, options=tuple(replace(each, description="") for each in control.options)
    )


def _heading(title: str) -> Page:
    """Return what begins a page that has no text of its own."""
    text = truncate(title, limits.HEADER)
    return [BlockGroup(({"type": "header", "text": plain_text(text)},))] if text else []


def _has_room(page: Page, group: BlockGroup) -> bool:
    whole = _blocks([*page, group])
    characters = sum(json_length(block) + limits.BLOCK_OVERHEAD for block in whole)
    # One block is left for a mention.
    return len(whole) < limits.BLOCKS and characters <= limits.MESSAGE


def _blocks(page: Page) -> list[Block]:
    """Return the blocks of a page; no divider begins one."""
    found: list[Block] = []
    for group in page:
        if group.has_divider and found:
            found.append(_DIVIDER)
        found += group.blocks
    return found


def _nothing() -> Block:
    return {"type": "section", "text": plain_text(_EMPTY)}
