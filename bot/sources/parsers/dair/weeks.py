"""Dates the weeks of the DAIR list, whose headings often have no year."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.model.papers import Problem
from bot.model.weeks import Week

_LONGEST_HEADING = 300
_HEADING = re.compile(
    r"[#*_\s]*Top\s+(?:[\w/&-]+\s+){0,3}Papers\s+of\s+(?:the|this)\s+Week\b", re.IGNORECASE
)
_CONTENTS = re.compile(r"[-*+]\s+\[?\s*Top\s+(?:[\w/&-]+\s+){0,3}Papers\s+of", re.IGNORECASE)
_SPAN = re.compile(
    r"([A-Z][a-z]{2,8})\.? ?([0-9]{1,2})(?:,? 20[0-9]{2})? ?(?:[-–—~～∼〜]+|to) ?"  # noqa: RUF001
    r"(?:([A-Z][a-z]{2,8})\.? ?)?([0-9]{1,2})(?![0-9])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")
_NAME_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9]|-[0-9])")
_PAGE_YEAR = re.compile(r"#\s.*[-–—]\s*(20[0-9]{2})$")  # noqa: RUF001
_SECTION_YEAR = re.compile(r"#+\s*(20[0-9]{2})$")
_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/([0-9]{2})(0[1-9]|1[0-2])\.", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CENTURY = 2000
_MOST_DAYS = 14
_SLACK = timedelta(days=60)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)

Day = tuple[int, int]
"""A month and a day of the month."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a heading names."""

    first: Day
    last: Day
    year: int | None
    """The year of the last day; None if it is not written."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the rows below it."""

    line: int
    title: str
    span: Span | None
    rows: tuple[tuple[int, str], ...]
    """Each row with its line."""


@dataclass(frozen=True, slots=True)
class DatedSection:
    """A section whose days are known."""

    section: Section
    start: date
    end: date

    @property
    def week(self) -> Week:
        """The name of its week."""
        return Week.of(self.start)


@dataclass(frozen=True, slots=True)
class YearHints:
    """Where a year is found that a heading does not have."""

    page: int | None
    """The year that the file's name or its first heading gives."""
    contents: Mapping[tuple[Day, Day], int] = field(default_factory=dict)
    """The years under which a table of contents lists a span."""


@dataclass(frozen=True, slots=True)
class DatingResult:
    """The weeks in the order of the file, and the sections that could not be dated."""

    weeks: tuple[DatedSection, ...]
    undated: tuple[Section, ...]
    problems: tuple[Problem, ...]


def parse_heading(line: str) -> str:
    """Return the words of a week's heading; empty if the line is none."""
    if len(line) > _LONGEST_HEADING or not _HEADING.match(line):
        return ""
    return " ".join(line.strip("#*_ \t").replace("**", "").split())


def is_contents_line(line: str) -> bool:
    """Return whether a line is a week's line in a table of contents."""
    return len(line) <= 2 * _LONGEST_HEADING and bool(_CONTENTS.match(line.lstrip()))


def parse_span(title: str) -> Span | None:
    """Return the days that a heading or a line of the contents names first."""
    match = _SPAN.search(title)
    if match is None:
        return None
    month = _month(match[1])
    last_month = _month(match[3]) if match[3] else month
    years = _YEAR.findall(title[match.end(1) :])
    if not month or not last_month:
        return None
    return Span(
        (month, int(match[2])), (last_month, int(match[4])), int(years[-1]) if years else None
    )


def year_in_filename(name: str) -> int | None:
    """Return the year of a file's name such as `2023.md`; a whole date in it is none."""
    match = _NAME_YEAR.search(name.rsplit("/", 1)[-1])
    return int(match[1]) if match else None


def year_in_page_heading(line: str) -> int | None:
    """Return the year of a page's own heading, `# … — 2023`."""
    return _year(_PAGE_YEAR, line)


def year_in_contents_heading(line: str) -> int | None:
    """Return the year of a heading of the table of contents, `## 2023`."""
    return _year(_SECTION_YEAR, line)


def date_sections(sections: Sequence[Section], clues: YearHints) -> DatingResult:
    """Find the days of every section, and one section for every week.

    A year that is not written comes from the page, else from the nearest week above or below,
    else from the table of contents, else from the newest arXiv number in the rows.
    """
    years = _resolve_years(sections, clues)
    dated: list[DatedSection] = []
    undated: list[Section] = []
    problems: list[Problem] = []
    for section, year in zip(sections, years, strict=True):
        days = _span_dates(section.span, year) if section.span and year else None
        if days:
            dated.append(DatedSection(section, *days))
        else:
            undated.append(section)
            problems.append(Problem(section.line, _undated_reason(section.span, year), lost=True))
    weeks, repeated, guesses = _one_section_per_week(dated)
    return DatingResult(weeks, (*undated, *repeated), (*problems, *guesses))


def _month(word: str) -> int:
    """Return a month's number from the first letters of its name; 0 if there is none."""
    start = word[:3].lower()
    return _MONTHS.index(start) + 1 if start in _MONTHS else 0


def _year(pattern: re.Pattern[str], line: str) -> int | None:
    line = line.strip()
    match = pattern.match(line) if len(line) <= _LONGEST_HEADING else None
    return int(match[1]) if match else None


def _undated_reason(span: Span | None, year: int | None) -> str:
    if span is None:
        return "the days in this heading cannot be read; its rows were left out."
    if year is None:
        return "nothing tells the year of this week; its rows were left out."
    return f"the days in this heading are no week of {year}; its rows were left out."


def _span_dates(span: Span, year: int) -> tuple[date, date] | None:
    try:
        end = date(year, *span.last)
        start = date(year - (span.first > span.last), *span.first)
    except ValueError:
        return None
    return (start, end) if end - start < _MOST_DAYS * _DAY else None


def _resolve_years(sections: Sequence[Section], clues: YearHints) -> list[int | None]:
    years = [(section.span.year or clues.page) if section.span else None for section in sections]
    if not any(years):
        for place, section in enumerate(sections):
            years[place] = _guess_year(section, clues)
            if years[place]:
                break
    down = range(len(sections))
    _fill_missing_years(sections, years, down, forward=False)
    _fill_missing_years(sections, years, reversed(down), forward=True)
    return years


def _fill_missing_years(
    sections: Sequence[Section], years: list[int | None], places: Iterable[int], *, forward: bool
) -> None:
    """Fill in the years that are missing, each from the week before it in this order."""
    near: date | None = None
    for place in places:
        span, year = sections[place].span, years[place]
        if span is None:
            continue
        if year is None and near is not None:
            year = years[place] = _year_near(span, near, forward=forward)
        days = _span_dates(span, year) if year else None
        near = days[1] if days else near


def _year_near(span: Span, day: date, *, forward: bool) -> int:
    """Return the year in which a span ends next, going forward or back in time from a day.

    A little against that is allowed, for a list that was turned round.
    """
    found = [_span_dates(span, year) for year in (day.year - 1, day.year, day.year + 1)]
    ends = [days[1] for days in found if days]
    if forward:
        return min((end.year for end in ends if end >= day - _SLACK), default=day.year)
    return max((end.year for end in ends if end <= day + _SLACK), default=day.year)


def _guess_year(section: Section, clues: YearHints) -> int | None:
    span = section.span
    if span is None:
        return None
    listed = clues.contents.get((span.first, span.last))
    if listed:
        return listed + (span.first > span.last)
    months = [match.groups() for _, row in section.rows for match in _ARXIV.finditer(row)]
    if not months:
        return None
    year, month = max((int(year), int(month)) for year, month in months)
    return _year_near(span, date(_CENTURY + year, month, 1), forward=True)


def _one_section_per_week(
    dated: Sequence[DatedSection],
) -> tuple[tuple[DatedSection, ...], tuple[Section, ...], tuple[Problem, ...]]:
    """Give each week to one section; from the end, since the list is newest first.

    A heading that stands twice is a new week pasted under the old heading: the upper one is dated
    one week later. Where that week has a heading of its own, the upper one stays what it says and
    the lower one is left out.
    """
    stated = {each.week for each in dated}
    owners: dict[Week, DatedSection] = {}
    newest: dict[tuple[date, date], DatedSection] = {}
    repeated: list[Section] = []
    problems: list[Problem] = []
    for each in reversed(dated):
        days = (each.start, each.end)
        twin = newest.get(days)
        moved = _shifted_to_next_week(each, twin) if twin else each
        if moved is not each and moved.week not in stated | owners.keys():
            message = (
                f"this heading stands twice; it was read as the week after, {moved.start} to "
                f"{moved.end}."
            )
            problems.append(Problem(each.section.line, message, week=moved.week))
        else:
            moved = each
        if other := owners.get(moved.week):
            message = "this week stands twice; the first was kept and this one was left out."
            problems.append(Problem(other.section.line, message, lost=True, week=other.week))
            repeated.append(other.section)
        owners[moved.week] = newest[days] = moved
    weeks = sorted(owners.values(), key=lambda week: week.section.line)
    return tuple(weeks), tuple(repeated), tuple(problems)


def _shifted_to_next_week(section: DatedSection, twin: DatedSection) -> DatedSection:
    return DatedSection(section.section, twin.end + _DAY, twin.end + _WEEK)
