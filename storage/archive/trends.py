"""Counts papers by month and by period, in a fixed number of statements."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, String, cast, func, null, select

from bot.model.trends import TagPeriod
from bot.model.weeks import Month
from storage.schema.archive import entries, issues, paper_tags

_MONTH = len("2023-10")


def first_days(connection: Connection) -> tuple[date, date] | None:
    """Return the first days of the oldest and the newest issue; None where there is none."""
    # Each for itself is the end of an index; together SQLite reads all of it.
    oldest, newest = (
        connection.execute(select(each)).scalar_one()
        for each in (func.min(issues.c.start), func.max(issues.c.start))
    )
    return None if oldest is None else (oldest, newest)


def papers_by_month(
    connection: Connection, tag: str, since: date | None = None
) -> Mapping[Month, int]:
    """Return the papers of each month, those with a tag or, without one, all."""
    # The first letters of a day in the form of ISO, which costs less than its parts.
    month = func.substr(cast(issues.c.start, String), 1, _MONTH)
    query = (
        select(month, func.count(entries.c.paper_id.distinct()))
        .join(entries, entries.c.issue_id == issues.c.id)
        .group_by(month)
    )
    if tag:
        query = query.join(paper_tags, paper_tags.c.paper_id == entries.c.paper_id)
        query = query.where(paper_tags.c.tag == tag)
    if since is not None:
        query = query.where(issues.c.start >= since)
        if tag:
            # The day is that of a paper's newest issue: it leaves out most of a large archive.
            query = query.where(paper_tags.c.newest >= since)
    return {Month(*map(int, row[0].split("-"))): row[1] for row in connection.execute(query)}


def tags_of_period(connection: Connection, first: date, last: date) -> TagPeriod:
    """Return the papers and tags of the issues that start from a day to a day."""
    listed = (
        select(entries.c.paper_id)
        .join(issues, issues.c.id == entries.c.issue_id)
        .where(issues.c.start.between(first, last))
        .distinct()
        .cte("listed")
    )
    # One statement, as the papers are then listed once.
    rows = connection.execute(
        select(paper_tags.c.tag, func.count())
        .join(listed, listed.c.paper_id == paper_tags.c.paper_id)
        .group_by(paper_tags.c.tag)
        .union_all(select(null(), func.count()).select_from(listed))
    ).all()
    total = next(count for tag, count in rows if tag is None)
    tags = sorted(
        ((tag, count) for tag, count in rows if tag is not None),
        key=lambda each: (-each[1], each[0]),
    )
    return TagPeriod(first, last, total, tuple(tags))
