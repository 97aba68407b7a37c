"""Turns a card into running text in Discord's markdown, cut where a message is full (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import assert_never

from adapters.discord import escape
from bot.card import Block, Bullets, Card, Divider, Paragraph, Run, Style, Tone
from bot.fit import cut_runs, size, slice_runs
from bot.visible import clean

_TITLE = "## "
_HEADING = "### "
_NOTE = "-# "
_LONG = 800
"""A text of more characters is cut where a message is full; a shorter one moves as a whole."""
_WORTH_FILLING = 300
"""Room for fewer characters is left empty."""
_MAX_SECTIONS = 10
"""Texts between dividers in one message, so that components are left for controls."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it begins with, and its runs, clean and without line breaks."""

    prefix: str
    runs: tuple[Run, ...]
    prefix_of_rest: str = ""
    """What the rest begins with where the line is cut."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that belong together."""

    lines: tuple[Line, ...]
    gap: str = "\n"
    """What stands before it, where something does."""


Flow = Iterable[Passage | Divider]
Page = list[str]
"""The texts of one message; a divider stands between two of them."""


def flow(card: Card, title: str, more: Sequence[Run] = ()) -> Iterator[Passage | Divider]:
    """Yield a card's title (where one is given), blocks, more links and footer in order."""
    if title:
        yield Passage(_lines((Run(title, url=card.url),), _TITLE, _TITLE))
    held: tuple[Line, ...] = ()
    was_text = False
    for block in card.blocks:
        if isinstance(block, Paragraph) and block.tone is Tone.HEADING:
            # A heading never stands alone at the end of a message.
            plain = (replace(run, style=Style.PLAIN) for run in block.runs)
            held += _lines(plain, _HEADING, _HEADING)
            continue
        is_body = isinstance(block, Paragraph) and block.tone is Tone.BODY
        gap = "\n\n" if is_body and was_text and not held else "\n"
        for passage in _passages(block, gap):
            match passage:
                case Passage(lines):
                    yield replace(passage, lines=held + lines)
                    held = ()
                case _:
                    yield passage
        was_text = isinstance(block, Paragraph)
    if held:
        yield Passage(held)
    for run in (*more, Run(card.footer)):
        yield Passage(_lines((run,), _NOTE, _NOTE))


def title_line(card: Card) -> str:
    """Return a card's title as one line in Discord's markdown; empty where it has none."""
    run = Run(" ".join(card.title.split()), url=card.url)
    return markup(_lines((run,), _TITLE, _TITLE)[:1])


def lines_of(blocks: Iterable[Paragraph]) -> str:
    """Return paragraphs as lines in Discord's markdown."""
    parts = flow(Card("", blocks=tuple(blocks)), "")
    return "\n".join(markup(part.lines) for part in parts if isinstance(part, Passage))


def pages(parts: Flow, room: int, first_room: int) -> list[Page]:
    """Return the text of each message; nothing is lost.

    A message takes so many characters in all its texts together, the first one fewer.
    """
    packing = _Packing(room, first_room)
    for part in parts:
        match part:
            case Divider():
                packing.divide()
            case Passage(lines, gap):
                packing.add(lines, gap)
            case _:
                assert_never(part)
    return [[text for text in page if text] for page in packing.pages]


def markup(lines: Iterable[Line]) -> str:
    """Return lines in Discord's markdown."""
    return "\n".join(line.prefix + _inline(line.runs) for line in lines)


class _Packing:
    """Fills messages one after the other."""

    def __init__(self, room: int, first_room: int) -> None:
        self.pages: list[Page] = [[""]]
        self._room = room
        self._free = first_room

    def divide(self) -> None:
        if not self.pages[-1][-1]:
            return
        if len(self.pages[-1]) == _MAX_SECTIONS:
            self._turn()
        else:
            self.pages[-1].append("")

    def add(self, lines: tuple[Line, ...], gap: str) -> None:
        rest = tuple(line for line in lines if any(run.text.strip() for run in line.runs))
        while rest:
            before = gap if self.pages[-1][-1] else ""
            free = self._free - size(before)
            whole = size(markup(rest))
            if whole <= free:
                text, rest = markup(rest), ()
            elif whole <= self._room and (whole <= _LONG or free < _WORTH_FILLING):
                self._turn()
                continue
            else:
                text, rest = _cut(rest, free, anywhere=free >= self._room)
            if text:
                self.pages[-1][-1] += before + text
                self._free -= size(before + text)
            else:
                self._turn()

    def _turn(self) -> None:
        self.pages.append([""])
        self._free = self._room


def _passages(block: Block, gap: str) -> Iterator[Passage | Divider]:
    match block:
        case Paragraph(runs, tone):
            prefix = _NOTE if tone is Tone.NOTE else ""
            yield Passage(_lines(runs, prefix, prefix), gap)
        case Bullets(items, _, first):
            for place, runs in enumerate(items):
                number = "" if first is None else f"{first + place}. "
                yield _entry(runs, number) if _has_small_print(runs) else _item(runs, number)
        case Divider():
            yield block
        case _:
            assert_never(block)


def _item(runs: Iterable[Run], number: str) -> Passage:
    mark = number or "- "
    return Passage(_lines(runs, mark, " " * len(mark)))


def _entry(runs: Iterable[Run], number: str) -> Passage:
    """Return an item with small print, which a list of Discord's would not show as such.

    It takes the whole width, which is narrow on a phone; a blank line stands before it.
    """
    numbered = (Run(number, Style.STRONG), *runs) if number else tuple(runs)
    return Passage(_lines(numbered, "", ""), "\n\n")


def _has_small_print(runs: Iterable[Run]) -> bool:
    return any(run.style is Style.SMALL for run in runs)


def _lines(runs: Iterable[Run], prefix: str, prefix_of_next: str) -> tuple[Line, ...]:
    """Return the lines that the runs themselves ask for."""
    found: list[list[Run]] = [[]]
    for run in runs:
        for number, text in enumerate(clean(run.text).split("\n")):
            if number:
                found.append([])
            found[-1].append(replace(run, text=text))
    rest = prefix_of_next.strip() and prefix_of_next
    filled = [_begun(line) for line in found if any(run.text.strip() for run in line)]
    return tuple(
        Line(_NOTE, tuple(line), _NOTE)
        if all(run.style is Style.SMALL for run in line if run.text)
        else Line(prefix_of_next if number else prefix, tuple(line), rest)
        for number, line in enumerate(filled)
    )


def _begun(runs: list[Run]) -> list[Run]:
    """Return a line without the blanks that it begins with, of which a mark takes only one."""
    text = "".join(run.text for run in runs)
    return list(slice_runs(runs, len(text) - len(text.lstrip()), len(text)))


def _inline(runs: Iterable[Run]) -> str:
    filled = (run for run in runs if run.text)
    return "".join(_styled(style, list(same)) for style, same in groupby(filled, _style))


def _style(run: Run) -> Style:
    return Style.PLAIN if run.style is Style.CODE and run.url else run.style


def _styled(style: Style, runs: list[Run]) -> str:
    match style:
        case Style.PLAIN | Style.SMALL:
            return "".join(map(_linked, runs))
        case Style.CODE:
            return escape.code("".join(run.text for run in runs))
        case Style.STRONG:
            text = "".join(map(_linked, runs))
            words = text.strip()
            # Marks stand at the words; blanks between would leave them unread.
            return text.replace(words, f"**{words}**", 1) if words else text
        case _:
            assert_never(style)


def _linked(run: Run) -> str:
    return escape.link(run.text, run.url) if run.url else escape.escape(run.text)


def _cut(lines: tuple[Line, ...], room: int, *, anywhere: bool) -> tuple[str, tuple[Line, ...]]:
    """Return the text of what fits, and the lines that are left.

    A line is cut between words; between any two characters only where it has to be.
    """
    kept: list[Line] = []
    for number, line in enumerate(lines):
        if size(markup([*kept, line])) <= room:
            kept.append(line)
            continue
        left = room - size(markup(kept)) - 1 if kept else room
        head, tail = _cut_line(line, left, anywhere=anywhere and not kept)
        return markup([*kept, *head]), (tail, *lines[number + 1 :])
    return markup(kept), ()


def _cut_line(line: Line, room: int, *, anywhere: bool) -> tuple[list[Line], Line]:
    def head(runs: Sequence[Run]) -> Line:
        return replace(line, runs=tuple(runs))

    taken, left = cut_runs(
        line.runs, lambda runs: size(markup([head(runs)])) <= room, anywhere=anywhere
    )
    if not taken:
        return [], line
    return [head(taken)], Line(line.prefix_of_rest, left, line.prefix_of_rest)
