"""Splits a card that is too large for one message (pure)."""

from dataclasses import replace
from typing import assert_never

from bot.model.card import Block, Bullets, Card, Code, Divider, Paragraph, Run

Runs = tuple[Run, ...]


def split_card(card: Card) -> tuple[Card, Card] | None:
    """Return a card in two parts, in order and without loss; None if it cannot be split.

    It is split between blocks, items, runs or words, else between controls, else in the title. The
    second part has no title.
    """
    blocks = _blocks(card.blocks)
    if blocks:
        return (
            replace(card, blocks=blocks[0], controls=(), footer=""),
            replace(card, title="", url="", blocks=blocks[1]),
        )
    if len(card.controls) > 1:
        middle = len(card.controls) // 2
        return (
            replace(card, controls=card.controls[:middle], footer=""),
            Card("", controls=card.controls[middle:], footer=card.footer),
        )
    title = _text(card.title)
    return title and (
        Card(title[0], card.url),
        replace(card, title=title[1], url=""),
    )


def _blocks(blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], tuple[Block, ...]] | None:
    if len(blocks) > 1:
        middle = len(blocks) // 2
        return blocks[:middle], blocks[middle:]
    pair = _block(blocks[0]) if blocks else None
    return pair and ((pair[0],), (pair[1],))


def _block(block: Block) -> tuple[Block, Block] | None:
    match block:
        case Paragraph(runs, tone):
            pair = _runs(runs)
            return pair and (Paragraph(pair[0], tone), Paragraph(pair[1], tone))
        case Bullets(items, first) if len(items) > 1:
            middle = len(items) // 2
            after = None if first is None else first + middle
            return Bullets(items[:middle], first), Bullets(items[middle:], after)
        case Bullets(items, first):
            pair = _runs(items[0]) if items else None
            return pair and (Bullets((pair[0],), first), Paragraph(pair[1]))
        case Divider():
            return None
        case Code(text, language):
            halved = _code(text)
            return halved and (Code(halved[0], language), Code(halved[1], language))
        case _:
            assert_never(block)


def _runs(runs: Runs) -> tuple[Runs, Runs] | None:
    if len(runs) > 1:
        middle = len(runs) // 2
        return runs[:middle], runs[middle:]
    pair = _text(runs[0].text) if runs else None
    return pair and ((replace(runs[0], text=pair[0]),), (replace(runs[0], text=pair[1]),))


def _code(text: str) -> tuple[str, str] | None:
    """Return code in two parts, split at a line break if there is one."""
    lines = text.split("\n")
    middle = len(lines) // 2
    return ("\n".join(lines[:middle]), "\n".join(lines[middle:])) if middle else _text(text)


def _text(text: str) -> tuple[str, str] | None:
    """Return a text in two parts, split after whitespace in its second quarter if possible."""
    middle = len(text) // 2
    if not middle:
        return None
    blank = max(text.rfind(" ", 0, middle), text.rfind("\n", 0, middle)) + 1
    cut = blank if blank > middle // 2 else middle
    return text[:cut], text[cut:]
