"""The moments of subscriptions: one a week, in every zone, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digests import slots
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week

ZONES = sorted(available_timezones() - {"localtime"})
HERE = Target("fake", "", "papers")


def every(weekday: int | None = 0, at: time = time(9), zone: str = "UTC") -> Subscription:
    return Subscription(HERE, "dair", weekday=weekday, at=at, zone=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OffsetChange = tuple[datetime, timedelta | None]


def offset_changes(zone: str, start: datetime, end: datetime) -> tuple[OffsetChange, ...]:
    """Return from when on, to the second, a zone has which offsets: zones that agree are one."""
    rules, day = ZoneInfo(zone), timedelta(days=1)
    found = [(start, start.astimezone(rules).utcoffset())]
    while start < end:
        early, late = start, start + day
        offset = late.astimezone(rules).utcoffset()
        if offset != found[-1][1]:
            while late - early > timedelta(seconds=1):
                between = early + (late - early) // 2
                if between.astimezone(rules).utcoffset() == offset:
                    late = between
                else:
                    early = between
            found.append((late, offset))
        start += day
    return tuple(found)


@pytest.mark.long
def test_each_week_of_two_years_has_one_slot_in_every_zone_at_every_hour() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    month = timedelta(days=31)
    # Six hundred names stand for some sixty calendars, within these years.
    zones = {offset_changes(zone, start - month, end + month): zone for zone in ZONES}
    assert len(zones) > 50
    for zone in zones.values():
        for hour in range(24):
            found = list(slots.slots_between(every(hour % 7, time(hour, 30), zone), start, end))
            weeks = [slot.week for slot in found]
            assert len(weeks) in (104, 105), zone
            assert all(slots.next_week(a) == b for a, b in pairwise(weeks)), zone
            rules = ZoneInfo(zone)
            for slot in found:
                wall = slot.at.astimezone(rules)
                wanted = datetime.combine(wall.date(), time(hour, 30))
                # In a skipped hour the wall shows something later, never earlier.
                later = wall.replace(tzinfo=None) - wanted
                assert timedelta() <= later < timedelta(hours=3), zone


@given(
    zone=st.sampled_from(ZONES),
    weekday=st.integers(0, 6),
    at=st.times(),
    since=st.dates(date(2000, 1, 1), date(2037, 1, 1)),
    step=st.timedeltas(timedelta(minutes=1), timedelta(days=40)),
)
def test_slots_are_found_whole_however_often_it_is_looked(
    zone: str, weekday: int, at: time, since: date, step: timedelta
) -> None:
    wish, begin = every(weekday, at, zone), datetime.combine(since, time(), UTC)
    whole = list(slots.slots_between(wish, begin, begin + 3 * step))
    pieces = [
        slot
        for n in range(3)
        for slot in slots.slots_between(wish, begin + n * step, begin + (n + 1) * step)
    ]
    # A slot on the very edge of two looks is seen by both; it is one all the same.
    assert list(dict.fromkeys(pieces)) == whole
    following = slots.next_slot(wish, begin)
    assert following is not None
    assert following.at > begin
    assert following.at - begin <= timedelta(days=9)


@pytest.mark.parametrize(
    ("zone", "weekday", "at", "day", "expected"),
    [
        ("Europe/Berlin", 6, time(2, 30), date(2026, 3, 29), "2026-03-29T01:00"),  # skipped
        ("Europe/Berlin", 6, time(2, 30), date(2026, 10, 25), "2026-10-25T00:30"),  # twice
        ("America/New_York", 6, time(2), date(2026, 3, 8), "2026-03-08T07:00"),
        ("Asia/Beirut", 6, time(0), date(2026, 3, 29), "2026-03-28T22:00"),  # midnight skipped
        ("Australia/Lord_Howe", 6, time(2, 15), date(2026, 10, 4), "2026-10-03T15:30"),
        ("Pacific/Apia", 4, time(9), date(2011, 12, 30), "2011-12-30T10:00"),  # no such day
        ("Asia/Seoul", 0, time(9), date(2026, 11, 30), "2026-11-30T00:00"),
        ("Asia/Kathmandu", 0, time(9), date(2026, 11, 30), "2026-11-30T03:15"),
    ],
)
def test_a_skipped_hour_is_right_after_it_and_a_doubled_one_is_its_first(
    zone: str, weekday: int, at: time, day: date, expected: str
) -> None:
    week = slots.week_of(day)
    assert slots.slot_for_week(every(weekday, at, zone), week).at == utc(expected)


def test_years_of_53_weeks_and_leap_days_have_their_slots() -> None:
    assert slots.next_week(Week(2026, 52)) == Week(2026, 53)
    assert slots.next_week(Week(2026, 53)) == Week(2027, 1)
    assert slots.previous_week(Week(2027, 1)) == Week(2026, 53)
    assert slots.slot_for_week(every(1), slots.week_of(date(2028, 2, 29))).at == utc(
        "2028-02-29T09:00"
    )


def test_without_a_weekday_there_is_no_slot() -> None:
    wish = every(None)
    assert list(slots.slots_between(wish, utc("2026-01-01"), utc("2027-01-01"))) == []
    assert slots.next_slot(wish, utc("2026-01-01")) is None


@pytest.mark.parametrize(
    ("now", "quiet", "until"),
    [
        ("2026-11-30T12:59", False, None),
        ("2026-11-30T13:00", True, "2026-11-30T23:00"),
        ("2026-11-30T22:59", True, "2026-11-30T23:00"),
        ("2026-11-30T23:00", False, None),
    ],
)
def test_the_night_is_the_channels_own(now: str, quiet: bool, until: str | None) -> None:  # noqa: FBT001
    wish = every(zone="Asia/Seoul")
    assert slots.is_quiet(wish, utc(now)) is quiet
    if until:
        assert slots.quiet_hours_end(wish, utc(now)) == utc(until)


def test_equal_hours_mean_no_night() -> None:
    wish = Subscription(HERE, "dair", quiet_from=time(), quiet_until=time())
    assert not any(
        slots.is_quiet(wish, utc("2026-11-30T00:00") + timedelta(hours=h)) for h in range(24)
    )
