"""Cards about a channel's digest: what is wished, what comes next, what was posted or failed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.cards.blocks import heading, note, quote_query
from bot.cards.locale import LANGUAGE_CHOICES, Locale, TranslatableReason
from bot.cards.weeks import series_name
from bot.digests import slots
from bot.digests.preferences import InvalidPreference
from bot.digests.slots import DAYS
from bot.digests.time_zones import zone_label
from bot.model.card import Action, Block, Bullets, Card, Field, Form, Option, Paragraph, Run, Style
from bot.model.channels import Person
from bot.model.deliveries import (
    DeliveryReport,
    Part,
    PartState,
    Purpose,
    SlotState,
    StoredSlot,
    SubscriptionReport,
)
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week

_HOUR = timedelta(hours=1)
_MAX_DELIVERIES = 3
"""How many deliveries a status shows."""


def status_card(
    locale: Locale, reports: Sequence[tuple[SubscriptionReport, datetime | None]]
) -> Card:
    """Return what is to be known of a channel's subscriptions, each with its next slot."""
    if not reports:
        return not_subscribed_card(locale)
    blocks: list[Block] = []
    for account, upcoming in reports:
        blocks += _status_blocks(locale, account, upcoming)
    return Card(locale.translate("The digest in this channel"), blocks=tuple(blocks))


def not_subscribed_card(locale: Locale) -> Card:
    """Say that nothing is subscribed here."""
    return Card(
        locale.translate("There is no digest in this channel"),
        blocks=(
            Paragraph(
                (
                    Run(locale.translate("Somebody who may manage the channel can begin one: ")),
                    Run(locale.command_name("/digest subscribe"), Style.CODE),
                )
            ),
        ),
    )


def subscription_card(
    locale: Locale, report: SubscriptionReport, upcoming: datetime | None, title: str
) -> Card:
    """Return a subscription as it is now, after a change that `said` names."""
    return Card(title, blocks=tuple(_status_blocks(locale, report, upcoming)))


def message_card(title: str, sentence: str = "") -> Card:
    """Return that something was done."""
    return Card(title, blocks=(Paragraph((Run(sentence),)),) if sentence else ())


def invalid_preferences_card(locale: Locale, troubles: Sequence[InvalidPreference]) -> Card:
    """Say which wishes could not be read, and how they are written."""
    return Card(
        locale.translate("Nothing was changed"),
        blocks=(
            Bullets(tuple(_invalid_preference_item(locale, each) for each in troubles)),
            note(
                locale.translate(
                    "For example: /digest subscribe monday 09:00 Asia/Seoul language=both tags=llm"
                )
            ),
        ),
    )


def unsupported_layout_card(locale: Locale, layout: Layout, known: Sequence[Layout]) -> Card:
    """Say that a digest cannot fill a channel in this way here."""
    said = locale.translate(
        "There is no layout {layout} here; choose one of: {names}.",
        layout=layout.value,
        names=", ".join(each.value for each in known),
    )
    return message_card(locale.translate("Nothing was changed"), said)


def permission_denied_card(locale: Locale, person: Person) -> Card:
    """Return a card that says who may do it, or that the platform did not tell who it is."""
    if not person.is_identified:
        said = locale.translate(
            "{platform} did not tell Paperboy who you are, so it is not known whether you may "
            "manage this channel. Try again in a minute.",
            platform=person.platform.capitalize(),
        )
        return message_card(locale.translate("Nothing was changed"), said)
    return Card(
        locale.translate("Only those who may manage this channel decide about its digest"),
        blocks=(Paragraph((Run(locale.translate("/digest status is open to everyone.")),)),),
    )


def admin_channel_denied_card(locale: Locale) -> Card:
    """Return a card that says which channels may be told of failures."""
    return message_card(
        locale.translate("Nothing was changed"),
        locale.translate(
            "Failures can be told in a channel that you may manage and where Paperboy can post."
        ),
    )


def settings_form(locale: Locale, subscription: Subscription, layouts: Sequence[Layout]) -> Form:
    """Return the wishes of a subscription as a form; it offers these layouts."""
    return Form(
        locale.translate("Digest of {series}", series=series_name(locale, subscription.series)),
        _preference_fields(locale, subscription, layouts),
        Action("digest", f"settings series={subscription.series}"),
        note=_form_note(locale),
    )


def subscribe_form(
    locale: Locale, subscription: Subscription, layouts: Sequence[Layout], series: Sequence[str]
) -> Form:
    """Return the form in which a digest is subscribed or changed, in whichever channel.

    It offers these layouts and series.
    """
    asked = _preference_fields(locale, subscription, layouts)
    if len(series) > 1:
        options = tuple(Option(series_name(locale, each), each) for each in series)
        asked += (Field("series", locale.translate("Series"), subscription.series, options),)
    return Form(
        locale.translate("The weekly digest"),
        asked,
        Action("digest", f"subscribe series={subscription.series}"),
        asks_channel=True,
        note=_form_note(locale),
    )


def subscription_list_card(locale: Locale, subscriptions: Sequence[Subscription]) -> Card:
    """Return which digests there are, with what is wished of each."""
    items = tuple(
        (
            Run(series_name(locale, each.series), Style.STRONG),
            Run(f" {each.target.channel}: {preferences_line(locale, each)}"),
        )
        for each in subscriptions
    )
    nothing = locale.translate("No channel has a digest yet")
    blocks = (Bullets(items),) if items else ()
    return Card(locale.translate("Digests") if items else nothing, blocks=blocks)


def preferences_line(locale: Locale, subscription: Subscription) -> str:
    """Return what a subscription wishes, in one line."""
    return " · ".join(
        filter(
            None, [_schedule_text(locale, subscription), *_preference_texts(locale, subscription)]
        )
    )


def format_local_time(subscription: Subscription, moment: datetime, locale: Locale) -> str:
    """Return a time as the subscription's clocks show it."""
    return locale.format_datetime(slots.to_local(subscription, moment))


def _preference_fields(
    locale: Locale, subscription: Subscription, layouts: Sequence[Layout]
) -> tuple[Field, ...]:
    """Return what is asked of a digest, with what is wished now."""
    day = DAYS[subscription.weekday] if subscription.weekday is not None else "never"
    days = tuple(Option(locale.weekday_name(number), each) for number, each in enumerate(DAYS))
    return (
        Field(
            "day",
            locale.translate("Day"),
            day,
            (*days, Option(locale.translate("never"), "never")),
        ),
        Field("time", locale.translate("Time"), f"{subscription.at:%H:%M}", autocomplete="time"),
        Field(
            "zone",
            locale.translate("Time zone"),
            zone_label(subscription.zone),
            autocomplete="zone",
        ),
        Field(
            "language",
            locale.translate("Language"),
            subscription.language,
            _options(LANGUAGE_CHOICES),
        ),
        Field(
            "layout",
            locale.translate("Layout"),
            subscription.layout.value,
            _options([layout.value for layout in layouts]),
        ),
        Field(
            "tags",
            locale.translate("Tags"),
            ", ".join(subscription.tags) or "all",
            autocomplete="tag",
            is_list=True,
            empty="all",
        ),
    )


def _form_note(locale: Locale) -> str:
    return locale.translate("Tags, mention, quiet hours and more: options of /digest settings.")


def _options(values: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(value, value) for value in values)


def _invalid_preference_item(locale: Locale, trouble: InvalidPreference) -> tuple[Run, ...]:
    given = quote_query(trouble.value)
    if trouble.is_repeated:
        said = locale.translate(
            "Two values for {name}: {values}. Choose one.", name=trouble.name, values=given
        )
        return (Run(said),)
    if trouble.name:
        said = locale.translate(
            "“{given}” is not understood as {name}.", given=given, name=trouble.name
        )
    else:
        said = locale.translate("“{given}” is not understood.", given=given)
    if trouble.suggestions:
        near = ", ".join(trouble.suggestions)
        said += " " + locale.translate("Perhaps this is meant: {near}", near=near)
    return (Run(said),)


def _schedule_text(locale: Locale, subscription: Subscription) -> str:
    if subscription.weekday is None:
        return locale.translate("only when somebody asks")
    return locale.translate(
        "every {day} at {time} ({zone})",
        day=locale.weekday_name(subscription.weekday),
        time=locale.format_time(subscription.at),
        zone=zone_label(subscription.zone),
    )


def _preference_texts(locale: Locale, subscription: Subscription) -> list[str]:
    quiet = ""
    if subscription.quiet_from != subscription.quiet_until:
        quiet = locale.translate(
            "quiet {start} to {end}",
            start=locale.format_time(subscription.quiet_from),
            end=locale.format_time(subscription.quiet_until),
        )
    return [
        subscription.language,
        subscription.layout.value,
        " ".join(f"#{tag}" for tag in subscription.tags),
        locale.translate("waits {hours} h for a late week", hours=subscription.patience // _HOUR),
        quiet,
    ]


def _status_blocks(
    locale: Locale, account: SubscriptionReport, upcoming: datetime | None
) -> list[Block]:
    subscription = account.subscription
    blocks: list[Block] = [
        heading(series_name(locale, subscription.series)),
        note(preferences_line(locale, subscription)),
    ]
    facts = []
    if subscription.is_paused:
        reason = TranslatableReason(subscription.pause_reason)
        facts.append(
            locale.translate("Paused: {reason}", reason=reason)
            if reason
            else locale.translate("Paused; /digest resume goes on.")
        )
    elif upcoming:
        facts.append(
            locale.translate(
                "Next: {moment}", moment=format_local_time(subscription, upcoming, locale)
            )
        )
    facts += [
        locale.translate(
            "Waiting until {moment} for {week}.",
            moment=format_local_time(subscription, slot.waits_until, locale),
            week=_expected_week(slot),
        )
        for slot in account.slots
        if slot.state is SlotState.WAITING and not subscription.is_paused
    ]
    items: list[tuple[Run, ...]] = [(Run(fact),) for fact in facts]
    items += [
        _delivery_item(locale, subscription, report)
        for report in account.reports[:_MAX_DELIVERIES]
    ]
    return [*blocks, Bullets(tuple(items))] if items else blocks


def _expected_week(slot: StoredSlot) -> Week:
    return slots.previous_week(slot.week)


def _delivery_item(
    locale: Locale, subscription: Subscription, report: DeliveryReport
) -> tuple[Run, ...]:
    week = report.delivery.week
    if report.delivery.purpose is Purpose.ABSENCE:
        return (Run(locale.translate("Said that there is nothing yet ({week}).", week=week)),)
    if report.delivery.skipped:
        return (
            Run(locale.translate("{week} was skipped: it would have come too late.", week=week)),
        )
    posted = [part for part in report.parts if part.state is PartState.POSTED]
    failed = [part for part in report.parts if part.state is PartState.FAILED]
    if not report.parts:
        return (Run(locale.translate("{week} has no paper with these tags.", week=week)),)
    if len(posted) == len(report.parts) and posted[-1].posted_at:
        moment = format_local_time(subscription, posted[-1].posted_at, locale)
        url = posted[0].ref.url if posted[0].ref else ""
        return (
            Run(
                locale.translate("{week} was posted {moment}.", week=week, moment=moment), url=url
            ),
        )
    said = locale.translate(
        "{week}: {posted} of {all} messages are posted.",
        week=week,
        posted=len(posted),
        all=len(report.parts),
    )
    reasons = dict.fromkeys(
        part.error for part in (*failed, *_last_attempt_at(report)) if part.error
    )
    why = [locale.translate("{reason}", reason=TranslatableReason(reason)) for reason in reasons]
    return (Run(" ".join([said, *why])),)


def _last_attempt_at(report: DeliveryReport) -> list[Part]:
    return [part for part in report.parts if part.state is PartState.OWED and part.error]
