"""Renders a card as lines for a terminal (pure)."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from rich.cells import cell_len

from adapters.console.limits import MAX_WIDTH
from bot.model.card import (
    Block,
    Bullets,
    Button,
    Card,
    Choice,
    Code,
    Divider,
    Form,
    LinkButton,
    Paragraph,
    Run,
    Style,
    Tone,
)

Fragment = tuple[str, str]
"""A style (key of `STYLES`) and a text without line breaks."""
Line = tuple[Fragment, ...]

STYLES = {
    "": "",
    "title": "bold cyan",
    "strong": "bold",
    "code": "green",
    "note": "bright_black",
    "link": "bright_blue",
    "control": "yellow",
}
"""Style of each kind of fragment, as rich and prompt_toolkit write it."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def messages(card: Card) -> list[Mapping[str, object]]:
    """Return the card as one message."""
    return [{"text": render_text(card)}]


def render_text(card: Card | Form, width: int = MAX_WIDTH) -> str:
    """Return a card as plain text."""
    return "\n".join(
        "".join(text for _, text in line).rstrip() for line in render_lines(card, width)
    )


def render_lines(card: Card | Form, width: int = MAX_WIDTH) -> list[Line]:
    """Return a card as styled lines of at most `width` columns, except code."""
    if isinstance(card, Form):
        title = (("title", strip_control_characters(card.title)),)
        note = strip_control_characters(card.note)
        return [title, *(_wrap([("note", note)], width) if note else ())]
    found = [*_wrap([("title", strip_control_characters(card.title))], width)]
    for block in card.blocks:
        if not (found and isinstance(block, Paragraph) and block.tone is Tone.NOTE):
            found.append(())
        found += _block(block, width)
    controls = list(_controls(card, width))
    if controls:
        found += [(), *controls]
    if card.footer:
        found += [(), *_wrap([("note", strip_control_characters(card.footer))], width)]
    return found


def shortcuts(card: Card | Form) -> dict[str, tuple[str, str]]:
    """Return the action and argument of each letter or number that the card offers."""
    if isinstance(card, Form):
        return {}
    found: dict[str, tuple[str, str]] = {}
    buttons = [control for control in card.controls if isinstance(control, Button)]
    for letter, button in zip(_LETTERS, buttons, strict=False):
        found[letter] = (button.action.name, button.action.argument)
    choice = next((each for each in card.controls if isinstance(each, Choice)), None)
    if choice:
        first = _first_number(card)
        for number, option in enumerate(choice.options, start=first):
            found[str(number)] = (choice.action, option.value)
    return found


def strip_control_characters(text: str) -> str:
    """Return a text without escape sequences and bidirectional controls.

    Control characters are removed; line breaks and tabs become spaces.
    """
    kept = (
        " " if char in "\n\r\t" else char
        for char in text
        if char in "\n\r\t" or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    return "".join(char for char in kept if char not in _BIDI_CONTROLS)


_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def _first_number(card: Card) -> int:
    """Return the number of the first item of the card's numbered list, or 1."""
    numbered = (b.first for b in card.blocks if isinstance(b, Bullets) and b.first is not None)
    return next(numbered, 1)


def _block(block: Block, width: int) -> Iterator[Line]:
    match block:
        case Paragraph(runs, tone):
            yield from _paragraph(runs, tone, width)
        case Bullets(items, first):
            yield from _bullets(items, first, width)
        case Divider():
            yield (("note", "─" * min(width, MAX_WIDTH)),)
        case Code(text, _):
            # Never wrapped, so that copied code has no additional line breaks.
            for line in text.split("\n"):
                yield (("code", strip_control_characters(line)),)
        case _:
            assert_never(block)


def _paragraph(runs: Sequence[Run], tone: Tone, width: int) -> Iterator[Line]:
    style = {Tone.BODY: "", Tone.NOTE: "note", Tone.HEADING: "strong"}[tone]
    for pieces in _split(runs, style):
        yield from _wrap(pieces, width)


def _bullets(items: Sequence[tuple[Run, ...]], first: int | None, width: int) -> Iterator[Line]:
    for index, runs in enumerate(items):
        mark = "● " if first is None else f"{first + index}. "
        indent = cell_len(mark)
        head = mark
        for number, pieces in enumerate(_split(runs, "")):
            style_rest = "note" if number else ""
            shown = [(style or style_rest, text) for style, text in pieces]
            for line in _wrap(shown, width - indent):
                yield (("control", head), *line)
                head = " " * indent


def _split(runs: Sequence[Run], style: str) -> Iterator[list[Fragment]]:
    """Yield the fragments of each line, split at the runs' line breaks."""
    pieces: list[Fragment] = []
    for run in runs:
        own = {
            Style.PLAIN: style, Style.STRONG: "strong", Style.CODE: "code", Style.SMALL: "note",
        }[run.style]  # fmt: skip
        head, *rest = run.text.split("\n")
        pieces.append((own, strip_control_characters(head)))
        for text in rest:
            yield pieces
            pieces = [(own, strip_control_characters(text))]
    yield pieces


def _controls(card: Card, width: int) -> Iterator[Line]:
    for control in card.controls:
        if isinstance(control, LinkButton):
            pieces = [
                ("control", strip_control_characters(control.label) + ": "),
                ("link", strip_control_characters(control.url)),
            ]
            yield from _wrap(pieces, width)
    keys = {action: key for key, action in shortcuts(card).items()}
    buttons = [
        f"[{key}] {strip_control_characters(control.label)}"
        for control in card.controls
        if isinstance(control, Button)
        and (key := keys.get((control.action.name, control.action.argument)))
    ]
    choice = next((each for each in card.controls if isinstance(each, Choice)), None)
    if choice and choice.options:
        first = _first_number(card)
        last = first + len(choice.options) - 1
        numbers = f"{first}-{last}" if last > first else str(first)
        buttons.insert(0, f"[{numbers}] {strip_control_characters(choice.placeholder)}")
    if buttons:
        yield from _wrap([("control", "   ".join(buttons))], width)


def _wrap(pieces: Sequence[Fragment], width: int) -> Iterator[Line]:
    """Yield lines wrapped at words; a word wider than a line is broken."""
    line: list[Fragment] = []
    used = 0
    for style, text in pieces:
        for word in _words(text):
            for part in _broken(word, width):
                if used and used + cell_len(part.rstrip()) > width:
                    yield tuple(line)
                    line, used = [], 0
                    part = part.lstrip()  # noqa: PLW2901 - a line does not begin with a space
                if part:
                    line.append((style, part))
                    used += cell_len(part)
    yield tuple(line)


def _words(text: str) -> Iterator[str]:
    """Yield words, each with the space after it."""
    start = 0
    while start < len(text):
        end = text.find(" ", start)
        end = len(text) if end < 0 else end + 1
        yield text[start:end]
        start = end


def _broken(word: str, width: int) -> Iterator[str]:
    part, used = "", 0
    for char in word:
        size = cell_len(char)
        if used + size > width and char != " ":
            yield part
            part, used = "", 0
        part += char
        used += size
    yield part
