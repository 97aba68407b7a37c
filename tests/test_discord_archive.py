"""Every digest of the reference archive, as Discord would get it."""

from pathlib import Path

import pytest

from adapters.discord import embeds, render
from bot.models import Layout
from bot.sources.detect import read
from bot.wording.digest import message, places
from bot.wording.voice import BOTH, CHOICES, Voice
from config import catalogues
from tests import discord_rules
from tests.test_discord_render import said, shown

pytestmark = pytest.mark.long


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_every_week_in_every_layout_is_taken_and_said_whole(
    reference_data: Path, year: int, choice: str
) -> None:
    discord_rules.needs_description()
    file = reference_data / "dair" / "years" / f"{year}.md"
    voice = Voice(catalogues.load(), choice)
    # Both languages make the longest messages; what is shorter is judged less.
    forms = (render.messages, embeds.messages) if choice == BOTH else (render.messages,)
    issues = read(file.read_bytes(), file.name).issues
    assert issues
    for issue in issues:
        for place in {each for layout in Layout for each in places(issue, layout)}:
            card = message(voice, issue, place)
            for form in forms:
                messages = form(card)
                for each in messages:
                    discord_rules.check_message(each)
                    discord_rules.check("MessageCreateRequest", each)
                assert shown(messages) == said(card).replace("…", "")
