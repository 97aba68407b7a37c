"""A week is understood however it is written."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.weeks import IssueOffset, NamedWeek, Week, parse, thursday_of


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2023-10-09", date(2023, 10, 9)),
        ("2023/10/9", date(2023, 10, 9)),
        ("2023.10.09.", date(2023, 10, 9)),
        ("20231009", date(2023, 10, 9)),
        ("2023년 10월 9일", date(2023, 10, 9)),
        (" 2023-W41 ", Week(2023, 41)),
        ("2023w41", Week(2023, 41)),
        ("last", NamedWeek.LAST),
        ("지난주", NamedWeek.LAST),
        ("THIS", NamedWeek.THIS),
        ("", NamedWeek.LATEST),
        ("최신", NamedWeek.LATEST),
        ("-1", IssueOffset(1)),
        ("\u22122", IssueOffset(2)),
    ],
)
def test_a_week_is_understood(written: str, meant: object) -> None:
    assert parse(written) == meant


@pytest.mark.parametrize(
    "written",
    ["2023-02-30", "2023-W54", "2021-W53", "2023-13-01", "next", "llm", "-", "10-09", "٢٠٢٣-W41x"],
)
def test_what_is_no_week_is_none(written: str) -> None:
    assert parse(written) is None


@given(st.text(max_size=40))
def test_anything_may_be_typed(text: str) -> None:
    parse(text)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_a_weeks_middle_day_lies_in_the_issue_that_it_names(start: date) -> None:
    week = Week.of(start)

    assert parse(str(week)) == week
    assert abs(thursday_of(week) - (start + timedelta(days=3))) <= timedelta(days=3)
