"""The conversation policy of all platforms: who sees a reply, and which replies can be shared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.cards.help import share_label
from bot.cards.locale import Locale
from bot.model.access import ChannelAccess
from bot.model.card import Action, Button, Card, Form
from bot.model.channels import Person, Target
from bot.ports.conversation import CommandService, Invocation, Reply, Request

SHARE_ACTION = "share"
"""The name of the action that shows a reply to everyone; its argument is what was asked."""

_SHAREABLE = frozenset({
    "paper", "week", "tag", "find", "trend", "trends", "abstract", "tag_page", "find_page",
    "discussions", "links",
})  # fmt: skip
"""The commands and actions whose replies are of use to everyone."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asked, and in whose sight."""

    invocations: Sequence[Invocation]
    """At least one; they are tried in turn until one finds papers."""
    person: Person
    target: Target
    thread: str = ""
    is_public: bool = False
    """Whether everyone in the channel saw it: a command or a mention; not a control or a form."""
    is_direct: bool = False
    """Whether only the person reads what is posted there, as in direct messages with the bot."""
    access: ChannelAccess = field(default_factory=ChannelAccess)
    message: str = ""
    """The message in the channel itself whose control was used, if everyone sees it."""
    can_share: bool = True
    """Whether a private reply may offer to show it to everyone; a view has no channel for it."""


@dataclass(frozen=True, slots=True)
class Response:
    """A reply, and who sees it."""

    reply: Reply
    is_private: bool
    """Whether only the person who asked sees it."""
    content: Card | Form
    """What is shown: the reply's content, with the share button where it has one."""


class Conversation:
    """Answers the questions of one platform."""

    def __init__(self, service: CommandService, fits_button: Callable[[Action], bool]) -> None:
        """Take what answers, and whether the platform's buttons can carry an action."""
        self._service = service
        self._fits_button = fits_button

    def locale(self, language: str = "") -> Locale:
        """Return the locale of a person, or of the bot where the person's language is unknown."""
        return Locale(self._service.catalogues, language or self._service.language)

    def expects_public(self, question: Question) -> bool:
        """Tell whether everyone will see the reply, as far as can be said before it is known."""
        first = question.invocations[0]
        if question.is_direct or first.name == SHARE_ACTION:
            return True
        return question.is_public and self._service.audience.is_public_reply(
            first.name, question.target
        )

    async def ask(self, question: Question) -> Response:
        """Answer with the first invocation that finds papers, or guesses some, else the last."""
        is_shared = question.invocations[0].name == SHARE_ACTION
        invocations = (
            [parse_share_argument(question.invocations[0].argument)]
            if is_shared
            else question.invocations
        )
        language = await self._channel_language(question)
        invocation, reply = await self._try_in_turn(question, invocations, language)
        is_public, is_useful = self._is_public(question, reply)
        own = question.person.language or self._service.language
        if not is_public and language not in {"", own}:
            # Others do not see it: it is in the person's own language.
            invocation, reply = await self._try_in_turn(question, invocations, "")
            is_public, is_useful = self._is_public(question, reply)
        content = reply.content
        if isinstance(content, Card) and question.can_share and is_useful and not is_public:
            content = self._with_share_button(question.person, content, invocation)
        return Response(reply, not is_public, content)

    def _is_public(self, question: Question, reply: Reply) -> tuple[bool, bool]:
        """Return whether everyone sees a reply, and whether it is of use to others."""
        is_shared = question.invocations[0].name == SHARE_ACTION
        # What was not found is of no use to others, even where it was asked for them.
        is_useful = bool(reply.papers) or not reply.is_private
        is_public = self.expects_public(question) and (
            question.is_direct or not reply.is_private or (is_shared and is_useful)
        )
        return is_public, is_useful

    async def _channel_language(self, question: Question) -> str:
        """Return the channel's language where everyone may see the reply; else empty."""
        if question.is_direct or not self.expects_public(question):
            return ""
        return await self._service.language_of(question.target)

    async def _try_in_turn(
        self, question: Question, invocations: Sequence[Invocation], language: str
    ) -> tuple[Invocation, Reply]:
        guessed: tuple[Invocation, Reply] | None = None
        *earlier, last = invocations
        for invocation in earlier:
            reply = await self._service.answer(_request(question, invocation, language))
            if reply.papers:
                return invocation, reply
            if reply.guesses and guessed is None:
                guessed = invocation, reply
        reply = await self._service.answer(_request(question, last, language))
        return (last, reply) if reply.papers or guessed is None else guessed

    def _with_share_button(self, person: Person, card: Card, invocation: Invocation) -> Card:
        """Return a card with the button that shares it, where a button can ask for it again."""
        action = share_action(invocation)
        if action is None or not self._fits_button(action):
            return card
        button = Button(share_label(self.locale(person.language)), action)
        return replace(card, controls=(*card.controls, button))


def share_action(invocation: Invocation) -> Action | None:
    """Return the action that shows everyone what was asked; None where it is of no use to them."""
    if invocation.name not in _SHAREABLE:
        return None
    return Action(SHARE_ACTION, f"{invocation.name} {invocation.argument}")


def parse_share_argument(argument: str) -> Invocation:
    """Return what was asked, from the argument of the action that shares it."""
    name, _, rest = argument.partition(" ")
    return Invocation(name, rest)


def _request(question: Question, invocation: Invocation, language: str) -> Request:
    return Request(
        invocation.name,
        invocation.argument,
        question.person,
        question.target,
        question.thread,
        invocation.fields,
        question.access,
        question.message,
        language,
    )
