"""Draws a line chart with matplotlib."""

from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from PIL import Image

from adapters.pictures.fonts import families
from adapters.pictures.palette import DARK, LIGHT, Palette
from bot.model.picture import LineChart

_INCHES, _DPI = (8.0, 4.5), 150
_SIZE = (1200, 675)
_COLORS = 128
_MARKERS = "osD^v"
"""With the colours, so that a line is also known by its form."""
_MARKED_POINTS = 13
"""A longer line has its marker at every so many points."""
_TITLE, _TEXT, _LABEL = 15, 11, 11
_ROW = 0.062
"""The height of a label at the end of a line, as a part of the axis."""


def draw_chart(chart: LineChart, *, is_dark: bool) -> bytes:
    """Return the chart as PNG."""
    palette = DARK if is_dark else LIGHT
    figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor=palette.ground)
    axes = figure.add_axes((0.07, 0.09, 0.72, 0.72))
    family = list(families())
    figure.text(
        0.03, 0.945, _shortened(chart.title, 62), family=family, size=_TITLE, weight="bold",
        color=palette.text, va="center", parse_math=False,
    )  # fmt: skip
    figure.text(
        0.03, 0.875, chart.subtitle, family=family, size=_TEXT, color=palette.quiet, va="center",
        parse_math=False,
    )  # fmt: skip
    _draw_lines(axes, chart, palette)
    _draw_axes(axes, chart, palette)
    _label_lines(axes, chart, palette)
    return _as_png(figure)


def _as_png(figure: Figure) -> bytes:
    """Return a picture with as many colours as it needs: the file is a third as large.

    To look for the best compression as well would take as long as all the rest, for 3 % of it.
    """
    drawn, written = BytesIO(), BytesIO()
    figure.savefig(drawn, format="rgba")
    image = Image.frombuffer("RGBA", _SIZE, drawn.getvalue())
    image.convert("RGB").quantize(_COLORS).save(written, format="PNG")
    return written.getvalue()


def _draw_lines(axes: Axes, chart: LineChart, palette: Palette) -> None:
    for number, line in enumerate(chart.lines):
        places = [place for place, value in enumerate(line.values) if value is not None]
        values = [value for value in line.values if value is not None]
        axes.plot(
            places, values, color=palette.lines[number % len(palette.lines)], linewidth=2.2,
            marker=_MARKERS[number % len(_MARKERS)], markersize=5,
            markevery=max(len(places) // _MARKED_POINTS, 1), solid_capstyle="round",
            clip_on=False, zorder=3,
        )  # fmt: skip


def _draw_axes(axes: Axes, chart: LineChart, palette: Palette) -> None:
    axes.set_facecolor(palette.ground)
    highest = max((value or 0 for line in chart.lines for value in line.values), default=0)
    axes.set_ylim(0, max(highest * 1.08, 0.01))
    axes.set_xlim(0, max(len(chart.ticks) - 1, 1))
    labelled = [place for place, label in enumerate(chart.ticks) if label]
    axes.set_xticks(labelled, [chart.ticks[place] for place in labelled])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0 if highest > 0.05 else 1))  # noqa: PLR2004
    axes.locator_params(axis="y", nbins=5)
    axes.grid(axis="y", color=palette.grid, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=_TEXT, labelcolor=palette.quiet, pad=6)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontfamily(list(families()))
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(palette.quiet)


def _label_lines(axes: Axes, chart: LineChart, palette: Palette) -> None:
    """Write the name of each line at its end, below one another where lines end close by."""
    top = axes.get_ylim()[1]
    ends = [
        (next((value for value in reversed(line.values) if value is not None), 0.0) / top, number)
        for number, line in enumerate(chart.lines)
    ]
    places = _spread(sorted(ends, reverse=True))
    for number, line in enumerate(chart.lines):
        axes.text(
            1.03, places[number], _shortened(line.label, 18), transform=axes.transAxes,
            color=palette.lines[number % len(palette.lines)], size=_LABEL, weight="bold",
            va="center", family=list(families()), parse_math=False,
        )  # fmt: skip


def _spread(ends: list[tuple[float, int]]) -> dict[int, float]:
    """Return a place for each label, from the highest down, a row apart and on the axis."""
    found: dict[int, float] = {}
    last = 1 + _ROW
    for left, (height, number) in zip(range(len(ends) - 1, -1, -1), ends, strict=True):
        last = max(min(height, last - _ROW), left * _ROW)
        found[number] = last
    return found


def _shortened(text: str, width: int) -> str:
    """Return a text of at most so many columns; a syllable of Hangul takes two."""
    used = 0
    for kept, letter in enumerate(text):
        used += 2 if ord(letter) > 0x10FF else 1  # noqa: PLR2004 - where Hangul begins
        if used > width:
            return text[: max(kept - 1, 0)].rstrip() + "…"
    return text
