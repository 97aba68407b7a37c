"""The types of a row in the table of commands; see `bot.commands.registry`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from bot.cards.setting_choices import SETTING_CHOICES
from bot.commands.context import Context
from bot.lib.marker import _
from bot.ports.conversation import Reply, Request

CommandHandler = Callable[[Context, Request], Awaitable[Reply]]


class ArgumentKind(Enum):
    """What the value of an argument is; platforms have pickers for what is no text."""

    TEXT = "text"
    GROUP = "group"
    """A role or a user group."""
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument or option of a command."""

    name: str
    """Its name on platforms whose options have names: one word, a-z."""
    korean_name: str
    description: str
    """A sentence of the catalogues."""
    autocomplete: str = ""
    """The kind of suggestions while it is typed: 'paper', 'week', 'tag' …; empty for none."""
    is_required: bool = False
    kind: ArgumentKind = ArgumentKind.TEXT
    choices: tuple[tuple[str, str], ...] = ()
    """Its only values, each with a sentence of the catalogues; empty if any text is one."""


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table of commands."""

    name: str
    korean_name: str
    """Its name for people who read Korean."""
    description: str
    """A sentence of the catalogues, at most 100 characters in every language."""
    argument: Argument | None
    """What follows the command as one text."""
    handler: CommandHandler
    subcommands: tuple["Command", ...] = ()
    """Commands of the second word, such as `subscribe` of `/digest subscribe`."""
    options: tuple[Argument, ...] = ()
    """Arguments given by name, in `Request.fields` or as `name=value`."""
    form_action: str = ""
    """The action that opens a form if nothing follows the command; for platforms on which a form
    is better than the reply of the command alone."""
    is_for_digests: bool = False
    """Whether it is of use only where digests are posted."""
    needs_channel: bool = False
    """Whether it is about a channel of a server or workspace, and of no use elsewhere."""
    is_manager_only: bool = False
    """Whether only people who may manage the channel may use it."""


SERIES_OPTION = Argument(
    "series", "시리즈", _("which digest, where the channel has several"), "series"
)

TAG_MENTION_OPTIONS = (
    Argument("tag", "태그", _("a tag, or several with commas"), "tags"),
    Argument("role", "역할", _("the role or group to mention"), kind=ArgumentKind.GROUP),
    SERIES_OPTION,
)

SUBSCRIPTION_OPTIONS = (
    Argument("day", "요일", _("day of the week, or never"), "day"),
    Argument("time", "시각", _("time of day, such as 09:00"), "time"),
    Argument("zone", "시간대", _("time zone, such as Asia/Seoul"), "zone"),
    Argument(
        "language", "언어", _("ko, en or both"), "language", choices=SETTING_CHOICES["language"]
    ),
    Argument(
        "layout",
        "배치",
        _("overview, threads or forum"),
        "layout",
        choices=SETTING_CHOICES["layout"],
    ),
    Argument("tags", "태그", _("only papers with these tags; all for every one"), "tags"),
    Argument("series", "시리즈", _("whose weeks: dair, pytorch-kr …"), "series"),
    Argument("mention", "멘션", _("a role or group to call, or none"), kind=ArgumentKind.GROUP),
    Argument("patience", "기다림", _("how long to wait for a late week, such as 36h")),
    Argument(
        "absence",
        "부재",
        _("say or silent: what to do when no week came"),
        "absence",
        choices=SETTING_CHOICES["absence"],
    ),
    Argument(
        "recap",
        "지난토론",
        _("on or off: begin with last week's discussions"),
        "recap",
        choices=SETTING_CHOICES["recap"],
    ),
    Argument("grace", "유예", _("how late a missed digest may still come, such as 3d")),
    Argument("quiet", "조용한시간", _("when nothing late is posted, such as 22-8, or off")),
    Argument(
        "admin",
        "관리채널",
        _("the channel that is told of failures, or none"),
        kind=ArgumentKind.CHANNEL,
    ),
)
"""The options of a subscription."""
