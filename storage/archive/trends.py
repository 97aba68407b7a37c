"""Counts papers by month and by period, in a fixed number of statements."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, String, cast, func, select

from bot.model.trends import TagPeriod
from bot.model.weeks import Month
from storage.schema.archive import entries, issues, paper_tags

_MONTH = len("2023-10")


def papers_by_month(connection: Connection, tag: str) -> Mapping[Month, int]:
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
    return {Month(*map(int, row[0].split("-"))): row[1] for row in connection.execute(query)}


def tags_of_period(connection: Connection, first: date, last: date) -> TagPeriod:
    """Return the papers and tags of the issues that start from a day to a day."""
    listed = (
        select(entries.c.paper_id)
        .join(issues, issues.c.id == entries.c.issue_id)
        .where(issues.c.start.between(first, last))
        .distinct()
        .subquery("listed")
    )
    total = connection.execute(select(func.count()).select_from(listed)).scalar_one()
    rows = connection.execute(
        select(paper_tags.c.tag, func.count())
        .join(listed, listed.c.paper_id == paper_tags.c.paper_id)
        .group_by(paper_tags.c.tag)
        .order_by(func.count().desc(), paper_tags.c.tag)
    )
    return TagPeriod(first, last, total, tuple((row[0], row[1]) for row in rows))
