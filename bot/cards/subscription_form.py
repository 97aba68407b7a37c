"""The forms in which a digest is subscribed and changed (pure)."""

from collections.abc import Sequence

from bot.cards.locale import Locale
from bot.cards.series import series_name
from bot.cards.setting_choices import setting_options
from bot.digests.slots import DAYS
from bot.digests.time_zones import zone_label
from bot.model.card import Action, Field, Form, Option
from bot.model.subscriptions import Layout, Subscription


def settings_form(locale: Locale, subscription: Subscription, layouts: Sequence[Layout]) -> Form:
    """Return the settings of a subscription as a form; it offers these layouts."""
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


def _preference_fields(
    locale: Locale, subscription: Subscription, layouts: Sequence[Layout]
) -> tuple[Field, ...]:
    """Return an input for each setting, with its present value."""
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
            setting_options(locale, "language"),
        ),
        Field(
            "layout",
            locale.translate("Layout"),
            subscription.layout.value,
            setting_options(locale, "layout", [layout.value for layout in layouts]),
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
