"""Renders a card as CommonMark, with all text escaped (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import assert_never

from bot.model.card import (
    Block,
    Bullets,
    Card,
    Code,
    Divider,
    LinkButton,
    Paragraph,
    Run,
    Style,
    Tone,
)

Line = tuple[Run, ...]
"""Runs without a line break, none of them empty."""

_HARD_BREAK = "\\\n"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_INLINE = re.compile(r"[\\`*_\[\]{}#|~$^&<>]|:(?=\S)|(?<=www)\.|!\Z", re.IGNORECASE)
"""Characters with a meaning anywhere in a line, in CommonMark or in the dialects of chats."""
_BEGINNING = re.compile(r"\A(\d{1,9}(?=[.)])|(?=[-+=]))")
"""Characters with a meaning at the beginning of a line: lists and setext headings."""
_BACKTICKS = re.compile(r"`+")
_FENCE = 3
_ZERO_WIDTH_SPACE = "\u200b"


def render_markdown(card: Card) -> str:
    """Return a card as CommonMark: title, blocks, links and footer. Texts must be clean."""
    parts = [_paragraph((Run(card.title, url=card.url),), "# ")]
    parts += [_block(block, index) for index, block in enumerate(card.blocks)]
    links = [each for each in card.controls if isinstance(each, LinkButton)]
    parts.append(" · ".join(_span(Run(link.label, url=link.url)) for link in links))
    parts.append(_paragraph((Run(card.footer),)))
    return "\n\n".join(filter(None, parts))


def _block(block: Block, index: int) -> str:
    match block:
        case Paragraph(runs, tone):
            return _paragraph(runs, "## " if tone is Tone.HEADING else "")
        case Bullets(items, first):
            # Alternating markers keep consecutive lists apart.
            return "\n".join(_items(items, first, "-*"[index % 2], ".)"[index % 2]))
        case Divider():
            return "---"
        case Code(text, language):
            return _fenced(text, language)
        case _:
            assert_never(block)


def _fenced(text: str, language: str) -> str:
    """Return a code block with a fence longer than any run of backticks in it."""
    if not text.strip():
        return ""
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(longest + 1, _FENCE)
    return f"{fence}{language if language.isalpha() else ''}\n{text}\n{fence}"


def _paragraph(runs: Sequence[Run], mark: str = "") -> str:
    """Return runs as a paragraph, or as a one-line heading if there is a mark."""
    lines = _lines(runs)
    if mark:
        said = " ".join("".join(map(_span, line)) for line in lines)
        return said and mark + said
    return _HARD_BREAK.join(map(_line, lines))


def _items(
    items: Sequence[Sequence[Run]], first: int | None, bullet: str, after: str
) -> Iterator[str]:
    for index, runs in enumerate(items):
        mark = f"{bullet} " if first is None else f"{first + index}{after} "
        yield (mark + (_HARD_BREAK + " " * len(mark)).join(map(_line, _lines(runs)))).rstrip()


def _lines(runs: Sequence[Run]) -> Iterator[Line]:
    """Yield the runs' lines, without blank lines and outer whitespace."""
    line: list[Run] = []
    for run in runs:
        head, *rest = run.text.split("\n")
        line.append(replace(run, text=head))
        for text in rest:
            yield from _trimmed(line)
            line = [replace(run, text=text)]
    yield from _trimmed(line)


def _trimmed(runs: Sequence[Run]) -> Iterator[Line]:
    """Yield the line with adjacent runs of one style joined; nothing if it is blank."""
    seen = filter(lambda run: run.text, runs)
    kept = [
        Run("".join(run.text for run in same), style, url)
        for (style, url), same in groupby(seen, key=lambda run: (run.style, run.url))
    ]
    while kept and not kept[0].text.strip():
        del kept[0]
    while kept and not kept[-1].text.strip():
        del kept[-1]
    if kept:
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
        yield tuple(kept)


def _line(runs: Line) -> str:
    said = "".join(map(_span, runs))
    if runs[0].style in {Style.PLAIN, Style.SMALL} and not runs[0].url:
        return _BEGINNING.sub(r"\1\\", said)
    return said


def _span(run: Run) -> str:
    text = run.text.strip()
    if not text:
        return run.text
    before, _, after = run.text.partition(text)
    styled = _styled(text, run.style)
    if run.url:
        styled = f"[{styled}](<{run.url.replace('&', '&amp;')}>)"
    return before + styled + after


def _styled(text: str, style: Style) -> str:
    match style:
        case Style.PLAIN | Style.SMALL:
            return _escape(text)
        case Style.STRONG:
            # Asterisks between a letter and punctuation are not emphasis (CommonMark, 6.2).
            edges = ["" if edge.isalnum() else _ZERO_WIDTH_SPACE for edge in (text[0], text[-1])]
            return f"**{edges[0]}{_escape(text)}{edges[1]}**"
        case Style.CODE:
            fence = "`" * (max(map(len, _BACKTICKS.findall(text)), default=0) + 1)
            blank = " " if "`" in text[0] + text[-1] else ""
            return f"{fence}{blank}{text}{blank}{fence}"
        case _:
            assert_never(style)


def _escape(text: str) -> str:
    """Return a text with markup characters escaped, for use inside a line."""
    return _INLINE.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), text)
