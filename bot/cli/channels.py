"""Reads and writes channels as the command line names them: `webhook:papers`."""

from bot.cli.exit import fail
from bot.cli.settings import require_platform
from bot.model.channels import Target


def parse_target(text: str) -> Target:
    """Return the channel that is meant; ends the program where none is."""
    platform, mark, rest = text.partition(":")
    workspace, _, channel = rest.rpartition("/")
    if not (mark and platform and channel):
        fail(f"{text!r} is not a channel. Write it like webhook:papers or discord:SERVER/CHANNEL.")
    return Target(platform, workspace, channel)


def parse_known_target(text: str) -> Target:
    """Return the same; ends the program also where there is no such platform."""
    target = parse_target(text)
    require_platform(target.platform)
    return target


def format_target(target: Target) -> str:
    """Return what a channel is called."""
    place = f"{target.workspace}/{target.channel}" if target.workspace else target.channel
    return f"{target.platform}:{place}"
