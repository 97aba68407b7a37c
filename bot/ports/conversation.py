"""Requests, replies and completions exchanged between platforms and commands."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from gettext import NullTranslations

from bot.model.access import Audience, ChannelAccess
from bot.model.attachment import Attachment
from bot.model.card import Card, Form
from bot.model.channels import Person, Target
from bot.model.discussions import Reaction
from bot.model.papers import Paper
from bot.model.picture import Picture
from bot.model.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command or an action, its argument, and the values that were given by name."""

    name: str
    argument: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A command or a click, independent of the platform."""

    name: str
    """A command (`paper`) or an action of a control (`abstract`)."""
    argument: str
    person: Person
    target: Target
    thread: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The answers to a form, by the names of its fields."""
    access: ChannelAccess = field(default_factory=ChannelAccess)
    message: str = ""
    """The message in the channel itself whose control was used, if everyone sees it."""
    language: str = ""
    """The language of a reply that everyone sees, which is the channel's; empty where the
    person's counts."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a request."""

    content: Card | Form
    is_private: bool = False
    """Whether only the person who asked sees it, regardless of the channel's audience."""
    is_refused: bool = False
    """Whether the request was refused."""
    papers: tuple[Paper, ...] = ()
    """The papers it shows, best first."""
    guesses: tuple[Paper, ...] = ()
    """Papers that may be meant, if none is surely; most probable first."""
    subscriptions: tuple[Subscription, ...] = ()
    """The subscriptions it is about."""
    suggestions: tuple[str, ...] = ()
    """The nearest names, if nothing was found."""
    picture: Picture | None = None
    """What goes with the card, on platforms that show pictures; the card says the same."""
    attachment: Attachment | None = None
    """A file that only the person gets who asked: with the card, or as a direct message."""
    explanation: tuple[str, ...] = ()
    """The steps of the look-up, a line each, for debugging."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion offered while a person types."""

    label: str
    """What is shown."""
    value: str
    """What is sent as the argument."""


ThreadListener = Callable[[Target, str], None]
"""Is told, by an event, that a thread has changed; it returns at once.

The channel of the target is empty where the event does not tell it. Events may be repeated, or be
about threads of other people.
"""


LanguageOfChannel = Callable[[Target], Awaitable[str]]
"""Returns the language of what everyone in a channel reads; empty where it has none."""


async def no_language(_channel: Target) -> str:
    """Return that a channel has no language of its own."""
    return ""


ReactionListener = Callable[[Reaction], None]
"""Is told, by an event, of a reaction that counts as a vote; it returns at once.

Events may be repeated, and are about any message of a channel.
"""


Handler = Callable[[Request], Awaitable[Reply]]
"""Handles a request."""


Completer = Callable[[str, str, str], Awaitable[Sequence[Suggestion]]]
"""Given a command, the beginning of its argument and a language, returns completions."""


@dataclass(frozen=True, slots=True)
class CommandService:
    """What the core offers to a platform."""

    answer: Handler
    complete: Completer
    audience: Audience
    catalogues: Mapping[str, NullTranslations]
    """The translations of each language, for sentences of the platform itself."""
    language: str
    """'ko', 'en' or 'both': the language for people whose own is unknown."""
    on_thread_changed: ThreadListener = lambda _target, _thread: None
    on_reaction: ReactionListener = lambda _reaction: None
    language_of: LanguageOfChannel = no_language
