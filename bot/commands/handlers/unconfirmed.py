"""Answers to the buttons of a message that may have been posted: it is there, or post it again."""

from bot.cards.subscriptions import message_card, permission_denied_card
from bot.commands.context import Context
from bot.model.subscriptions import Subscription
from bot.ports.conversation import Reply, Request

_WHOLE = "all"
"""After a key: all unconfirmed messages of its delivery."""


async def confirm(context: Context, request: Request) -> Reply:
    """Count an unconfirmed message as posted."""
    return await _settle(context, request, is_there=True)


async def repeat(context: Context, request: Request) -> Reply:
    """Post an unconfirmed message again."""
    return await _settle(context, request, is_there=False)


async def _settle(context: Context, request: Request, *, is_there: bool) -> Reply:
    key, _, scope = request.argument.strip().partition(" ")
    locale = context.locale(request)
    found = await context.ledger.find_unconfirmed(key)
    if found is None:
        said = locale.translate("This message was settled already")
        return Reply(message_card(said), is_private=True, is_refused=True)
    if not may_settle(found.subscription, request):
        card = permission_denied_card(locale, request.person)
        return Reply(card, is_private=True, is_refused=True)
    await context.ledger.settle_unconfirmed(
        key, context.now(), is_there=is_there, whole=scope == _WHOLE
    )
    said = (
        locale.translate("It counts as posted")
        if is_there
        else locale.translate("It is posted again")
    )
    return Reply(message_card(said), is_private=True)


def may_settle(subscription: Subscription, request: Request) -> bool:
    """Return whether the person subscribed the channel, or manages its server from there."""
    target, person = subscription.target, request.person
    is_subscriber = bool(person.id) and person.id == subscription.subscriber
    same_server = (request.target.platform, request.target.workspace) == (
        target.platform,
        target.workspace,
    )
    return person.platform == target.platform and (
        is_subscriber or (person.may_manage and same_server)
    )
