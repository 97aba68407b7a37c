"""Reads and writes the rows of curators' placements."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bot.model.weeks import Week
from storage.archive.placements import Placement
from storage.schema.curation import placements


def placements_of(connection: Connection, series: str, week: Week) -> tuple[Placement, ...]:
    """Return the placements of an issue, in the order in which they were made."""
    rows = connection.execute(
        select(placements).where(*_of_issue(series, week)).order_by(placements.c.id)
    )
    return tuple(Placement.from_json(row._asdict()) for row in rows)


def placed_issues(connection: Connection) -> frozenset[tuple[str, Week]]:
    """Return the series and weeks of all issues that have placements."""
    place = (placements.c.series, placements.c.year, placements.c.number)
    rows = connection.execute(select(*place).distinct())
    return frozenset((series, Week(year, number)) for series, year, number in rows)


def write_placements(
    connection: Connection, series: str, week: Week, wanted: Sequence[Placement]
) -> None:
    """Replace the placements of an issue."""
    connection.execute(delete(placements).where(*_of_issue(series, week)))
    place = {"series": series, "year": week.year, "number": week.number}
    if wanted:
        connection.execute(insert(placements), [place | each.to_json() for each in wanted])


def _of_issue(series: str, week: Week) -> tuple[Any, ...]:
    return (
        placements.c.series == series,
        placements.c.year == week.year,
        placements.c.number == week.number,
    )
