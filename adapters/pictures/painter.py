"""Draws charts with matplotlib and previews of pages with Pillow."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from bot.model.picture import LineChart, PreviewImage


class MatplotlibPainter:
    """Fulfils `bot.ports.painter.Painter`."""

    def __init__(self) -> None:
        self._lock = Lock()

    def draw_chart(self, chart: LineChart, *, is_dark: bool) -> bytes:
        # The libraries take half a second to import, which no start has to wait for. Their caches
        # of fonts are not made for several threads.
        with self._lock, _quiet():
            from adapters.pictures.chart import draw_chart  # noqa: PLC0415

            return draw_chart(chart, is_dark=is_dark)

    def draw_preview(self, preview: PreviewImage) -> bytes:
        with self._lock, _quiet():
            from adapters.pictures.preview import draw_preview  # noqa: PLC0415

            return draw_preview(preview)


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what matplotlib says of letters without a font, and of where it keeps its list.

    The letters are drawn as boxes, and the list of fonts is made again at the next start.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph ", UserWarning)
        yield
