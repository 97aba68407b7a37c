"""What an admin writes for a digest, and what is made of it."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digests.preferences import (
    InvalidPreference,
    apply_preferences,
    matching_zones,
    parse_preferences,
)
from bot.model.channels import Target
from bot.model.subscriptions import Layout, Subscription
from bot.papers.tagging import Vocabulary
from config import vocabulary

WORDS = Vocabulary.of(vocabulary.load())
PLAIN = Subscription(Target("fake", "", "papers"), "dair")


def read(words: str, **fields: str) -> tuple[Subscription, tuple[InvalidPreference, ...]]:
    wishes, troubles = parse_preferences(words, fields)
    wanted, unread = apply_preferences(PLAIN, wishes, WORDS)
    return wanted, (*troubles, *unread)


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
    ],
)
def test_a_wish_is_understood(words: str, field: str, value: object) -> None:
    wanted, troubles = read(words)
    assert not troubles
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
    ],
)
def test_a_mistyped_wish_changes_nothing_and_is_told_what_was_meant(words: str, near: str) -> None:
    wanted, troubles = read(words)
    assert wanted == PLAIN
    assert near in troubles[0].suggestions


@pytest.mark.parametrize(
    "words",
    ["25:00", "13pm", "patience=8d", "patience=soon", "grace=0", "absence=perhaps", "quiet=late",
     "mention=@everyone @here", "mention=<@U0001|ann>", "mention=<@!123>",
     "day=8", "tags=", "time=nine", "=", "language=fr"],
)  # fmt: skip
def test_what_means_nothing_is_said_so(words: str) -> None:
    wanted, troubles = read(words)
    assert troubles
    assert wanted == PLAIN


def test_named_fields_stand_above_words_and_empty_ones_count_for_nothing() -> None:
    wanted, troubles = read("monday 09:00", day="friday", time="", zone="Asia/Seoul")
    assert not troubles
    assert (wanted.weekday, wanted.at, wanted.zone) == (4, time(9), "Asia/Seoul")


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_told(words: str) -> None:
    read(words)


def test_zones_are_offered_by_their_beginning() -> None:
    assert matching_zones("seo", 5)[0] == "Asia/Seoul"
    assert "America/New_York" in matching_zones("new y", 5)
    assert matching_zones("qqq", 5) == ()
