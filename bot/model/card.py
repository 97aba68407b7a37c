"""The neutral document of a message, before a platform renders it."""

from dataclasses import dataclass
from enum import Enum


class Style(Enum):
    """The style of a run of text."""

    PLAIN = "plain"
    STRONG = "strong"
    CODE = "code"
    SMALL = "small"
    """Secondary text inside an item: a title in another language, dates, tags."""


class Tone(Enum):
    """The role of a paragraph."""

    BODY = "body"
    HEADING = "heading"
    NOTE = "note"
    """Small print: labels, dates, tags, counts."""


class IdKind(Enum):
    """What a run's text is the platform's id of."""

    CHANNEL = "channel"
    GROUP = "group"
    """A role or a user group."""
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text of one style. The text is never markup; adapters escape it."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""
    id_of: IdKind | None = None
    """What the text is the id of, if it is one: a platform that can shows the name, with the link.
    It notifies no one."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Consecutive runs; a line break inside a run is kept."""

    runs: tuple[Run, ...]
    tone: Tone = Tone.BODY


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[tuple[Run, ...], ...]
    first: int | None = None
    """The number of the first item; None for a list without numbers."""


@dataclass(frozen=True, slots=True)
class Divider:
    """A horizontal line."""


@dataclass(frozen=True, slots=True)
class Code:
    """Preformatted text: blanks and line breaks are kept, and none is added."""

    text: str
    language: str = ""
    """The name of its language, such as `bibtex`; a-z."""


Block = Paragraph | Bullets | Divider | Code


@dataclass(frozen=True, slots=True)
class Action:
    """The request that a control makes: the name of a command or action, and its argument.

    It is encoded in the platform's identifiers, so a control works after a restart.
    """

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """Sends an action to the bot."""

    label: str
    action: Action


@dataclass(frozen=True, slots=True)
class LinkButton:
    """Opens a web address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a choice."""

    label: str
    value: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A menu; the chosen value becomes the argument of the action."""

    placeholder: str
    options: tuple[Option, ...]
    action: str
    """The name of the action."""


Control = Button | LinkButton | Choice


@dataclass(frozen=True, slots=True)
class Card:
    """One message."""

    title: str
    url: str = ""
    blocks: tuple[Block, ...] = ()
    controls: tuple[Control, ...] = ()
    footer: str = ""
    notification: str = ""
    """What a notification begins with, on platforms where it can differ from the message."""
    thread_name: str = ""
    """The name of the thread that it is the first message of; empty for the title."""


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a form."""

    name: str
    label: str
    value: str = ""
    """The initial value."""
    options: tuple[Option, ...] = ()
    """The options of a menu; empty for a text input."""
    required: bool = False
    long: bool = False
    autocomplete: str = ""
    """The kind of its suggestions; see `bot.commands.command.Argument`."""
    is_list: bool = False
    """Whether it takes several values, separated by commas."""
    empty: str = ""
    """The value that an empty input stands for; if empty, the setting stays unchanged."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form; its values come back under the name of the action."""

    title: str
    fields: tuple[Field, ...]
    action: Action
    asks_channel: bool = False
    """Whether it has an input for the channel, on platforms that support one."""
    submit: str = ""
    """What its button says, on platforms that let it be said; empty for "Save"."""
    note: str = ""
    """A hint at what the form does not ask; at most 100 characters."""
