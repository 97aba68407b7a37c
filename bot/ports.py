"""What people ask of the core and what it answers, whatever the platform."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.card import Card, Form
from bot.models import Paper, Person, Target

Native = Mapping[str, object]
"""A message in a platform's own form, ready to be written as JSON."""

Render = Callable[[Card], Sequence[Native]]
"""Turns a card into a platform's own messages, one or more in order; nothing is lost."""


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
    private: bool = False
    """Whether only the asker sees it."""
    papers: tuple[Paper, ...] = ()
    """The papers it shows, best first."""
    suggestions: tuple[str, ...] = ()
    """Names that were meant, perhaps, where nothing was found."""
    explanation: tuple[str, ...] = ()
    """How it was found, a line per step, for whoever tunes the look-up."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """Something that may be meant while a person types."""

    label: str
    """What is shown."""
    value: str
    """What is sent as the argument."""
