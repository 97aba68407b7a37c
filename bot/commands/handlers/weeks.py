"""Answers about weeks and months: /week."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.cards.blocks import SEPARATOR
from bot.cards.help import expired_control_card
from bot.cards.introduction import introduction_card
from bot.cards.issues import WeekTalk, issue_title
from bot.cards.series import series_id
from bot.cards.talk import counts_line
from bot.cards.votes import favourite_line, votes_line
from bot.cards.weeks import (
    invalid_week_card,
    missing_series_card,
    missing_week_card,
    month_card,
    week_card,
)
from bot.commands.context import Context
from bot.model.papers import Issue, Paper
from bot.model.week_phrases import WeekPhrase, parse_week_phrase
from bot.model.weeks import Month, Week
from bot.ports.archive import IssueResult, SeriesPreference
from bot.ports.conversation import Reply, Request

_MAX_SERIES_WORDS = 3
"""Maximum words of a series' name, such as `PyTorch Korea`."""


@dataclass(frozen=True, slots=True)
class _Query:
    """An argument of /week in its parts."""

    phrase: WeekPhrase
    series: str = ""
    """The name that followed the week; empty where none did."""


async def week(context: Context, request: Request) -> Reply:
    """Answer with a week or a month; the argument may end with the name of a series."""
    locale = context.locale(request)
    asked = request.argument.strip()
    query = _parse_query(asked, context.today())
    if query is None:
        return Reply(invalid_week_card(locale, asked), is_private=True)
    wanted = SeriesPreference(context.series)
    if query.series:
        stored = [name for name, _, _ in (await context.archive.totals()).series]
        series = series_id(query.series, stored)
        if series is None and stored:
            card = missing_series_card(locale, query.series, stored)
            return Reply(card, is_private=True, suggestions=tuple(stored))
        wanted = replace(wanted, only=series)
    if isinstance(query.phrase, Month):
        return await _answer_month(context, request, query.phrase, wanted)
    found = await context.archive.find_issue(query.phrase, context.today(), wanted)
    if found.issue is None:
        return _missing_week(context, request, found)
    papers = _papers_of(found.issue)
    talk = await _week_talk(context, request, papers)
    return Reply(week_card(locale, found, found.issue, talk), papers=papers)


async def _week_talk(context: Context, request: Request, papers: tuple[Paper, ...]) -> WeekTalk:
    """Return what is said about the papers of a week in the community, and the favourite."""
    locale, community = context.locale(request), context.community(request.target)
    numbers = [paper.id for paper in papers]
    talks = await context.ledger.paper_talk(community, len(numbers), papers=numbers)
    votes = await context.count_votes(request.target, numbers)
    lines = {talk.paper: [counts_line(locale, talk.counts)] for talk in talks}
    for number, count in votes.items():
        lines.setdefault(number, []).append(votes_line(locale, count))
    return WeekTalk(
        {number: SEPARATOR.join(said) for number, said in lines.items()},
        favourite_line(locale, papers, votes),
    )


async def introduction(context: Context, request: Request) -> Reply:
    """Answer with the whole introduction of an issue; the argument is its week and series."""
    locale = context.locale(request)
    query = _parse_query(request.argument.strip(), context.today())
    issue = None
    if query is not None and not isinstance(query.phrase, Month):
        wanted = SeriesPreference(context.series, only=query.series or None)
        found = await context.archive.find_issue(query.phrase, context.today(), wanted)
        issue = found.issue
    if issue is None:
        return Reply(expired_control_card(locale), is_private=True)
    return Reply(introduction_card(locale, issue, issue_title(locale, issue)), is_private=True)


def _parse_query(asked: str, today: date) -> _Query | None:
    phrase = parse_week_phrase(asked, today)
    if phrase is not None:
        return _Query(phrase)
    words = asked.split()
    for count in range(1, min(_MAX_SERIES_WORDS, len(words) - 1) + 1):
        phrase = parse_week_phrase(" ".join(words[:-count]), today)
        if phrase is not None:
            return _Query(phrase, " ".join(words[-count:]))
    return None


def _missing_week(context: Context, request: Request, found: IssueResult) -> Reply:
    near = tuple(str(issue.week) for issue in (found.before, found.after) if issue)
    card = missing_week_card(context.locale(request), request.argument.strip(), found)
    return Reply(card, is_private=True, suggestions=near)


async def _answer_month(
    context: Context, request: Request, month: Month, wanted: SeriesPreference
) -> Reply:
    """Answer with all weeks that have a day in the month, the oldest first."""
    issues: list[Issue] = []
    nearest = IssueResult(None)
    for each in _weeks_of(month):
        found = await context.archive.find_issue(each, context.today(), wanted)
        if found.issue is None:
            nearest = found if nearest.before is None else nearest
        elif found.issue.start <= month.last_day and found.issue.end >= month.first_day:
            issues.append(found.issue)
    if not issues:
        return _missing_week(context, request, nearest)
    papers = tuple({paper.key: paper for issue in issues for paper in _papers_of(issue)}.values())
    return Reply(month_card(context.locale(request), month, issues), papers=papers)


def _weeks_of(month: Month) -> tuple[Week, ...]:
    """Return the ISO weeks of a month, and the ones before and after it."""
    days = range(-7, (month.last_day - month.first_day).days + 8)
    calendars = ((month.first_day + timedelta(days=each)).isocalendar() for each in days)
    return tuple(dict.fromkeys(Week(each.year, each.week) for each in calendars))


def _papers_of(issue: Issue) -> tuple[Paper, ...]:
    """Return the papers of an issue, each with its appearance in this issue first."""
    return tuple(
        replace(
            entry.paper,
            appearances=tuple(
                sorted(
                    entry.paper.appearances,
                    key=lambda each: (each.week, each.series) != (issue.week, issue.series),
                )
            ),
        )
        for entry in issue.entries
    )
