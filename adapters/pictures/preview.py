"""Draws the picture that other sites show of a page, with Pillow."""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from adapters.pictures.fonts import BOLD, REGULAR, fallback_files
from adapters.pictures.palette import LIGHT
from bot.model.picture import PreviewImage

_SIZE = (1200, 630)
_MARGIN = 80
_WIDTH = _SIZE[0] - 2 * _MARGIN
_ACCENT = 18
_KICKER, _NOTES, _NAME = 32, 30, 34
_TITLES = ((64, 3), (54, 4), (44, 5))
"""Sizes of a title with the most lines of each: the largest that fits is taken."""
_SUBTITLE, _SUBTITLE_LINES = 34, 2
_MAX_TEXT = 400
"""Characters that are looked at; fewer fit."""
_LEADING = 1.32
_COLORS = 64
"""Enough for letters of four colours; the file is a third of what it would be."""
_NAME_TEXT = "Paperboy"


def draw_preview(preview: PreviewImage) -> bytes:
    """Return the picture as PNG."""
    image = Image.new("RGB", _SIZE, LIGHT.ground)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, 0, _ACCENT, _SIZE[1]), fill=LIGHT.lines[0])
    y = 64.0
    if preview.kicker:
        y = _write(
            canvas, y, _lines(preview.kicker, _KICKER, 1), _KICKER, LIGHT.lines[0], bold=True
        )
        y += 14
    size, lines = _title(preview.title)
    y = _write(canvas, y, lines, size, LIGHT.text, bold=True)
    left = int((_SIZE[1] - 120 - y - 12) // (_SUBTITLE * _LEADING))
    if preview.subtitle and left > 0:
        lines = _lines(preview.subtitle, _SUBTITLE, min(left, _SUBTITLE_LINES))
        _write(canvas, y + 12, lines, _SUBTITLE, LIGHT.quiet)
    bottom = _SIZE[1] - 84
    name_width = _width(_NAME_TEXT, _NAME, bold=True)
    canvas.text(
        (_SIZE[0] - _MARGIN - name_width, bottom), _NAME_TEXT, LIGHT.quiet,
        _font(BOLD, _NAME), anchor="ls",
    )  # fmt: skip
    notes = _fitted(preview.notes, _WIDTH - name_width - 60)
    _write(canvas, bottom - _NOTES, [notes], _NOTES, LIGHT.quiet)
    written = BytesIO()
    image.quantize(_COLORS).save(written, format="PNG")
    return written.getvalue()


def _title(text: str) -> tuple[int, list[str]]:
    for size, most in _TITLES:
        lines = list(_wrapped(text, size, bold=True))
        if len(lines) <= most:
            return size, lines
    size, most = _TITLES[-1]
    return size, _lines(text, size, most, bold=True)


def _lines(text: str, size: int, most: int, *, bold: bool = False) -> list[str]:
    """Return the first lines of a text; the last one says where more was."""
    lines = list(_wrapped(text, size, bold=bold))
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and _width(last + "…", size, bold=bold) > _WIDTH:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + "…"]


def _wrapped(text: str, size: int, *, bold: bool) -> Iterator[str]:
    """Yield lines that are broken at blanks; a word that is wider than a line is broken in it."""
    line = ""
    for word in text[:_MAX_TEXT].split():
        longer = f"{line} {word}".strip()
        if _width(longer, size, bold=bold) <= _WIDTH:
            line = longer
            continue
        if line:
            yield line
        line = word
        while _width(line, size, bold=bold) > _WIDTH:
            count = 1
            while _width(line[: count + 1], size, bold=bold) <= _WIDTH:
                count += 1
            yield line[:count]
            line = line[count:]
    if line:
        yield line


def _fitted(notes: tuple[str, ...], width: float) -> str:
    """Return as many notes as fit, in their order."""
    kept = ""
    for note in notes:
        longer = f"{kept}  {note}".strip()
        if _width(longer, _NOTES) > width:
            break
        kept = longer
    return kept


def _write(  # noqa: PLR0913 - what a piece of text is
    canvas: ImageDraw.ImageDraw, y: float, lines: list[str], size: int, color: str, *,
    bold: bool = False,
) -> float:  # fmt: skip
    """Write lines from a height on, and return the height below them."""
    for line in lines:
        x = float(_MARGIN)
        for file, piece in _pieces(line, bold=bold):
            font = _font(file, size)
            canvas.text((x, y + size), piece, color, font, anchor="ls")
            x += font.getlength(piece)
        y += size * _LEADING
    return y


def _width(text: str, size: int, *, bold: bool = False) -> float:
    return sum(_font(file, size).getlength(piece) for file, piece in _pieces(text, bold=bold))


def _pieces(text: str, *, bold: bool) -> Iterator[tuple[Path, str]]:
    """Yield a text in pieces, each with the first font that has its letters."""
    current, piece = None, ""
    for letter in text:
        file = _file_of(letter, bold=bold)
        if current and file != current:
            yield current, piece
            piece = ""
        current, piece = file, piece + letter
    if current:
        yield current, piece


@cache
def _file_of(letter: str, *, bold: bool) -> Path:
    first = BOLD if bold else REGULAR
    for file in (first, *fallback_files(is_bold=bold)):
        if ord(letter) in _letters(file):
            return file
    return first


@cache
def _letters(file: Path) -> frozenset[int]:
    with TTFont(file, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size)
