"""Parses the DAIR list, the Markdown of dair-ai/AI-Papers-of-the-Week."""

import re
from collections.abc import Iterator, Sequence

from bot.model.papers import Entry, Issue, ParseResult, Problem
from bot.sources.parsers.dair import weeks
from bot.sources.parsers.dair.rows import (
    LANGUAGE,
    Row,
    header_cells,
    is_delimiter,
    is_numbered,
    is_row,
    parse_row,
)
from bot.sources.parsers.dair.weeks import DatedSection, Day, Section, YearHints

SERIES = "dair"

_FILE = re.compile(r"\]\((?:\./)?((?:[a-z]{1,20}/){0,2}20[0-9]{2}\.md)(?=[#)])")

_PAPERS = re.compile(r"^\W*(?:papers?|논문)\b", re.IGNORECASE)
"""The first column of a week's table."""

_BLANK = re.compile("[\u00a0\u2007\u202f\u3000]")

_STRAY = "this row belongs to no week; it was left out."


def looks_like(text: str) -> bool:
    """Return whether a text is the list: a week's heading with rows, or a table of contents."""
    has_heading = False
    for line in _lines(text):
        if weeks.is_contents_line(line) or (has_heading and is_row(line)):
            return True
        has_heading = has_heading or bool(weeks.parse_heading(line))
    return False


def linked_year_files(text: str) -> frozenset[str]:
    """Return the files of years that a table of contents links to, by their relative paths."""
    return frozenset(_FILE.findall(text))


def parse(text: str, name: str = "") -> ParseResult:
    """Parse the weeks of a list, in its order.

    `name` is the file name, which gives the year where the headings do not. Never raises: a row
    that cannot be used is a `lost` problem, and costs no other row.
    """
    page = _SectionReader(text, name)
    dating = weeks.date_sections([each for each in page.sections if each.rows], page.year_hints)
    problems = [*page.problems, *dating.problems]
    for section in dating.undated:
        problems += (Problem(line, _STRAY, lost=True) for line, _ in section.rows)
    issues: list[Issue] = []
    for dated in dating.weeks:
        issue, odd = _issue(dated)
        problems += odd
        if issue.entries:
            issues.append(issue)
    if not issues and not problems:
        problems.append(page.no_weeks_problem())
    return ParseResult(tuple(issues), tuple(sorted(problems, key=lambda problem: problem.line)))


class _SectionReader:
    """Divides a list into weeks, line by line."""

    def __init__(self, text: str, name: str) -> None:
        self.sections: list[Section] = []
        self.problems: list[Problem] = []
        self._contents: dict[tuple[Day, Day], int] = {}
        self._listed_at = 0
        self._year = weeks.year_in_filename(name)
        self._heading: tuple[int, str] | None = None
        self._rows: list[tuple[int, str]] = []
        self._listing: int | None = None
        self._is_other_table = False
        for number, line in enumerate(_lines(text), start=1):
            if line and not line.isspace():
                self._read(number, line)
        self._close()

    @property
    def year_hints(self) -> YearHints:
        return YearHints(self._year, self._contents)

    def no_weeks_problem(self) -> Problem:
        """Say why there is no week in it."""
        if self._listed_at:
            message = "this is a table of contents; the weeks are in the files that it links to."
            return Problem(self._listed_at, message)
        return Problem(0, "there is no week of the DAIR list in it.")

    def _read(self, number: int, line: str) -> None:
        if title := weeks.parse_heading(line):
            self._close()
            self._heading = (number, title)
        elif line.lstrip().startswith("#"):
            self._close()
            self._year = self._year or weeks.year_in_page_heading(line)
            self._listing = weeks.year_in_contents_heading(line)
        elif weeks.is_contents_line(line):
            self._list(number, line)
        elif self._heading and is_delimiter(line):
            self._start_table(number)
        elif self._heading and self._is_other_table:
            return
        elif self._heading and is_row(line):
            self._rows.append((number, line))
        elif is_numbered(line):
            self.problems.append(Problem(number, _STRAY, lost=True))

    def _start_table(self, number: int) -> None:
        """Take the row above for a header; a table of other columns than a week's is left out."""
        if not self._rows or self._rows[-1][0] != number - 1 or is_numbered(self._rows[-1][1]):
            return
        columns = header_cells(self._rows.pop()[1])
        self._is_other_table = not _PAPERS.search(columns[0])
        if self._is_other_table:
            names = ", ".join(columns)[:80]
            message = f"a table of other columns ({names}) was left out."
            self.problems.append(Problem(number - 1, message, lost=True))

    def _list(self, number: int, line: str) -> None:
        self._listed_at = self._listed_at or number
        span = weeks.parse_span(line)
        if span and self._listing:
            self._contents[span.first, span.last] = self._listing

    def _close(self) -> None:
        if self._heading:
            line, title = self._heading
            span = weeks.parse_span(title)
            self.sections.append(Section(line, title, span, tuple(self._rows)))
            if span and not self._rows:
                self.problems.append(Problem(line, "there is no row under this heading."))
        self._heading, self._rows, self._is_other_table = None, [], False


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text; only line feeds end one, since titles hold rarer breaks."""
    text = _BLANK.sub(" ", text)
    start = 1 if text.startswith("\ufeff") else 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end].removesuffix("\r")
        start = end + 1


def _issue(dated: DatedSection) -> tuple[Issue, list[Problem]]:
    rows = [(line, parse_row(text)) for line, text in dated.section.rows]
    problems = [
        Problem(line, remark.message, remark.lost, dated.week)
        for line, row in rows
        for remark in row.remarks
    ]
    entries, moved = _assign_positions(rows, dated)
    issue = Issue(
        series=SERIES,
        week=dated.week,
        start=dated.start,
        end=dated.end,
        titles={LANGUAGE: dated.section.title},
        entries=tuple(sorted(entries, key=lambda entry: entry.position)),
    )
    return issue, [*problems, *moved]


def _assign_positions(
    rows: Sequence[tuple[int, Row]], dated: DatedSection
) -> tuple[list[Entry], list[Problem]]:
    """Give each paper a position of its own.

    A row keeps its number; a number that stands twice, or none, becomes the next one that no row
    of the week has.
    """
    after = {row.number: row.number + 1 for _, row in rows if row.number}
    taken: set[int] = set()
    entries: list[Entry] = []
    problems: list[Problem] = []
    position = 0
    for line, row in rows:
        if row.paper is None:
            continue
        position = row.number or position + 1
        if row.number is None or row.number in taken:
            position = _next_free_position(position, after)
        if row.number is not None and position != row.number:
            message = f"number {row.number} stands twice; this row became number {position}."
            problems.append(Problem(line, message, week=dated.week))
        taken.add(position)
        after[position] = position + 1
        entries.append(Entry(position, row.paper))
    return entries, problems


def _next_free_position(position: int, after: dict[int, int]) -> int:
    """Return the first position from here on that is not in use.

    `after` leads from each used position to a later one, and learns shorter ways, so that a week
    of countless rows takes no longer for it.
    """
    passed = []
    while position in after:
        passed.append(position)
        position = after[position]
    after.update(dict.fromkeys(passed, position))
    return position
