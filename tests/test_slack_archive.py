"""Every digest of the reference archive, as Slack would get it."""

from pathlib import Path

import pytest

from adapters.slack import render
from bot.models import Layout
from bot.sources.detect import read
from bot.wording.digest import message, places
from bot.wording.voice import BOTH, CHOICES, Voice
from config import catalogues
from tests import slack_rules
from tests.test_discord_render import said
from tests.test_slack_render import shown

pytestmark = pytest.mark.long


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_every_week_in_every_layout_is_taken_and_said_whole(
    reference_data: Path, year: int, choice: str
) -> None:
    slack_rules.needs_description()
    file = reference_data / "dair" / "years" / f"{year}.md"
    voice = Voice(catalogues.load(), choice)
    issues = read(file.read_bytes(), file.name).issues
    assert issues
    for issue in issues:
        for place in {each for layout in Layout for each in places(issue, layout)}:
            card = message(voice, issue, place)
            messages = render.messages(card)
            for each in messages:
                # Both languages make the longest messages; what is shorter is judged less.
                slack_rules.check_message(each, described=choice == BOTH)
            assert shown(messages) == said(card)
