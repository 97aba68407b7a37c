"""Handles interactions: commands, mentions, controls, forms, completion and the App Home."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.slack import limits
from adapters.slack.api.users import UserDirectory
from adapters.slack.events.responder import Responder, ResponseTarget, ViewClient
from adapters.slack.options import NAME
from adapters.slack.places import Origin, is_direct
from adapters.slack.render import modals
from adapters.slack.render.app_home import build_home_view
from bot.cards.fit import utf16_length
from bot.cards.help import error_card
from bot.cards.locale import Locale
from bot.commands.conversation import Conversation, Question
from bot.lib.clean import clean
from bot.model.attachment import Attachment
from bot.model.card import Action, Button, Card, Code, Form
from bot.model.channels import Target
from bot.ports.conversation import CommandService, Invocation, Request, Suggestion
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.platform import NativeMessage, Renderer

_TIMEOUT_SECONDS = 1.5
"""Seconds until a pending form is acknowledged; Slack waits for three."""
_CHANGES_HOME = frozenset({
    "forget-me", "message_settings", "saved_read", "saved_unread", "unfollow", "unremind",
    "unsave",
})  # fmt: skip
"""What changes the App Home where it is done in a view."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Interaction:
    """How something was asked."""

    origin: Origin
    response_url: str = ""
    """URL that replies may be sent to; see `adapters.slack.events.responder`."""
    trigger_id: str = ""
    """Token to open a view with, valid for three seconds."""
    view_id: str = ""
    """The view that the control stands in; empty outside of views."""
    is_home: bool = False
    """Whether that view is the App Home, which no reply replaces."""
    is_public: bool = False
    """Whether the channel saw the question."""
    is_mention: bool = False
    """Whether it is a mention; public replies go to the thread of its message."""
    is_ephemeral: bool = False
    """Whether the control stands on an ephemeral message."""


class InteractionHandler:
    """Answers interactions that the dispatcher has acknowledged."""

    def __init__(
        self,
        service: CommandService,
        users: UserDirectory,
        render: Renderer,
        responders: tuple[Responder, ViewClient],
    ) -> None:
        self._service = service
        self._conversation = Conversation(service, _fits_button)
        self._users = users
        self._render = render
        self._responder, self._views = responders

    async def answer(self, interaction: Interaction, invocations: Sequence[Invocation]) -> None:
        """Answer with the first invocation that finds a paper, or else the last; never raises."""
        if not await _run_logged(self._answer(interaction, invocations)):
            await _run_logged(self._send_failure(interaction))
        elif interaction.view_id and invocations[0].name in _CHANGES_HOME:
            await self.publish_home(interaction.origin)

    async def handle_form(
        self, interaction: Interaction, invocation: Invocation, ack: Callable[..., Awaitable[Any]]
    ) -> None:
        """Answer a submitted form in its view, acknowledged in time."""
        working = asyncio.create_task(self._answer_form(interaction, invocation))
        done, _ = await asyncio.wait({working}, timeout=_TIMEOUT_SECONDS)
        if done:
            is_refused, view = await working
            # A refusal is pushed on top of the form, which keeps its answers.
            await ack(response_action="push" if is_refused else "update", view=view)
            if invocation.name in _CHANGES_HOME and not is_refused:
                await self.publish_home(interaction.origin)
            return
        locale = self._conversation.locale()
        await ack(
            response_action="update", view=modals.build_waiting_view(interaction.origin, locale)
        )
        _, view = await working
        await _run_logged(self._views.update(interaction.origin, interaction.view_id, view))

    async def suggest_options(self, origin: Origin, kind: str, typed: str) -> list[dict[str, Any]]:
        """Return options for the text typed so far; none if the look-up takes too long."""
        found: Sequence[Suggestion] = ()

        async def look() -> None:
            nonlocal found
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                language = await self._users.language(origin)
                found = await self._service.complete(kind, typed, language)

        await _run_logged(look())
        options = [
            modals.build_suggestion(clean(each.label), each.value)
            for each in found[: limits.OPTIONS]
            if 0 < utf16_length(each.value) <= limits.OPTION_VALUE
        ]
        if kind == "paper" and not options and 0 < utf16_length(typed) <= limits.OPTION_VALUE:
            return [modals.build_suggestion(f"“{typed}”", typed)]  # the look-up forgives mistakes
        return options

    async def publish_home(self, origin: Origin) -> None:
        """Publish a person's App Home; never raises."""
        await _run_logged(self._publish_home(origin))

    async def _publish_home(self, origin: Origin) -> None:
        person = await self._users.person(origin)
        locale = self._conversation.locale(person.language)
        target = Target(NAME, origin.workspace, "")
        own = await self._service.answer(Request("own_page", "", person, target))
        week = await self._service.answer(Request("week", "latest", person, target))
        digests = await self._service.answer(Request("digests", "", person, target))
        above, blocks = (
            self._blocks(each.content) if isinstance(each.content, Card) else []
            for each in (own, week)
        )
        # A digest in direct messages is private.
        digests_shown = [
            each for each in digests.subscriptions if not is_direct(each.target.channel)
        ]
        view = build_home_view(locale, above, blocks, digests_shown)
        await self._views.publish(origin, view)

    async def _answer(self, interaction: Interaction, invocations: Sequence[Invocation]) -> None:
        question = await self._question(interaction, invocations)
        response = await self._conversation.ask(question)
        locale = self._conversation.locale(question.person.language)
        card = response.content
        if isinstance(card, Form):
            await self._show_form(interaction, card, invocations[-1], locale)
            return
        if response.reply.attachment:
            card = await self._send_file(interaction.origin, response.reply.attachment, card)
        if interaction.view_id:
            await self._show_in_view(interaction, card, locale)
            return
        origin = interaction.origin
        if interaction.is_mention and not response.is_private:
            origin = replace(origin, thread=origin.thread or origin.message)
        target = ResponseTarget(
            origin, interaction.response_url, interaction.is_ephemeral and response.is_private
        )
        messages = self._render(card)
        if response.reply.picture:
            messages = await self._responder.add_picture(origin, messages, response.reply.picture)
        await self._responder.respond(target, messages, is_private=response.is_private)

    async def _send_file(self, origin: Origin, file: Attachment, card: Card) -> Card:
        """Send a file directly; return the card, with what is in the file where that failed."""
        try:
            await self._responder.send_file(origin, file)
        except (TryLater, Refused, Unknown) as error:
            _LOG.warning("Failed to send file", extra={"fields": {"error": str(error)}})
            text = Code(file.content.decode("utf-8", "replace"), "json")
            return replace(card, blocks=(*card.blocks, text))
        return card

    async def _question(
        self, interaction: Interaction, invocations: Sequence[Invocation]
    ) -> Question:
        origin = interaction.origin
        # Message events come only from direct messages with the bot; commands from any.
        is_direct = origin.is_direct and (
            not interaction.response_url or await self._users.is_direct_with_bot(origin)
        )
        return Question(
            invocations,
            await self._users.person(origin),
            Target(NAME, origin.workspace, origin.channel),
            origin.thread,
            is_public=interaction.is_public,
            is_direct=is_direct,
            message=_shown_message(interaction),
            can_share=not interaction.view_id,
        )

    async def _answer_form(
        self, interaction: Interaction, invocation: Invocation
    ) -> tuple[bool, dict[str, Any]]:
        """Return whether a form was refused, and the view of the reply."""
        try:
            question = await self._question(interaction, [invocation])
            locale = self._conversation.locale(question.person.language)
            response = await self._conversation.ask(question)
            is_refused, card = response.reply.is_refused, response.content
        except Exception:  # noqa: BLE001 - the person waits for the form
            _LOG.exception("Failed to handle form")
            locale = self._conversation.locale()
            is_refused, card = True, error_card(locale)
        if isinstance(card, Form):
            return is_refused, modals.build_modal(card, interaction.origin, locale)
        return is_refused, modals.build_message_view(
            card.title, self._blocks(card), interaction.origin, locale
        )

    async def _show_form(
        self, interaction: Interaction, form: Form, invocation: Invocation, locale: Locale
    ) -> None:
        """Open a form; if no view can be opened, reply with a button that does."""
        opens = (
            self._views.push
            if interaction.view_id and not interaction.is_home
            else self._views.open
        )
        view = modals.build_modal(form, interaction.origin, locale)
        if interaction.trigger_id and await opens(
            interaction.origin, interaction.trigger_id, view
        ):
            return
        button = Button(
            locale.translate("Open the form"), Action(invocation.name, invocation.argument)
        )
        card = Card(form.title, controls=(button,))
        target = ResponseTarget(
            interaction.origin, interaction.response_url, interaction.is_ephemeral
        )
        await self._responder.respond(target, self._render(card), is_private=True)

    async def _show_in_view(self, interaction: Interaction, card: Card, locale: Locale) -> None:
        """Show a reply in a view; if it is too long or too late, send a direct message."""
        messages = self._render(card)
        blocks = self._blocks(card)
        view = modals.build_message_view(card.title, blocks, interaction.origin, locale)
        if interaction.is_home:
            is_shown = await self._views.open(interaction.origin, interaction.trigger_id, view)
        else:
            is_shown = await self._views.update(interaction.origin, interaction.view_id, view)
        if not is_shown or len(blocks) > limits.VIEW_BLOCKS:
            await self._responder.send_direct(interaction.origin, messages)

    async def _send_failure(self, interaction: Interaction) -> None:
        """Reply that it failed."""
        messages = self._render(error_card(self._conversation.locale()))
        if interaction.origin.channel:
            await self._responder.respond(
                ResponseTarget(interaction.origin, interaction.response_url),
                messages,
                is_private=True,
            )
        else:
            await self._responder.send_direct(interaction.origin, messages)

    def _blocks(self, card: Card) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for message in self._render(card):
            found += _blocks_of(message)
        return found


async def _run_logged(work: Awaitable[object]) -> bool:
    """Await it; return False if it fails by a fault of ours, which is logged."""
    try:
        await work
    except (TryLater, Refused, Unknown) as error:
        _LOG.warning("Failed to reply", extra={"fields": {"error": str(error)}})
    except TimeoutError:
        _LOG.warning("Reply timed out")
    except Exception:  # noqa: BLE001 - a failed interaction must not stop others
        _LOG.exception("Failed to handle interaction")
        return False
    return True


def _shown_message(interaction: Interaction) -> str:
    """Return the message of the channel itself whose control was used, if everyone sees it."""
    origin = interaction.origin
    is_elsewhere = interaction.is_public or interaction.is_ephemeral or interaction.view_id
    return "" if is_elsewhere or origin.thread not in {"", origin.message} else origin.message


def _blocks_of(message: NativeMessage) -> list[dict[str, Any]]:
    blocks = message["blocks"]
    return list(blocks) if isinstance(blocks, list) else []


def _fits_button(action: Action) -> bool:
    """Return whether a button's value can carry an action."""
    return utf16_length(action.argument) <= limits.BUTTON_VALUE
