"""What the core asks of what draws pictures."""

from typing import Protocol

from bot.model.picture import LineChart, PreviewImage


class Painter(Protocol):
    """Draws pictures as PNG. Synchronous; may be called from several threads."""

    def draw_chart(self, chart: LineChart, *, is_dark: bool) -> bytes:
        """Return a chart of 1200 by 675 points, on a light or a dark ground."""
        ...

    def draw_preview(self, preview: PreviewImage) -> bytes:
        """Return a picture of 1200 by 630 points, as social networks want it."""
        ...
