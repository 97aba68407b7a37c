"""Cards about deliveries that failed, came late or were missed."""

from collections.abc import Mapping
from datetime import timedelta

from bot.cards.blocks import PLACEHOLDER, insert_run
from bot.cards.locale import Locale, TranslatableReason
from bot.cards.series import series_name
from bot.model.card import (
    Action,
    Block,
    Button,
    Card,
    Control,
    IdKind,
    LinkButton,
    Paragraph,
    Run,
    Tone,
)
from bot.model.weeks import Week

_LATE = frozenset({"late", "late_week"})
"""Notices of a week that can be posted all the same."""


def absence_card(locale: Locale, series: str, week: Week, *, is_there: bool = False) -> Card:
    """Return the message that a week's issue is not posted now.

    `is_there`: whether it was published, and waits for its curators.
    """
    names = {"series": series_name(locale, series), "week": str(week)}
    if is_there:
        said = locale.translate(
            "{series} of {week} is still being looked through. It follows afterwards.", **names
        )
    else:
        said = locale.translate(
            "{series} has not published {week} yet. It follows when it is there.", **names
        )
    title = locale.translate("No papers of the week this time")
    return Card(title, blocks=(Paragraph((Run(said),)),))


def notice_card(
    locale: Locale, kind: str, channel: str, facts: Mapping[str, str], url: str = ""
) -> Card:
    """Return the notice of a failed or late delivery, with what can be done about it.

    `url` is the address of the channel, where it has one.
    """
    reason = TranslatableReason(facts.get("reason", ""))
    sentences = {
        "late": locale.translate(
            "{week} was not posted: Paperboy could not do so in time.",
            week=facts.get("week", ""),
        ),
        "late_week": locale.translate(
            "{week} came weeks after its digest was due, and was not posted.",
            week=facts.get("week", ""),
        ),
        "late_many": locale.translate(
            "{number} weeks, {first} to {last}, came too late to be posted. /week shows them.",
            number=facts.get("number", ""),
            first=facts.get("first", ""),
            last=facts.get("last", ""),
        ),
        "missed": locale.translate(
            "Paperboy did not run when the digest of {week} was due.", week=facts.get("week", "")
        ),
        "failed": locale.translate(
            "A message of {week} could not be posted: {reason} /digest now tries it again.",
            week=facts.get("week", ""),
            reason=reason,
        ),
        "untold": locale.translate(
            "Nobody can tell whether a message of {week} was posted: {reason} Please look.",
            week=facts.get("week", ""),
            reason=reason,
        ),
        "paused": locale.translate(
            "The digest is paused: {reason} When that is mended, /digest resume goes on.",
            reason=reason,
        ),
    }
    blocks: tuple[Block, ...] = (Paragraph((Run(sentences[kind]),)),)
    buttons: tuple[Control, ...] = ()
    if kind == "untold" and "key" in facts:
        buttons = unconfirmed_buttons(locale, facts["key"])
    if kind in _LATE and "subscription" in facts:
        action = Action("late_week", f"{facts['subscription']} {facts.get('week', '')}")
        buttons = (Button(locale.translate("Post it now"), action),)
    if url:
        buttons = (*buttons, LinkButton(locale.translate("Open the channel"), url))
        said = locale.translate("Channel: {channel}", channel=PLACEHOLDER)
        name = Run(channel, url=url, id_of=IdKind.CHANNEL)
        blocks = (Paragraph(insert_run(said, name), Tone.NOTE), *blocks)
    title = (
        locale.translate("About the digest in a channel")
        if url
        else locale.translate("About the digest in {channel}", channel=channel)
    )
    return Card(title, url, blocks, buttons)


def ending_installation_card(locale: Locale, left: timedelta, url: str) -> Card:
    """Return the request to install the app again, at a URL, before its access ends."""
    unit = timedelta(hours=1) if left >= timedelta(hours=1) else timedelta(minutes=1)
    said = locale.translate(
        "The platform did not renew Paperboy's access. In {span} digests and answers stop here, "
        "unless the app is installed again; all settings stay.",
        span=locale.format_duration(left // unit * unit),
    )
    return Card(
        locale.translate("Please install Paperboy again"),
        blocks=(Paragraph((Run(said),)),),
        controls=(LinkButton(locale.translate("Install again"), url),),
    )


def unconfirmed_card(locale: Locale, week: Week, argument: str) -> Card:
    """Return the question whether messages of a week are there; `argument` as below."""
    said = locale.translate("It is not known whether a message of {week} was posted", week=week)
    return Card(
        said,
        blocks=(Paragraph((Run(locale.translate("Please look, and say what is right.")),)),),
        controls=unconfirmed_buttons(locale, argument),
    )


def unconfirmed_buttons(locale: Locale, argument: str) -> tuple[Button, ...]:
    """Return what a person can say of a message that may have been posted.

    `argument` is the key of its part, or the key and ` all` for its whole delivery.
    """
    return (
        Button(locale.translate("It is there"), Action("part_posted", argument)),
        Button(locale.translate("Post it again"), Action("part_again", argument)),
    )
