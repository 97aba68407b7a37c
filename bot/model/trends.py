"""How often subjects and words occur over time: shares of papers by month, and what changed."""

from dataclasses import dataclass
from datetime import date

from bot.model.weeks import Month


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One subject over the months of a trend."""

    name: str
    """What it is called: `#llm`, or words in quotation marks."""
    query: str
    """What asks for it again: a tag, or words."""
    tag: str
    """The tag; empty for words."""
    counts: tuple[int, ...]
    """The papers of each month."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Subjects over the same months."""

    months: tuple[Month, ...]
    totals: tuple[int, ...]
    """All papers of each month; a paper counts once in each month that lists it."""
    lines: tuple[TrendLine, ...]

    def shares(self, line: TrendLine) -> tuple[float | None, ...]:
        """Return the share (0 to 1) of each month; None for a month without papers."""
        return tuple(
            count / total if total else None
            for count, total in zip(line.counts, self.totals, strict=True)
        )


@dataclass(frozen=True, slots=True)
class TagPeriod:
    """The papers that issues of a period list, in all and by tag; each counts once."""

    first: date
    last: date
    """Issues that start from the first to the last day."""
    papers: int
    tags: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class TagShift:
    """How often a tag was given in a period, and in the period before."""

    tag: str
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class TagShifts:
    """The tags that rose and fell most."""

    weeks: int
    """The length of each of the two periods."""
    now: TagPeriod
    before: TagPeriod
    rising: tuple[TagShift, ...]
    falling: tuple[TagShift, ...]
    """The strongest change first."""
