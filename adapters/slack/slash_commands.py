"""Names of slash commands, which all apps of a workspace share (pure).

They are lower case, with 32 characters at most. Source:
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

from bot.commands.command import Command
from bot.commands.registry import COMMANDS
from bot.lib.clean import normalise_input

_GENERIC_NAMES = frozenset({"about", "help", "remind", "reminders", "stats"})
"""Names that Slack has itself, such as `/remind`, or that other apps are likely to have."""
_OWN_PREFIX = "paperboy-"


def format_slash_command(command: Command, prefix: str) -> str:
    """Return the slash command of a command, such as `/paper`; `prefix` is a setting."""
    return f"/{prefix or (_OWN_PREFIX if command.name in _GENERIC_NAMES else '')}{command.name}"


def slash_command_for(name: str, prefix: str) -> str:
    """Return the slash command of a command's name; an unknown name gets a slash only."""
    return next(
        (format_slash_command(row, prefix) for row in COMMANDS if row.name == name), f"/{name}"
    )


def find_command(name: str, prefix: str) -> Command | None:
    """Return the command of a name, with or without slash and prefix, in either language."""
    called = normalise_input(name).casefold().removeprefix("/")
    for row in COMMANDS:
        if called in {
            format_slash_command(row, prefix).removeprefix("/"),
            row.name,
            row.korean_name,
        }:
            return row
    return None
