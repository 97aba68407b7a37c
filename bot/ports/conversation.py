"""Requests, replies and completions exchanged between platforms and commands."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from gettext import NullTranslations

from bot.model.access import Audience
from bot.model.card import Card, Form
from bot.model.channels import Person, Target
from bot.model.papers import Paper
from bot.model.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command or an action, its argument, and the values that were given by name."""

    name: str
    argument: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A command or a click, whatever platform it came from."""

    name: str
    """A command (`paper`) or an action of a control (`abstract`)."""
    argument: str
    person: Person
    target: Target
    thread: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The answers to a form, by the names of its fields."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person gets."""

    content: Card | Form
    is_private: bool = False
    """Whether only the asker sees it, whatever the channel's audience."""
    is_refused: bool = False
    """Whether what was asked for was not done."""
    papers: tuple[Paper, ...] = ()
    """The papers it shows, best first."""
    subscriptions: tuple[Subscription, ...] = ()
    """The digests that it tells of."""
    suggestions: tuple[str, ...] = ()
    """Names that were meant, perhaps, where nothing was found."""
    explanation: tuple[str, ...] = ()
    """How it was found, a line per step, for whoever tunes the look-up."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may be meant while a person types."""

    label: str
    """What is shown."""
    value: str
    """What is sent as the argument."""


Handler = Callable[[Request], Awaitable[Reply]]
"""Answers a command or a control."""


Completer = Callable[[str, str, str], Awaitable[Sequence[Suggestion]]]
"""Given a command, the beginning of its argument and a language, returns what may be meant."""


@dataclass(frozen=True, slots=True)
class CommandService:
    """The core, as a platform asks it."""

    answer: Handler
    complete: Completer
    audience: Audience
    catalogues: Mapping[str, NullTranslations]
    """The translations of each language, for what the platform itself says."""
    language: str
    """'ko', 'en' or 'both': what is spoken to people who do not say theirs."""
