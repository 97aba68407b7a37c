"""Reads and writes what curators say of whole issues: introductions, and that one is withdrawn."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bot.model.weeks import Week
from storage.archive.issue_rows import INTRODUCTION_FIELD
from storage.schema.archive import issues
from storage.schema.curation import issue_corrections

_PLACE = (issue_corrections.c.series, issue_corrections.c.year, issue_corrections.c.number)

IssuePlace = tuple[str, Week]
"""The series and the week of an issue."""


def exists(connection: Connection, place: IssuePlace) -> bool:
    """Return whether the archive has an issue."""
    series, week = place
    query = select(issues.c.id).where(
        issues.c.series == series, issues.c.year == week.year, issues.c.number == week.number
    )
    return connection.execute(query).first() is not None


def value_of(connection: Connection, place: IssuePlace, field: str, language: str) -> str | None:
    """Return what curators say of an issue; None for nothing."""
    return connection.scalar(select(issue_corrections.c.text).where(*_of(place, field, language)))


def introductions_of(connection: Connection, place: IssuePlace) -> dict[str, str]:
    """Return the introductions that curators wrote for an issue, by language."""
    is_meant = (*_in(place), issue_corrections.c.field == INTRODUCTION_FIELD)
    rows = connection.execute(select(issue_corrections).where(*is_meant))
    return {row.language: row.text for row in rows}


def set_value(
    connection: Connection,
    place: IssuePlace,
    name: tuple[str, str],
    text: str | None,
    now: datetime,
) -> None:
    """Set what curators say of an issue, by field and language; None returns to its source."""
    field, language = name
    connection.execute(delete(issue_corrections).where(*_of(place, field, language)))
    if text is not None:
        series, week = place
        connection.execute(
            insert(issue_corrections).values(
                series=series,
                year=week.year,
                number=week.number,
                field=field,
                language=language,
                text=text,
                made_at=now,
            )
        )


def set_missing(
    connection: Connection, place: IssuePlace, name: tuple[str, str], text: str, now: datetime
) -> None:
    """Set what was imported as a curator's word, where the archive's own curators said nothing."""
    if value_of(connection, place, *name) is None:
        set_value(connection, place, name, text, now)


def rename_week(connection: Connection, series: str, old: Week, new: Week) -> None:
    """Let what curators say of an issue count for its right name, unless they said more there."""
    there = connection.execute(
        select(issue_corrections.c.field, issue_corrections.c.language).where(*_in((series, new)))
    ).all()
    for field, language in there:
        connection.execute(delete(issue_corrections).where(*_of((series, old), field, language)))
    connection.execute(
        update(issue_corrections)
        .where(*_in((series, old)))
        .values(year=new.year, number=new.number)
    )


def _in(place: IssuePlace) -> tuple[Any, ...]:
    series, week = place
    return tuple(
        column == value
        for column, value in zip(_PLACE, (series, week.year, week.number), strict=True)
    )


def _of(place: IssuePlace, field: str, language: str) -> tuple[Any, ...]:
    is_field = issue_corrections.c.field == field
    return (*_in(place), is_field, issue_corrections.c.language == language)
