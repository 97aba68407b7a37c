"""Chooses the series of a subscription, and finds those that nothing fills."""

import re
from collections.abc import Iterable
from datetime import timedelta

from bot.cards.locale import Locale
from bot.cards.series import SERIES_NAMES, series_id
from bot.commands.context import Context
from bot.digests.preferences import InvalidPreference
from bot.model.papers import SAMPLE_SERIES
from bot.model.weeks import thursday_of

_FRESH = timedelta(weeks=5)
"""A series whose newest week is older and that has no source is called unfilled."""


async def known_series(context: Context) -> tuple[str, ...]:
    """Return every series that has weeks, a source or a place in the settings."""
    stored = [name for name, _, _ in (await context.archive.totals()).series]
    return tuple(dict.fromkeys((*context.series, *sorted(context.source_series), *stored)))


def with_series_ids(words: str, series: Iterable[str]) -> str:
    """Return words with the ids of series in place of their names, such as `PyTorch Korea`."""
    for each in series:
        if name := SERIES_NAMES.get(each):
            words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", each, words, flags=re.IGNORECASE)
    return words


async def resolve_series(
    context: Context, asked: str
) -> tuple[str, tuple[InvalidPreference, ...]]:
    """Return the series that is meant, by its name; without one, a series that gets weeks.

    That is the first one, in the order of the settings, that has weeks or an enabled source.
    """
    known = await known_series(context)
    if asked:
        found = series_id(asked, known)
        return found or asked, () if found else (InvalidPreference("series", asked, known),)
    stored = {name for name, _, _ in (await context.archive.totals()).series} - {SAMPLE_SERIES}
    filled = [name for name in known if name in stored or name in context.source_series]
    return (filled or list(known))[0], ()


async def series_warning(context: Context, locale: Locale, series: str) -> str:
    """Return that nothing fills a series, and what to do; empty if weeks can be expected."""
    if series in context.source_series:
        return ""
    newest = {name: week for name, _, week in (await context.archive.totals()).series}
    week = newest.get(series)
    if week is None:
        others = [each for each in await known_series(context) if each in context.source_series]
        return " ".join(
            [
                locale.translate("Nothing fills the series {series}.", series=series),
                locale.translate(
                    "It has no weeks and no source; /digest subscribe takes another: {names}",
                    names=", ".join(others or newest) or "-",
                ),
            ]
        )
    if context.today() - thursday_of(week) <= _FRESH:
        return ""
    return locale.translate(
        "No source brings new weeks of {series}; its newest is {week}.", series=series, week=week
    )
