"""Cards of reminders: that one is kept, those that are to come, and the message itself."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.cards.blocks import paper_url, quote_query
from bot.cards.locale import Locale
from bot.cards.papers import paper_list
from bot.cards.references import format_reference
from bot.model.card import (
    Action,
    Bullets,
    Button,
    Card,
    Choice,
    Control,
    Option,
    Paragraph,
    Run,
    Style,
)
from bot.model.papers import Paper
from bot.model.people import Reminder

FRIDAY = "friday"
"""What follows the reference of a paper in the action of the button under it."""
_OPTIONS = 25
"""How many reminders one list offers to cancel."""
_MOMENTS = ("tomorrow", FRIDAY, "monday")


def remind_button(locale: Locale, paper: Paper) -> Button:
    """Return the button that reminds of a paper on Friday."""
    return _button(locale, paper, FRIDAY)


def reminder_set_card(locale: Locale, paper: Paper, reminder: Reminder, zone: str) -> Card:
    """Return that a person is reminded of a paper, and when."""
    said = locale.translate(
        "A direct message reminds you on {moment} ({zone}).",
        moment=locale.format_datetime(reminder.due_at.astimezone(ZoneInfo(zone))),
        zone=zone,
    )
    cancel = Button(locale.translate("Cancel"), Action("unremind", str(reminder.id)))
    title = locale.first_text(paper.titles) or paper.key
    return Card(title, paper_url(paper), (Paragraph((Run(said),)),), (cancel, _list(locale)))


def ask_time_card(locale: Locale, paper: Paper, asked: str) -> Card:
    """Ask when a person wants to be reminded of a paper."""
    said = locale.translate(
        "When? Choose here, or write it behind the paper: friday, tomorrow 20:00, 2026-12-01."
    )
    title = (
        locale.translate("“{asked}” is no time to come", asked=quote_query(asked))
        if asked
        else locale.first_text(paper.titles) or paper.key
    )
    controls = tuple(_button(locale, paper, moment) for moment in _MOMENTS)
    return Card(title, "" if asked else paper_url(paper), (Paragraph((Run(said),)),), controls)


def reminders_card(locale: Locale, shown: Sequence[tuple[Reminder, Paper]], zone: str) -> Card:
    """Return the reminders that are to come."""
    if not shown:
        advice = locale.translate("/remind, a paper and a day sets one: /remind mamba friday")
        title = locale.translate("No reminder is to come")
        return Card(title, blocks=(Paragraph((Run(advice),)),))
    items: list[tuple[Run, ...]] = []
    options: list[Option] = []
    for reminder, paper in shown:
        title = locale.first_text(paper.titles) or paper.key
        moment = locale.format_datetime(reminder.due_at.astimezone(ZoneInfo(zone)))
        items.append((Run(title, Style.STRONG, paper_url(paper)), Run("\n" + moment, Style.SMALL)))
        options.append(Option(title, str(reminder.id), moment))
    title = locale.translate_plural("{number} reminder", "{number} reminders", len(shown))
    controls = tuple(
        Choice(locale.translate("Cancel"), tuple(options[start : start + _OPTIONS]), "unremind")
        for start in range(0, len(options), _OPTIONS)
    )
    return Card(title, blocks=(Bullets(tuple(items)),), controls=controls)


def reminder_cancelled_card(locale: Locale, paper: Paper | None) -> Card:
    """Return that a person is not reminded of a paper."""
    title = locale.translate("The reminder is cancelled")
    if paper is None:
        return Card(title, controls=(_list(locale),))
    name = Run(locale.first_text(paper.titles) or paper.key, Style.STRONG, paper_url(paper))
    return Card(title, "", (Paragraph((name,)),), (_list(locale),))


def no_reminder_card(locale: Locale) -> Card:
    """Return that a reminder that is to be cancelled is not there."""
    title = locale.translate("That reminder was sent or cancelled already")
    return Card(title, controls=(_list(locale),))


def too_many_reminders_card(locale: Locale, most: int) -> Card:
    """Return that a person has as many reminders as there can be."""
    title = locale.translate("You have {number} reminders; more is not possible", number=most)
    return Card(title, controls=(_list(locale),))


def reminder_card(locale: Locale, paper: Paper) -> Card:
    """Return the message that reminds of a paper."""
    title = locale.translate("You wanted to read this paper")
    reference = format_reference(paper, locale.language_choice)
    controls: tuple[Control, ...] = (
        Button(locale.translate("Show it"), Action("paper", reference)),
        Button(locale.translate("Mark as read"), Action("saved_read", reference)),
        remind_button(locale, paper),
    )
    name = locale.first_text(paper.titles) or paper.key
    return Card(
        title, "", (paper_list(locale, [paper]),), controls, notification=f"{title}: {name}"
    )


def _button(locale: Locale, paper: Paper, moment: str) -> Button:
    labels = {
        "tomorrow": locale.translate("Remind me tomorrow"),
        FRIDAY: locale.translate("Read on Friday"),
        "monday": locale.translate("Remind me on Monday"),
    }
    reference = format_reference(paper, locale.language_choice)
    return Button(labels[moment], Action("remind", f"{reference} {moment}"))


def _list(locale: Locale) -> Button:
    return Button(locale.translate("Reminders"), Action("reminders", ""))
