"""Reads the rows of issues, as curators want them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from bot.model.papers import Issue, Retraction
from bot.model.weeks import Week
from storage.archive.row_mapping import RETRACTION_FIELD
from storage.reader import Reader, parse_moment
from storage.schema.json_values import load_json

INTRODUCTION_FIELD = "introduction"
"""The name of an introduction among the corrections of an issue."""


class IssueRow(NamedTuple):
    """A row of the table of issues."""

    id: int
    series: str
    year: int
    number: int
    first: str
    last: str
    """Days, in the form of ISO."""
    titles: str
    intros: str
    """These are JSON."""
    source_url: str
    machine_made: bool

    @property
    def start(self) -> date:
        """Return the first day."""
        return date.fromisoformat(self.first)

    @property
    def end(self) -> date:
        """Return the last day."""
        return date.fromisoformat(self.last)

    @property
    def week(self) -> Week:
        """Return the week."""
        return Week(self.year, self.number)


_SELECT = (
    'SELECT id, series, year, number, CAST(start AS TEXT), CAST("end" AS TEXT), '
    "CAST(titles AS TEXT), CAST(intros AS TEXT), source_url, machine_made FROM issues"
)
_SAID = (
    "SELECT field, language, text, CAST(made_at AS TEXT) FROM issue_corrections "
    "WHERE series = ? AND year = ? AND number = ?"
)
_MANY = 16
"""From so many issues on, all that curators say of any is read at once."""
_SAID_OF_ALL = (
    "SELECT series, year, number, field, language, text, CAST(made_at AS TEXT) "
    "FROM issue_corrections"
)

_Said = tuple[str, str, str, str]
"""What curators say of an issue: field, language, text, and when they said it."""


def read_issues(reader: Reader, condition: str, values: Sequence[object] = ()) -> list[IssueRow]:
    """Return rows of issues; the condition may order and limit them."""
    return [IssueRow._make(row) for row in reader.rows(f"{_SELECT} {condition}", values)]


def issues_from_rows(reader: Reader, rows: Sequence[IssueRow]) -> tuple[Issue, ...]:
    """Return issues without their papers, as curators have them."""
    said = _read_said(reader, rows)
    return tuple(_corrected(issue_from_row(row), said.get(row[1:4], ())) for row in rows)


def issue_from_row(row: IssueRow) -> Issue:
    """Return an issue as its source has it, without its papers."""
    return Issue(
        series=row.series,
        week=row.week,
        start=row.start,
        end=row.end,
        titles=load_json(row.titles),
        intros=load_json(row.intros),
        source_url=row.source_url,
        machine_made=bool(row.machine_made),
    )


def _read_said(
    reader: Reader, rows: Sequence[IssueRow]
) -> Mapping[tuple[str, int, int], Sequence[_Said]]:
    if len(rows) < _MANY:
        return {row[1:4]: _as_said(reader.rows(_SAID, row[1:4])) for row in rows}
    found: dict[tuple[str, int, int], list[_Said]] = {}
    for series, year, number, *said in reader.rows(_SAID_OF_ALL):
        found.setdefault((series, year, number), []).extend(_as_said([said]))
    return found


def _as_said(rows: Iterable[Sequence[str]]) -> list[_Said]:
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _corrected(issue: Issue, said: Sequence[_Said]) -> Issue:
    if not said:
        return issue
    intros = {language: text for field, language, text, _ in said if field == INTRODUCTION_FIELD}
    retractions = [
        Retraction(text, parse_moment(made_at).date())
        for field, _, text, made_at in said
        if field == RETRACTION_FIELD
    ]
    return replace(
        issue,
        intros={**issue.intros, **intros},
        retraction=next(iter(retractions), None),
    )
