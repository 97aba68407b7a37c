"""Ids of channels and groups are shown as names, and nothing else is."""

import json
from typing import Any

import pytest
from hypothesis import given

from adapters.discord import render as discord
from adapters.slack import render as slack
from adapters.slack.render.fallback_text import text_only
from bot.cards.locale import Locale
from bot.cards.notices import notice_card
from bot.cards.subscription_settings import settings_notes
from bot.model.card import Card, IdKind, Paragraph, Run
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from config import catalogues
from tests import discord_rules, slack_rules
from tests.sample_cards import CARDS


def card(text: str, kind: IdKind, url: str = "") -> Card:
    return Card("Digest", blocks=(Paragraph((Run("in "), Run(text, url=url, id_of=kind))),))


def discord_text(shown: Card) -> str:
    return "\n".join(
        line for each in discord.messages(shown) for line in discord_rules.texts(each)
    )


def slack_elements(shown: Card) -> list[dict[str, Any]]:
    return [
        element
        for message in slack.messages(shown)
        for block in message["blocks"]  # type: ignore[attr-defined]
        if block["type"] == "rich_text"
        for section in block["elements"]
        for element in section["elements"]
    ]


def test_discord_shows_the_names_of_channels_and_roles() -> None:
    url = "https://discord.com/channels/1/123"
    assert "in <#123>" in discord_text(card("123", IdKind.CHANNEL, url))
    assert "in <@&456>" in discord_text(card("456", IdKind.GROUP))
    assert "in <@789>" in discord_text(card("789", IdKind.PERSON))
    for message in discord.messages(card("456", IdKind.GROUP)):
        assert message["allowed_mentions"] == {"parse": []}


def test_slack_shows_the_names_of_channels_and_groups() -> None:
    assert {"type": "channel", "channel_id": "C0123"} in slack_elements(
        card("C0123", IdKind.CHANNEL)
    )
    assert {"type": "usergroup", "usergroup_id": "S0123"} in slack_elements(
        card("S0123", IdKind.GROUP)
    )
    assert {"type": "user", "user_id": "U0123"} in slack_elements(card("U0123", IdKind.PERSON))
    assert "in @U0123" in str(slack.messages(card("U0123", IdKind.PERSON))[0]["text"])
    (message,) = slack.messages(card("C0123", IdKind.CHANNEL))
    slack_rules.check_message(message)
    assert "in #C0123" in str(message["text"])
    assert "in #C0123" in text_only(message)["text"]


@pytest.mark.parametrize(
    "text", ["everyone", "@everyone", "here", "<!here>", "12 3", "", "subteam"]
)
@pytest.mark.parametrize("kind", IdKind)
def test_a_text_that_is_no_id_mentions_nothing(text: str, kind: IdKind) -> None:
    assert "<#" not in discord_text(card(text, kind))
    assert "<@" not in discord_text(card(text, kind))
    assert all(each["type"] in {"text", "link"} for each in slack_elements(card(text, kind)))


@given(shown=CARDS)
def test_no_text_of_a_card_becomes_a_name(shown: Card) -> None:
    written = json.dumps([slack.messages(shown)])
    assert '"channel_id"' not in written
    assert '"usergroup_id"' not in written


@pytest.mark.parametrize("language", ["ko", "en", "both"])
def test_the_settings_of_a_digest_show_names(language: str) -> None:
    here = Target("discord", "1", "100")
    subscription = Subscription(here, "dair", mention="77", admin_channel="200")
    locale = Locale(catalogues.load(), language)

    shown = discord_text(Card("Digest", blocks=settings_notes(locale, subscription)))

    assert shown.count("<@&77>") == shown.count("<#200>") == len(locale.languages)


@pytest.mark.parametrize("language", ["ko", "en", "both"])
def test_a_notice_names_its_channel_as_a_link(language: str) -> None:
    locale, url = Locale(catalogues.load(), language), "https://discord.com/channels/1/100"
    reason = "Paperboy lacks the permission Embed Links; allow it in the channel's settings."

    notice = notice_card(locale, "paused", "100", {"reason": reason}, url)

    assert "<#100>" in discord_text(notice)
    if language == "ko":
        assert "링크 첨부. 채널 설정에서 허용해 주세요." in discord_text(notice)
        assert "Embed Links" not in discord_text(notice)
