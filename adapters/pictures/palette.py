"""Colours of pictures, on a light and on a dark ground.

The lines have the colours of Okabe and Ito, which people with any kind of colour blindness tell
apart; those that are too pale or too dark for a ground are made darker or lighter.
Source: https://jfly.uni-koeln.de/color/.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb."""

    ground: str
    text: str
    quiet: str
    grid: str
    lines: tuple[str, ...]


LIGHT = Palette(
    ground="#ffffff",
    text="#1c1e21",
    quiet="#55595f",
    grid="#dfe3e7",
    lines=("#0072b2", "#d55e00", "#007a5a", "#b5568c", "#8a6d00"),
)
DARK = Palette(
    ground="#16181b",
    text="#e7e9ec",
    quiet="#a9afb7",
    grid="#343a40",
    lines=("#56b4e9", "#f07f2e", "#2fc49a", "#e39ac4", "#e8c33a"),
)
