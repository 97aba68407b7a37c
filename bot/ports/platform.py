"""The port to chat platforms, and the optional abilities that a platform may have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from gettext import NullTranslations
from typing import Protocol, runtime_checkable

from bot.lib.rate_limit import RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.model.discussions import ThreadState
from bot.ports.conversation import CommandService
from bot.ports.secrets import SecretStore

NativeMessage = Mapping[str, object]
"""A message in a platform's own form, serialisable as JSON."""

Renderer = Callable[[Card], Sequence[NativeMessage]]
"""Turns a card into one or more native messages, in order, without losing text."""


@dataclass(frozen=True, slots=True)
class MessageFound:
    """The message was found."""

    ref: MessageRef


class MessageAbsent(Enum):
    """The message is not there, and no request that could still post it is under way."""

    ABSENT = "absent"


class MessageUnknown(Enum):
    """The platform cannot be asked, as the channel's history is not readable."""

    UNKNOWN = "cannot tell"


FindResult = MessageFound | MessageAbsent | MessageUnknown


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to be posted with one request, so that it is sent as a whole or not at all."""

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
    tag_mentions: tuple[str, ...] = ()
    """More of them, which an admin chose for tags of its papers."""
    notification: str = ""
    """What a notification is to say, where the message itself does not determine it."""
    is_post: bool = False
    """Whether its digest has the layout forum, so that the channel probably is one."""
    checks_workspace: bool = False
    """Whether to refuse it where the channel belongs to another workspace, as one that was typed
    may do."""
    is_silent: bool = False
    """Whether it notifies no one, where the platform can do that."""
    content: str = ""
    """Identifies all that its card says: cards with the same content are the same to readers.

    It begins with what identifies them without their votes; see `bot.delivery.native_messages`."""
    until: float | None = None
    """Monotonic seconds after which nothing of it is sent any more; where it is None, the
    platform's timeout counts from the call."""
    on_sent: Callable[[], None] = lambda: None
    """Is to be called when the request is on its way: rates count from then."""

    @property
    def mentions(self) -> tuple[str, ...]:
        """Return all roles and groups to be mentioned, each once."""
        return tuple(dict.fromkeys(filter(None, (self.mention, *self.tag_mentions))))


@runtime_checkable
class SupportsThreads(Protocol):
    """A platform that has a thread for each discussion."""

    async def read_thread(self, thread: MessageRef, own_messages: int) -> ThreadState:
        """Return what the platform says of a thread now, in a few requests at most.

        The bot's own messages are not counted: where a thread is too long to be read, at least
        `own_messages` are taken for them. No text is kept. Raises TargetDeleted, TryLater, Refused
        or Unknown.
        """
        ...


@runtime_checkable
class SupportsThreadArchive(Protocol):
    """A platform that archives threads in which nothing is written for a while."""

    async def revive_thread(self, thread: MessageRef) -> None:
        """Show a thread among the active ones again; a locked one stays as it is. Idempotent.

        Raises TargetDeleted, TryLater, Refused or Unknown.
        """
        ...


@runtime_checkable
class SupportsCrossposts(Protocol):
    """A platform on which channels of other servers can follow a channel."""

    @property
    def publishes_digests(self) -> bool:
        """Whether the settings want digests to be published to followers."""
        ...

    async def crosspost(self, ref: MessageRef) -> None:
        """Publish a message to the channels that follow its own; idempotent.

        Does nothing in a channel that cannot be followed. Raises TryLater, Refused or Unknown.
        """
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
class SupportsChannelUrls(Protocol):
    """A platform whose channels have addresses."""

    def channel_url(self, channel: Target) -> str:
        """Return the address at which a person opens a channel."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """The connection over which a platform receives commands."""

    is_connected: bool
    rate_limit_waits: int = 0
    """How often a request had to wait for the platform's limits, beside what the outbox waits."""
    rate_limit_wait_seconds: float = 0.0
    """How long they waited, all together."""


@runtime_checkable
class SupportsConnectionState(Protocol):
    """A platform that receives commands over a connection."""

    def connection_state(self) -> ConnectionState:
        """Return whether it is connected now; sends nothing."""
        ...


@runtime_checkable
class SupportsInvites(Protocol):
    """A platform whose bot has to be invited."""

    async def invite_url(self) -> str:
        """Return the URL that invites the bot. Raises TryLater or Refused."""
        ...


@runtime_checkable
class SupportsSecrets(Protocol):
    """A platform that stores secrets, such as a token for each workspace."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys that encrypt them: the first encrypts, all decrypt; empty for no secrets."""
        ...

    def use_secret_store(self, store: SecretStore) -> None:
        """Use this store from now on, and close it when the platform is closed."""
        ...


@runtime_checkable
class SupportsCommandNames(Protocol):
    """A platform on which commands have other names than in the registry."""

    def command_name(self, name: str) -> str:
        """Return the name that a command has here, such as `/paper`; others unchanged."""
        ...


@runtime_checkable
class SupportsManifest(Protocol):
    """A platform that takes an app manifest: commands, scopes and URLs."""

    def manifest(self, catalogues: Mapping[str, NullTranslations], language: str) -> NativeMessage:
        """Return the manifest, serialisable as JSON, with sentences in a language.

        Sends no request. Raises Refused if a setting that it needs is missing.
        """
        ...

    def app_creation_url(self, manifest: NativeMessage) -> str:
        """Return the URL at which a person creates an app from a manifest."""
        ...


class Platform(Protocol):
    """A chat platform. Every asynchronous method may raise TryLater, Refused or Unknown."""

    name: str
    rate_limit: RateLimit
    timeout: timedelta
    """The longest time that a request can be in flight."""

    def render(self, card: Card) -> Sequence[NativeMessage]:
        """Return the messages that show a card, as `Renderer` does."""
        ...

    async def serve(self, service: CommandService) -> None:
        """Connect, and answer commands and clicks until cancelled."""
        ...

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        """Post one message with one request, not after its `until`; never retry it here."""
        ...

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        """Look for the message with this key among those posted since a UTC time."""
        ...

    async def edit(self, ref: MessageRef, outgoing: OutgoingMessage) -> None:
        """Replace a posted message with one request, not after the `until` of the new one.

        It keeps its key and its place and notifies no one; sending it twice has the effect of
        once. Raises MessageDeleted where the message is gone.
        """
        ...

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        """Return the thread of a message, opened if there is none; idempotent."""
        ...

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin or unpin a message or a forum post; idempotent."""
        ...

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        """Send a person of a workspace a direct message."""
        ...

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        """Return the problems of a channel, a sentence each: what is missing, how to fix it."""
        ...

    async def diagnose(self) -> tuple[str, ...]:
        """Return the problems of the whole platform, a sentence each as above."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
