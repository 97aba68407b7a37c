"""The papers of an issue as one text, of which its introduction is written (pure)."""

import json
from collections.abc import Mapping

from bot.model.papers import LANGUAGES, Issue, Localized, Paper

_MIN_PAPERS = 3
"""Papers with a summary that an introduction needs: it says what they have in common."""


def overview_source(issue: Issue) -> tuple[str, str]:
    """Return the language of an issue's papers, and these as JSON; both empty for few papers.

    A list of objects with name, title and summary, each as sources and curators wrote it, in the
    order of the issue. Papers without a summary are left out.
    """
    papers = [entry.paper for entry in issue.without_machine_texts().entries]
    told = [paper for paper in papers if any(paper.summaries.values())]
    if len(told) < _MIN_PAPERS:
        return "", ""
    language = max(LANGUAGES, key=lambda one: (_count(told, one), one == "en"))
    listed = [_listed(paper, language) for paper in told]
    return language, json.dumps(listed, ensure_ascii=False)


def _count(papers: list[Paper], language: str) -> int:
    return sum(bool(paper.summaries.get(language)) for paper in papers)


def _listed(paper: Paper, language: str) -> Mapping[str, str]:
    title = _text(paper.titles, language) or paper.key
    return {
        "name": paper.nickname or title.partition(": ")[0],
        "title": title,
        "summary": _text(paper.summaries, language),
    }


def _text(texts: Localized, language: str) -> str:
    return texts.get(language) or next(filter(None, texts.values()), "")
