"""Renders cards as the native messages of parts (pure)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.cards.corrections import with_edit_note
from bot.cards.locale import Locale
from bot.cards.votes import with_votes
from bot.model.card import Card
from bot.model.deliveries import DuePart, Purpose
from bot.model.subscriptions import Layout
from bot.ports.platform import NativeMessage, OutgoingMessage, Platform

_CONTENT_LENGTH = 16
"""Letters that identify what a card says: 64 bits, so that no change is overlooked."""


@dataclass(frozen=True, slots=True)
class RenderedCard:
    """A card and its messages, which many channels share."""

    card: Card
    messages: tuple[OutgoingMessage, ...]
    """At least one; their contents are alike, as they identify the whole card."""
    variants: dict[object, tuple[OutgoingMessage, ...]] = field(default_factory=dict)
    """As they were rendered with a note and votes; see `annotate`."""


def render(platform: Platform, card: Card, tags: tuple[str, ...] = ()) -> RenderedCard:
    """Return a card as messages."""
    title = card.thread_name or card.title
    payloads = platform.render(card)
    content = _identify(payloads)
    messages = tuple(
        OutgoingMessage(
            payload, "", title=title, tags=tags, notification=card.notification, content=content
        )
        for payload in payloads
    )
    return RenderedCard(card, messages)


def annotate(
    platform: Platform,
    rendered: RenderedCard,
    locale: Locale,
    day: date | None,
    votes: Mapping[int, int],
) -> tuple[OutgoingMessage, ...]:
    """Return messages with the day on which they were edited, if any, and the votes of papers.

    Where either would take a message of its own it is left out. The content of a message that
    tells votes differs from that of its card after the letters that `has_same_text` compares.
    """
    if not day and not votes:
        return rendered.messages
    key = (day, tuple(votes.items()))
    if key not in rendered.variants:
        rendered.variants[key] = _annotate(platform, rendered, locale, day, votes)
    return rendered.variants[key]


def _annotate(
    platform: Platform,
    rendered: RenderedCard,
    locale: Locale,
    day: date | None,
    votes: Mapping[int, int],
) -> tuple[OutgoingMessage, ...]:
    card, messages = rendered.card, rendered.messages
    if day:
        noted = with_edit_note(locale, card, day)
        payloads = platform.render(noted)
        if len(payloads) == len(messages):
            card = noted
            pairs = zip(messages, payloads, strict=True)
            messages = tuple(replace(each, payload=payload) for each, payload in pairs)
    if votes:
        payloads = platform.render(with_votes(locale, card, votes))
        if len(payloads) == len(messages):
            pairs = zip(messages, payloads, strict=True)
            messages = tuple(_with_payload(each, payload) for each, payload in pairs)
    return messages


def _with_payload(message: OutgoingMessage, payload: NativeMessage) -> OutgoingMessage:
    """Return a message with a payload that tells votes, and its content if it differs by them."""
    if payload == message.payload:
        return message
    return replace(message, payload=payload, content=message.content + _identify([payload]))


def has_same_text(content: str, other: str) -> bool:
    """Tell whether the messages of two contents differ in their votes at most."""
    return content[:_CONTENT_LENGTH] == other[:_CONTENT_LENGTH]


def address(
    due_part: DuePart, messages: Sequence[OutgoingMessage], tag_mentions: tuple[str, ...]
) -> tuple[OutgoingMessage, ...]:
    """Return messages with what belongs to their part alone: its key, mentions and silence."""
    part, subscription = due_part.part, due_part.subscription
    is_first = not part.position and not part.chunk
    is_digest = due_part.delivery.purpose is Purpose.ISSUE
    return tuple(
        replace(
            each,
            key=part.key,
            mention=subscription.mention if is_first else "",
            tag_mentions=tag_mentions if is_first else (),
            notification=each.notification if is_first else "",
            is_post=subscription.layout is Layout.FORUM,
            is_silent=is_digest and not is_first,
        )
        for each in messages
    )


def _identify(payloads: Sequence[NativeMessage]) -> str:
    """Return what differs where messages differ."""
    shown = json.dumps([*payloads], ensure_ascii=False, sort_keys=True, default=dict)
    return hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()[:_CONTENT_LENGTH]
