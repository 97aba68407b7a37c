"""Gathers daily papers into weeks: the week of a paper, and the papers of a week (pure)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from bot.lib.clean import clean, one_line
from bot.model import weeks
from bot.model.papers import ParseResult
from bot.model.weeks import Week
from bot.papers.identifiers import paper_keys
from bot.ports.source_state import GatheredPaper
from bot.sources.parsers.lists.listed import ListedPaper, PaperList, build_issues, monday

MAX_GATHERED = 2_000
"""The most papers that are kept of open weeks; of more, the first."""

_FRIDAY = 4
_DAYS = 7


@dataclass(frozen=True, slots=True)
class WeeklySelection:
    """How a source's daily papers become weeks."""

    papers: int = 10
    """The most papers of a week: those with the most votes, else those that were listed first."""
    closes: tuple[int, time] = (6, time(18))
    """When a week is closed, in UTC: day of the week (0 is Monday) and time. Monday to Thursday
    are those after the week's end."""
    title: str = ""
    """The title of each week; may be empty."""

    def closes_at(self, week: Week) -> datetime:
        """Return the moment (UTC) at which a week is closed."""
        day, at = self.closes
        offset = day if day >= _FRIDAY else day + _DAYS
        first = date.fromisocalendar(week.year, week.number, 1)
        return datetime.combine(first + timedelta(days=offset), at, UTC)

    def open_week(self, now: datetime) -> Week:
        """Return the first week that is not closed at a moment."""
        week = _week_of(now.astimezone(UTC).date() - timedelta(days=_DAYS))
        while self.closes_at(week) <= now:
            week = _following(week)
        return week


def gather(
    known: Sequence[GatheredPaper],
    listed: Iterable[ListedPaper],
    closed: Collection[Week],
    selection: WeeklySelection,
    now: datetime,
) -> tuple[GatheredPaper, ...]:
    """Return the papers of all open weeks, those that were known first.

    A known paper gets its new votes. A new one belongs to the week of its day; where that is the
    last one that was made, to the next. What was listed before is left out. `closed`: the weeks
    that were made.
    """
    found = {_key(paper.title, paper): paper for paper in known}
    running = selection.open_week(now)
    last = max(closed, default=None)
    pending = [week for paper in known if (week := _parse_week(paper.week)) not in closed]
    first = min(pending, default=_following(last) if last else running)
    for paper in listed:
        key = _key(paper.title, paper)
        if key in found:
            found[key] = replace(found[key], votes=paper.votes)
            continue
        week = min(_week_of(paper.day), running) if paper.day else running
        if week < first and week != last:
            continue
        found[key] = GatheredPaper(
            str(max(week, first)),
            one_line(clean(paper.title)),
            clean(paper.summary),
            clean(paper.abstract),
            paper.links,
            paper.votes,
        )
    return tuple(found.values())[:MAX_GATHERED]


def closed_weeks(
    gathered: Iterable[GatheredPaper], selection: WeeklySelection, now: datetime
) -> tuple[Week, ...]:
    """Return the weeks of gathered papers that are closed, the oldest first."""
    found = sorted({_parse_week(paper.week) for paper in gathered})
    return tuple(week for week in found if selection.closes_at(week) <= now)


def make_week(
    gathered: Iterable[GatheredPaper], week: Week, series: str, selection: WeeklySelection
) -> ParseResult:
    """Return the issue of a week: its papers with the most votes, else the first ones."""
    own = [paper for paper in gathered if paper.week == str(week)]
    chosen = sorted(own, key=lambda paper: -(paper.votes or 0))[: selection.papers]
    first = date.fromisocalendar(week.year, week.number, 1)
    papers = tuple(
        ListedPaper(0, each.title, each.links, each.summary, each.abstract, day=first)
        for each in chosen
    )
    titles = {week: selection.title} if selection.title else {}
    return build_issues(PaperList(papers, titles=titles), series, None)


def _key(title: str, paper: ListedPaper | GatheredPaper) -> str:
    return paper_keys(paper.links, title)[0]


def _week_of(day: date) -> Week:
    return Week.of(monday(day))


def _following(week: Week) -> Week:
    return _week_of(date.fromisocalendar(week.year, week.number, 1) + timedelta(days=_DAYS))


def _parse_week(text: str) -> Week:
    found = weeks.parse(text)
    return found if isinstance(found, Week) else Week(1, 1)
