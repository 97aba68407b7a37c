"""Every message of the digests of the reference archive, as cards."""

from collections.abc import Iterator
from pathlib import Path

from bot.cards.digest import digest_card
from bot.cards.locale import Locale
from bot.digests.layouts import digest_parts
from bot.model.card import Card
from bot.model.subscriptions import Layout
from bot.sources.parsers.detect import parse_source
from config import catalogues

YEARS = (2023, 2024, 2025, 2026)


def cards(reference_data: Path, year: int, choice: str) -> Iterator[Card]:
    """Yield what every week of a year says, in every layout, in a language or both."""
    file = reference_data / "dair" / "years" / f"{year}.md"
    locale = Locale(catalogues.load(), choice)
    issues = parse_source(file.read_bytes(), file.name).issues
    assert issues
    for issue in issues:
        for place in {each for layout in Layout for each in digest_parts(issue, layout)}:
            yield digest_card(locale, issue, place)
