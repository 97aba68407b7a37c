"""Formats papers as CSL-JSON, which reference managers import (pure).

Source: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables and the
schema of csl-data.json.
"""

import json
from collections.abc import Sequence
from typing import Any

from bot.model.papers import Paper
from bot.papers.bibtex import citation_key

_DOI = "doi:"


def format_items(papers: Sequence[tuple[Paper, str]]) -> str:
    """Return papers, each with its address, as a CSL-JSON array."""
    return json.dumps([_item(*each) for each in papers], ensure_ascii=False, indent=2)


def _item(paper: Paper, url: str) -> dict[str, Any]:
    record = paper.record
    titles = (record.title if record else "", paper.titles.get("en", ""), *paper.titles.values())
    found: dict[str, Any] = {
        "id": citation_key(paper),
        "type": "article-journal" if record and record.journal else "article",
        "title": next(filter(None, titles), paper.key),
    }
    if record and record.authors:
        found["author"] = [_name(each) for each in record.authors]
    if record and record.published:
        day = record.published
        found["issued"] = {"date-parts": [[day.year, day.month, day.day]]}
    if record and record.journal:
        found["container-title"] = record.journal
    doi = (record.doi if record else "") or (
        paper.key.removeprefix(_DOI) if paper.key.startswith(_DOI) else ""
    )
    if doi:
        found["DOI"] = doi
    if url:
        found["URL"] = url
    if paper.retraction:
        found["note"] = f"Retracted by its curators on {paper.retraction.on}: " + " ".join(
            paper.retraction.reason.split()
        )
    return found


def _name(written: str) -> dict[str, str]:
    given, _, family = written.rpartition(" ")
    return {"family": family, "given": given} if given else {"literal": written}
