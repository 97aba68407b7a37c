"""Reads lists of DAIR.AI, and says what is in them."""

from pathlib import Path

from bot.model.papers import Paper, ParseResult
from bot.sources.parsers.dair.document import parse
from tests.samples import FILES

HEADING = "## Top AI Papers of the Week (June 21 - June 28) - 2026\n"
TABLE = HEADING + "| **Paper** | **Links** |\n| --- | --- |\n"


def sample(name: str) -> ParseResult:
    return read(FILES / f"dair-{name}.md")


def read(path: Path, name: str | None = None) -> ParseResult:
    return parse(path.read_text(encoding="utf-8"), path.name if name is None else name)


def papers(parsed: ParseResult) -> list[Paper]:
    return [entry.paper for issue in parsed.issues for entry in issue.entries]


def titles(parsed: ParseResult) -> list[str]:
    return [paper.titles["en"] for paper in papers(parsed)]
