"""Reads what a person did on Discord: the payload of an interaction (pure).

Source: https://docs.discord.com/developers/interactions/receiving-and-responding.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from adapters.discord.render import controls
from bot.commands.command import Command
from bot.commands.mentions import paper_queries as candidates_of
from bot.commands.registry import COMMANDS
from bot.ports.conversation import Invocation

_SUB_COMMAND = 1
_MESSAGE = 3


def parse_command(data: Mapping[str, Any]) -> Invocation:
    """Return what a slash command asks for."""
    words, options = [], data.get("options") or []
    while options and options[0]["type"] == _SUB_COMMAND:
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    row = _row(data["name"])
    own = row.argument.name if row and row.argument and not words else ""
    given = {option["name"]: str(option["value"]) for option in options}
    argument = given.pop(own, "")
    return Invocation(data["name"], " ".join([*words, argument]).strip(), given)


def parse_component(data: Mapping[str, Any]) -> Invocation:
    """Return what a button or a menu asks for."""
    action = controls.parse_action(data["custom_id"], data.get("values") or ())
    return Invocation(action.name, action.argument)


def parse_modal(data: Mapping[str, Any]) -> Invocation:
    """Return what a form that was sent asks for, with its answers."""
    action = controls.parse_action(data["custom_id"])
    return Invocation(action.name, action.argument, dict(_answers(data["components"])))


def parse_autocomplete(data: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is being typed, and what was typed of it: `("paper", "ring")`."""
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


def is_message_command(data: Mapping[str, Any]) -> bool:
    """Tell whether a command was used on a message."""
    return data.get("type") == _MESSAGE


def paper_candidates(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a paper may be found by in the message that a command was used on."""
    message = data["resolved"]["messages"][data["target_id"]]
    shown = [each.get(name) for each in message.get("embeds") or () for name in ("url", "title")]
    return candidates_of(message.get("content") or "", filter(None, shown))


def _row(name: str) -> Command | None:
    return next((row for row in COMMANDS if row.name == name), None)


def _answers(components: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for each in components:
        inner: Sequence[Mapping[str, Any]] = each.get("components") or ()
        for one in (*inner, *filter(None, [each.get("component")])):
            values = one.get("values")
            yield one["custom_id"], values[0] if values else one.get("value") or ""
