"""Distributes text over messages, and splits it where one is full (pure)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from adapters.discord.render.markdown import (
    CodeBlock,
    Line,
    MarkdownBlocks,
    TextBlock,
    render_lines,
)
from bot.cards.fit import split_lines, split_runs, utf16_length
from bot.model.card import Divider, Run

Page = list[str]
"""The texts of one message, with a divider between each two."""

_LONG = 800
"""A longer text is split where a message is full; a shorter one moves to the next."""
_WORTH_FILLING = 300
"""Room for fewer characters is not filled."""
_MAX_SECTIONS = 10
"""The most texts of one message, so that components are left for controls."""


def paginate(blocks: MarkdownBlocks, max_characters: int, first_max_characters: int) -> list[Page]:
    """Return the text of each message; nothing is lost.

    `max_characters` is for all texts of a message together, in UTF-16 units; the first message
    has its own maximum.
    """
    packing = _Paginator(max_characters, first_max_characters)
    for part in blocks:
        match part:
            case Divider():
                packing.add_divider()
            case TextBlock(lines, gap):
                packing.add(lines, gap)
            case CodeBlock():
                packing.add_code(part)
            case _:
                assert_never(part)
    return [[text for text in page if text] for page in packing.pages]


class _Paginator:
    """The messages filled so far."""

    def __init__(self, room: int, first_room: int) -> None:
        self.pages: list[Page] = [[""]]
        self._room = room
        self._free = first_room

    def add_divider(self) -> None:
        if not self.pages[-1][-1]:
            return
        if len(self.pages[-1]) == _MAX_SECTIONS:
            self._start_page()
        else:
            self.pages[-1].append("")

    def add(self, lines: tuple[Line, ...], gap: str) -> None:
        rest = tuple(line for line in lines if any(run.text.strip() for run in line.runs))
        while rest:
            before = gap if self.pages[-1][-1] else ""
            free = self._free - utf16_length(before)
            text = render_lines(rest)
            whole = utf16_length(text)
            if whole <= free:
                rest = ()
            elif whole <= self._room and (whole <= _LONG or free < _WORTH_FILLING):
                self._start_page()
                continue
            else:
                text, rest = _cut(rest, free, anywhere=free >= self._room)
            if text:
                self.pages[-1][-1] += before + text
                self._free -= utf16_length(before + text)
            else:
                self._start_page()

    def add_code(self, code: CodeBlock) -> None:
        rest: Sequence[str] = code.text.strip("\n").split("\n")
        while any(line.strip() for line in rest):
            before = "\n" if self.pages[-1][-1] else ""
            free = self._free - utf16_length(before)
            # One line that no message holds is cut anywhere.
            taken, left = split_lines(
                rest,
                lambda lines: utf16_length(code.render_lines(lines)) <= free,  # noqa: B023 - it is asked at once
                anywhere=self._free >= self._room,
            )
            if not taken:
                self._start_page()
                continue
            text, rest = code.render_lines(taken), left
            if text:
                self.pages[-1][-1] += before + text
                self._free -= utf16_length(before + text)

    def _start_page(self) -> None:
        self.pages.append([""])
        self._free = self._room


def _cut(lines: tuple[Line, ...], room: int, *, anywhere: bool) -> tuple[str, tuple[Line, ...]]:
    """Return the text of the lines that fit, and the remaining lines.

    A line is cut between words; between any two characters only where it has to be.
    """
    kept: list[Line] = []
    for number, line in enumerate(lines):
        if utf16_length(render_lines([*kept, line])) <= room:
            kept.append(line)
            continue
        left = room - utf16_length(render_lines(kept)) - 1 if kept else room
        head, tail = _cut_line(line, left, anywhere=anywhere and not kept)
        return render_lines([*kept, *head]), (tail, *lines[number + 1 :])
    return render_lines(kept), ()


def _cut_line(line: Line, room: int, *, anywhere: bool) -> tuple[list[Line], Line]:
    def head(runs: Sequence[Run]) -> Line:
        return replace(line, runs=tuple(runs))

    taken, left = split_runs(
        line.runs, lambda runs: utf16_length(render_lines([head(runs)])) <= room, anywhere=anywhere
    )
    if not taken:
        return [], line
    return [head(taken)], Line(line.continuation_prefix, left, line.continuation_prefix)
