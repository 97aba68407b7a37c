"""Every digest of the reference archive, as Slack would get it."""

from pathlib import Path

import pytest

from adapters.slack import render
from bot.cards.locale import LANGUAGE_CHOICES
from tests import digest_cards, slack_rules
from tests.test_slack_render import said, shown

pytestmark = pytest.mark.long


@pytest.mark.parametrize("choice", LANGUAGE_CHOICES)
@pytest.mark.parametrize("year", digest_cards.YEARS)
def test_every_week_in_every_layout_is_taken_and_said_whole(
    reference_data: Path, year: int, choice: str
) -> None:
    slack_rules.needs_description()
    for card in digest_cards.cards(reference_data, year, choice):
        messages = render.messages(card)
        for each in messages:
            slack_rules.check_message(each)
        assert shown(messages) == said(card)
