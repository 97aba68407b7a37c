"""Renders cards as the native messages of parts (pure)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.cards.corrections import with_edit_note
from bot.cards.locale import Locale
from bot.model.card import Card
from bot.model.deliveries import DuePart, Purpose
from bot.model.subscriptions import Layout
from bot.ports.platform import NativeMessage, OutgoingMessage, Platform

_CONTENT_LENGTH = 16
"""Letters that identify what a card says: 64 bits, so that no change is overlooked."""


def render(
    platform: Platform,
    card: Card,
    tags: tuple[str, ...],
    locale: Locale | None = None,
    day: date | None = None,
) -> tuple[OutgoingMessage, ...]:
    """Return a card as messages; with the day on which it was edited, where it was."""
    title = card.thread_name or card.title
    payloads = platform.render(card)
    content = _identify(payloads)
    if locale and day:
        noted = platform.render(with_edit_note(locale, card, day))
        # A note is not worth a message of its own.
        payloads = noted if len(noted) == len(payloads) else payloads
    return tuple(
        OutgoingMessage(
            payload, "", title=title, tags=tags, notification=card.notification, content=content
        )
        for payload in payloads
    )


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
