"""Renders a card as webhook messages: neutral document, CommonMark and plain text (pure)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import assert_never

from adapters.webhook.limits import MESSAGE_BYTES
from adapters.webhook.pagination import split_card
from bot.cards.commonmark import render_markdown
from bot.cards.sanitize import clean_card, suppress_card_mentions
from bot.model.card import (
    Block,
    Bullets,
    Button,
    Card,
    Choice,
    Code,
    Control,
    Divider,
    LinkButton,
    Paragraph,
    Run,
)
from bot.ports.platform import NativeMessage


def messages(card: Card) -> list[NativeMessage]:
    """Return the card as one message, or as several in order if it exceeds `MESSAGE_BYTES`.

    `card` is the neutral document, `markdown` the same as CommonMark, `text` as plain text.
    Buttons and choices are in `card` only. In the other two a zero-width space follows every
    character that could begin a mention.
    """
    return list(_fitting(clean_card(card)))


def _fitting(card: Card) -> Iterator[NativeMessage]:
    message = _message(card)
    parts = split_card(card) if _size(message) > MESSAGE_BYTES else None
    if parts:
        for part in parts:
            yield from _fitting(part)
    else:
        yield message


def _message(card: Card) -> NativeMessage:
    shown = suppress_card_mentions(card)
    return {
        "card": _document(card),
        "markdown": render_markdown(shown),
        "text": _text(shown),
    }


def _size(message: NativeMessage) -> int:
    return len(json.dumps(message, ensure_ascii=False).encode())


def _document(card: Card) -> dict[str, object]:
    return {
        "title": card.title,
        "url": card.url,
        "blocks": [_block(block) for block in card.blocks],
        "controls": [_control(control) for control in card.controls],
        "footer": card.footer,
    }


def _block(block: Block) -> dict[str, object]:
    match block:
        case Paragraph(runs, tone):
            return {"kind": "paragraph", "tone": tone.value, "runs": _runs(runs)}
        case Bullets(items, first):
            return {"kind": "bullets", "first": first, "items": [_runs(item) for item in items]}
        case Divider():
            return {"kind": "divider"}
        case Code(text, language):
            return {"kind": "code", "language": language, "text": text}
        case _:
            assert_never(block)


def _runs(runs: Sequence[Run]) -> list[dict[str, str]]:
    return [{"text": run.text, "style": run.style.value, "url": run.url} for run in runs]


def _control(control: Control) -> dict[str, object]:
    match control:
        case LinkButton():
            return {"kind": "link", **asdict(control)}
        case Button():
            return {"kind": "button", **asdict(control)}
        case Choice():
            return {"kind": "choice", **asdict(control)}
        case _:
            assert_never(control)


def _text(card: Card) -> str:
    links = (f"{c.label}: {c.url}" for c in card.controls if isinstance(c, LinkButton))
    parts = [
        "\n".join(filter(None, (card.title, card.url))),
        *(_block_text(block) for block in card.blocks),
        "\n".join(links),
        card.footer,
    ]
    return "\n\n".join(filter(None, parts))


def _block_text(block: Block) -> str:
    match block:
        case Paragraph(runs, _):
            return _runs_text(runs)
        case Bullets(items, first):
            marks = [
                "● " if first is None else f"{first + index}. " for index, _ in enumerate(items)
            ]
            return "\n".join(
                mark + _runs_text(item) for mark, item in zip(marks, items, strict=True)
            )
        case Divider():
            return "—"
        case Code(text, _):
            return text
        case _:
            assert_never(block)


def _runs_text(runs: Sequence[Run]) -> str:
    return "".join(f"{run.text} ({run.url})" if run.url else run.text for run in runs)
