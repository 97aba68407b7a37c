"""Turns a card into lines for a terminal (pure)."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from rich.cells import cell_len

from adapters.console.limits import WIDTH
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

Piece = tuple[str, str]
"""A style (of `STYLES`) and a text without line breaks."""
Line = tuple[Piece, ...]

STYLES = {
    "": "",
    "title": "bold cyan",
    "strong": "bold",
    "code": "green",
    "note": "bright_black",
    "link": "bright_blue",
    "control": "yellow",
}
"""How each kind of piece looks, in words that rich and prompt_toolkit both understand."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def messages(card: Card) -> list[Mapping[str, object]]:
    """Return the card as the one message that a terminal shows."""
    return [{"text": plain(card)}]


def plain(content: Card | Form, width: int = WIDTH) -> str:
    """Return a card as text without colour."""
    return "\n".join("".join(text for _, text in line).rstrip() for line in lines(content, width))


def lines(content: Card | Form, width: int = WIDTH) -> list[Line]:
    """Return a card as styled lines, at most so many columns wide but for code."""
    if isinstance(content, Form):
        return [(("title", clean(content.title)),)]
    found = [*_wrapped([("title", clean(content.title))], width)]
    for block in content.blocks:
        if not (found and isinstance(block, Paragraph) and block.tone is Tone.NOTE):
            found.append(())
        found += _block(block, width)
    controls = list(_controls(content, width))
    if controls:
        found += [(), *controls]
    if content.footer:
        found += [(), *_wrapped([("note", clean(content.footer))], width)]
    return found


def shortcuts(content: Card | Form) -> dict[str, tuple[str, str]]:
    """Return what may be typed instead of a whole command: the action and its argument."""
    if isinstance(content, Form):
        return {}
    found: dict[str, tuple[str, str]] = {}
    buttons = [control for control in content.controls if isinstance(control, Button)]
    for letter, button in zip(_LETTERS, buttons, strict=False):
        found[letter] = (button.action.name, button.action.argument)
    choice = next((each for each in content.controls if isinstance(each, Choice)), None)
    if choice:
        first = _first_number(content)
        for number, option in enumerate(choice.options, start=first):
            found[str(number)] = (choice.action, option.value)
    return found


def clean(text: str) -> str:
    """Return a text that a terminal cannot take for a command, nor a reader for another one.

    Control characters (so no escape sequence survives) and the marks that turn the direction of
    writing are left out; a line break becomes a blank.
    """
    kept = (
        " " if char in "\n\r\t" else char
        for char in text
        if char in "\n\r\t" or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    return "".join(char for char in kept if char not in _TURNING)


_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _first_number(card: Card) -> int:
    """Return the number of the first item of the card's numbered list, or 1."""
    numbered = (b.first for b in card.blocks if isinstance(b, Bullets) and b.first is not None)
    return next(numbered, 1)


def _block(block: Block, width: int) -> Iterator[Line]:
    match block:
        case Paragraph(runs, tone):
            yield from _paragraph(runs, tone, width)
        case Bullets(items, _, first):
            yield from _bullets(items, first, width)
        case Divider():
            yield (("note", "─" * min(width, WIDTH)),)
        case Code(text, _):
            # Never wrapped: who copies it would get line breaks that are not in it.
            for line in text.split("\n"):
                yield (("code", clean(line)),)
        case _:
            assert_never(block)


def _paragraph(runs: Sequence[Run], tone: Tone, width: int) -> Iterator[Line]:
    style = {Tone.BODY: "", Tone.NOTE: "note", Tone.HEADING: "strong"}[tone]
    for pieces in _split(runs, style):
        yield from _wrapped(pieces, width)


def _bullets(items: Sequence[tuple[Run, ...]], first: int | None, width: int) -> Iterator[Line]:
    for place, runs in enumerate(items):
        mark = "● " if first is None else f"{first + place}. "
        indent = cell_len(mark)
        head = mark
        for number, pieces in enumerate(_split(runs, "")):
            style_rest = "note" if number else ""
            shown = [(style or style_rest, text) for style, text in pieces]
            for line in _wrapped(shown, width - indent):
                yield (("control", head), *line)
                head = " " * indent


def _split(runs: Sequence[Run], style: str) -> Iterator[list[Piece]]:
    """Yield the lines that the runs themselves ask for."""
    pieces: list[Piece] = []
    for run in runs:
        own = {
            Style.PLAIN: style, Style.STRONG: "strong", Style.CODE: "code", Style.SMALL: "note",
        }[run.style]  # fmt: skip
        head, *rest = run.text.split("\n")
        pieces.append((own, clean(head)))
        for text in rest:
            yield pieces
            pieces = [(own, clean(text))]
    yield pieces


def _controls(card: Card, width: int) -> Iterator[Line]:
    for control in card.controls:
        if isinstance(control, LinkButton):
            pieces = [("control", clean(control.label) + ": "), ("link", clean(control.url))]
            yield from _wrapped(pieces, width)
    keys = {place: key for key, place in shortcuts(card).items()}
    buttons = [
        f"[{key}] {clean(control.label)}"
        for control in card.controls
        if isinstance(control, Button)
        and (key := keys.get((control.action.name, control.action.argument)))
    ]
    choice = next((each for each in card.controls if isinstance(each, Choice)), None)
    if choice and choice.options:
        first = _first_number(card)
        last = first + len(choice.options) - 1
        numbers = f"{first}-{last}" if last > first else str(first)
        buttons.insert(0, f"[{numbers}] {clean(choice.placeholder)}")
    if buttons:
        yield from _wrapped([("control", "   ".join(buttons))], width)


def _wrapped(pieces: Sequence[Piece], width: int) -> Iterator[Line]:
    """Yield lines of whole words; a word that is wider than a line is broken."""
    line: list[Piece] = []
    used = 0
    for style, text in pieces:
        for word in _words(text):
            for part in _broken(word, width):
                if used and used + cell_len(part.rstrip()) > width:
                    yield tuple(line)
                    line, used = [], 0
                    part = part.lstrip()  # noqa: PLW2901 - a line does not begin with a blank
                if part:
                    line.append((style, part))
                    used += cell_len(part)
    yield tuple(line)


def _words(text: str) -> Iterator[str]:
    """Yield words, each with the blank after it."""
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
