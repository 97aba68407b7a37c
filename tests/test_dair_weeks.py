"""The weeks of DAIR.AI's lists: which days a heading names, and what cannot be dated."""

from datetime import date

import pytest

from bot.model.papers import Issue, ParseResult
from bot.model.weeks import Week
from bot.sources.parsers.dair.document import looks_like, parse
from bot.sources.parsers.discourse.titles import has_dates
from tests.dair_results import HEADING, sample, titles
from tests.samples import FILES


def days(parsed: ParseResult) -> list[tuple[date, date]]:
    return [(issue.start, issue.end) for issue in parsed.issues]


def test_headings_without_a_year_take_it_from_the_page() -> None:
    parsed = sample("2023")
    assert days(parsed) == [
        (date(2023, 12, 25), date(2023, 12, 31)),
        (date(2023, 5, 29), date(2023, 6, 4)),
        (date(2023, 5, 22), date(2023, 5, 28)),
        (date(2023, 3, 4), date(2023, 3, 10)),
        (date(2023, 1, 30), date(2023, 2, 5)),
        (date(2023, 1, 1), date(2023, 1, 8)),
    ]
    assert parsed.problems == ()


def test_headings_without_a_year_take_it_from_the_name_of_the_file() -> None:
    text = (FILES / "dair-2023.md").read_text(encoding="utf-8").split("\n", 1)[1]
    assert days(parse(text, "2023.md")) == days(sample("2023"))


def test_an_issue_bears_its_heading_and_invents_no_address() -> None:
    issue = sample("2023").issues[4]
    assert issue == Issue(
        series="dair",
        week=Week(2023, 5),
        start=date(2023, 1, 30),
        end=date(2023, 2, 5),
        titles={"en": "Top ML Papers of the Week (Jan 30-Feb 5)"},
        entries=issue.entries,
    )


def test_the_year_written_is_that_of_the_last_day() -> None:
    assert days(sample("2026"))[-1] == (date(2025, 12, 29), date(2026, 1, 4))


def test_weeks_of_eight_days_have_names_of_their_own() -> None:
    assert [str(issue.week) for issue in sample("2026").issues] == [
        "2026-W26",
        "2026-W25",
        "2026-W13",
        "2026-W11",
        "2026-W01",
    ]


def test_a_week_without_a_year_takes_it_from_its_neighbours() -> None:
    parsed = sample("neighbours")
    assert [issue.end for issue in parsed.issues] == [
        date(2024, 1, 14),
        date(2024, 1, 7),
        date(2023, 12, 31),
    ]
    assert parsed.problems == ()


def test_a_list_without_any_year_takes_it_from_its_table_of_contents() -> None:
    assert [issue.end for issue in sample("listed").issues] == [
        date(2023, 1, 1),
        date(2022, 12, 25),
    ]


def test_a_list_without_any_clue_takes_its_year_from_arxiv_numbers() -> None:
    text = (FILES / "dair-2023.md").read_text(encoding="utf-8").split("\n", 1)[1]
    assert days(parse(text)) == days(sample("2023"))


def test_a_week_that_nothing_dates_is_lost_aloud() -> None:
    text = "## Top AI Papers of the Week (May 1-7)\n| 1) **A** - b | [Paper](https://a.org/b) |"
    parsed = parse(text)
    assert parsed.issues == ()
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(1, True), (2, True)]


def test_a_heading_that_cannot_be_read_does_not_hide_the_others() -> None:
    row = "| 1) **A** - b | [Paper](https://arxiv.org/abs/2305.00001) |"
    parsed = parse(
        f"# Top AI Papers of the Week\n## Top AI Papers of the Week (Mai 1-Foo 7)\n{row}\n"
        f"## Top AI Papers of the Week (May 1-7)\n{row}\n"
    )
    assert days(parsed) == [(date(2023, 5, 1), date(2023, 5, 7))]
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(2, True), (3, True)]


def test_a_span_that_is_no_week_is_lost_aloud() -> None:
    row = "| 1) **A** - b | [Paper](https://arxiv.org/abs/2305.00001) |"
    parsed = parse(f"## Top AI Papers of the Week (May 1 - July 7) - 2023\n{row}")
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(1, True), (2, True)]


def test_a_repeated_heading_is_the_week_after() -> None:
    parsed = sample("repeated")
    assert [(str(issue.week), issue.start, issue.end) for issue in parsed.issues] == [
        ("2023-W23", date(2023, 6, 5), date(2023, 6, 11)),
        ("2023-W22", date(2023, 5, 29), date(2023, 6, 4)),
    ]
    assert titles(parsed) == ["PastedLater", "StoodBefore"]
    (problem,) = parsed.problems
    assert (problem.line, problem.lost, problem.week) == (1, False, Week(2023, 23))


def test_a_repeated_heading_gives_way_to_a_week_that_has_its_own() -> None:
    parsed = sample("repeated-taken")
    assert titles(parsed) == ["WeekAfter", "KeptTwin"]
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [
        (11, True),
        (14, True),
    ]


def test_a_table_of_contents_is_named_as_such() -> None:
    text = (FILES / "dair-contents.md").read_text(encoding="utf-8")
    assert looks_like(text)
    parsed = parse(text, "README.md")
    (problem,) = parsed.problems
    assert parsed.issues == ()
    assert problem.line == 6
    assert problem.message.startswith("this is a table of contents")


@pytest.mark.parametrize("mark", ["～", "∼", "〜", "–", "-", "~"])  # noqa: RUF001
def test_every_sign_between_two_days_is_read(mark: str) -> None:
    heading = HEADING.replace(" - June", f" {mark} June")
    (issue,) = parse(heading + "| 1) **A** - b | [Paper](https://a.example/x) |").issues
    assert (issue.start, issue.end) == (date(2026, 6, 21), date(2026, 6, 28))
    assert has_dates(f"[2023/10/09 {mark} 10/15] 이번 주의 논문")
