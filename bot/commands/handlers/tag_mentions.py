"""Handles /digest mention: which role or group a digest mentions for which tag."""

from dataclasses import replace

from bot.cards.subscriptions import invalid_preferences_card, message_card
from bot.commands.context import Context
from bot.commands.handlers.digests import save_subscription
from bot.commands.subscriptions import channel_subscriptions, refused_reply, select_series
from bot.digests.preference_values import InvalidValue, parse_mention, parse_tags
from bot.digests.preferences import InvalidPreference
from bot.model.subscriptions import MOST_TAG_MENTIONS, Subscription
from bot.ports.conversation import Reply, Request


async def mention_tag(context: Context, request: Request) -> Reply:
    """Let a role or group be mentioned where a digest has papers with a tag; `none` ends it."""
    here = await channel_subscriptions(context, request)
    tags, group, series = _arguments(request, [each.series for each in here])
    chosen = select_series(context, request, here, series, "mention")
    if isinstance(chosen, Reply):
        return chosen
    if not tags or not group:
        locale = context.locale(request)
        hint = locale.translate(
            "Write a tag and a role or group, such as /digest mention llm @readers, or none to "
            "end it."
        )
        title = locale.translate("Whom shall the digest mention, and for which tag?")
        return refused_reply(message_card(title, hint))
    wanted = _with_mention(context, request, chosen[0], tags, group)
    if isinstance(wanted, Reply):
        return wanted
    title = context.locale(request).translate("The digest was changed")
    return await save_subscription(context, request, wanted, title)


def _arguments(request: Request, series: list[str]) -> tuple[str, str, str]:
    """Return tags, the role or group and the series, from named options or from words."""
    words = request.argument.split()
    named = words.pop() if len(words) > 1 and words[-1] in series else ""
    tags, group = (" ".join(words[:-1]), words[-1]) if len(words) > 1 else ("", "")
    fields = request.fields
    return (
        fields.get("tag", "").strip() or tags,
        fields.get("role", "").strip() or group,
        fields.get("series", "").strip() or named,
    )


def _with_mention(
    context: Context, request: Request, subscription: Subscription, tags: str, group: str
) -> Subscription | Reply:
    """Return the subscription with the mention changed; or what could not be read."""
    locale, target = context.locale(request), request.target
    try:
        slugs = parse_tags(tags, context.vocabulary)
    except InvalidValue as error:
        unread = InvalidPreference("tags", error.value or tags, error.suggestions)
        return refused_reply(invalid_preferences_card(locale, [unread]))
    if not slugs:  # every tag: that is what the setting `mention` is for
        unread = InvalidPreference("tags", tags, ("mention=",))
        return refused_reply(invalid_preferences_card(locale, [unread]))
    try:
        syntax = context.mention_syntax(target.platform)
        found = parse_mention("mention", group, syntax, target)["mention"]
    except InvalidValue:
        unread = InvalidPreference("mention", group)
        return refused_reply(invalid_preferences_card(locale, [unread]))
    kept = {tag: each for tag, each in subscription.tag_mentions if tag not in slugs}
    kept |= dict.fromkeys(slugs, found) if found else {}
    if len(kept) > MOST_TAG_MENTIONS:
        said = locale.translate_plural(
            "A digest can have a role or group for {number} tag at most.",
            "A digest can have roles or groups for {number} tags at most.",
            MOST_TAG_MENTIONS,
        )
        return refused_reply(message_card(locale.translate("Nothing was changed"), said))
    return replace(subscription, tag_mentions=tuple(kept.items()))
