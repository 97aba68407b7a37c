"""Draws pictures in threads, and keeps those that were asked for lately."""

import asyncio

from bot.lib.cache import CallCache
from bot.model.picture import LineChart, PreviewImage
from bot.ports.painter import Painter

_KEPT = 500
"""Pictures; each has some 50 KB."""
_KEPT_SECONDS = 3600
_AT_ONCE = 2
"""Pictures drawn at the same time; each takes a core for a tenth of a second."""


class PictureStudio:
    """Pictures by what they show: the same content is drawn once."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._cache: CallCache[bytes] = CallCache(_KEPT, _KEPT_SECONDS)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def chart(self, chart: LineChart, *, is_dark: bool = False) -> bytes:
        """Return a chart as PNG."""

        async def draw() -> bytes:
            async with self._turns:
                return await asyncio.to_thread(self._painter.draw_chart, chart, is_dark=is_dark)

        return await self._cache.get((chart, is_dark), draw)

    async def preview(self, preview: PreviewImage) -> bytes:
        """Return the picture of a page as PNG."""

        async def draw() -> bytes:
            async with self._turns:
                return await asyncio.to_thread(self._painter.draw_preview, preview)

        return await self._cache.get(preview, draw)
