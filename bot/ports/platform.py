"""What the core asks of platforms, and what people ask of the core: requests and replies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from gettext import NullTranslations
from typing import Protocol, runtime_checkable

from bot.lib.rate_limit import RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.ports.conversation import CommandService
from bot.ports.secrets import SecretStore

NativeMessage = Mapping[str, object]
"""A message in a platform's own form, ready to be written as JSON."""

Renderer = Callable[[Card], Sequence[NativeMessage]]
"""Turns a card into a platform's own messages, one or more in order; nothing is lost."""


@dataclass(frozen=True, slots=True)
class MessageFound:
    """The message is there."""

    ref: MessageRef


class MessageAbsent(Enum):
    """The message is not there, and no request that could still post it is under way."""

    ABSENT = "absent"


class MessageUnknown(Enum):
    """The platform cannot be asked: the channel's history is out of reach."""

    UNKNOWN = "cannot tell"


FindResult = MessageFound | MessageAbsent | MessageUnknown


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to be posted: one request, and so sent or not sent as a whole."""

    payload: NativeMessage
    key: str
    """The part's key; the platform finds the message again by it."""
    thread: str = ""
    """The thread to post in; empty for the channel itself."""
    title: str = ""
    """The name of the post, where the channel is a forum."""
    tags: tuple[str, ...] = ()
    """The tags of the post, where the channel is a forum."""
    creatable_tags: tuple[str, ...] = ()
    """Those of the tags that may be created where the forum lacks them."""
    mention: str = ""
    """A role or group that an admin chose to be mentioned; never from content."""
    is_post: bool = False
    """Whether its digest has the layout forum, so that the channel probably is one."""
    is_silent: bool = False
    """Whether it notifies no one, where the platform can do that."""


@runtime_checkable
class SupportsThreads(Protocol):
    """A platform on which people talk about papers, each in a thread of its own."""

    async def count_messages(self, thread: MessageRef) -> int:
        """Return how many messages stand in a thread, without the one that it hangs under.

        Raises TargetDeleted, TryLater, Refused or Unknown.
        """
        ...


@runtime_checkable
class SupportsThreadLocks(Protocol):
    """A platform on which a moderator can lock a thread, so that it can only be read."""

    async def is_locked(self, thread: MessageRef) -> bool:
        """Tell whether a thread is locked. Raises as `Threads.count` does."""
        ...


@runtime_checkable
class SupportsChannelRights(Protocol):
    """A platform that can be asked who may manage a channel."""

    async def may_manage(self, channel: Target, person: str) -> bool:
        """Return whether a person may manage a channel that the bot can post in.

        False for a channel of another server or workspace. Raises TryLater, Refused or Unknown.
        """
        ...


@runtime_checkable
class SupportsRecovery(Protocol):
    """A platform that can tell whether what it refused would be taken now."""

    async def is_recovered(self, target: Target, reason: str) -> bool:
        """Return whether the reason of a refusal is gone: invited back, installed again.

        False for a reason that only another attempt could find out. Raises TryLater, Refused or
        Unknown.
        """
        ...


@runtime_checkable
class SupportsInvites(Protocol):
    """A platform that has to be let in."""

    async def invite_url(self) -> str:
        """Return the address that lets the bot in. Raises TryLater or Refused."""
        ...


@runtime_checkable
class SupportsSecrets(Protocol):
    """A platform that has secrets to keep, such as a token for each server that let it in."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys that encrypt them: the first encrypts, all decrypt; empty for no secrets."""
        ...

    def use_secret_store(self, store: SecretStore) -> None:
        """Keep secrets there from now on, and close it in the end."""
        ...


@runtime_checkable
class SupportsCommandNames(Protocol):
    """A platform on which commands can have other names than here."""

    def command_name(self, name: str) -> str:
        """Return how a command is called, such as `/paper`; a name that is none stays itself."""
        ...


@runtime_checkable
class SupportsManifest(Protocol):
    """A platform to which an app is declared as a whole: its commands, rights and addresses."""

    def manifest(self, catalogues: Mapping[str, NullTranslations], language: str) -> NativeMessage:
        """Return the declaration, ready to be written as JSON; its sentences in a language.

        Nothing is asked of the platform. Raises Refused where a setting that it needs is missing.
        """
        ...

    def app_creation_url(self, manifest: NativeMessage) -> str:
        """Return the address at which a person makes an app of a declaration."""
        ...


class Platform(Protocol):
    """A place where people talk. Every method may raise TryLater, Refused or Unknown."""

    name: str
    rate_limit: RateLimit
    timeout: timedelta
    """After this a request can no longer be under way."""

    def render(self, card: Card) -> Sequence[NativeMessage]:
        """Return the messages that show a card, as `Renderer` does."""
        ...

    async def serve(self, service: CommandService) -> None:
        """Connect, and answer what people ask until cancelled."""
        ...

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        """Post one message once; never repeat it by itself."""
        ...

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        """Look for the message with this key among those posted since."""
        ...

    async def edit(self, ref: MessageRef, message: NativeMessage) -> None:
        """Replace what a message says."""
        ...

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        """Return the thread under a message, opened if there is none; opening twice is once."""
        ...

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin a message or a forum post, or let it go."""
        ...

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        """Send a person of a workspace a direct message."""
        ...

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        """Return what is missing here, a sentence each: what, and how to mend it."""
        ...

    async def diagnose(self) -> tuple[str, ...]:
        """Return what is wrong whatever the channel, a sentence each as above."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
