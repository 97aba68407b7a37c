"""Renders the App Home: a search, what is a person's own, the newest week, the digests (pure).

Source: https://docs.slack.dev/surfaces/app-home.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.slack import limits
from adapters.slack.render.escape import plain_text
from bot.cards.fit import truncate
from bot.cards.locale import Locale
from bot.cards.series import series_name
from bot.cards.subscription_settings import preferences_line
from bot.lib.clean import clean
from bot.model.subscriptions import Subscription

Block = dict[str, Any]

_MAX_DIGESTS = 20
"""Maximum number of digests listed, as the newest week needs room as well."""


def build_home_view(
    locale: Locale,
    own: Iterable[Block],
    week: Iterable[Block],
    digests: Sequence[Subscription],
) -> dict[str, Any]:
    """Return the view, with the blocks of the person's own page and of the newest week."""
    below = [{"type": "divider"}, *_digests(locale, digests)]
    above = [*_search(locale), *own, {"type": "divider"}]
    room = limits.VIEW_BLOCKS - len(above) - len(below)
    return {"type": "home", "blocks": [*above, *list(week)[:room], *below]}


def _search(locale: Locale) -> list[Block]:
    """Return the search field for papers, with completion."""
    return [
        {
            "type": "section",
            "block_id": "search",
            "text": plain_text(locale.translate("Which paper are you looking for?")),
            "accessory": {
                "type": "external_select",
                "action_id": "paper",
                "placeholder": plain_text(locale.translate("Type a name")),
                "min_query_length": 1,
            },
        },
    ]


def _digests(locale: Locale, digests: Sequence[Subscription]) -> list[Block]:
    if not digests:
        nothing = (
            f"{locale.translate('No channel has a digest yet')}: {locale.command_name('/digest')}"
        )
        return [{"type": "section", "text": plain_text(nothing)}]
    title = {"type": "header", "text": plain_text(locale.translate("Digests"))}
    return [title, *(block for each in digests[:_MAX_DIGESTS] for block in _digest(locale, each))]


def _digest(locale: Locale, digest: Subscription) -> list[Block]:
    """Return a digest with its channel; Slack shows the name to those with access."""
    what = clean(f"{series_name(locale, digest.series)}: {preferences_line(locale, digest)}")
    channel = {"type": "mrkdwn", "text": f"<#{digest.target.channel}>"}
    return [
        {"type": "section", "text": channel},
        {"type": "context", "elements": [plain_text(truncate(what, limits.TEXT_OBJECT))]},
    ]
