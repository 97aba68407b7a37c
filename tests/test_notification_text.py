"""What a notification says of a digest: on Slack, and on Discord as far as Discord lets it."""

from typing import Any

import pytest

from adapters.discord import limits
from adapters.discord import render as discord
from adapters.discord.render import embeds, envelope
from adapters.slack import render as slack
from adapters.slack.render.envelope import build_body as build_slack_body
from bot.cards.fit import utf16_length
from bot.cards.issues import issue_card
from bot.cards.locale import Locale
from bot.model.card import Action, Button, Card, Choice, Control, Option, Paragraph, Run
from bot.ports.platform import OutgoingMessage
from config import catalogues
from tests import discord_rules, samples, slack_rules

ROLE = "123456789012345678"


def digest(language: str) -> Card:
    return issue_card(Locale(catalogues.load(), language), samples.issue())


def body(card: Card, mention: str, render: Any = discord.messages) -> dict[str, Any]:
    message = render(card)[0]
    sent = OutgoingMessage(message, "k1", mention=mention, notification=card.notification)
    return envelope.build_body(sent)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_notification_of_an_embed_names_papers(language: str) -> None:
    card = digest(language)
    names = card.notification

    assert body(card, "", embeds.messages)["content"] == names
    mentioned = body(card, ROLE, embeds.messages)
    assert mentioned["content"] == f"<@&{ROLE}> {names}"
    assert mentioned["allowed_mentions"] == {"parse": [], "roles": [ROLE]}


def test_the_first_text_of_components_has_the_mention_and_names_papers() -> None:
    card = digest("en")
    assert next(discord_rules.texts(body(card, ROLE))) == f"<@&{ROLE}> {card.notification}"


def test_components_say_nothing_for_the_notification_alone() -> None:
    card = digest("en")
    assert card.notification not in list(discord_rules.texts(body(card, "")))
    assert "content" not in body(card, "")


def test_names_in_a_notification_are_text() -> None:
    card = Card("Week", blocks=(Paragraph((Run("text"),)),), notification="@everyone <@&1> *x*")
    for sent in (body(card, ROLE), body(card, ROLE, embeds.messages)):
        assert sent["allowed_mentions"] == {"parse": [], "roles": [ROLE]}
        first = sent.get("content") or next(discord_rules.texts(sent))
        assert "@everyone" not in first
        assert "<@&1>" not in first


@pytest.mark.parametrize("length", range(3900, 4020, 7))
def test_a_full_message_has_room_for_its_mention(length: int) -> None:
    card = Card(
        "Week", blocks=(Paragraph((Run("word " * (length // 5)),)),), notification="x" * 99
    )
    sent = body(card, ROLE)
    texts = list(discord_rules.texts(sent))
    assert sum(map(utf16_length, texts)) <= limits.TEXT_DISPLAYS
    assert texts[0].startswith(f"<@&{ROLE}>")


def test_a_message_full_of_controls_has_room_for_its_mention() -> None:
    options = (Option("a", "b"),)
    controls: tuple[Control, ...] = (
        *(Choice("Choose", options, "paper") for _ in range(3)),
        *(Button(f"Button {number}", Action("week", str(number))) for number in range(60)),
    )
    card = Card("Week", blocks=(Paragraph((Run("text"),)),), controls=controls)
    assert len(list(discord_rules.components(body(card, ROLE)))) <= limits.COMPONENTS
    for message in slack.messages(card):
        sent = build_slack_body(OutgoingMessage(message, "k1", mention="S0123"))
        slack_rules.check_message(sent)


@pytest.mark.parametrize("word", ["readers", "here", "", "C0123", "S1> <!here"])
def test_a_word_that_is_no_group_is_not_mentioned_on_slack(word: str) -> None:
    (message,) = slack.messages(Card("Week", blocks=(Paragraph((Run("text"),)),)))
    sent = build_slack_body(OutgoingMessage(message, "k1", mention=word))
    assert "<!" not in str(sent["blocks"])
