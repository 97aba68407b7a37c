"""Handles interactions: commands, controls, forms and autocompletion."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord import limits
from adapters.discord.gateway import payloads
from adapters.discord.gateway.payloads import Data, Interaction, InteractionType
from adapters.discord.gateway.responder import (
    CALLBACK_SECONDS,
    CHOICES,
    DEFERRED,
    EPHEMERAL,
    MESSAGE,
    MODAL,
    UPDATE,
    Message,
    Responder,
)
from adapters.discord.http.channels import channel_layouts
from adapters.discord.http.client import Upload
from adapters.discord.http.permissions import can_manage, can_post, may_open_threads
from adapters.discord.options import NAME
from adapters.discord.render import controls
from adapters.discord.render.attachment import add_attachment
from adapters.discord.render.modals import build_modal
from adapters.discord.render.picture import add_picture
from bot.cards.fit import truncate, utf16_length
from bot.cards.help import error_card
from bot.commands.conversation import Conversation, Question, Response
from bot.commands.registry import FORM_ACTIONS
from bot.lib.clean import clean
from bot.model.access import ChannelAccess
from bot.model.card import Action, Card, Form
from bot.model.channels import Person, Target
from bot.ports.conversation import CommandService, Invocation, Reply
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.platform import NativeMessage, Renderer

_PATIENCE = 1.5
"""Seconds after which a reply is deferred; Discord waits for three."""
_BUSY = 16
"""With more interactions in flight each new one is deferred at once."""
_CONCURRENT = 8
"""How many of the deferred ones are answered at the same time."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Roles:
    """The ids of the roles that give rights."""

    manager: str = ""
    curators: frozenset[str] = frozenset()


class InteractionHandler:
    """Responds to each interaction within Discord's 3 seconds."""

    def __init__(
        self,
        responder: Responder,
        service: CommandService,
        render: Renderer,
        roles: Roles,
    ) -> None:
        self._responder = responder
        self._service = service
        self._conversation = Conversation(service, _fits_button)
        self._render = render
        self._roles = roles
        self._in_flight = 0
        self._turns = asyncio.Semaphore(_CONCURRENT)

    async def handle(self, payload: Data) -> None:
        """Respond to an interaction; never raises for what a person or Discord does."""
        self._in_flight += 1
        try:
            await self._handle(payload)
        except (TryLater, Refused, Unknown) as error:
            _LOG.warning("Failed to respond", extra={"fields": {"error": str(error)}})
        except Exception:  # noqa: BLE001 - one interaction that fails stops no other
            _LOG.exception("Failed to handle interaction")
        finally:
            self._in_flight -= 1

    async def _handle(self, payload: Data) -> None:
        until = asyncio.get_running_loop().time() + CALLBACK_SECONDS
        interaction = payloads.parse_interaction(payload)
        if interaction.kind == InteractionType.AUTOCOMPLETE:
            await self._autocomplete(interaction, until)
            return
        invocations = payloads.parse_invocations(interaction)
        if invocations:
            await self._answer(interaction, invocations, until)

    async def _autocomplete(self, interaction: Interaction, until: float) -> None:
        name, typed = payloads.parse_autocomplete(interaction.data)
        found = await self._service.complete(name, typed, interaction.language) if name else ()
        choices = [
            {
                "name": truncate(clean(each.label) or each.value, limits.CHOICE_NAME),
                "value": each.value,
            }
            for each in found[: limits.CHOICES]
            if 0 < utf16_length(each.value) <= limits.CHOICE_VALUE
        ]
        await self._responder.acknowledge(interaction, CHOICES, {"choices": choices}, until)

    async def _answer(
        self, interaction: Interaction, invocations: Sequence[Invocation], until: float
    ) -> None:
        """Reply at once, or defer the reply where it takes long or many are in flight."""
        question = self._question(interaction, invocations)
        # A form can be opened only before a reply is deferred.
        if self._in_flight > _BUSY and invocations[0].name not in FORM_ACTIONS:
            await self._defer(interaction, question, until)
            async with self._turns:
                response = await self._ask(question)
            await self._send_late(interaction, question, response)
            return
        working = asyncio.create_task(self._ask(question))
        done, _ = await asyncio.wait({working}, timeout=_PATIENCE)
        if done:
            await self._send(interaction, working.result(), until)
        else:
            await self._defer(interaction, question, until)
            await self._send_late(interaction, question, await working)

    async def _ask(self, question: Question) -> Response:
        """Return the response to a question; that it failed, where the core raises anything."""
        try:
            return await self._conversation.ask(question)
        except Exception:  # noqa: BLE001 - the person is told, and the error logged
            _LOG.exception("Failed to answer")
            card = error_card(self._conversation.locale(question.person.language))
            return Response(Reply(card, is_private=True), is_private=True, content=card)

    async def _defer(self, interaction: Interaction, question: Question, until: float) -> None:
        flags = 0 if self._conversation.expects_public(question) else EPHEMERAL
        await self._responder.acknowledge(interaction, DEFERRED, {"flags": flags}, until)

    async def _send(self, interaction: Interaction, response: Response, until: float) -> None:
        """Send a reply as the callback, and what does not fit as further messages."""
        if isinstance(response.content, Form):
            form = build_modal(response.content)
            await self._responder.acknowledge(interaction, MODAL, form, until)
            return
        first, *others = self._messages(response, response.content)
        is_update = response.is_private and interaction.is_on_ephemeral
        kind = UPDATE if is_update else MESSAGE
        await self._responder.acknowledge(interaction, kind, first, until)
        await self._follow_up(interaction, others)

    async def _send_late(
        self, interaction: Interaction, question: Question, response: Response
    ) -> None:
        """Send a reply in place of the deferred one."""
        content = response.content
        if isinstance(content, Form):
            # A deferred reply cannot become a form any more.
            content = error_card(self._conversation.locale(interaction.language))
        first, *others = self._messages(response, content)
        if response.is_private and self._conversation.expects_public(question):
            # A message keeps the visibility that it was deferred with.
            await self._responder.delete_original(interaction)
            others.insert(0, first)
        else:
            await self._responder.edit_original(interaction, first)
        await self._follow_up(interaction, others)

    async def _follow_up(self, interaction: Interaction, messages: Sequence[Message]) -> None:
        for message in messages:
            try:
                await self._responder.follow_up(interaction, message)
            except Unknown as error:
                # It may be there; the next ones are worth sending either way.
                _LOG.warning("Response in doubt", extra={"fields": {"error": str(error)}})

    def _messages(self, response: Response, card: Card) -> list[Message]:
        """Return the messages of a card, the first one with the picture of the response."""
        first, *others = [
            _with_flags(each, is_private=response.is_private) for each in self._render(card)
        ]
        picture, file = response.reply.picture, response.reply.attachment
        if card is not response.content:
            return [first, *others]
        if file is not None and response.is_private:
            upload = Upload(add_attachment(first, file), file.name, file.content, file.media_type)
            return [upload, *others]
        if picture is None:
            return [first, *others]
        return [Upload(add_picture(first, picture), picture.name, picture.content), *others]

    def _question(self, interaction: Interaction, invocations: Sequence[Invocation]) -> Question:
        person = Person(
            NAME,
            interaction.user,
            interaction.language,
            may_manage=self._may_manage(interaction),
            may_curate=not self._roles.curators.isdisjoint(interaction.roles),
        )
        return Question(
            invocations,
            person,
            Target(NAME, interaction.guild, interaction.channel),
            interaction.thread,
            is_public=interaction.is_public,
            is_direct=interaction.is_direct,
            access=_channel_access(interaction),
            message=interaction.message,
        )

    def _may_manage(self, interaction: Interaction) -> bool:
        return can_manage(interaction.permissions) or (
            self._roles.manager in interaction.roles - {""}
        )


def _channel_access(interaction: Interaction) -> ChannelAccess:
    """Return what the bot can do in the channel; in a thread its parent's kind is not told."""
    allowed = interaction.app_permissions
    return ChannelAccess(
        may_post=interaction.is_installed and can_post(allowed),
        may_open_threads=interaction.is_installed
        and (bool(interaction.thread) or may_open_threads(allowed)),
        layouts=() if interaction.thread else channel_layouts(interaction.channel_type),
    )


def _fits_button(action: Action) -> bool:
    """Tell whether a button's custom_id can carry an action."""
    return controls.parse_action(controls.custom_id(action)) == action


def _with_flags(message: NativeMessage, *, is_private: bool) -> dict[str, Any]:
    found: dict[str, Any] = dict(message)
    found["flags"] = found.get("flags", 0) | (EPHEMERAL if is_private else 0)
    return found
