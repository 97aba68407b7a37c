"""Pictures, and what is drawn in them, before a library draws it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture."""

    content: bytes
    """A file of the format PNG."""
    name: str
    """The name of the file, such as `trend.png`."""
    description: str
    """What it shows, for people who do not see it."""


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A line of a chart."""

    label: str
    values: tuple[float | None, ...]
    """One for each place on the axis, as a share from 0 to 1; the line goes past None."""


@dataclass(frozen=True, slots=True)
class LineChart:
    """A chart of shares over time, with its sentences in the reader's language."""

    title: str
    subtitle: str
    ticks: tuple[str, ...]
    """What stands at each place of the axis of time; empty where nothing does."""
    lines: tuple[ChartLine, ...]
    """At most five."""


@dataclass(frozen=True, slots=True)
class PreviewImage:
    """What other sites show of a page that is linked there."""

    kicker: str
    """A short line above the title."""
    title: str
    subtitle: str
    """A text below the title, such as the title in another language."""
    notes: tuple[str, ...]
    """Short facts at the bottom, such as tags."""
