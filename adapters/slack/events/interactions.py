"""Answers what people do on Slack: commands, mentions, controls, forms, what they are typing."""

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
from bot.cards.locale import Locale, TranslatableReason
from bot.commands.conversation import Conversation, Question, Response
from bot.lib.clean import clean
from bot.model.card import Action, Button, Card, Form, Paragraph, Run, Tone
from bot.model.channels import Target
from bot.ports.conversation import CommandService, Invocation, Request, Suggestion
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.platform import NativeMessage, Renderer

ChannelCheck = Callable[[Target], Awaitable[tuple[str, ...]]]
"""Tells what is missing in a channel."""

_PATIENCE = 1.5
"""Seconds until it is said that an answer is on its way; Slack waits for three."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Interaction:
    """How something was asked."""

    place: Origin
    url: str = ""
    """The address that answers may be sent to; see `adapters.slack.events.responder`."""
    trigger: str = ""
    """What a view may be opened with, for three seconds."""
    view: str = ""
    """The view that it was asked in; empty outside of views."""
    is_home: bool = False
    """Whether that view is the App Home, which no answer takes the place of."""
    is_public: bool = False
    """Whether it was asked in front of everybody."""
    is_mention: bool = False
    """Whether it stands in a message, whose thread is the place of an answer to everyone."""
    is_alone: bool = False
    """Whether it was asked on an answer that the asker alone sees."""


class InteractionHandler:
    """Answers each thing that was asked; acknowledging it is done before."""

    def __init__(
        self,
        desk: CommandService,
        people: UserDirectory,
        render: Renderer,
        voices: tuple[Responder, ViewClient],
        check: ChannelCheck,
    ) -> None:
        self._desk = desk
        self._conversation = Conversation(desk, _fits_button)
        self._people = people
        self._render = render
        self._saying, self._views = voices
        self._check = check

    async def answer(self, heard: Interaction, ways: Sequence[Invocation]) -> None:
        """Answer with the first way of asking that leads to a paper, or else the last.

        Never raises for what a person or Slack does.
        """
        if not await _run_logged(self._answer(heard, ways)):
            await _run_logged(self._send_failure(heard))

    async def submit(
        self, heard: Interaction, way: Invocation, ack: Callable[..., Awaitable[Any]]
    ) -> None:
        """Answer a form in the view that it was sent from, acknowledged in time."""
        working = asyncio.create_task(self._handle_form(heard, way))
        done, _ = await asyncio.wait({working}, timeout=_PATIENCE)
        if done:
            is_refused, view = await working
            # What could not be done leaves the form beneath, with all that was written.
            await ack(response_action="push" if is_refused else "update", view=view)
            return
        locale = self._conversation.locale()
        await ack(response_action="update", view=modals.build_waiting_view(heard.place, locale))
        _, view = await working
        await _run_logged(self._views.update(heard.place, heard.view, view))

    async def suggest_options(self, place: Origin, kind: str, typed: str) -> list[dict[str, Any]]:
        """Return what may be meant while a person types, as options; none where it takes long."""
        found: Sequence[Suggestion] = ()

        async def look() -> None:
            nonlocal found
            async with asyncio.timeout(_PATIENCE):
                language = await self._people.language(place)
                found = await self._desk.complete(kind, typed, language)

        await _run_logged(look())
        options = [
            modals.build_suggestion(clean(each.label), each.value)
            for each in found[: limits.OPTIONS]
            if 0 < utf16_length(each.value) <= limits.OPTION_VALUE
        ]
        if kind == "paper" and not options and 0 < utf16_length(typed) <= limits.OPTION_VALUE:
            return [modals.build_suggestion(f"“{typed}”", typed)]  # the look-up forgives mistakes
        return options

    async def publish_home(self, place: Origin) -> None:
        """Show a person the App Home; never raises, as above."""
        await _run_logged(self._welcome(place))

    async def _welcome(self, place: Origin) -> None:
        person = await self._people.person(place)
        locale = self._conversation.locale(person.language)
        target = Target(NAME, place.workspace, "")
        week = await self._desk.answer(Request("week", "latest", person, target))
        digests = await self._desk.answer(Request("digests", "", person, target))
        blocks = self._blocks(week.content) if isinstance(week.content, Card) else []
        # A digest in a direct message is nobody's but its reader's.
        told = [each for each in digests.subscriptions if not is_direct(each.target.channel)]
        await self._views.publish(place, build_home_view(locale, blocks, told))

    async def _answer(self, heard: Interaction, invocations: Sequence[Invocation]) -> None:
        question = await self._question(heard, invocations)
        response = await self._ask(question)
        locale = self._conversation.locale(question.person.language)
        if isinstance(response.content, Form):
            await self._show_form(heard, response.content, invocations[-1], locale)
            return
        if heard.view:
            await self._show_in_view(heard, response.content, locale)
            return
        place = heard.place
        if heard.is_mention and not response.is_private:
            place = replace(place, thread=place.thread or place.message)
        target = ResponseTarget(place, heard.url, heard.is_alone and response.is_private)
        messages = self._render(response.content)
        await self._saying.say(target, messages, is_private=response.is_private)

    async def _question(self, heard: Interaction, invocations: Sequence[Invocation]) -> Question:
        place = heard.place
        # Of messages Slack tells only those to the bot; commands are written anywhere.
        is_direct = place.is_direct and (
            not heard.url or await self._people.is_direct_with_bot(place)
        )
        return Question(
            invocations,
            await self._people.person(place),
            Target(NAME, place.workspace, place.channel),
            place.thread,
            is_public=heard.is_public,
            is_direct=is_direct,
            can_share=not heard.view,
        )

    async def _ask(self, question: Question) -> Response:
        """Return the response; one about a digest with what will keep it from the channel."""
        response = await self._conversation.ask(question)
        card = response.content
        if (
            not response.reply.subscriptions
            or not question.target.channel
            or isinstance(card, Form)
        ):
            return response
        try:
            async with asyncio.timeout(_PATIENCE / 2):
                missing = await self._check(question.target)
        except TimeoutError:
            return response
        locale = self._conversation.locale(question.person.language)
        notes = tuple(
            Paragraph(
                (Run(locale.translate("{reason}", reason=TranslatableReason(each))),), Tone.BODY
            )
            for each in missing
        )
        return replace(response, content=replace(card, blocks=card.blocks + notes))

    async def _handle_form(
        self, heard: Interaction, way: Invocation
    ) -> tuple[bool, dict[str, Any]]:
        """Return whether a form was refused, and the view that says so."""
        try:
            question = await self._question(heard, [way])
            locale = self._conversation.locale(question.person.language)
            response = await self._ask(question)
            is_refused, card = response.reply.is_refused, response.content
        except Exception:  # noqa: BLE001 - the person waits in front of the form
            _LOG.exception("a form on Slack was not answered")
            locale = self._conversation.locale()
            is_refused, card = True, error_card(locale)
        if isinstance(card, Form):
            return is_refused, modals.build_modal(card, heard.place, locale)
        return is_refused, modals.build_message_view(
            card.title, self._blocks(card), heard.place, locale
        )

    async def _show_form(
        self, heard: Interaction, form: Form, way: Invocation, locale: Locale
    ) -> None:
        """Show a form; where it is too late for it, or no view can be opened, a button to it."""
        opens = self._views.push if heard.view and not heard.is_home else self._views.open
        view = modals.build_modal(form, heard.place, locale)
        if heard.trigger and await opens(heard.place, heard.trigger, view):
            return
        button = Button(locale.translate("Open the form"), Action(way.name, way.argument))
        card = Card(form.title, controls=(button,))
        way_there = ResponseTarget(heard.place, heard.url, heard.is_alone)
        await self._saying.say(way_there, self._render(card), is_private=True)

    async def _show_in_view(self, heard: Interaction, card: Card, locale: Locale) -> None:
        """Show an answer in a view; what has no room there or comes too late is sent directly."""
        messages = self._render(card)
        blocks = self._blocks(card)
        view = modals.build_message_view(card.title, blocks, heard.place, locale)
        if heard.is_home:
            is_shown = await self._views.open(heard.place, heard.trigger, view)
        else:
            is_shown = await self._views.update(heard.place, heard.view, view)
        if not is_shown or len(blocks) > limits.VIEW_BLOCKS:
            await self._saying.tell(heard.place, messages)

    async def _send_failure(self, heard: Interaction) -> None:
        """Say that it went wrong."""
        messages = self._render(error_card(self._conversation.locale()))
        if heard.place.channel:
            await self._saying.say(
                ResponseTarget(heard.place, heard.url), messages, is_private=True
            )
        else:
            await self._saying.tell(heard.place, messages)

    def _blocks(self, card: Card) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for message in self._render(card):
            found += _blocks_of(message)
        return found


async def _run_logged(doing: Awaitable[object]) -> bool:
    """Do something; return False where that fails by a fault of ours, which is logged."""
    try:
        await doing
    except (TryLater, Refused, Unknown) as error:
        _LOG.warning("an answer on Slack did not arrive: %s", error)
    except TimeoutError:
        _LOG.warning("an answer on Slack would have come too late")
    except Exception:  # noqa: BLE001 - one question that fails stops no other
        _LOG.exception("a question on Slack was not answered")
        return False
    return True


def _blocks_of(message: NativeMessage) -> list[dict[str, Any]]:
    blocks = message["blocks"]
    return list(blocks) if isinstance(blocks, list) else []


def _fits_button(action: Action) -> bool:
    """Tell whether a button's value can carry an action."""
    return utf16_length(action.argument) <= limits.BUTTON_VALUE
