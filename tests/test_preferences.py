"""The settings of a digest, as admins write them."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digests.preferences import InvalidPreference, apply_preferences, parse_preferences
from bot.digests.time_zones import matching_zones, zone_label
from bot.model.channels import Target
from bot.model.subscriptions import Layout, Subscription
from bot.papers.tagging import Vocabulary
from config import vocabulary

WORDS = Vocabulary.of(vocabulary.load())
PLAIN = Subscription(Target("fake", "", "papers"), "dair")


def read(words: str, **fields: str) -> tuple[Subscription, tuple[InvalidPreference, ...]]:
    settings, invalid = parse_preferences(words, fields)
    wanted, unread = apply_preferences(PLAIN, settings, WORDS)
    return wanted, (*invalid, *unread)


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("monday", "weekday", 0),
        ("Tues", "weekday", 1),
        ("수요일", "weekday", 2),
        ("목", "weekday", 3),
        ("day=never", "weekday", None),
        ("09:00", "at", time(9)),
        ("9:30pm", "at", time(21, 30)),
        ("12am", "at", time(0)),
        ("9시", "at", time(9)),
        ("time=18", "at", time(18)),
        ("Asia/Seoul", "zone", "Asia/Seoul"),
        ("seoul", "zone", "Asia/Seoul"),
        ("new_york", "zone", "America/New_York"),
        ("ko", "language", "ko"),
        ("한국어", "language", "ko"),
        ("언어=both", "language", "both"),
        ("threads", "layout", Layout.THREADS),
        ("tags=llm, agents", "tags", ("llm", "agents")),
        ("태그=전체", "tags", ()),
        ("patience=2d", "patience", timedelta(days=2)),
        ("patience=90m", "patience", timedelta(minutes=90)),
        ("absence=say", "says_absence", True),
        ("grace=5d", "grace", timedelta(days=5)),
        ("quiet=23:30-7", "quiet_from", time(23, 30)),
        ("quiet=off", "quiet_from", time(0)),
        ("mention=<@&123>", "mention", "123"),
        ("mention=<!subteam^S12|@readers>", "mention", "S12"),
        ("mention=none", "mention", ""),
        ("admin=<#456>", "admin_channel", "456"),
        ("time=오후 3시", "at", time(15)),
        ("오후 3시", "at", time(15)),
        ("time=pm 3:00", "at", time(15)),
        ("pm 3:00", "at", time(15)),
        ("3 pm", "at", time(15)),
        ("3:00 p.m.", "at", time(15)),
        ("저녁 7시", "at", time(19)),
        ("시간=저녁 7시 30분", "at", time(19, 30)),
        ("오전 9:00", "at", time(9)),
        ("오전 9시에", "at", time(9)),
        ("새벽 2시 반", "at", time(2, 30)),
        ("밤 12시", "at", time(0)),
        ("낮 12시", "at", time(12)),
        ("정오", "at", time(12)),
        ("time=0930", "at", time(9, 30)),
        ("time=\uff19\uff1a\uff13\uff10", "at", time(9, 30)),
        ("매주 금요일", "weekday", 4),
        ("금요일마다", "weekday", 4),
        ("every friday at 9:00", "weekday", 4),
        ("zone=GMT+9", "zone", "Etc/GMT-9"),
        ("UTC+9", "zone", "Etc/GMT-9"),
        ("+09:00", "zone", "Etc/GMT-9"),
        ("zone=UTC-3", "zone", "Etc/GMT+3"),
        ("zone=UTC+0", "zone", "UTC"),
        ("zone=KST", "zone", "Asia/Seoul"),
        ("zone=Korea", "zone", "Asia/Seoul"),
        ("한국 시간", "zone", "Asia/Seoul"),
        ("서울", "zone", "Asia/Seoul"),
        ("zone=뉴욕", "zone", "America/New_York"),
        ("zone=New York", "zone", "America/New_York"),
        ("zone=일본", "zone", "Asia/Tokyo"),
        ("zone=EST", "zone", "America/New_York"),
        ("tags=llm;agents", "tags", ("llm", "agents")),
        ("tags=llm agents", "tags", ("llm", "agents")),
        ("tags=#llm #agents monday", "tags", ("llm", "agents")),
        ("tags=llm tags=agents", "tags", ("llm", "agents")),
        ("language=ko,en", "language", "both"),
        ("배치=포럼", "layout", Layout.FORUM),
        ("quiet=밤 10시 - 아침 8시", "quiet_from", time(22)),
        ("quiet=22시부터 8시까지", "quiet_until", time(8)),
        ("patience=36 hours", "patience", timedelta(hours=36)),
        ("patience=이틀", "patience", timedelta(days=2)),
        ("기다림=하루", "patience", timedelta(days=1)),
        ("grace=일주일", "grace", timedelta(days=7)),
        ("유예=2주", "grace", timedelta(days=14)),
        ("absence=말 없음", "says_absence", False),
        ("부재=알리지 않음", "says_absence", False),
        ("tags=없음", "tags", ()),
        ("3 o'clock pm", "at", time(15)),
        ("월 monday 월요일", "weekday", 0),
    ],
)
def test_a_setting_is_understood(words: str, field: str, value: object) -> None:
    wanted, invalid = read(words)
    assert not invalid
    assert getattr(wanted, field) == value


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("munday", "monday"),
        ("Soul", "Asia/Seoul"),
        ("zone=Asia/Seol", "Asia/Seoul"),
        ("tags=agnts", "agents"),
        ("languag=ko", "language="),
        ("layout=thread", "threads"),
        ("zone=UTC+5:30", "Asia/Kolkata"),
        ("zone=CST", "Asia/Shanghai"),
        ("zone=독일", "Europe/Berlin"),
    ],
)
def test_a_mistyped_setting_changes_nothing_and_suggests_what_was_meant(
    words: str, near: str
) -> None:
    wanted, invalid = read(words)
    assert wanted == PLAIN
    assert near in invalid[0].suggestions


@pytest.mark.parametrize(
    "words",
    ["25:00", "13pm", "patience=8d", "patience=soon", "grace=0", "absence=perhaps", "quiet=late",
     "mention=@everyone @here", "mention=<@U0001|ann>", "mention=<@!123>",
     "day=8", "tags=", "time=nine", "=", "language=fr"],
)  # fmt: skip
def test_what_means_nothing_is_said_so(words: str) -> None:
    wanted, invalid = read(words)
    assert invalid
    assert wanted == PLAIN


@pytest.mark.parametrize(
    ("words", "name", "values"),
    [
        ("day=friday monday", "day", "friday / monday"),
        ("월요일 금요일", "day", "월요일 / 금요일"),
        ("time=09:00 10:00", "time", "09:00 / 10:00"),
        ("time=오후 3시 오전 9시", "time", "오후 3시 / 오전 9시"),
        ("zone=Asia/Seoul UTC", "zone", "Asia/Seoul / UTC"),
        ("layout=forum threads", "layout", "forum / threads"),
        ("language=ko en", "language", "ko / en"),
        ("patience=1d patience=2d", "patience", "1d / 2d"),
        ("series=dair series=pytorch-kr", "series", "dair / pytorch-kr"),
    ],
)
def test_two_values_of_one_setting_are_refused(words: str, name: str, values: str) -> None:
    wanted, invalid = read(words)
    assert wanted == PLAIN
    assert [(each.name, each.value, each.is_repeated) for each in invalid] == [
        (name, values, True)
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", "friday monday"),
        ("day", "fri,mon"),
        ("day", "월/수"),
        ("layout", "forum; threads"),
        ("zone", "Asia/Seoul UTC"),
        ("time", "9시 10시"),
    ],
)
def test_two_values_in_one_field_are_refused(field: str, value: str) -> None:
    wanted, invalid = read("", **{field: value})
    assert wanted == PLAIN
    assert invalid[0].is_repeated


def test_a_sentence_of_settings_is_understood_as_a_whole() -> None:
    wanted, invalid = read(
        "매주 금요일 저녁 7시 서울 both tags=llm, agents; quiet=밤 10시-아침 8시 layout=threads"
    )
    assert not invalid
    assert (wanted.weekday, wanted.at, wanted.zone) == (4, time(19), "Asia/Seoul")
    assert (wanted.tags, wanted.layout) == (("llm", "agents"), Layout.THREADS)
    assert (wanted.quiet_from, wanted.quiet_until) == (time(22), time(8))


def test_a_series_is_recognised_as_a_bare_word_where_it_is_known() -> None:
    assert parse_preferences("dair monday", {}, ["dair"]) == (
        {"series": "dair", "day": "monday"},
        (),
    )
    _, invalid = parse_preferences("dair monday", {})
    assert invalid[0].value == "dair"


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "Mars/Base"])
def test_a_zone_that_depends_on_the_machine_or_is_none_is_refused(name: str) -> None:
    wanted, invalid = read(f"zone={name}")
    assert wanted == PLAIN
    assert invalid[0].name == "zone"


def test_zones_of_fixed_offset_are_shown_as_people_write_them() -> None:
    assert zone_label(read("zone=GMT+9")[0].zone) == "UTC+9"
    assert zone_label("Etc/GMT+9") == "UTC-9"
    assert zone_label("Asia/Seoul") == "Asia/Seoul"


def test_named_fields_stand_above_words_and_empty_ones_count_for_nothing() -> None:
    wanted, invalid = read("monday 09:00", day="friday", time="", zone="Asia/Seoul")
    assert not invalid
    assert (wanted.weekday, wanted.at, wanted.zone) == (4, time(9), "Asia/Seoul")


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_told(words: str) -> None:
    read(words)


def test_zones_are_offered_by_their_beginning() -> None:
    assert matching_zones("seo", 5)[0] == "Asia/Seoul"
    assert "America/New_York" in matching_zones("new y", 5)
    assert matching_zones("qqq", 5) == ()
    assert matching_zones("서", 5)[0] == "Asia/Seoul"
    assert matching_zones("한국", 5) == ("Asia/Seoul",)
    assert matching_zones("kst", 5) == ("Asia/Seoul",)
    assert matching_zones("gmt+9", 5) == ("UTC+9",)
    assert "Asia/Seoul" in matching_zones("", 5)
