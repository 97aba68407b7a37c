"""Builds the issues of a list whose papers have no week of their own, or a day each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from bot.model.papers import Entry, Issue, Link, Paper, ParseResult, Problem
from bot.model.weeks import Week
from bot.papers.identifiers import paper_keys
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.languages import language_of
from bot.sources.parsers.short_names import nickname_of

_LAST_DAY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A paper as a list has it."""

    line: int
    """Its first line, from 1; 0 if the format has no lines."""
    title: str = ""
    """Empty if the list has an address alone; the title is that of the paper's record then."""
    links: tuple[Link, ...] = ()
    summary: str = ""
    abstract: str = ""
    tags: tuple[str, ...] = ()
    day: date | None = None
    """A day of its week; None if the list does not say."""
    votes: int | None = None
    """How many voted for it, where the list says so."""


@dataclass(frozen=True, slots=True)
class PaperList:
    """The papers of a list in its order."""

    papers: tuple[ListedPaper, ...] = ()
    problems: tuple[Problem, ...] = ()
    titles: dict[Week, str] = field(default_factory=dict)
    """The title of a week, where the list has one."""


def build_issues(found: PaperList, series: str | None, week: Week | None) -> ParseResult:
    """Return an issue for each week of the papers; `week` is that of papers without a day.

    Raises UnreadableSource if there is no series, or if no paper has a week.
    """
    if found.papers and not series:
        raise UnreadableSource("this list names no series; say which, such as --series ours.")
    by_week: dict[Week, list[ListedPaper]] = {}
    undated = 0
    for paper in found.papers:
        own = Week.of(monday(paper.day)) if paper.day else week
        if own is None:
            undated += 1
        else:
            by_week.setdefault(own, []).append(paper)
    if found.papers and not by_week:
        raise UnreadableSource(
            "nothing in this list tells its week; say which, such as --week 2026-W26."
        )
    problems = list(found.problems)
    if undated:
        message = f"{undated} papers have no week; say which, such as --week 2026-W26."
        problems.append(Problem(0, message, lost=True))
    issues = tuple(
        _issue(series or "", own, papers, found.titles.get(own, ""))
        for own, papers in sorted(by_week.items(), reverse=True)
    )
    return ParseResult(issues, tuple(problems))


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _issue(series: str, week: Week, papers: Sequence[ListedPaper], title: str) -> Issue:
    start = date.fromisocalendar(week.year, week.number, 1)
    return Issue(
        series=series,
        week=week,
        start=start,
        end=start + _LAST_DAY,
        titles={language_of(title): title} if title else {},
        entries=tuple(
            Entry(position, _paper(paper)) for position, paper in enumerate(_merged(papers), 1)
        ),
    )


def _merged(papers: Iterable[ListedPaper]) -> list[ListedPaper]:
    """Return the papers, each once: by its key."""
    found: dict[str, ListedPaper] = {}
    for paper in papers:
        key = paper_keys(paper.links, paper.title)[0]
        if key in found and not found[key].title and paper.title:
            found[key] = replace(paper, line=found[key].line)
        found.setdefault(key, paper)
    return list(found.values())


def _paper(listed: ListedPaper) -> Paper:
    key, *aliases = paper_keys(listed.links, listed.title)
    return Paper(
        key=key,
        aliases=tuple(aliases),
        titles=_localized(listed.title),
        nickname=nickname_of(listed.title),
        summaries=_localized(listed.summary),
        abstracts=_localized(listed.abstract),
        tags=listed.tags,
        links=listed.links,
    )


def _localized(text: str) -> dict[str, str]:
    return {language_of(text): text} if text else {}
