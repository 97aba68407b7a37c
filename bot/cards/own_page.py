"""The page of one's own: saved papers, follows, reminders and settings at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.cards.blocks import heading, note, paper_url
from bot.cards.follows import TagName, follow_label, stop_controls
from bot.cards.locale import Locale
from bot.cards.papers import paper_selector
from bot.model.card import (
    Action,
    Block,
    Bullets,
    Button,
    Card,
    Control,
    Field,
    Form,
    Paragraph,
    Run,
    Style,
)
from bot.model.papers import Paper
from bot.model.people import Follow, PersonSettings, Reminder

MOST_PAPERS = 5
"""How many saved papers, and how many reminders, the page shows."""


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What a page of one's own shows."""

    saved: Sequence[Paper]
    """The first ones; unread ones before."""
    saved_total: int
    follows: Sequence[Follow]
    reminders: Sequence[tuple[Reminder, Paper]]
    settings: PersonSettings


def own_page_card(locale: Locale, page: OwnPage, tag_name: TagName) -> Card:
    """Return the page of a person."""
    blocks: list[Block] = [
        heading(
            locale.translate_plural(
                "{number} saved paper", "{number} saved papers", page.saved_total
            )
        )
    ]
    if page.saved:
        blocks.append(Bullets(tuple((_title(locale, paper),) for paper in page.saved)))
    else:
        hint = locale.translate("Press Save under a paper, or write /save and its name.")
        blocks.append(Paragraph((Run(hint),)))
    blocks.append(heading(locale.translate("What you follow")))
    if page.follows:
        labels = [follow_label(locale, each, tag_name) for each in page.follows]
        blocks.append(Paragraph((Run(", ".join(labels)),)))
    else:
        hint = locale.translate(
            "/follow and a tag, an author or words brings you the new papers of each week."
        )
        blocks.append(Paragraph((Run(hint),)))
    if page.reminders:
        zone = ZoneInfo(page.settings.zone)
        items = tuple(
            (
                _title(locale, paper),
                Run("\n" + locale.format_datetime(each.due_at.astimezone(zone)), Style.SMALL),
            )
            for each, paper in page.reminders
        )
        blocks += [heading(locale.translate("Reminders")), Bullets(items)]
    blocks.append(
        note(
            locale.translate(
                "Messages come at {time} ({zone}).",
                time=locale.format_time(page.settings.at),
                zone=page.settings.zone,
            )
        )
    )
    title = locale.translate("Your page")
    return Card(title, blocks=tuple(blocks), controls=_controls(locale, page, tag_name))


def settings_form(locale: Locale, settings: PersonSettings) -> Form:
    """Return the form in which a person chooses when direct messages come."""
    fields = (
        Field("time", locale.translate("time"), f"{settings.at:%H:%M}", required=True),
        Field(
            "zone", locale.translate("time zone"), settings.zone, required=True,
            autocomplete="zone",
        ),
    )  # fmt: skip
    return Form(locale.translate("Your messages"), fields, Action("message_settings"))


def settings_kept_card(locale: Locale, settings: PersonSettings) -> Card:
    """Return when direct messages come from now on."""
    said = locale.translate(
        "Messages come at {time} ({zone}).",
        time=locale.format_time(settings.at),
        zone=settings.zone,
    )
    return Card(locale.translate("Your messages"), blocks=(Paragraph((Run(said),)),))


def _controls(locale: Locale, page: OwnPage, tag_name: TagName) -> tuple[Control, ...]:
    found: list[Control] = []
    if page.saved:
        found.append(paper_selector(locale, page.saved))
    found += stop_controls(locale, page.follows, tag_name)
    buttons = (
        (locale.translate("Saved papers"), "saved", bool(page.saved)),
        (locale.translate("New papers"), "followed", bool(page.follows)),
        (locale.translate("Reminders"), "reminders", bool(page.reminders)),
        (locale.translate("Message settings"), "message_settings", True),
        (locale.translate("What is stored"), "privacy", True),
    )
    found += [Button(label, Action(action)) for label, action, is_of_use in buttons if is_of_use]
    return tuple(found)


def _title(locale: Locale, paper: Paper) -> Run:
    return Run(locale.first_text(paper.titles) or paper.key, Style.STRONG, paper_url(paper))
