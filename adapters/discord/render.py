"""Turns a card into Discord's messages with Components V2 (pure).

A message is the JSON body of `POST /channels/{id}/messages`, see
https://docs.discord.com/developers/resources/message#create-message.
"""

from adapters.discord import controls, limits
from adapters.discord.controls import Component
from adapters.discord.flow import Page, flow, pages, title_line
from bot.card import Card, Control, LinkButton
from bot.fit import size
from bot.ports import Native

SUPPRESS_EMBEDS = 1 << 2
IS_COMPONENTS_V2 = 1 << 15
ACCENT = 0x2F6FDE
"""The colour of the bar beside every message of Paperboy."""

_SECTION, _TEXT_DISPLAY, _SEPARATOR, _CONTAINER = 9, 10, 14, 17
_SMALL = 1
_TITLE_OF_SECTION = 1000
"""A longer title stands in the text, where it can be cut."""
_EMPTY = "…"


def messages(card: Card) -> list[Native]:
    """Return a card as messages, in order; controls stand on the last one."""
    head, rest = _head(card)
    more = controls.links_without_button(rest)
    title = "" if head else card.title
    used = size(title_line(card)) if head else 0
    texts = pages(flow(card, title, more), limits.TEXT_DISPLAYS, limits.TEXT_DISPLAYS - used)
    containers = [_texts(page) for page in texts]
    containers[0][:0] = head
    _place(controls.rows(rest), containers)
    return [_message(components) for components in containers]


def _head(card: Card) -> tuple[list[Component], tuple[Control, ...]]:
    """Return the title, with the button that leads to the same address, and the other controls."""
    title = title_line(card)
    if not title or size(title) > _TITLE_OF_SECTION:
        return [], card.controls
    text = {"type": _TEXT_DISPLAY, "content": title}
    for control in card.controls:
        if (
            isinstance(control, LinkButton)
            and control.url == card.url
            and controls.fits_button(card.url)
        ):
            button = controls.link_button(control)
            section = {"type": _SECTION, "components": [text], "accessory": button}
            return [section], tuple(each for each in card.controls if each is not control)
    return [text], card.controls


def _texts(page: Page) -> list[Component]:
    found: list[Component] = []
    for text in page:
        if found:
            found.append({"type": _SEPARATOR, "divider": True, "spacing": _SMALL})
        found.append({"type": _TEXT_DISPLAY, "content": text})
    return found


def _place(rows: list[Component], containers: list[list[Component]]) -> None:
    """Put rows on the last message, and on further ones where it has too many components."""
    for row in rows:
        if _count(containers[-1]) + controls.count(row) > limits.COMPONENTS:
            containers.append([])
        containers[-1].append(row)


def _count(components: list[Component]) -> int:
    """Return how many components a container of these is, itself included."""
    return 1 + sum(
        1 + len(each.get("components", ())) + ("accessory" in each) for each in components
    )


def _message(components: list[Component]) -> Native:
    filled = components or [{"type": _TEXT_DISPLAY, "content": _EMPTY}]
    return {
        "flags": IS_COMPONENTS_V2 | SUPPRESS_EMBEDS,
        "allowed_mentions": {"parse": []},
        "components": [{"type": _CONTAINER, "accent_color": ACCENT, "components": filled}],
    }
