"""Parses the payloads of interactions: who did what, where (pure).

Source: https://docs.discord.com/developers/interactions/receiving-and-responding. Only documented
fields are read, and those that can be absent are not required: the payload's channel, for one, is
a partial object.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from adapters.discord.render import controls
from bot.cards.references import parse_reference
from bot.commands.command import Command
from bot.commands.mentions import paper_queries as candidates_of
from bot.commands.registry import COMMANDS
from bot.lib.urls import find_urls
from bot.ports.conversation import Invocation

Data = Mapping[str, Any]

CLEAR = "clear"
"""The option that names another one, which is to be empty."""
REPORT_HERE = "Report a mistake"
"""The name of the command in the context menu of a message that reports a mistake in it."""
PAPERS_HERE = "Papers in this message"
"""The name of the command in the context menu of a message that shows the papers it links to."""
_NOTHING = "none"
_SUB_COMMAND = 1
_CHANNEL, _ROLE = 7, 8
_MENTIONS = {_CHANNEL: "<#{}>", _ROLE: "<@&{}>"}
"""Mentions of channels and roles, by the types of their options."""
_MESSAGE = 3
_THREADS = frozenset({10, 11, 12})
"""Types of channels that are threads of another one."""
_EPHEMERAL = 1 << 6
_BOT_DM = 1
"""The context of an interaction in the direct messages of a person with the bot."""
_GUILD_INSTALL = "0"
"""The installation for a guild among those that authorise an interaction."""


class InteractionType(IntEnum):
    """Discord's number of what was used."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


@dataclass(frozen=True, slots=True)
class Interaction:
    """What a person did, and where."""

    id: str
    token: str
    """What responses are authorised with, for 15 minutes."""
    kind: int
    """A value of `InteractionType`, or one that is not handled, such as a ping."""
    data: Data
    user: str
    language: str
    """'ko' or 'en'."""
    guild: str
    """Empty in a direct message."""
    channel: str
    """The channel; the parent, where it was in a thread."""
    channel_type: int | None
    """Discord's number of the kind of channel, or of thread, that it was in."""
    thread: str
    """Empty outside of threads."""
    permissions: int
    """What the person may do in the channel, as a bit set."""
    app_permissions: int
    """What the bot may do there, as a bit set."""
    roles: frozenset[str]
    is_on_ephemeral: bool
    """Whether a control was used on a message that only this person sees."""
    message: str
    """The message in the channel itself whose control was used, if everyone sees it."""
    is_direct: bool = False
    """Whether it was in the person's direct messages with the bot."""
    is_installed: bool = True
    """Whether the bot is where it was: not where only the person has installed it."""

    @property
    def is_public(self) -> bool:
        """Tell whether everyone in the channel may see the reply: the settings decide.

        That is to a command that was typed, or to the one about the papers of a message that
        everyone reads.
        """
        if self.kind != InteractionType.COMMAND:
            return False
        return not is_message_command(self.data) or self.data["name"] == PAPERS_HERE


def parse_interaction(payload: Data) -> Interaction:
    """Return an interaction. Raises KeyError for a payload without id or token."""
    member = payload.get("member") or {}
    user = member.get("user") or payload.get("user") or {}
    channel = payload.get("channel") or {}
    here = str(channel.get("id") or payload.get("channel_id") or "")
    is_thread = channel.get("type") in _THREADS and bool(channel.get("parent_id"))
    message = payload.get("message") or {}
    is_ephemeral = bool(message.get("flags", 0) & _EPHEMERAL)
    owners = payload.get("authorizing_integration_owners") or {}
    return Interaction(
        str(payload["id"]),
        str(payload["token"]),
        payload.get("type", 0),
        payload.get("data") or {},
        user=str(user.get("id") or ""),
        language="ko" if str(payload.get("locale")).startswith("ko") else "en",
        guild=str(payload.get("guild_id") or ""),
        channel=str(channel["parent_id"]) if is_thread else here,
        channel_type=channel.get("type"),
        thread=here if is_thread else "",
        permissions=int(member.get("permissions") or 0),
        app_permissions=int(payload.get("app_permissions") or 0),
        roles=frozenset(map(str, member.get("roles") or ())),
        is_on_ephemeral=is_ephemeral,
        message="" if is_ephemeral or is_thread else str(message.get("id") or ""),
        is_direct=payload.get("context") == _BOT_DM,
        is_installed=_GUILD_INSTALL in owners or not owners,
    )


def parse_invocations(interaction: Interaction) -> Sequence[Invocation]:
    """Return what is asked for, to be tried in turn; empty for a kind that is not handled."""
    data = interaction.data
    match interaction.kind:
        case InteractionType.COMMAND if is_message_command(data):
            return _parse_message_command(data)
        case InteractionType.COMMAND:
            return [parse_command(data, interaction.guild)]
        case InteractionType.COMPONENT:
            return [parse_component(data)]
        case InteractionType.MODAL_SUBMIT:
            return [parse_modal(data)]
        case _:
            return []


def _parse_message_command(data: Data) -> Sequence[Invocation]:
    """Return what is asked for from the context menu of a message."""
    if data["name"] == PAPERS_HERE:
        return [Invocation("links", shared_addresses(_target_message(data)))]
    if data["name"] == REPORT_HERE:
        return [Invocation("report", name) for name in report_candidates(data) or [""]]
    return [Invocation("paper", name) for name in paper_candidates(data) or [""]]


def parse_command(data: Data, guild: str = "") -> Invocation:
    """Return what a slash command asks for in a guild."""
    words, options = [], data.get("options") or []
    while options and options[0]["type"] == _SUB_COMMAND:
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    row = _row(data["name"])
    own = row.argument.name if row and row.argument and not words else ""
    given = {option["name"]: _value(option, guild) for option in options}
    argument = given.pop(own, "")
    if CLEAR in given:
        given[given.pop(CLEAR)] = _NOTHING
    return Invocation(data["name"], " ".join([*words, argument]).strip(), given)


def parse_component(data: Data) -> Invocation:
    """Return what a button or a menu asks for."""
    action = controls.parse_action(data["custom_id"], data.get("values") or ())
    return Invocation(action.name, action.argument)


def parse_modal(data: Data) -> Invocation:
    """Return what a submitted form asks for, with its answers."""
    action = controls.parse_action(data["custom_id"])
    return Invocation(action.name, action.argument, dict(_answers(data["components"])))


def parse_autocomplete(data: Data) -> tuple[str, str]:
    """Return the kind of what is being typed, and its beginning: `("paper", "ring")`."""
    options, row = data.get("options") or [], _row(data["name"])
    while options and options[0]["type"] == _SUB_COMMAND:
        parts = row.subcommands if row else ()
        row = next((part for part in parts if part.name == options[0]["name"]), None)
        options = options[0].get("options") or []
    typed = next((each for each in options if each.get("focused")), None)
    if typed is None:
        return "", ""
    known = [*filter(None, [row.argument]), *row.options] if row else []
    kinds = [each.autocomplete for each in known if each.name == typed["name"]]
    return (kinds[0] if kinds else ""), str(typed["value"])


def is_message_command(data: Data) -> bool:
    """Tell whether a command was used on a message, from its context menu."""
    return data.get("type") == _MESSAGE


def paper_candidates(data: Data) -> tuple[str, ...]:
    """Return what a paper may be found by in the message that a command was used on."""
    message = _target_message(data)
    shown = [each.get(name) for each in message.get("embeds") or () for name in ("url", "title")]
    return candidates_of(message.get("content") or "", filter(None, shown))


def shared_addresses(message: Data) -> str:
    """Return the addresses in a message and in its previews, with a blank between them."""
    text = str(message.get("content") or "")
    written = (text[start:end] for start, end in find_urls(text))
    shown = (str(each.get("url") or "") for each in message.get("embeds") or ())
    return " ".join(dict.fromkeys(filter(None, (*written, *shown))))


def report_candidates(data: Data) -> tuple[str, ...]:
    """Return the paper or week of the message that a command was used on, best first.

    A message of ours names it by its controls.
    """
    message = _target_message(data)
    actions = [controls.parse_action(each) for each in _custom_ids(message.get("components"))]
    named = [action.argument for action in actions if action.name == "report"]
    references = dict.fromkeys(
        f"id:{found.paper}" for each in actions if (found := parse_reference(each.argument))
    )
    if named:
        return (named[0],)
    return tuple(references) if len(references) == 1 else paper_candidates(data)


def _target_message(data: Data) -> Data:
    """Return the message that a command was used on."""
    found: Data = data["resolved"]["messages"][data["target_id"]]
    return found


def _custom_ids(components: Iterable[Data] | None) -> Iterator[str]:
    for each in components or ():
        if "custom_id" in each:
            yield str(each["custom_id"])
        yield from _custom_ids(each.get("components"))


def _value(option: Data, guild: str) -> str:
    """Return the value of an option; of a picker as the mention that a client inserts.

    The role with the id of the guild is @everyone, which a client writes by that name.
    """
    if option["type"] == _ROLE and str(option["value"]) == guild:
        return "@everyone"
    return _MENTIONS.get(option["type"], "{}").format(option["value"])


def _row(name: str) -> Command | None:
    return next((row for row in COMMANDS if row.name == name), None)


def _answers(components: Iterable[Data]) -> Iterator[tuple[str, str]]:
    for each in components:
        inner: Sequence[Data] = each.get("components") or ()
        for one in (*inner, *filter(None, [each.get("component")])):
            values = one.get("values")
            yield one["custom_id"], values[0] if values else one.get("value") or ""
