"""The neutral document: what a message says, before any platform gives it its form."""

from dataclasses import dataclass
from enum import Enum


class Style(Enum):
    """How a run of text is set."""

    PLAIN = "plain"
    STRONG = "strong"
    CODE = "code"
    SMALL = "small"
    """What matters less inside an item: a title in another language, dates, tags."""


class Tone(Enum):
    """What a paragraph is to its reader."""

    BODY = "body"
    HEADING = "heading"
    NOTE = "note"
    """Small print: labels, dates, tags, counts."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text of one style. The text is never markup; adapters escape it."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs that flow together; a line break inside a run is kept."""

    runs: tuple[Run, ...]
    tone: Tone = Tone.BODY


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list. Where it does not fit, whole items are dropped from its end and counted."""

    items: tuple[tuple[Run, ...], ...]
    more: str = ""
    """The sentence that tells how many items were dropped, with `{count}` in it."""
    first: int | None = None
    """The number of the first item, where the list is numbered."""


@dataclass(frozen=True, slots=True)
class Divider:
    """A line between parts."""


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be copied as it stands: every blank and line break counts, and none is added."""

    text: str
    language: str = ""
    """What it is written in, such as `bibtex`; a-z."""


Block = Paragraph | Bullets | Divider | Code


@dataclass(frozen=True, slots=True)
class Action:
    """What a control asks for when it is used: a command or action name and its argument.

    It travels inside the platform's own identifiers, so a control works after a restart.
    """

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """Asks the bot for something."""

    label: str
    action: Action


@dataclass(frozen=True, slots=True)
class LinkButton:
    """Leads out, to a web address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose."""

    label: str
    value: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A list to choose one thing from; the chosen value becomes the action's argument."""

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
    marker: str = ""
    """The key of the part that it delivers, by which a platform finds it again; may be empty."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form."""

    name: str
    label: str
    value: str = ""
    """What stands there before the person writes."""
    options: tuple[Option, ...] = ()
    """Where not empty, one of these is to be chosen; otherwise text is written."""
    required: bool = False
    long: bool = False
    autocomplete: str = ""
    """What may be offered while it is typed; see `bot.commands.command.Argument`."""
    is_list: bool = False
    """Whether it is several of what it completes, with commas between them."""
    empty: str = ""
    """What it means where the person leaves it empty; nothing: that it stays as it is."""


@dataclass(frozen=True, slots=True)
class Form:
    """Questions that are answered together; the answers come back under the action's name."""

    title: str
    fields: tuple[Field, ...]
    action: Action
    asks_channel: bool = False
    """Whether it may be sent for another channel, where the platform can ask for one."""
    note: str = ""
    """What is not asked here, and how it is said; in at most 100 characters."""
