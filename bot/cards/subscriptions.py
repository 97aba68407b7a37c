"""Replies about subscriptions: confirmations, questions and refusals (pure)."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.blocks import note, quote_query
from bot.cards.locale import Locale, TranslatableReason
from bot.cards.series import series_name
from bot.cards.setting_choices import setting_name
from bot.cards.subscription_settings import preferences_line
from bot.digests.preferences import InvalidPreference
from bot.model.card import Action, Bullets, Button, Card, IdKind, Paragraph, Run, Style
from bot.model.channels import Person
from bot.model.subscriptions import Layout, Subscription


def not_subscribed_card(locale: Locale) -> Card:
    """Return that the channel has no digest."""
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


def message_card(title: str, sentence: str = "") -> Card:
    """Return a title and a sentence."""
    return Card(title, blocks=(Paragraph((Run(sentence),)),) if sentence else ())


def invalid_preferences_card(locale: Locale, invalid: Sequence[InvalidPreference]) -> Card:
    """Return which settings could not be read, with an example."""
    return Card(
        locale.translate("Nothing was changed"),
        blocks=(
            Bullets(tuple(_invalid_preference_item(locale, each) for each in invalid)),
            note(
                locale.translate(
                    "For example: /digest subscribe monday 09:00 Asia/Seoul language=both tags=llm"
                )
            ),
        ),
    )


def choose_series_card(locale: Locale, word: str, series: Sequence[str]) -> Card:
    """Return the question which of a channel's digests a command is meant for."""
    return Card(
        locale.translate("Which digest is meant?"),
        blocks=(Paragraph((Run(locale.translate("This channel has several:")),)),),
        controls=tuple(_series_button(locale, word, each) for each in series),
    )


def unknown_series_card(locale: Locale, asked: str, series: Sequence[str]) -> Card:
    """Return that the channel has no digest of a series, with those that it has."""
    return message_card(
        locale.translate("This channel has no digest of {series}", series=quote_query(asked)),
        locale.translate("It has: {names}", names=", ".join(series)),
    )


def confirm_unsubscribe_card(locale: Locale, subscriptions: Sequence[Subscription]) -> Card:
    """Return the question whether digests are to end, with a button for each."""
    items = tuple(
        (
            Run(series_name(locale, each.series), Style.STRONG),
            Run(f" {preferences_line(locale, each)}"),
        )
        for each in subscriptions
    )
    label = locale.translate("End the digest")
    controls = tuple(
        Button(
            f"{label}: {series_name(locale, each.series)}" if len(subscriptions) > 1 else label,
            Action("digest", f"unsubscribe series={each.series} yes"),
        )
        for each in subscriptions
    )
    return Card(
        locale.translate("End the digest of this channel?"),
        blocks=(
            Bullets(items),
            Paragraph((Run(locale.translate("Nothing more is posted; what was posted stays.")),)),
        ),
        controls=controls,
    )


def confirm_end_card(locale: Locale, subscription: Subscription) -> Card:
    """Return the question whether a digest of another channel is to end."""
    action = Action("end_digest", f"{subscription.id} yes")
    runs = (
        Run(f"{series_name(locale, subscription.series)} "),
        Run(subscription.target.channel, id_of=IdKind.CHANNEL),
    )
    return Card(
        locale.translate("End this digest?"),
        blocks=(Paragraph(runs),),
        controls=(Button(locale.translate("End the digest"), action),),
    )


def _series_button(locale: Locale, word: str, series: str) -> Button:
    return Button(series_name(locale, series), Action("digest", f"{word} series={series}"))


def with_channel_problems(locale: Locale, card: Card, problems: Sequence[str]) -> Card:
    """Return the confirmation of a subscription with what the channel still lacks."""
    said = locale.translate("Missing in this channel:")
    items = tuple(
        (Run(locale.translate("{reason}", reason=TranslatableReason(each))),) for each in problems
    )
    return replace(
        card, blocks=(Paragraph((Run(said, Style.STRONG),)), Bullets(items), *card.blocks)
    )


def unsupported_layout_card(locale: Locale, layout: Layout, known: Sequence[Layout]) -> Card:
    """Return that the channel cannot have this layout."""
    said = locale.translate(
        "There is no layout {layout} here; choose one of: {names}.",
        layout=layout.value,
        names=", ".join(each.value for each in known),
    )
    return message_card(locale.translate("Nothing was changed"), said)


def posting_forbidden_card(locale: Locale) -> Card:
    """Return that the bot may not post in the channel."""
    advice = locale.translate(
        "Paperboy may not post in this channel; somebody who manages it can give it the "
        "permissions View Channel and Send Messages."
    )
    return message_card(locale.translate("Nothing was changed"), advice)


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


def _invalid_preference_item(locale: Locale, invalid: InvalidPreference) -> tuple[Run, ...]:
    given = quote_query(invalid.value)
    name = setting_name(locale, invalid.name)
    if invalid.is_repeated:
        said = locale.translate(
            "Two values for {name}: {values}. Choose one.", name=name, values=given
        )
        return (Run(said),)
    if invalid.name:
        said = locale.translate("“{given}” is not understood as {name}.", given=given, name=name)
    else:
        said = locale.translate("“{given}” is not understood.", given=given)
    if invalid.suggestions:
        near = ", ".join(invalid.suggestions)
        said += " " + locale.translate("Perhaps this is meant: {near}", near=near)
    if invalid.name == "mention":
        said += " " + locale.translate("Choose a role or group from the list that opens after @.")
    if invalid.name == "admin":
        said += " " + locale.translate("Choose a channel from the list that opens after #.")
    return (Run(said),)
