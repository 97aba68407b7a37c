"""Dispatches events from either transport: acknowledges at once, then handles in a task."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.auth.manifest import FIND_HERE, REPORT_HERE
from adapters.slack.events import payloads
from adapters.slack.events.interactions import Interaction, InteractionHandler
from adapters.slack.events.payloads import Body
from adapters.slack.events.unfurls import LinkUnfurler
from adapters.slack.places import Origin
from adapters.slack.render.controls import LINK_ACTION_ID
from adapters.slack.render.modals import FORM_CALLBACK_ID
from bot.lib.cache import DuplicateFilter
from bot.ports.conversation import CommandService, Invocation
from bot.ports.errors import Refused, TryLater

_ANY = re.compile(".*", re.DOTALL)
_MAX_EVENTS = 5000
"""Event ids remembered: Slack redelivers an unacknowledged event within the hour."""

_NEW_MESSAGE_SUBTYPES = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of new messages, in contrast to those of edits, deletions and joins."""

_LOG = logging.getLogger(__name__)

Ack = Callable[..., Awaitable[Any]]


class Authorizer(Protocol):
    """Knows in which workspaces the bot is installed."""

    async def authorize(self, workspace: str, organisation: str) -> AuthorizeResult | None:
        """Return the bot's identity in a workspace; None if it is not installed there."""
        ...

    async def handle_revocation(self, workspace: str, organisation: str) -> None:
        """Record that a workspace uninstalled the app or revoked its token."""
        ...


class EventDispatcher:
    """Routes events to the interaction handler."""

    def __init__(
        self,
        handler: InteractionHandler,
        unfurler: LinkUnfurler,
        authorizer: Authorizer,
        prefix: str,
        service: CommandService,
    ) -> None:
        self._handler = handler
        self._unfurler = unfurler
        self._authorizer = authorizer
        self._prefix = prefix
        self._on_thread_changed = service.on_thread_changed
        self._on_reaction = service.on_reaction
        self._events = DuplicateFilter(_MAX_EVENTS)
        self._tasks: set[asyncio.Task[None]] = set()

    def build_app(self, client: AsyncWebClient) -> AsyncApp:
        """Return the slack-bolt app; the transport has verified signatures already."""

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            try:
                found = await self._authorizer.authorize(team_id or "", enterprise_id or "")
                if found:
                    return found
                _LOG.warning("App not installed", extra={"fields": {"workspace": team_id}})
            except (TryLater, Refused) as error:
                _LOG.warning(
                    "Failed to authorize event",
                    extra={"fields": {"workspace": team_id, "error": str(error)}},
                )
            # An event that carries a response_url can be answered without a token.
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

        app = AsyncApp(
            name="Paperboy",
            client=client,
            authorize=authorize,
            request_verification_enabled=False,
        )
        app.command(re.compile("/"))(self._command)
        app.shortcut(FIND_HERE)(self._shortcut)
        app.shortcut(REPORT_HERE)(self._report)
        app.action(_ANY)(self._click)
        app.view(FORM_CALLBACK_ID)(self._form)
        app.options(_ANY)(self._load_options)
        app.event("app_mention")(self._mention)
        app.event("message")(self._message)
        app.event("app_home_opened")(self._home)
        app.event("link_shared")(self._links)
        app.event("tokens_revoked")(self._revoked)
        app.event("app_uninstalled")(self._revoked)
        return app

    def intercept(self, body: Body) -> bool:
        """Handle the event of a message in a channel, or of a reaction; False for any other event.

        These are as many as people write, and need neither an authorisation nor an answer.
        """
        if (body.get("event") or {}).get("type") in payloads.REACTION_EVENTS:
            if reaction := payloads.reaction(body):
                self._on_reaction(reaction)
            return True
        if not payloads.is_channel_message(body):
            return False
        if thread := payloads.changed_thread(body):
            self._on_thread_changed(*thread)
        return True

    def intercept_body(self, body: bytes) -> bool:
        """Do the same with the body of a request, which may be anything else."""
        if not body.startswith(b"{"):
            return False  # a command or an interaction: a form
        try:
            found = json.loads(body)
        except ValueError:
            return False
        return isinstance(found, dict) and self.intercept(found)

    async def _command(self, ack: Ack, body: Body) -> None:
        await ack()
        interaction = Interaction(
            payloads.command_origin(body),
            response_url=body["response_url"],
            trigger_id=body["trigger_id"],
            is_public=True,
        )
        self._answer(interaction, [payloads.parse_command(body, self._prefix)])

    async def _shortcut(self, ack: Ack, body: Body) -> None:
        await ack()
        self._answer_shortcut(body, "paper", payloads.paper_candidates(body))

    async def _report(self, ack: Ack, body: Body) -> None:
        await ack()
        self._answer_shortcut(body, "report", payloads.report_candidates(body))

    def _answer_shortcut(self, body: Body, name: str, candidates: Sequence[str]) -> None:
        interaction = Interaction(
            payloads.interaction_origin(body), body["response_url"], body["trigger_id"]
        )
        self._answer(interaction, [Invocation(name, each) for each in candidates or [""]])

    async def _click(self, ack: Ack, body: Body) -> None:
        await ack()
        invocation = payloads.parse_component(body)
        if invocation.name == LINK_ACTION_ID or not invocation.name:
            return
        view = body.get("view") or {}
        interaction = Interaction(
            payloads.interaction_origin(body),
            response_url=body.get("response_url") or "",
            trigger_id=body.get("trigger_id") or "",
            view_id=view.get("id") or "",
            is_home=view.get("type") == "home",
            is_ephemeral=bool((body.get("container") or {}).get("is_ephemeral")),
        )
        self._answer(interaction, [invocation])

    async def _form(self, ack: Ack, body: Body) -> None:
        invocation, origin = payloads.parse_modal(body)
        interaction = Interaction(
            origin, trigger_id=body.get("trigger_id") or "", view_id=body["view"]["id"]
        )
        await self._handler.handle_form(interaction, invocation, ack)

    async def _load_options(self, ack: Ack, body: Body) -> None:
        kind, typed = payloads.parse_autocomplete(body)
        origin = payloads.interaction_origin(body)
        await ack(options=await self._handler.suggest_options(origin, kind, typed))

    async def _mention(self, body: Body) -> None:
        if _is_from_person(body["event"]) and self._is_first_delivery(body):
            self._answer_message(body, is_mention=True)

    async def _message(self, body: Body) -> None:
        event = body["event"]
        is_direct = (
            event.get("channel_type") == "im" and event.get("subtype") in _NEW_MESSAGE_SUBTYPES
        )
        if is_direct and _is_from_person(event) and self._is_first_delivery(body):
            self._answer_message(body, is_mention=False)

    async def _home(self, body: Body) -> None:
        if body["event"].get("tab") == "home" and self._is_first_delivery(body):
            origin = payloads.event_origin(body)
            self._start_task(self._handler.publish_home(Origin(origin.workspace, origin.person)))

    async def _links(self, body: Body) -> None:
        shared = payloads.shared_links(body)
        if shared and self._is_first_delivery(body):
            self._unfurler.submit(shared)

    async def _revoked(self, body: Body) -> None:
        event = body["event"]
        if event["type"] == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):
            await self._authorizer.handle_revocation(
                body["team_id"], body.get("enterprise_id") or ""
            )

    def _answer_message(self, body: Body, *, is_mention: bool) -> None:
        invocation = payloads.parse_message(body, self._prefix)
        if invocation is None:
            return
        origin = payloads.event_origin(body)
        self._answer(Interaction(origin, is_public=True, is_mention=is_mention), [invocation])

    def _is_first_delivery(self, body: Body) -> bool:
        return not self._events.is_duplicate(body.get("event_id") or "")

    def _answer(self, interaction: Interaction, invocations: list[Invocation]) -> None:
        self._start_task(self._handler.answer(interaction, invocations))

    def _start_task(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Handle it in a task of its own, so that the next event is acknowledged in time."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel the tasks that are under way."""
        await self._unfurler.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _is_from_person(event: Body) -> bool:
    """Return whether a person wrote the message; two bots could answer each other for ever."""
    return bool(event.get("user")) and not event.get("bot_id")
