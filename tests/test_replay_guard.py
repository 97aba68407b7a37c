"""A signed request is accepted once, as long as it is recent."""

import pytest

from bot.lib.replay_guard import ReplayGuard

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("timestamp", "is_recent"),
    [
        ("1700000000", True), ("1699999700", True), ("1700000300", True), ("1699999699", False),
        ("1700000301", False), ("", False), ("1.7e9", False), ("-1700000000", False),
        ("1700000000\n", False), ("\u0661" * 10, False), ("9" * 13, False),
    ],
)  # fmt: skip
def test_only_a_time_near_ours_is_recent(timestamp: str, *, is_recent: bool) -> None:
    assert ReplayGuard(300).is_recent(timestamp, NOW) is is_recent


def test_a_signature_is_accepted_once_until_it_is_too_old() -> None:
    guard = ReplayGuard(300)
    assert guard.accept("ahead", "1700000300", NOW)
    assert guard.accept("now", "1700000000", NOW)
    assert not guard.accept("ahead", "1700000300", NOW + 600)
    assert not guard.accept("now", "1700000000", NOW + 300)
    for number in range(1000):
        assert guard.accept(f"later {number}", str(int(NOW) + number), NOW + number)
    assert guard.accept("ahead", "1700001000", NOW + 1000)
