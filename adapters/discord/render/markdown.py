"""Turns a card into running text in Discord's markdown (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import assert_never

from adapters.discord.render import escape
from bot.cards.fit import slice_runs
from bot.lib.clean import clean
from bot.model.card import Block, Bullets, Card, Code, Divider, Paragraph, Run, Style, Tone

_TITLE = "## "
_HEADING = "### "
_NOTE = "-# "


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


@dataclass(frozen=True, slots=True)
class Fenced:
    """Clean code, which is cut between its lines."""

    text: str
    language: str

    def markup(self, lines: Sequence[str]) -> str:
        """Return some of its lines in Discord's markdown."""
        return escape.fenced("\n".join(lines), self.language)


Piece = Passage | Fenced | Divider
Flow = Iterable[Piece]


def flow(card: Card, title: str, more: Sequence[Run] = ()) -> Iterator[Piece]:
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
        for piece in _pieces(block, gap):
            yield from _headed(piece, held)
            held = held if isinstance(piece, Divider) else ()
        was_text = isinstance(block, Paragraph)
    if held:
        yield Passage(held)
    for run in (*more, Run(card.footer)):
        yield Passage(_lines((run,), _NOTE, _NOTE))


def _headed(piece: Piece, heading: tuple[Line, ...]) -> Iterator[Piece]:
    """Yield a piece with its heading; a divider has none, and the heading waits."""
    match piece:
        case Passage(lines):
            yield replace(piece, lines=heading + lines)
        case Fenced():
            yield from (Passage(heading), piece)
        case Divider():
            yield piece
        case _:
            assert_never(piece)


def title_line(card: Card) -> str:
    """Return a card's title as one line in Discord's markdown; empty where it has none."""
    run = Run(" ".join(card.title.split()), url=card.url)
    return markup(_lines((run,), _TITLE, _TITLE)[:1])


def lines_of(blocks: Iterable[Paragraph]) -> str:
    """Return paragraphs as lines in Discord's markdown."""
    parts = flow(Card("", blocks=tuple(blocks)), "")
    return "\n".join(markup(part.lines) for part in parts if isinstance(part, Passage))


def markup(lines: Iterable[Line]) -> str:
    """Return lines in Discord's markdown."""
    return "\n".join(line.prefix + _inline(line.runs) for line in lines)


def _pieces(block: Block, gap: str) -> Iterator[Piece]:
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
        case Code(text, language):
            yield Fenced(clean(text), language)
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
