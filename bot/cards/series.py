"""The names of series: as people read them, and as they write them (pure)."""

from collections.abc import Sequence

from bot.cards.locale import Locale
from bot.lib.normalise import letters
from bot.model.papers import SAMPLE_SERIES

SERIES_NAMES = {"dair": "DAIR.AI", "pytorch-kr": "PyTorch Korea"}
"""The proper names of the known series."""


def series_name(locale: Locale, series: str) -> str:
    """Return the name of a series."""
    if series == SAMPLE_SERIES:
        return locale.translate("Sample")
    return SERIES_NAMES.get(series, series)


def series_id(name: str, stored: Sequence[str]) -> str | None:
    """Return the stored series with this id or display name, or None."""
    names = {letters(SERIES_NAMES.get(each, each)): each for each in stored}
    return (names | {letters(each): each for each in stored}).get(letters(name))
