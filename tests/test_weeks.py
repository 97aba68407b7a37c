"""A week is understood however it is written."""

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.locale import Locale
from bot.model.week_phrases import parse_week_phrase
from bot.model.weeks import IssueOffset, Month, NamedWeek, Week, parse, thursday_of


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


TODAY = date(2024, 3, 6)  # a Wednesday


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("last week", NamedWeek.LAST),
        ("this week", NamedWeek.THIS),
        ("Last week's papers", NamedWeek.LAST),
        ("papers from last week", NamedWeek.LAST),
        ("지난주", NamedWeek.LAST),
        ("지난주 논문", NamedWeek.LAST),
        ("지난주논문 보여줘", NamedWeek.LAST),
        ("저번 주의 논문들", NamedWeek.LAST),
        ("이번주 논문", NamedWeek.THIS),
        (unicodedata.normalize("NFD", "이번주"), NamedWeek.THIS),
        ("이번\u3000주", NamedWeek.THIS),
        ("last\u00a0week", NamedWeek.LAST),
        ("the latest week", NamedWeek.LATEST),
        ("최신 논문", NamedWeek.LATEST),
        ("어제", date(2024, 3, 5)),
        ("yesterday", date(2024, 3, 5)),
        ("그저께 논문", date(2024, 3, 4)),
        ("2 weeks ago", date(2024, 2, 21)),
        ("two weeks ago", date(2024, 2, 21)),
        ("2주 전", date(2024, 2, 21)),
        ("3일 전", date(2024, 3, 3)),
        ("지지난주", date(2024, 2, 21)),
        ("10월 9일", date(2023, 10, 9)),
        ("3월 6일", date(2024, 3, 6)),
        ("3월 8일 논문", date(2024, 3, 8)),
        ("3월 20일", date(2023, 3, 20)),
        ("2023년 10월 9일", date(2023, 10, 9)),
        ("23년 10월 9일", date(2023, 10, 9)),
        ("10월 9일 월요일", date(2023, 10, 9)),
        ("10월 9일(월)", date(2023, 10, 9)),
        ("2023. 10. 9.", date(2023, 10, 9)),
        ("2023. 10. 9", date(2023, 10, 9)),
        ("2023-10-09 dair".removesuffix(" dair"), date(2023, 10, 9)),
        ("Oct 9 2023", date(2023, 10, 9)),
        ("Oct. 9, 2023", date(2023, 10, 9)),
        ("October 9th, 2023", date(2023, 10, 9)),
        ("9 October 2023", date(2023, 10, 9)),
        ("9th of Oct 2023", date(2023, 10, 9)),
        ("9-Oct-2023", date(2023, 10, 9)),
        ("Monday, Oct 9 2023", date(2023, 10, 9)),
        ("Oct 9", date(2023, 10, 9)),
        ("Sept 4", date(2023, 9, 4)),
        ("the week of Oct 9", date(2023, 10, 9)),
        ("Oct 9 2023 week", date(2023, 10, 9)),
        ("Feb 29", date(2024, 2, 29)),
        ("Oct 9 \u2013 15, 2023", date(2023, 10, 9)),
        ("Oct 9\u2009\u2013\u200915, 2023", date(2023, 10, 9)),
        ("Oct 9-15, 2023", date(2023, 10, 9)),
        ("Sep 30 \u2013 Oct 6, 2024", date(2024, 9, 30)),
        ("Dec 30, 2024 \u2013 Jan 5, 2025", date(2024, 12, 30)),
        ("Dec 30 - Jan 5, 2025", date(2024, 12, 30)),
        ("2023년 10월 9일~15일", date(2023, 10, 9)),
        ("2023년 9월 30일 ~ 10월 6일", date(2023, 9, 30)),
        ("10월 9일\uff5e15일", date(2023, 10, 9)),
        ("2023-10-09 ~ 2023-10-15", date(2023, 10, 9)),
        ("2023/10/09 ~ 10/15", date(2023, 10, 9)),
        ("W41", Week(2023, 41)),
        ("w 9".replace(" ", ""), Week(2024, 9)),
        ("week 41", Week(2023, 41)),
        ("week 41 of 2022", Week(2022, 41)),
        ("2022 week 41", Week(2022, 41)),
        ("41주차", Week(2023, 41)),
        ("2023년 41주차", Week(2023, 41)),
        ("2024-13", Week(2024, 13)),
        ("october 2023", Month(2023, 10)),
        ("Oct 2023", Month(2023, 10)),
        ("October, 2023", Month(2023, 10)),
        ("2023 October", Month(2023, 10)),
        ("October", Month(2023, 10)),
        ("march", Month(2024, 3)),
        ("papers of October 2023", Month(2023, 10)),
        ("2023-10", Month(2023, 10)),
        ("2023.10.", Month(2023, 10)),
        ("2023년 10월", Month(2023, 10)),
        ("2023년 10월 논문", Month(2023, 10)),
        ("10월", Month(2023, 10)),
        ("지난달", Month(2024, 2)),
        ("last month", Month(2024, 2)),
        ("이번 달 논문", Month(2024, 3)),
    ],
)
def test_a_week_is_understood_as_people_write_it(written: str, meant: object) -> None:
    assert parse_week_phrase(written, TODAY) == meant


@pytest.mark.parametrize(
    "written",
    ["next", "llm", "10-09", "2023-54", "2023-00", "2023년 13월", "W54", "Oct 32", "Feb 30, 2023",
     "Oct 9 - soon", "soon", "week", "13월 1일", "a b ago", "may be", "논문"],
)  # fmt: skip
def test_what_people_write_may_be_no_week(written: str) -> None:
    assert parse_week_phrase(written, TODAY) is None


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.sampled_from(["en", "ko", "both"]))
def test_what_paperboy_prints_is_understood(start: date, language: str) -> None:
    locale = Locale({}, language)
    end = start + timedelta(days=6)

    assert parse_week_phrase(locale.format_date_range(start, end), TODAY) == start
    assert parse_week_phrase(locale.format_date(start), TODAY) == start
    month = Month(start.year, start.month)
    assert parse_week_phrase(locale.format_month(month), TODAY) == month


@given(st.text(st.sampled_from("0123456789월일년주 -~.W,octa"), max_size=20))
def test_any_phrase_may_be_typed(text: str) -> None:
    parse_week_phrase(text, TODAY)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_month_has_all_its_days(day: date) -> None:
    month = Month(day.year, day.month)

    assert month.first_day <= day <= month.last_day
    assert (month.last_day + timedelta(days=1)).day == 1
