"""Renders a card as messages with Components V2 (pure).

A message is the JSON body of `POST /channels/{id}/messages`, see
https://docs.discord.com/developers/resources/message#create-message.
"""

from dataclasses import dataclass, replace

from adapters.discord import limits
from adapters.discord.render import controls
from adapters.discord.render.controls import Component
from adapters.discord.render.markdown import iter_blocks, render_paragraphs, render_title
from adapters.discord.render.pagination import Page, paginate
from bot.cards.fit import utf16_length
from bot.model.card import Card, Divider, LinkButton, Paragraph, Tone
from bot.model.subscriptions import MOST_MENTIONS
from bot.ports.platform import NativeMessage

SUPPRESS_EMBEDS = 1 << 2
SUPPRESS_NOTIFICATIONS = 1 << 12
IS_COMPONENTS_V2 = 1 << 15
ACCENT_COLOR = 0x2F6FDE
"""The colour of the bar at the left of every message."""

_SECTION, _TEXT_DISPLAY, _SEPARATOR, _CONTAINER = 9, 10, 14, 17
_SMALL = 1
_HEAD = 1000
"""A longer title is part of the text, where it can be split."""
_BESIDE = 120
"""Longer small print takes the whole width."""
_LABEL = 8
"""A longer label, as in two languages, would leave the text beside it a few words a line."""
_EMPTY = "…"


@dataclass(frozen=True, slots=True)
class _Head:
    """The components above the texts of the first message."""

    components: list[Component]
    used: int
    """Its characters, in UTF-16 units."""
    rest: Card
    """The rest of the card; with the title, where the head does not have it."""


def messages(card: Card) -> list[NativeMessage]:
    """Return a card as messages, in order; the last one has the controls."""
    head = _head(card)
    more = controls.links_without_button(head.rest.controls)
    texts = paginate(
        iter_blocks(head.rest, head.rest.title, more),
        limits.TEXT_DISPLAYS,
        limits.TEXT_DISPLAYS - head.used - limits.MENTION * MOST_MENTIONS,
    )
    containers = [_texts(page) for page in texts]
    containers[0][:0] = head.components
    _add_rows(controls.action_rows(head.rest.controls), containers)
    return [_message(components) for components in containers]


def _head(card: Card) -> _Head:
    """Return the title, and below it the small print beside the button with the same address.

    A button beside the title would leave that a few words a line on a phone.
    """
    title = render_title(card)
    if not title or utf16_length(title) > _HEAD:
        return _Head([], 0, card)
    components, rest = [_text(title)], replace(card, title="")
    small = _small_print(card)
    facts = render_paragraphs(small)
    link = _link_of(card)
    if (
        link is None
        or not facts.strip()
        or utf16_length(facts) > _BESIDE
        or utf16_length(link.label) > _LABEL
    ):
        return _Head(components, utf16_length(title), rest)
    button = controls.link_button(link)
    components.append({"type": _SECTION, "components": [_text(facts)], "accessory": button})
    blocks = card.blocks[len(small) :]
    if isinstance(next(iter(blocks), None), Divider):
        components.append(_separator())
    others = tuple(each for each in card.controls if each is not link)
    return _Head(
        components, utf16_length(title + facts), replace(rest, blocks=blocks, controls=others)
    )


def _link_of(card: Card) -> LinkButton | None:
    """Return the link button with the address of the title."""
    for control in card.controls:
        if (
            isinstance(control, LinkButton)
            and control.url == card.url
            and controls.fits_button(card.url)
        ):
            return control
    return None


def _small_print(card: Card) -> list[Paragraph]:
    """Return the leading paragraphs of a card that are small print."""
    found: list[Paragraph] = []
    for block in card.blocks:
        if not isinstance(block, Paragraph) or block.tone is not Tone.NOTE:
            break
        found.append(block)
    return found


def _text(content: str) -> Component:
    return {"type": _TEXT_DISPLAY, "content": content}


def _separator() -> Component:
    return {"type": _SEPARATOR, "divider": True, "spacing": _SMALL}


def _texts(page: Page) -> list[Component]:
    found: list[Component] = []
    for text in page:
        if found:
            found.append(_separator())
        found.append(_text(text))
    return found


def _add_rows(rows: list[Component], containers: list[list[Component]]) -> None:
    """Add rows to the last message, and to further ones where it has too many components."""
    for row in rows:
        # One component is left for a mention.
        if _count(containers[-1]) + controls.component_count(row) >= limits.COMPONENTS:
            containers.append([])
        containers[-1].append(row)


def _count(components: list[Component]) -> int:
    """Return how many components a container of these has, itself included."""
    return 1 + sum(
        1 + len(each.get("components", ())) + ("accessory" in each) for each in components
    )


def _message(components: list[Component]) -> NativeMessage:
    filled = components or [_text(_EMPTY)]
    return {
        "flags": IS_COMPONENTS_V2 | SUPPRESS_EMBEDS,
        "allowed_mentions": {"parse": []},
        "components": [{"type": _CONTAINER, "accent_color": ACCENT_COLOR, "components": filled}],
    }
