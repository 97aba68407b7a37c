"""Answers what people do on Discord: commands, controls, forms, what they are typing."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from adapters.discord import limits
from adapters.discord.gateway import payloads
from adapters.discord.http.client import RestClient
from adapters.discord.http.route import Route
from adapters.discord.options import NAME
from adapters.discord.render import controls
from adapters.discord.render.modals import build_modal
from bot.cards.fit import truncate, utf16_length
from bot.commands.conversation import Conversation, Question
from bot.lib.clean import clean
from bot.model.card import Action, Form
from bot.model.channels import Person, Target
from bot.ports.conversation import CommandService, Invocation
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.platform import NativeMessage, Renderer

EPHEMERAL = 1 << 6

_MESSAGE, _DEFERRED, _UPDATE, _CHOICES, _MODAL = 4, 5, 7, 8, 9
"""Types of answers."""
_PATIENCE = 1.5
"""Seconds until it is said that an answer is on its way; Discord waits for three."""
_LOG = logging.getLogger(__name__)


class InteractionHandler:
    """Hears interactions, and answers each in time."""

    def __init__(
        self,
        rest: RestClient,
        desk: CommandService,
        render: Renderer,
        application: str,
        manager_role: str,
    ) -> None:
        self._rest = rest
        self._desk = desk
        self._conversation = Conversation(desk, _fits_button)
        self._render = render
        self._application = application
        self._manager_role = manager_role

    async def hear(self, interaction: discord.Interaction) -> None:
        """Answer; never raises for what a person or Discord does."""
        try:
            await self._hear(interaction)
        except (TryLater, Refused, Unknown) as error:
            _LOG.warning("an answer on Discord did not arrive: %s", error)
        except Exception:  # noqa: BLE001 - one question that fails stops no other
            _LOG.exception("a question on Discord was not answered")

    async def _hear(self, interaction: discord.Interaction) -> None:
        data: Mapping[str, Any] = interaction.data or {}
        match interaction.type:
            case discord.InteractionType.autocomplete:
                await self._autocomplete(interaction, data)
            case discord.InteractionType.application_command:
                if payloads.is_message_command(data):
                    names = payloads.paper_candidates(data)
                    ways = [Invocation("paper", name) for name in names or [""]]
                    await self._answer(interaction, ways)
                else:
                    await self._answer(interaction, [payloads.parse_command(data)])
            case discord.InteractionType.component:
                await self._answer(interaction, [payloads.parse_component(data)])
            case discord.InteractionType.modal_submit:
                await self._answer(interaction, [payloads.parse_modal(data)])
            case _:
                pass  # pings come over HTTP alone

    async def _autocomplete(
        self, interaction: discord.Interaction, data: Mapping[str, Any]
    ) -> None:
        name, typed = payloads.parse_autocomplete(data)
        found = await self._desk.complete(name, typed, _language(interaction)) if name else ()
        choices = [
            {
                "name": truncate(clean(each.label) or each.value, limits.CHOICE_NAME),
                "value": each.value,
            }
            for each in found[: limits.CHOICES]
            if 0 < utf16_length(each.value) <= limits.CHOICE_VALUE
        ]
        await self._send_callback(interaction, _CHOICES, {"choices": choices})

    async def _answer(
        self, interaction: discord.Interaction, invocations: Sequence[Invocation]
    ) -> None:
        """Answer; where that takes long, say first that the answer is on its way."""
        question = self._question(interaction, invocations)
        working = asyncio.create_task(self._conversation.ask(question))
        done, _ = await asyncio.wait({working}, timeout=_PATIENCE)
        is_deferred_publicly = not done and self._conversation.expects_public(question)
        if not done:
            flags = 0 if is_deferred_publicly else EPHEMERAL
            await self._send_callback(interaction, _DEFERRED, {"flags": flags})
        response = await working
        if isinstance(response.content, Form):
            if done:
                await self._send_callback(interaction, _MODAL, build_modal(response.content))
            return
        first, *others = [
            _with_flags(each, is_private=response.is_private)
            for each in self._render(response.content)
        ]
        if done:
            is_update = response.is_private and _is_on_ephemeral(interaction)
            await self._send_callback(interaction, _UPDATE if is_update else _MESSAGE, first)
        elif is_deferred_publicly and response.is_private:
            # A message keeps the visibility that it was deferred with.
            await self._rest.write(self._original("DELETE", interaction), None)
            await self._rest.write(self._webhook("POST", interaction), first)
        else:
            await self._rest.write(self._original("PATCH", interaction), first)
        for message in others:
            await self._rest.write(self._webhook("POST", interaction), message)

    async def _send_callback(
        self, interaction: discord.Interaction, kind: int, data: Mapping[str, Any]
    ) -> None:
        rest = f"/{interaction.token}/callback"
        route = Route("POST", "/interactions/{main}", str(interaction.id), rest)
        await self._rest.write(route, {"type": kind, "data": data})

    def _original(self, method: str, interaction: discord.Interaction) -> Route:
        return self._webhook(method, interaction, "/messages/@original")

    def _webhook(self, method: str, interaction: discord.Interaction, rest: str = "") -> Route:
        return Route(method, "/webhooks/{main}", f"{self._application}/{interaction.token}", rest)

    def _question(
        self, interaction: discord.Interaction, invocations: Sequence[Invocation]
    ) -> Question:
        channel, thread = _channel_and_thread(interaction)
        person = Person(
            NAME,
            str(interaction.user.id),
            _language(interaction),
            may_manage=self._may_manage(interaction),
        )
        target = Target(NAME, str(interaction.guild_id or ""), channel)
        return Question(
            invocations, person, target, thread, is_public=_is_slash_command(interaction)
        )

    def _may_manage(self, interaction: discord.Interaction) -> bool:
        rights = interaction.permissions
        roles = {str(role) for role in getattr(interaction.user, "_roles", ())}
        return rights.manage_channels or rights.manage_guild or self._manager_role in roles - {""}


def _fits_button(action: Action) -> bool:
    """Tell whether a button's custom_id can carry an action."""
    return controls.parse_action(controls.custom_id(action)) == action


def _is_slash_command(interaction: discord.Interaction) -> bool:
    """Tell whether it is a command that was typed, which the channel sees."""
    is_command = interaction.type is discord.InteractionType.application_command
    return is_command and not payloads.is_message_command(interaction.data or {})


def _is_on_ephemeral(interaction: discord.Interaction) -> bool:
    """Tell whether a control was used on an answer that its asker alone sees."""
    message = interaction.message
    return message is not None and message.flags.ephemeral


def _language(interaction: discord.Interaction) -> str:
    return "ko" if str(interaction.locale.value).startswith("ko") else "en"


def _channel_and_thread(interaction: discord.Interaction) -> tuple[str, str]:
    """Return the channel, and the thread in it, where something was asked."""
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        return str(channel.parent_id), str(channel.id)
    return str(interaction.channel_id or ""), ""


def _with_flags(message: NativeMessage, *, is_private: bool) -> dict[str, Any]:
    found: dict[str, Any] = dict(message)
    found["flags"] = found.get("flags", 0) | (EPHEMERAL if is_private else 0)
    return found
