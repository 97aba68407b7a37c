"""Renders the contents of a card as Block Kit blocks within their limits (pure).

Texts are rich text blocks, which have no markup: no text can format, mention or link. Notes are
context blocks of plain text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from adapters.slack import limits
from adapters.slack.render.escape import plain_text
from bot.cards.fit import split_lines, split_runs, utf16_length
from bot.lib.clean import clean
from bot.lib.urls import is_safe_url, looks_like_url, split_urls
from bot.model.card import Block as Said
from bot.model.card import (
    Bullets,
    Card,
    Code,
    Divider,
    IdKind,
    Paragraph,
    Run,
    Style,
    Tone,
)

Block = dict[str, Any]

_MAX_LINK_LENGTH = 1000
"""Characters of a URL that becomes a link; a longer one would leave no room for the text."""
_SEPARATOR = " · "
"""Separator of notes that share a context block."""
_IDS = {
    IdKind.CHANNEL: ("channel", re.compile(r"[CG][A-Z0-9]{2,}")),
    IdKind.GROUP: ("usergroup", re.compile(r"S[A-Z0-9]{2,}")),
    IdKind.PERSON: ("user", re.compile(r"[UW][A-Z0-9]{2,}")),
}
"""The element that shows the name of what has an id, and how the id is written."""
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_STYLES = {Style.STRONG: {"bold": True}, Style.CODE: {"code": True}}


@dataclass(frozen=True, slots=True)
class BlockGroup:
    """Blocks that stay in one message."""

    blocks: tuple[Block, ...]
    has_divider: bool = False
    """Whether a divider precedes it, unless it begins a message."""


def iter_block_groups(
    card: Card, title: str, extra_links: Sequence[Run] = ()
) -> Iterator[BlockGroup]:
    """Yield a card's title (if given), blocks, extra links and footer in order."""
    held: tuple[Block, ...] = ()
    is_apart = False
    for block in _merge_notes((*_title(card, title), *card.blocks, *_footer(card, extra_links))):
        if isinstance(block, Divider):
            is_apart = True
            continue
        blocks = _blocks(block)
        if isinstance(block, Paragraph) and block.tone is Tone.HEADING:
            # A heading never stands alone at the end of a message.
            for each in blocks:
                if held and sum(map(json_length, (*held, each))) > limits.TEXT_OBJECT:
                    yield BlockGroup(held, is_apart)
                    held, is_apart = (), False
                held += (each,)
            continue
        for each in blocks:
            yield BlockGroup((*held, each), is_apart)
            held, is_apart = (), False
    if held:
        yield BlockGroup(held, is_apart)


def json_length(block: Block) -> int:
    """Return the size of a block or element: the UTF-16 units of its compact JSON."""
    return utf16_length(_COMPACT.encode(block))


def single_line(text: str) -> str:
    """Return a text as one clean line."""
    return " ".join(clean(text).split())


def _title(card: Card, title: str) -> tuple[Paragraph, ...]:
    run = Run(single_line(title), Style.STRONG, card.url)
    return (Paragraph((run,), Tone.HEADING),) if title else ()


def _footer(card: Card, more: Sequence[Run]) -> Iterator[Paragraph]:
    for run in (*more, Run(card.footer)):
        yield Paragraph((run,), Tone.NOTE)


def _merge_notes(blocks: Iterable[Said]) -> Iterator[Said | list[str]]:
    """Yield blocks; consecutive notes without links are merged into a list of their texts."""
    row: list[str] = []
    for block in blocks:
        text = _note_text(block)
        if text is None:
            if row:
                yield row
                row = []
            yield block
        elif text:
            row.append(text)
    if row:
        yield row


def _note_text(block: Said) -> str | None:
    """Return the text of a note without links; None for anything else."""
    if not isinstance(block, Paragraph) or block.tone is not Tone.NOTE:
        return None
    text = clean("".join(run.text for run in block.runs))
    has_links = any(run.url or _name_element(run) for run in block.runs) or any(
        is_link for _, is_link in split_urls(text)
    )
    return None if has_links else text.strip()


def _blocks(block: Paragraph | Bullets | Code | list[str]) -> list[Block]:
    match block:
        case list(texts):
            return _contexts(texts)
        case Paragraph(runs, Tone.HEADING):
            strong = [replace(run, style=Style.STRONG) for run in runs]
            return [_rich(_section(each)) for each in _split_runs(strong)]
        case Paragraph(runs):
            return [_rich(_section(each)) for each in _split_runs(runs)]
        case Bullets():
            return _list(block)
        case Code(text):
            return _code(text)
        case _:
            assert_never(block)


def _contexts(texts: Sequence[str]) -> list[Block]:
    """Return notes as context blocks."""
    row = Run(_SEPARATOR.join(texts))
    return [
        {"type": "context", "elements": [plain_text(_text_of(part))]}
        for part in _split_runs([row])
    ]


def _code(text: str) -> list[Block]:
    """Return code as preformatted blocks."""
    rest: Sequence[str] = clean(text).strip("\n").split("\n")
    found = []
    while any(line.strip() for line in rest):
        taken, rest = split_lines(
            rest,
            lambda lines: json_length(_preformatted(lines)) <= limits.TEXT_OBJECT,
            anywhere=True,
        )
        found.append(_rich(_preformatted(taken)))
    return found


def _preformatted(lines: Sequence[str]) -> Block:
    text: Block = {"type": "text", "text": "\n".join(lines)}
    return {"type": "rich_text_preformatted", "elements": [text]}


def _list(bullets: Bullets) -> list[Block]:
    """Return list blocks; an item that is too long continues as a paragraph."""
    found: list[Block] = []
    open_list: list[Block] | None = None
    for index, runs in enumerate(bullets.items):
        parts = _split_runs(runs)
        for number, part in enumerate(parts):
            section = _section(part)
            if number:
                found.append(_rich(section))
            elif open_list is not None and _has_room(open_list, section):
                open_list.append(section)
                continue
            else:
                open_list = [section]
                found.append(_rich(_list_of(open_list, bullets.first, index)))
        if len(parts) != 1:
            open_list = None
    return found


def _list_of(sections: list[Block], first: int | None, index: int) -> Block:
    kind: Block = {"type": "rich_text_list", "elements": sections}
    if first is None:
        return kind | {"style": "bullet"}
    offset = first + index - 1
    return kind | {"style": "ordered"} | ({"offset": offset} if offset else {})


def _has_room(sections: Sequence[Block], section: Block) -> bool:
    return sum(map(json_length, (*sections, section))) <= limits.TEXT_OBJECT


def _split_runs(runs: Iterable[Run]) -> list[tuple[Run, ...]]:
    """Return cleaned runs, split into as many parts as blocks are needed."""
    rest = tuple(
        run if (text := clean(run.text)) == run.text else replace(run, text=text) for run in runs
    )
    found = []
    while any(run.text.strip() for run in rest):
        taken: tuple[Run, ...] = rest
        left: tuple[Run, ...] = ()
        if not _fits(rest):
            taken, left = split_runs(rest, _fits, anywhere=True)
        found.append(taken)
        rest = left
    return found


def _fits(runs: Sequence[Run]) -> bool:
    return json_length(_section(runs)) <= limits.TEXT_OBJECT


def _text_of(runs: Sequence[Run]) -> str:
    return "".join(run.text for run in runs)


def _rich(element: Block) -> Block:
    return {"type": "rich_text", "elements": [element]}


def _section(runs: Sequence[Run]) -> Block:
    elements = [element for run in runs for element in _elements(run)]
    return {"type": "rich_text_section", "elements": elements}


def _elements(run: Run) -> Iterator[Block]:
    style = {"style": _STYLES[run.style]} if run.style in _STYLES else {}
    if name := _name_element(run):
        yield name | style
        return
    if _is_link(run):
        yield {"type": "link", "url": run.url, "text": run.text} | style
        return
    for piece, is_address in split_urls(run.text):
        if is_address and utf16_length(piece) <= _MAX_LINK_LENGTH:
            yield {"type": "link", "url": piece} | style
        else:
            yield {"type": "text", "text": piece} | style


def _name_element(run: Run) -> Block:
    """Return the element that shows the name of a channel or group; empty if a run is no id."""
    if run.id_of is None:
        return {}
    kind, pattern = _IDS[run.id_of]
    return {"type": kind, f"{kind}_id": run.text} if pattern.fullmatch(run.text) else {}


def _is_link(run: Run) -> bool:
    """Return whether a run may be a link: a safe URL whose text does not look like another URL."""
    if (
        not run.text.strip()
        or not is_safe_url(run.url)
        or utf16_length(run.url) > _MAX_LINK_LENGTH
    ):
        return False
    return not looks_like_url(run.text)
