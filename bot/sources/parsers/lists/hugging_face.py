"""Parses Hugging Face's daily papers, the JSON of https://huggingface.co/api/daily_papers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.model.papers import Problem
from bot.papers.links import links_in, make_link
from bot.sources.parsers.lists.listed import ListedPaper, PaperList


def looks_like(value: Any) -> bool:
    """Return whether parsed JSON is a list of daily papers."""
    items = value if isinstance(value, list) else []
    return all(
        isinstance(item, dict) and isinstance(item.get("paper"), dict) for item in items
    ) and any("id" in item["paper"] for item in items)


def parse(items: Sequence[Mapping[str, Any]]) -> PaperList:
    """Return the papers, each in the week of the day on which it was listed."""
    papers, problems = [], []
    for number, item in enumerate(items, start=1):
        paper = item["paper"]
        own_id = str(paper.get("id", ""))
        links = links_in(own_id)
        if not links:
            message = f"item {number}: “{own_id[:40]}” is no arXiv id."
            problems.append(Problem(0, message, lost=True))
            continue
        code = paper.get("githubRepo")
        if isinstance(code, str) and code.startswith("https://"):
            links = (*links, make_link(code, "Code"))
        day = _day(paper.get("submittedOnDailyAt")) or _day(item.get("publishedAt"))
        abstract = " ".join(_text(paper, "summary").split())
        title = " ".join((_text(paper, "title") or _text(item, "title")).split())
        votes = paper.get("upvotes")
        papers.append(
            ListedPaper(
                0,
                title,
                links,
                _text(paper, "ai_summary"),
                abstract,
                day=day,
                votes=votes if isinstance(votes, int) else None,
            )
        )
    return PaperList(tuple(papers), tuple(problems))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _day(value: object) -> date | None:
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None
