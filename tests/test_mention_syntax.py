"""Roles, groups and channels are what a platform's pickers insert; other words are refused."""

import pytest

from adapters import get_mention_syntax
from bot.digests.preferences import apply_preferences
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from bot.papers.tagging import Vocabulary
from config import vocabulary

WORDS = Vocabulary.of(vocabulary.load())


def read(platform: str, name: str, value: str, workspace: str = "T0001") -> str | None:
    """Return the id that a setting is read as; None where it is refused."""
    subscription = Subscription(Target(platform, workspace, "C0001"), "dair")
    syntax = get_mention_syntax(platform)
    wanted, invalid = apply_preferences(subscription, {name: value}, WORDS, syntax)
    if invalid:
        assert wanted == subscription
        return None
    return wanted.mention or wanted.admin_channel


@pytest.mark.parametrize(
    ("platform", "value", "expected"),
    [
        ("slack", "<!subteam^S0123ABC|@ml readers>", "S0123ABC"),
        ("slack", "<!subteam^S0123ABC>", "S0123ABC"),
        ("slack", "S0123ABC", "S0123ABC"),
        ("slack", "<!subteam^readers>", None),
        ("slack", "readers", None),
        ("slack", "SCIENCE", None),
        ("slack", "@readers", None),
        ("slack", "<!channel>", None),
        ("slack", "<!here|here>", None),
        ("slack", "<@U0001|ann>", None),
        ("slack", "<!subteam^S0123ABC> <!here>", None),
        ("discord", "<@&123456789012345678>", "123456789012345678"),
        ("discord", "123456789012345678", "123456789012345678"),
        ("discord", "Readers", None),
        ("discord", "@everyone", None),
        ("discord", "<@123456789012345678>", None),
        ("webhook", "readers", "readers"),
        ("webhook", "everyone", None),
    ],
)
def test_a_group_is_what_the_platform_inserts(
    platform: str, value: str, expected: str | None
) -> None:
    assert read(platform, "mention", value) == expected


@pytest.mark.parametrize(
    ("platform", "value", "expected"),
    [
        ("slack", "<#C0123ABC|papers>", "C0123ABC"),
        ("slack", "#papers", None),
        ("slack", "D0123ABC", None),
        ("discord", "<#123456789012345678>", "123456789012345678"),
        ("discord", "papers", None),
    ],
)
def test_a_channel_is_what_the_platform_inserts(
    platform: str, value: str, expected: str | None
) -> None:
    assert read(platform, "admin", value) == expected


def test_the_role_of_a_whole_server_is_refused() -> None:
    server = "123456789012345678"
    assert read("discord", "mention", f"<@&{server}>", server) is None
