"""Hears what people do, however Slack tells of it; acknowledges at once and answers after that."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.cache import DuplicateFilter
from adapters.slack.auth.manifest import FIND_HERE
from adapters.slack.events import payloads
from adapters.slack.events.interactions import Interaction, InteractionHandler
from adapters.slack.events.payloads import Body
from adapters.slack.places import Origin
from adapters.slack.render.controls import LINK_ACTION_ID
from adapters.slack.render.modals import FORM_CALLBACK_ID
from bot.ports.conversation import Invocation
from bot.ports.errors import Refused, TryLater

_ANYTHING = re.compile(".*", re.DOTALL)
_MOST_EVENTS = 5000
"""Slack tells of an event again within the hour where it was not told that it arrived."""

_NEW = frozenset({None, "file_share", "thread_broadcast"})
"""The subtypes of messages that somebody wrote, and not of what was done to older ones."""

_LOG = logging.getLogger(__name__)

Ack = Callable[..., Awaitable[Any]]


class Authorizer(Protocol):
    """Who lets the bot in."""

    async def identity(self, workspace: str, organisation: str) -> AuthorizeResult | None:
        """Return who the bot is in a workspace; None where nobody let it in."""
        ...

    async def handle_revocation(self, workspace: str, organisation: str) -> None:
        """Take note that a workspace has let the bot go."""
        ...


class EventDispatcher:
    """What is told, on its way to the conversation."""

    def __init__(
        self, conversation: InteractionHandler, admission: Authorizer, prefix: str
    ) -> None:
        self._conversation = conversation
        self._admission = admission
        self._prefix = prefix
        self._events = DuplicateFilter(_MOST_EVENTS)
        self._answering: set[asyncio.Task[None]] = set()

    def app(self, client: AsyncWebClient) -> AsyncApp:
        """Return what Slack is to tell; whoever hears for it has checked the signature."""

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            try:
                found = await self._admission.identity(team_id or "", enterprise_id or "")
                if found:
                    return found
                _LOG.warning("the workspace %s is to install Paperboy again", team_id)
            except (TryLater, Refused) as error:
                _LOG.warning("who asks is not known: %s", error)
            # What comes with an address of its own can be answered all the same.
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

        app = AsyncApp(
            name="Paperboy",
            client=client,
            authorize=authorize,
            request_verification_enabled=False,
        )
        app.command(re.compile("/"))(self._command)
        app.shortcut(FIND_HERE)(self._shortcut)
        app.action(_ANYTHING)(self._click)
        app.view(FORM_CALLBACK_ID)(self._form)
        app.options(_ANYTHING)(self._load_options)
        app.event("app_mention")(self._mention)
        app.event("message")(self._message)
        app.event("app_home_opened")(self._home)
        app.event("tokens_revoked")(self._revoked)
        app.event("app_uninstalled")(self._revoked)
        return app

    async def _command(self, ack: Ack, body: Body) -> None:
        await ack()
        heard = Interaction(
            payloads.command_origin(body),
            url=body["response_url"],
            trigger=body["trigger_id"],
            is_public=True,
        )
        self._answer(heard, [payloads.parse_command(body, self._prefix)])

    async def _shortcut(self, ack: Ack, body: Body) -> None:
        await ack()
        names = payloads.paper_candidates(body)
        heard = Interaction(
            payloads.interaction_origin(body), body["response_url"], body["trigger_id"]
        )
        self._answer(heard, [Invocation("paper", name) for name in names or [""]])

    async def _click(self, ack: Ack, body: Body) -> None:
        await ack()
        way = payloads.parse_component(body)
        if way.name == LINK_ACTION_ID or not way.name:
            return
        view = body.get("view") or {}
        heard = Interaction(
            payloads.interaction_origin(body),
            url=body.get("response_url") or "",
            trigger=body.get("trigger_id") or "",
            view=view.get("id") or "",
            is_home=view.get("type") == "home",
            is_alone=bool((body.get("container") or {}).get("is_ephemeral")),
        )
        self._answer(heard, [way])

    async def _form(self, ack: Ack, body: Body) -> None:
        way, place = payloads.parse_modal(body)
        heard = Interaction(place, trigger=body.get("trigger_id") or "", view=body["view"]["id"])
        await self._conversation.submit(heard, way, ack)

    async def _load_options(self, ack: Ack, body: Body) -> None:
        kind, typed = payloads.parse_autocomplete(body)
        place = payloads.interaction_origin(body)
        await ack(options=await self._conversation.suggest_options(place, kind, typed))

    async def _mention(self, body: Body) -> None:
        if _is_from_person(body["event"]) and self._is_first_delivery(body):
            self._answer_message(body, is_mention=True)

    async def _message(self, body: Body) -> None:
        event = body["event"]
        is_direct = event.get("channel_type") == "im" and event.get("subtype") in _NEW
        if is_direct and _is_from_person(event) and self._is_first_delivery(body):
            self._answer_message(body, is_mention=False)

    async def _home(self, body: Body) -> None:
        if body["event"].get("tab") == "home" and self._is_first_delivery(body):
            place = payloads.event_origin(body)
            self._start_task(
                self._conversation.publish_home(Origin(place.workspace, place.person))
            )

    async def _revoked(self, body: Body) -> None:
        event = body["event"]
        if event["type"] == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):
            await self._admission.handle_revocation(
                body["team_id"], body.get("enterprise_id") or ""
            )

    def _answer_message(self, body: Body, *, is_mention: bool) -> None:
        way = payloads.parse_message(body, self._prefix)
        place = payloads.event_origin(body)
        self._answer(Interaction(place, is_public=True, is_mention=is_mention), [way])

    def _is_first_delivery(self, body: Body) -> bool:
        return not self._events.is_duplicate(body.get("event_id") or "")

    def _answer(self, heard: Interaction, ways: list[Invocation]) -> None:
        self._start_task(self._conversation.answer(heard, ways))

    def _start_task(self, answering: Coroutine[Any, Any, None]) -> None:
        """Answer beside everything else, so that whatever comes next is acknowledged."""
        task = asyncio.create_task(answering)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def close(self) -> None:
        """Let go of what is being answered."""
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)


def _is_from_person(event: Body) -> bool:
    """Tell whether a person wrote a message: two bots that answer each other would never end."""
    return bool(event.get("user")) and not event.get("bot_id")
