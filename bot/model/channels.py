"""Channels, messages and people of chat platforms."""

from dataclasses import dataclass

_DIRECT = "@"
"""Begins the channel of a person's direct messages; ids of channels never do."""


@dataclass(frozen=True, slots=True)
class Target:
    """A channel where messages are posted."""

    platform: str
    workspace: str
    """A Discord guild, a Slack team; empty where the platform has none."""
    channel: str

    @property
    def person(self) -> str:
        """Return the platform's id of the person whose direct messages it is; empty for others."""
        return self.channel[len(_DIRECT) :] if self.channel.startswith(_DIRECT) else ""


def direct_target(platform: str, workspace: str, person: str) -> Target:
    """Return a person's direct messages with the bot as a channel, which no request names."""
    return Target(platform, workspace, _DIRECT + person)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that was posted."""

    target: Target
    id: str
    thread: str = ""
    """The thread it is in; empty for the channel itself."""
    url: str = ""
    """The link to it; empty if the platform has none."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person who asks something."""

    platform: str
    id: str
    language: str = ""
    """'ko', 'en', 'both' as the platform or the person says; empty where unknown."""
    may_manage: bool = False
    """Whether the person may decide what is posted in the channel."""
    may_curate: bool = False
    """Whether the platform says that the person is a curator, as by a role."""
    is_operator: bool = False
    """Whether the person is at the machine that runs the program."""
    is_identified: bool = True
    """Whether the platform told who it is; if not, `may_manage` is False for want of an answer."""
