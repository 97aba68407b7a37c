"""Renders the blocks of a card as Discord's markdown (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import assert_never

from adapters.discord.render import escape
from bot.cards.fit import slice_runs
from bot.lib.clean import clean
from bot.model.card import (
    Block,
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

_TITLE = "## "
_HEADING = "### "
_NOTE = "-# "
_MENTIONS = {IdKind.CHANNEL: "<#{}>", IdKind.GROUP: "<@&{}>", IdKind.PERSON: "<@{}>"}
"""Shown as names; no message allows them to notify."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its prefix, and its runs, which are clean and have no line breaks."""

    prefix: str
    runs: tuple[Run, ...]
    continuation_prefix: str = ""
    """The prefix of the remainder where the line is split."""


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines that are kept together where possible."""

    lines: tuple[Line, ...]
    separator: str = "\n"
    """The text between the preceding block and this one."""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Clean code, which is split between its lines."""

    text: str
    language: str

    def render_lines(self, lines: Sequence[str]) -> str:
        """Return some of its lines as a code block."""
        return escape.code_block("\n".join(lines), self.language)


MarkdownBlock = TextBlock | CodeBlock | Divider
MarkdownBlocks = Iterable[MarkdownBlock]


def iter_blocks(
    card: Card, title: str, extra_links: Sequence[Run] = ()
) -> Iterator[MarkdownBlock]:
    """Yield a card's title (where one is given), blocks, extra links and footer in order."""
    if title:
        yield TextBlock(_lines((Run(title, url=card.url),), _TITLE, _TITLE))
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
            yield from _with_heading(piece, held)
            held = held if isinstance(piece, Divider) else ()
        was_text = isinstance(block, Paragraph)
    if held:
        yield TextBlock(held)
    for run in (*extra_links, Run(card.footer)):
        yield TextBlock(_lines((run,), _NOTE, _NOTE))


def _with_heading(piece: MarkdownBlock, heading: tuple[Line, ...]) -> Iterator[MarkdownBlock]:
    """Yield a piece after its heading; a divider is yielded alone, and the heading is kept."""
    match piece:
        case TextBlock(lines):
            yield replace(piece, lines=heading + lines)
        case CodeBlock():
            yield from (TextBlock(heading), piece)
        case Divider():
            yield piece
        case _:
            assert_never(piece)


def render_title(card: Card) -> str:
    """Return a card's title as one line of markdown; empty where it has none."""
    run = Run(" ".join(card.title.split()), url=card.url)
    return render_lines(_lines((run,), _TITLE, _TITLE)[:1])


def render_paragraphs(blocks: Iterable[Paragraph]) -> str:
    """Return paragraphs as lines of markdown."""
    parts = iter_blocks(Card("", blocks=tuple(blocks)), "")
    return "\n".join(render_lines(part.lines) for part in parts if isinstance(part, TextBlock))


def render_lines(lines: Iterable[Line]) -> str:
    """Return lines as markdown."""
    return "\n".join(line.prefix + _inline(line.runs) for line in lines)


def _pieces(block: Block, gap: str) -> Iterator[MarkdownBlock]:
    match block:
        case Paragraph(runs, tone):
            prefix = _NOTE if tone is Tone.NOTE else ""
            yield TextBlock(_lines(runs, prefix, prefix), gap)
        case Bullets(items, first):
            for place, runs in enumerate(items):
                number = "" if first is None else f"{first + place}. "
                yield _entry(runs, number) if _has_small_print(runs) else _item(runs, number)
        case Divider():
            yield block
        case Code(text, language):
            yield CodeBlock(clean(text), language)
        case _:
            assert_never(block)


def _item(runs: Iterable[Run], number: str) -> TextBlock:
    mark = number or "- "
    return TextBlock(_lines(runs, mark, " " * len(mark)))


def _entry(runs: Iterable[Run], number: str) -> TextBlock:
    """Return an item with small print, which Discord does not render inside a list.

    It takes the whole width, which is narrow on a phone, after a blank line.
    """
    numbered = (Run(number, Style.STRONG), *runs) if number else tuple(runs)
    return TextBlock(_lines(numbered, "", ""), "\n\n")


def _has_small_print(runs: Iterable[Run]) -> bool:
    return any(run.style is Style.SMALL for run in runs)


def _lines(runs: Iterable[Run], prefix: str, prefix_of_next: str) -> tuple[Line, ...]:
    """Return the lines of runs, split at their line breaks."""
    found: list[list[Run]] = [[]]
    for run in runs:
        for number, text in enumerate(clean(run.text).split("\n")):
            if number:
                found.append([])
            found[-1].append(run if text == run.text else replace(run, text=text))
    rest = prefix_of_next.strip() and prefix_of_next
    filled = [_strip_leading(line) for line in found if any(run.text.strip() for run in line)]
    return tuple(
        Line(_NOTE, tuple(line), _NOTE)
        if all(run.style is Style.SMALL for run in line if run.text)
        else Line(prefix_of_next if number else prefix, tuple(line), rest)
        for number, line in enumerate(filled)
    )


def _strip_leading(runs: list[Run]) -> list[Run]:
    """Return a line without leading blanks, of which a list marker takes only one."""
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
            return escape.inline_code("".join(run.text for run in runs))
        case Style.STRONG:
            text = "".join(map(_linked, runs))
            words = text.strip()
            # Marks stand at the words; blanks between would leave them unread.
            return text.replace(words, f"**{words}**", 1) if words else text
        case _:
            assert_never(style)


def _linked(run: Run) -> str:
    if run.id_of and run.text.isdecimal():
        return _MENTIONS[run.id_of].format(run.text)
    return escape.link(run.text, run.url) if run.url else escape.escape(run.text)
