"""Every digest of the reference archive, as Discord would get it."""

from pathlib import Path

import pytest

from adapters.discord import render
from adapters.discord.render import embeds
from bot.cards.locale import BOTH, LANGUAGE_CHOICES
from tests import digest_cards, discord_rules
from tests.test_discord_render import said, shown

pytestmark = pytest.mark.long


@pytest.mark.parametrize("choice", LANGUAGE_CHOICES)
@pytest.mark.parametrize("year", digest_cards.YEARS)
def test_every_week_in_every_layout_is_taken_and_said_whole(
    reference_data: Path, year: int, choice: str
) -> None:
    discord_rules.needs_description()
    # Both languages make the longest messages; what is shorter is judged less.
    forms = (render.messages, embeds.messages) if choice == BOTH else (render.messages,)
    for card in digest_cards.cards(reference_data, year, choice):
        for form in forms:
            messages = form(card)
            for each in messages:
                discord_rules.check_message(each)
                discord_rules.check("MessageCreateRequest", each)
            assert shown(messages) == said(card).replace("…", "")
