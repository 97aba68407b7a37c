"""Cards about the state of subscriptions: settings, next slot, deliveries and failures (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.blocks import heading
from bot.cards.locale import Locale, TranslatableReason
from bot.cards.series import series_name
from bot.cards.subscription_settings import preferences_line, settings_notes
from bot.digests import slots
from bot.model.card import Block, Bullets, Card, Choice, IdKind, Option, Run, Style
from bot.model.channels import Target
from bot.model.deliveries import Part, PartState, Purpose
from bot.model.delivery_reports import DeliveryReport, SubscriptionReport
from bot.model.planning import SlotState, StoredSlot
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week

_MAX_OPTIONS = 25
_MAX_DELIVERIES = 3
"""How many deliveries a status shows."""


@dataclass(frozen=True, slots=True)
class SubscriptionStatus:
    """What a status shows of a subscription."""

    report: SubscriptionReport
    next_at: datetime | None
    """When its next slot is; None if it has no weekday."""
    warning: str = ""
    """Why nothing will come; empty if all is well."""
    admin_url: str = ""
    """The address of the channel that is told of failures; empty if it has none."""


def status_card(locale: Locale, statuses: Sequence[SubscriptionStatus]) -> Card:
    """Return the state of a channel's subscriptions; of at least one."""
    blocks: list[Block] = []
    for each in statuses:
        blocks += _status_blocks(locale, each)
    return Card(locale.translate("The digest in this channel"), blocks=tuple(blocks))


def subscription_card(locale: Locale, status: SubscriptionStatus, title: str) -> Card:
    """Return the state of a subscription after a change, which the title names."""
    return Card(title, blocks=tuple(_status_blocks(locale, status)))


def subscription_list_card(
    locale: Locale,
    subscriptions: Sequence[Subscription],
    channel_url: Callable[[Target], str] = lambda _channel: "",
    *,
    may_end: bool = False,
) -> Card:
    """Return the digests of a server, each with its settings and the link to its channel.

    With `may_end`, those that the platform has stopped can be ended from here.
    """
    items = tuple(
        (
            Run(series_name(locale, each.series), Style.STRONG),
            Run(" "),
            Run(each.target.channel, url=channel_url(each.target), id_of=IdKind.CHANNEL),
            Run(f": {preferences_line(locale, each)}"),
            Run("\n" + _pause_text(locale, each) if each.is_paused else "", Style.SMALL),
        )
        for each in subscriptions
    )
    if not items:
        return Card(locale.translate("No channel has a digest yet"))
    stopped = [each for each in subscriptions if each.pause_reason][:_MAX_OPTIONS]
    options = tuple(
        Option(f"{series_name(locale, each.series)} {each.target.channel}", str(each.id))
        for each in stopped
    )
    choice = Choice(locale.translate("End a digest that is stopped"), options, "end_digest")
    return Card(
        locale.translate("Digests"),
        blocks=(Bullets(items),),
        controls=(choice,) if options and may_end else (),
    )


def _pause_text(locale: Locale, subscription: Subscription) -> str:
    reason = TranslatableReason(subscription.pause_reason)
    if reason:
        return locale.translate("Paused: {reason}", reason=reason)
    return locale.translate("Paused; /digest resume goes on.")


def format_local_time(subscription: Subscription, moment: datetime, locale: Locale) -> str:
    """Return a formatted time in the subscription's time zone."""
    return locale.format_datetime(slots.to_local(subscription, moment))


def _status_blocks(locale: Locale, status: SubscriptionStatus) -> list[Block]:
    report, subscription = status.report, status.report.subscription
    blocks: list[Block] = [
        heading(series_name(locale, subscription.series)),
        *settings_notes(locale, subscription, status.admin_url),
    ]
    facts = [status.warning] if status.warning else []
    if subscription.is_paused:
        facts.append(_pause_text(locale, subscription))
    elif status.next_at:
        facts.append(
            locale.translate(
                "Next: {moment}", moment=format_local_time(subscription, status.next_at, locale)
            )
        )
    facts += [
        locale.translate(
            "Waiting until {moment} for {week}.",
            moment=format_local_time(subscription, slot.waits_until, locale),
            week=_expected_week(slot),
        )
        for slot in report.slots
        if slot.state is SlotState.WAITING and not subscription.is_paused
    ]
    items: list[tuple[Run, ...]] = [(Run(fact),) for fact in facts]
    items += [
        _delivery_item(locale, subscription, each) for each in report.reports[:_MAX_DELIVERIES]
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
