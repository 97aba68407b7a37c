"""Removes from parsed issues what cannot be stored or is no sensible value."""

from dataclasses import replace

from bot.lib.urls import is_safe_url
from bot.model.papers import Entry, Issue, Link, Localized, Paper, ParseResult, Problem

_FIRST_YEAR, _LAST_YEAR = 1980, 2100
_MAX_POSITION = 100_000
_UNSTORABLE = dict.fromkeys((0, *range(0xD800, 0xE000)))
"""NUL and lone surrogates, which have no place in UTF-8 and in databases."""


def sanitize(parsed: ParseResult) -> ParseResult:
    """Return what was parsed without values that a database or calendar cannot hold.

    Issues of years outside of 1980 to 2100, positions above 100,000 and links that are no web
    addresses are left out, with a problem each; characters that cannot be stored are dropped.
    """
    problems = list(parsed.problems)
    issues = []
    for issue in parsed.issues:
        if not _FIRST_YEAR <= issue.start.year <= issue.end.year <= _LAST_YEAR:
            message = f"an issue of the year {issue.start.year} was left out."
            problems.append(Problem(0, message, lost=True))
            continue
        issues.append(_issue(issue, problems))
    return ParseResult(tuple(issues), tuple(problems))


def _issue(issue: Issue, problems: list[Problem]) -> Issue:
    entries = []
    for entry in issue.entries:
        if entry.position > _MAX_POSITION:
            message = "a paper was left out, as its position is no sensible number."
            problems.append(Problem(0, message, lost=True, week=issue.week))
            continue
        entries.append(Entry(entry.position, _paper(entry.paper)))
    return replace(
        issue,
        series=_text(issue.series),
        titles=_texts(issue.titles),
        intros=_texts(issue.intros),
        source_url=issue.source_url if is_safe_url(issue.source_url) else "",
        entries=tuple(entries),
    )


def _paper(paper: Paper) -> Paper:
    return replace(
        paper,
        key=_text(paper.key),
        aliases=tuple(map(_text, paper.aliases)),
        titles=_texts(paper.titles),
        nickname=_text(paper.nickname),
        summaries=_texts(paper.summaries),
        abstracts=_texts(paper.abstracts),
        tags=tuple(map(_text, paper.tags)),
        inferred_tags=tuple(map(_text, paper.inferred_tags)),
        links=tuple(
            Link(_text(link.kind), _text(link.label), link.url)
            for link in paper.links
            if is_safe_url(link.url)
        ),
    )


def _texts(texts: Localized) -> Localized:
    return {_text(language): _text(text) for language, text in texts.items()}


def _text(text: str) -> str:
    return text if text.isascii() and "\0" not in text else text.translate(_UNSTORABLE)
