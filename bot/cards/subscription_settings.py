"""The settings of a subscription in words: in one line, or all of them (pure)."""

from bot.cards.blocks import PLACEHOLDER, insert_run
from bot.cards.locale import Locale
from bot.digests.time_zones import zone_label
from bot.model.card import IdKind, Paragraph, Run, Tone
from bot.model.subscriptions import Subscription

_SEPARATOR = " · "


def preferences_line(locale: Locale, subscription: Subscription) -> str:
    """Return when and how a digest comes, in one line."""
    return " / ".join(
        _SEPARATOR.join(_form_texts(each, subscription)) for each in locale.by_language()
    )


def settings_notes(
    locale: Locale, subscription: Subscription, admin_url: str = ""
) -> tuple[Paragraph, ...]:
    """Return every setting of a subscription, also what is not set; a note for each language.

    `admin_url` is the address of the channel that is told of failures, where it has one.
    """
    found = []
    for each in locale.by_language():
        texts = [*_form_texts(each, subscription), *_delivery_texts(each, subscription)]
        runs = (
            Run(_SEPARATOR.join([*texts, ""])),
            *_mention_runs(each, subscription),
            Run(_SEPARATOR),
            *_notice_runs(each, subscription, admin_url),
        )
        found.append(Paragraph(runs, Tone.NOTE))
    return tuple(found)


def _form_texts(locale: Locale, subscription: Subscription) -> list[str]:
    tags = " ".join(f"#{tag}" for tag in subscription.tags)
    return [
        _schedule_text(locale, subscription),
        subscription.language,
        subscription.layout.value,
        tags or locale.translate("all tags"),
    ]


def _schedule_text(locale: Locale, subscription: Subscription) -> str:
    if subscription.weekday is None:
        return locale.translate("only when somebody asks")
    return locale.translate(
        "every {day} at {time} ({zone})",
        day=locale.weekday_name(subscription.weekday),
        time=locale.format_time(subscription.at),
        zone=zone_label(subscription.zone),
    )


def _delivery_texts(locale: Locale, subscription: Subscription) -> list[str]:
    return [
        _patience_text(locale, subscription),
        locale.translate("says when no week came")
        if subscription.says_absence
        else locale.translate("says nothing when no week came"),
        locale.translate(
            "posts a missed digest up to {span} late",
            span=locale.format_duration(subscription.grace),
        ),
        _quiet_text(locale, subscription),
        locale.translate("begins with last week's discussions")
        if subscription.has_recap
        else locale.translate("without last week's discussions"),
    ]


def _mention_runs(locale: Locale, subscription: Subscription) -> tuple[Run, ...]:
    """Return who is mentioned."""
    found: list[Run] = []
    if subscription.mention:
        said = locale.translate("mentions {name}", name=PLACEHOLDER)
        found += insert_run(said, Run(subscription.mention, id_of=IdKind.GROUP))
    elif not subscription.tag_mentions:
        found.append(Run(locale.translate("mentions no one")))
    for tag, group in subscription.tag_mentions:
        said = locale.translate("mentions {name} for #{tag}", name=PLACEHOLDER, tag=tag)
        found += [Run(_SEPARATOR)] if found else []
        found += insert_run(said, Run(group, id_of=IdKind.GROUP))
    return tuple(found)


def _patience_text(locale: Locale, subscription: Subscription) -> str:
    if not subscription.patience:
        return locale.translate("does not wait for a late week")
    span = locale.format_duration(subscription.patience)
    return locale.translate("waits {span} for a late week", span=span)


def _quiet_text(locale: Locale, subscription: Subscription) -> str:
    if subscription.quiet_from == subscription.quiet_until:
        return locale.translate("no quiet hours")
    return locale.translate(
        "quiet {start} to {end}",
        start=locale.format_time(subscription.quiet_from),
        end=locale.format_time(subscription.quiet_until),
    )


def _notice_runs(locale: Locale, subscription: Subscription, url: str) -> tuple[Run, ...]:
    """Return who is told of failures."""
    if subscription.admin_channel:
        said = locale.translate("failures are told in {channel}", channel=PLACEHOLDER)
        channel = Run(subscription.admin_channel, url=url, id_of=IdKind.CHANNEL)
        return insert_run(said, channel)
    if subscription.subscriber:
        return (Run(locale.translate("failures are told to the subscriber")),)
    return (Run(locale.translate("failures are told to no one")),)
