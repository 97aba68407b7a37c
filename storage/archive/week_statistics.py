"""Counts an issue against the earlier ones, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    Row,
    String,
    column,
    exists,
    func,
    select,
    values,
)

from bot.model.papers import IssueStats, TagCount
from bot.model.weeks import Week, thursday_of
from storage.schema.archive import entries, issues, paper_tags

_COMPARED_WEEKS = 4
"""Number of earlier weeks that an issue is compared with."""


def count_issue(connection: Connection, issue: Row[Any]) -> IssueStats:
    """Return the counts of a stored issue; a paper that is listed twice counts once."""
    earlier = connection.execute(
        select(issues.c.id, issues.c.year, issues.c.number).where(*_earlier(issue))
    ).all()
    near = _weeks_before(Week(issue.year, issue.number))
    compared = [row.id for row in earlier if Week(row.year, row.number) in near]
    tags = _tags(connection, issue.id, compared)
    total, listed = _papers(connection, issue)
    return IssueStats(
        papers=total,
        seen_before=listed,
        tags=tags,
        new_tags=_new_tags(connection, issue, [each.tag for each in tags]),
        compared_issues=len(compared),
        earlier_issues=len(earlier),
    )


def _earlier(issue: Row[Any]) -> tuple[Any, ...]:
    return issues.c.series == issue.series, issues.c.start < issue.start


def _weeks_before(week: Week) -> frozenset[Week]:
    day: date = thursday_of(week)
    return frozenset(
        Week(*(day - timedelta(weeks=back)).isocalendar()[:2])
        for back in range(1, _COMPARED_WEEKS + 1)
    )


def _tags(connection: Connection, issue: int, compared: Collection[int]) -> tuple[TagCount, ...]:
    is_now = (entries.c.issue_id == issue).label("is_now")
    rows = connection.execute(
        select(paper_tags.c.tag, is_now, func.count(paper_tags.c.paper_id.distinct()))
        .join(entries, entries.c.paper_id == paper_tags.c.paper_id)
        .where(entries.c.issue_id.in_([issue, *compared]))
        .group_by(paper_tags.c.tag, is_now)
    )
    found: dict[str, dict[bool, int]] = defaultdict(dict)
    for tag, now, papers in rows:
        found[tag][bool(now)] = papers
    counts = [
        TagCount(tag, each[True], each.get(False, 0))
        for tag, each in found.items()
        if True in each
    ]
    return tuple(sorted(counts, key=lambda each: (-each.current, each.tag)))


def _new_tags(connection: Connection, issue: Row[Any], tags: Sequence[str]) -> tuple[str, ...]:
    """Return the tags that no paper of an earlier issue has."""
    # A subquery per tag ends at its first paper; a join would read every paper of every tag.
    if not tags:
        return ()
    named = values(column("tag", String), name="named").data([(tag,) for tag in tags])
    asked = named.cte("asked")
    was_listed = (
        _was_listed(paper_tags.c.paper_id, issue)
        .where(paper_tags.c.tag == asked.c.tag)
        .correlate(asked)
    )
    found = set(connection.scalars(select(asked.c.tag).where(~was_listed)))
    return tuple(tag for tag in tags if tag in found)


def _papers(connection: Connection, issue: Row[Any]) -> tuple[int, int]:
    """Return the number of papers of an issue, and of those that an earlier issue had."""
    own = (
        select(entries.c.paper_id).where(entries.c.issue_id == issue.id).distinct().subquery("own")
    )
    was_listed = _was_listed(own.c.paper_id, issue).correlate(own)
    rows = connection.execute(select(was_listed).select_from(own)).scalars().all()
    return len(rows), sum(map(bool, rows))


def _was_listed(paper: ColumnElement[int], issue: Row[Any]) -> Exists:
    """Return the condition that an earlier issue has a paper."""
    before = entries.alias("before")
    return exists().where(
        before.c.paper_id == paper, issues.c.id == before.c.issue_id, *_earlier(issue)
    )
