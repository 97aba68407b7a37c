"""The card that says how much a community reads, asks and discusses."""

from collections import Counter
from collections.abc import Callable, Mapping

from bot.cards.blocks import heading, note
from bot.cards.locale import Locale
from bot.model.card import Block, Bullets, Card, Run, Style
from bot.model.usage import Usage
from bot.model.weeks import Month

_READING = frozenset({"paper", "week", "abstract", "introduction"})
"""Commands and actions that open a paper or a week."""
_NOT_QUESTIONS = frozenset({
    "digest", "digest_form", "digests", "discuss", "end_digest", "late_week", "part_again",
    "part_posted", "share", "stats", "help", "about", "unknown",
})  # fmt: skip
_MOST = 5

Row = tuple[str, Mapping[Month, int]]


def usage_card(locale: Locale, usage: Usage, month: Month) -> Card:
    """Return the counts of this month, the one before, and in all."""
    opened = _by_month(usage, lambda name: name in _READING)
    questions = _by_month(usage, lambda name: name not in _READING | _NOT_QUESTIONS)
    discussing = locale.translate("Discussing")
    parts: tuple[tuple[str, list[Row]], ...] = (
        (
            locale.translate("Reading"),
            [
                (locale.translate("weeks posted to channels"), usage.digests),
                (locale.translate("papers and weeks opened"), opened),
                (locale.translate("pages read on the web, by everyone"), usage.pages),
            ],
        ),
        (locale.translate("Asking"), [(locale.translate("searches and questions"), questions)]),
        (
            discussing,
            [(locale.translate("discussions opened"), usage.discussions)],
        ),
    )
    blocks: list[Block] = [note(locale.translate("Only numbers are kept, nothing about persons."))]
    for title, rows in parts:
        items = [_item(locale, name, counts, month) for name, counts in rows if counts]
        if title == discussing and usage.replies:
            replies = locale.format_number(usage.replies)
            items.append((Run(locale.translate("{number} replies in all", number=replies)),))
        if items:
            blocks += [heading(title), Bullets(tuple(items))]
    if most := _most_asked(locale, usage):
        blocks.append(note(locale.translate("Most asked: {commands}", commands=most)))
    if len(blocks) == 1:
        blocks.append(note(locale.translate("Nothing was counted yet.")))
    return Card(locale.translate("What this community does"), blocks=tuple(blocks))


def _item(locale: Locale, name: str, counts: Mapping[Month, int], month: Month) -> tuple[Run, ...]:
    before = _month_before(month)
    said = locale.translate(
        "{now} this month, {before} in {month}, {all} in all",
        now=locale.format_number(counts.get(month, 0)),
        before=locale.format_number(counts.get(before, 0)),
        month=locale.format_month(before),
        all=locale.format_number(sum(counts.values())),
    )
    return Run(name, Style.STRONG), Run(f": {said}")


def _by_month(usage: Usage, is_counted: Callable[[str], bool]) -> Mapping[Month, int]:
    """Return how often the commands that are meant were asked."""
    total: Counter[Month] = Counter()
    for (month, name), count in usage.asked.items():
        if is_counted(name):
            total[month] += count
    return total


def _most_asked(locale: Locale, usage: Usage) -> str:
    total: Counter[str] = Counter()
    for (_, name), count in usage.asked.items():
        if name not in _NOT_QUESTIONS:
            total[name] += count
    ordered = sorted(total.items(), key=lambda each: (-each[1], each[0]))
    named = [(name, count) for name, count in ordered if "_" not in name]
    return ", ".join(
        f"{locale.command_name(f'/{name}')} {locale.format_number(count)}"
        for name, count in named[:_MOST]
    )


def _month_before(month: Month) -> Month:
    return Month(month.year - (month.number == 1), (month.number - 2) % 12 + 1)
