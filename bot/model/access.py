"""Who sees replies, who may open discussions, and what the bot may do in a channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bot.model.channels import Person, Target
from bot.model.subscriptions import Layout


@dataclass(frozen=True, slots=True)
class Audience:
    """Which commands are answered publicly; a reply that found nothing never is."""

    everyone: frozenset[str] = frozenset({"paper", "week"})
    """The names of the commands that are answered publicly."""
    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The exceptions of single channels, by names such as `discord:SERVER/CHANNEL`."""

    languages: Mapping[str, str] = field(default_factory=dict)
    """The languages of public replies, 'ko', 'en' or 'both', by the same names of channels."""

    def is_public_reply(self, name: str, target: Target) -> bool:
        """Tell whether everyone in a channel sees the answer to a command."""
        return name in self.channels.get(_channel_name(target), self.everyone)

    def language_of(self, target: Target) -> str:
        """Return the language of public replies in a channel; empty where none was chosen."""
        return self.languages.get(_channel_name(target), "")


def _channel_name(target: Target) -> str:
    return f"{target.platform}:{target.workspace}/{target.channel}"


class ThreadPermission(Enum):
    """Who may open the thread of a paper; an existing thread is open to all."""

    EVERYONE = "everyone"
    MANAGERS = "managers"
    """People who may manage digests."""
    NOBODY = "nobody"

    def allows(self, person: Person) -> bool:
        """Tell whether a person may open a thread."""
        return self is ThreadPermission.EVERYONE or (
            self is ThreadPermission.MANAGERS and person.may_manage
        )


@dataclass(frozen=True, slots=True)
class ChannelAccess:
    """What the bot can do in a channel, as far as the platform says it with a request."""

    may_post: bool = True
    may_open_threads: bool = True
    layouts: tuple[Layout, ...] = ()
    """The layouts that this kind of channel can have; empty where its kind is not known."""


@dataclass(frozen=True, slots=True)
class CuratorAccess:
    """Who curates, who may report mistakes, and how many."""

    curators: frozenset[str] = frozenset()
    """Curators beside those that a platform names, such as `discord:123456789012345678`."""
    banned: frozenset[str] = frozenset()
    """People who may not report anything, written in the same way."""
    reports_per_hour: int = 5
    """How many reports a person may make within an hour."""

    def is_curator(self, person: Person) -> bool:
        """Tell whether a person may decide about texts."""
        return person.is_operator or person.may_curate or _name(person) in self.curators

    def is_banned(self, person: Person) -> bool:
        """Tell whether reports of a person are refused."""
        return _name(person) in self.banned


def _name(person: Person) -> str:
    return f"{person.platform}:{person.id}" if person.id else ""
