"""Registers the commands with Discord, where the registered ones differ."""

from collections.abc import Iterable, Mapping, Sequence
from gettext import NullTranslations
from typing import Any

from adapters.discord.gateway.payloads import CLEAR, PAPERS_HERE, REPORT_HERE
from adapters.discord.http.client import RestClient
from adapters.discord.http.route import Route
from bot.cards.setting_choices import other_language_choices
from bot.commands.command import Argument, ArgumentKind, Command
from bot.commands.registry import COMMANDS
from bot.lib.marker import _

FIND_HERE = "Find this paper"
"""The name of the command in the context menu of a message."""

_FIND_HERE_KOREAN = "이 논문 찾기"
_REPORT_HERE_KOREAN = "오류 신고"
_PAPERS_HERE_KOREAN = "이 메시지의 논문"
_CHAT_INPUT, _MESSAGE = 1, 3
"""Types of commands."""
_SUB_COMMAND, _STRING, _CHANNEL, _ROLE = 1, 3, 7, 8
"""Types of options."""
_TEXT_CHANNEL, _ANNOUNCEMENT_CHANNEL = 0, 5
_PICKERS: Mapping[ArgumentKind, dict[str, Any]] = {
    ArgumentKind.TEXT: {"type": _STRING},
    ArgumentKind.GROUP: {"type": _ROLE},
    ArgumentKind.CHANNEL: {
        "type": _CHANNEL, "channel_types": [_TEXT_CHANNEL, _ANNOUNCEMENT_CHANNEL],
    },
}  # fmt: skip
_GUILD_INSTALL, _USER_INSTALL = 0, 1
"""For whom the application is installed: a guild, or one person wherever the person is."""
_GUILD, _BOT_DM, _PRIVATE_CHANNEL = 0, 1, 2
"""Where a command can be used.

Source: https://docs.discord.com/developers/resources/application#installation-context."""
_KEPT = (
    "type", "name", "name_localizations", "description", "description_localizations", "options",
    "integration_types", "contexts",
)  # fmt: skip
_KEPT_OF_OPTIONS = (*_KEPT[:6], "required", "autocomplete", "channel_types", "choices")

Catalogues = Mapping[str, NullTranslations]


class CommandRegistrar:
    """The registration of the commands, for every guild or for one."""

    def __init__(
        self, rest: RestClient, application: str, guild: str, *, is_for_people: bool = False
    ) -> None:
        """Register for every guild or for one; `is_for_people`: people may install it too."""
        self._rest = rest
        self._is_for_people = is_for_people
        of_guild = f"/guilds/{guild}" if guild else ""
        self._path = f"/applications/{{main}}{of_guild}/commands"
        self._application = application
        self.ids: Mapping[str, str] = {}
        """The ids of the slash commands by their names, once they are known."""

    async def sync(self, catalogues: Catalogues) -> bool:
        """Replace the registered commands where they differ; return whether they did.

        Discord takes 200 creations a day, so a restart must not register anything. Raises
        TryLater and Refused.
        """
        wanted = build_definitions(catalogues, is_for_people=self._is_for_people)
        route = Route("GET", self._path, self._application, "?with_localizations=true")
        registered = await self._rest.read_list(route)
        self.ids = _ids(registered)
        if _comparable(registered) == _comparable(wanted):
            return False
        route = Route("PUT", self._path, self._application)
        self.ids = _ids(await self._rest.write(route, wanted, is_repeatable=True))
        return True


def build_definitions(
    catalogues: Catalogues, *, is_for_people: bool = False
) -> list[dict[str, Any]]:
    """Return the definition of every command, with its Korean localisation.

    What needs no channel works in direct messages too; where the application may be installed
    for people, everywhere.
    """
    in_guilds = {"integration_types": [_GUILD_INSTALL], "contexts": [_GUILD]}
    where = (
        {
            "integration_types": [_GUILD_INSTALL, _USER_INSTALL],
            "contexts": [_GUILD, _BOT_DM, _PRIVATE_CHANNEL],
        }
        if is_for_people
        else {"integration_types": [_GUILD_INSTALL], "contexts": [_GUILD, _BOT_DM]}
    )
    commands = [
        {
            "type": _CHAT_INPUT,
            **_definition(row, catalogues),
            **(in_guilds if row.needs_channel else where),
        }
        for row in COMMANDS
    ]
    find_here = {
        "type": _MESSAGE,
        "name": FIND_HERE,
        "name_localizations": {"ko": _FIND_HERE_KOREAN},
        **where,
    }
    report_here = find_here | {
        "name": REPORT_HERE, "name_localizations": {"ko": _REPORT_HERE_KOREAN}, **in_guilds,
    }  # fmt: skip
    papers_here = find_here | {
        "name": PAPERS_HERE, "name_localizations": {"ko": _PAPERS_HERE_KOREAN},
    }  # fmt: skip
    return [*commands, find_here, papers_here, report_here]


def _ids(registered: object) -> dict[str, str]:
    """Return the ids of slash commands; what is no list of commands has none."""
    commands = registered if isinstance(registered, list) else []
    return {
        str(each["name"]): str(each["id"])
        for each in commands
        if isinstance(each, dict) and each.get("type") == _CHAT_INPUT and each.get("id")
    }


def _definition(row: Command, catalogues: Catalogues) -> dict[str, Any]:
    found = _names(row.name, row.korean_name, row.description, catalogues)
    if row.subcommands:
        found["options"] = [
            {"type": _SUB_COMMAND, **_definition(part, catalogues)} for part in row.subcommands
        ]
        return found
    options = [*filter(None, [row.argument]), *row.options]
    if options:
        found["options"] = [_option(each, catalogues) for each in options]
    picked = [each for each in options if each.kind is not ArgumentKind.TEXT]
    if picked:
        found["options"].append(_clear_option(picked, catalogues))
    return found


def _clear_option(picked: Sequence[Argument], catalogues: Catalogues) -> dict[str, Any]:
    """Return the option that empties others: a picker has no entry for nothing."""
    found = _names(CLEAR, "지우기", _("what is to be emptied"), catalogues)
    choices = [
        {"name": each.name, "name_localizations": {"ko": each.korean_name}, "value": each.name}
        for each in picked
    ]
    return {**found, "type": _STRING, "required": False, "choices": choices}


def _option(argument: Argument, catalogues: Catalogues) -> dict[str, Any]:
    found = _names(argument.name, argument.korean_name, argument.description, catalogues)
    found |= {**_PICKERS[argument.kind], "required": argument.is_required}
    if argument.choices:
        found["choices"] = [
            {
                "name": catalogues["en"].gettext(sentence),
                "name_localizations": {"ko": catalogues["ko"].gettext(sentence)},
                "value": value,
            }
            for value, sentence in (*argument.choices, *_more_choices(argument, catalogues))
        ]
    elif argument.autocomplete:
        found["autocomplete"] = True
    return found


def _more_choices(argument: Argument, catalogues: Catalogues) -> Sequence[tuple[str, str]]:
    """Return the choices that the settings add."""
    return other_language_choices(catalogues) if argument.name == "language" else ()


def _names(name: str, korean: str, sentence: str, catalogues: Catalogues) -> dict[str, Any]:
    return {
        "name": name,
        "name_localizations": {"ko": korean},
        "description": catalogues["en"].gettext(sentence),
        "description_localizations": {"ko": catalogues["ko"].gettext(sentence)},
    }


def _comparable(commands: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return commands by name, without the fields that Discord adds."""
    return sorted((_only(each, _KEPT) for each in commands), key=lambda each: str(each["name"]))


def _only(command: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    found = {name: command[name] for name in names if command.get(name)}
    if "options" in found:
        found["options"] = [_only(each, _KEPT_OF_OPTIONS) for each in found["options"]]
    return found
