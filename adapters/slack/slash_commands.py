"""How commands are called in a workspace, whose slash commands all its apps share (pure).

They are lower case, with 32 characters at most. Source:
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

from bot.commands.command import Command
from bot.commands.registry import COMMANDS

_OF_EVERY_APP = frozenset({"help", "about"})
"""Names that say nothing of Paperboy, and that Slack or other apps have as well."""
_OWN = "paperboy-"


def format_slash_command(command: Command, prefix: str) -> str:
    """Return how a command is called, such as `/paper`; `prefix` is the operator's."""
    return f"/{prefix or (_OWN if command.name in _OF_EVERY_APP else '')}{command.name}"


def slash_command_for(name: str, prefix: str) -> str:
    """Return how the command of a name is called; a name that is none stays itself."""
    return next(
        (format_slash_command(row, prefix) for row in COMMANDS if row.name == name), f"/{name}"
    )


def find_command(name: str, prefix: str) -> Command | None:
    """Return the command that is called so, with or without the slash, in either language."""
    called = name.casefold().removeprefix("/")
    for row in COMMANDS:
        if called in {
            format_slash_command(row, prefix).removeprefix("/"),
            row.name,
            row.korean_name,
        }:
            return row
    return None
