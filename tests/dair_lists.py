"""Writes lists as DAIR.AI does: a table of contents, and a file for each year."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def format_days(start: date, end: date | None = None) -> str:
    """Return the days of a week as a heading has them."""
    last = end or start + timedelta(days=6)
    return f"{MONTHS[start.month - 1]} {start.day} - {MONTHS[last.month - 1]} {last.day}"


def rows(start: date, count: int = 4, text: str = "A fine paper.") -> list[str]:
    """Return rows of papers that only this week has."""
    stem = f"{start.year % 100:02}{start.month:02}.{start.day:02}"
    return [
        f"| {n}) **Paper {stem}{n:03}** - {text} "
        f"| [Paper](https://arxiv.org/abs/{stem}{n:03}), "
        f"[Tweet](https://x.com/who/status/17{start:%Y%m%d}{n:03}) |"
        for n in range(1, count + 1)
    ]


def week(start: date, papers: Sequence[str] | None = None, heading: str = "") -> str:
    """Return a week: its heading and its rows."""
    last = start + timedelta(days=6)
    title = heading or f"## Top AI Papers of the Week ({format_days(start)}) - {last.year}"
    table = ["| **Paper**  | **Links** |", "| ------------- | ------------- |"]
    return "\n".join([title, *table, *(papers if papers is not None else rows(start)), "", ""])


def year(number: int, weeks: Sequence[str]) -> str:
    """Return the file of a year, the newest week first as it is given."""
    head = f"# AI Papers of the Week — {number}\n\n[← Back](../README.md)\n\n---\n\n"
    return head + "\n---\n\n".join(weeks)


def contents(starts: Mapping[int, Sequence[date]]) -> str:
    """Return the table of contents of all years."""
    lines = ["# AI Papers of the Week", "", "Here is the weekly series:", ""]
    for number, weeks in sorted(starts.items(), reverse=True):
        lines.append(f"## {number}")
        lines += [
            f"- [Top AI Papers of the Week ({format_days(start)})]"
            f"(years/{number}.md#top-{start:%m%d})"
            for start in weeks
        ]
    return "\n".join(lines) + "\n"
