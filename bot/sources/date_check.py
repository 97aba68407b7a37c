"""Checks whether the dates of weeks are plausible, by order, today and arXiv ids (pure)."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

from bot.model.papers import Issue
from bot.model.weeks import Week

_ARXIV = re.compile(r"arxiv:(\d{2})(0[1-9]|1[0-2])\.\d{4,5}$")
_CENTURY = 2000

_PUBLISHED_AHEAD = timedelta(days=10)
"""How long before its last day a week is published at most; lists name the coming Sunday."""

_AFTER_END = timedelta(days=7)
"""How long after a week's last day its papers may still have appeared."""

_MAX_AGE = timedelta(days=300)
"""The age of the newest paper of a week; the greatest of the known history is a tenth of it."""

_MIN_DATED_PAPERS = 3
"""With fewer arXiv ids, these say nothing about a week."""

_MIN_WEEKS = 4
"""With fewer weeks, their order says nothing."""

_MIN_ORDERED_SHARE = 0.8
"""The share of weeks that has to be in order, before the others count as out of order."""

_OUT_OF_ORDER = timedelta(days=21)
"""Weeks are out of order only by more than this: neighbours are swapped now and then."""


def implausible_weeks(
    issues: Sequence[Issue], today: date, given_week: Week | None = None
) -> dict[str, str]:
    """Return the reason for each week, such as `2027-W26`, whose dates look wrong.

    `issues` are those of one page, in its order. A single issue is compared with today and with
    the arXiv ids of its papers, which begin with year and month; several also with each other.
    Of `given_week`, which a person gave, papers may be of any age.
    """
    found = _out_of_order(issues)
    for issue in issues:
        reason = _reason(issue, today, is_any_age=issue.week == given_week)
        if reason:
            found[str(issue.week)] = reason
    return found


def _reason(issue: Issue, today: date, *, is_any_age: bool) -> str:
    if issue.end > today + _PUBLISHED_AHEAD:
        return f"it ends on {issue.end}, and today is {today}."
    months = _arxiv_months(issue)
    if len(months) < _MIN_DATED_PAPERS:
        return ""
    middle, newest = months[len(months) // 2], months[-1]
    if middle > issue.end + _AFTER_END:
        return f"it ends on {issue.end}, but most of its papers are of {middle:%Y-%m} or later."
    if issue.start - newest > _MAX_AGE and not is_any_age:
        return f"it starts on {issue.start}, but its newest paper is of {newest:%Y-%m}."
    return ""


def _arxiv_months(issue: Issue) -> list[date]:
    """Return the first day of the month of each paper on arXiv, the oldest first."""
    keys = (entry.paper.key for entry in issue.entries)
    matches = (_ARXIV.match(key) for key in keys)
    return sorted(date(_CENTURY + int(m[1]), int(m[2]), 1) for m in matches if m)


def _out_of_order(issues: Sequence[Issue]) -> dict[str, str]:
    """Return the weeks that interrupt the order of a list, which is newest or oldest first."""
    if len(issues) < _MIN_WEEKS:
        return {}
    starts = [issue.start for issue in issues]
    days = [start.toordinal() for start in starts]
    ordered = max(_longest_rise(days), _longest_rise([-day for day in days]), key=len)
    if len(ordered) < _MIN_ORDERED_SHARE * len(issues):
        return {}
    found = {}
    kept = set(ordered)
    for place, issue in enumerate(issues):
        if place in kept:
            continue
        before = [starts[other] for other in ordered if other < place][-1:]
        after = [starts[other] for other in ordered if other > place][:1]
        distances = [abs(issue.start - start) for start in (*before, *after)]
        if min(distances) > _OUT_OF_ORDER:
            near = (*before, *after)[0]
            found[str(issue.week)] = f"it starts on {issue.start}, beside a week of {near}."
    return found


def _longest_rise(values: Sequence[int]) -> list[int]:
    """Return the places of a longest non-decreasing subsequence, in O(n log n)."""
    tails: list[int] = []
    tail_places: list[int] = []
    previous: list[int] = []
    for place, value in enumerate(values):
        at = bisect_right(tails, value)
        previous.append(tail_places[at - 1] if at else -1)
        tails[at : at + 1] = [value]
        tail_places[at : at + 1] = [place]
    found = []
    place = tail_places[-1] if tail_places else -1
    while place >= 0:
        found.append(place)
        place = previous[place]
    return found[::-1]
