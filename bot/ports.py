"""What the core asks of platforms, and what people ask of the core: requests and replies."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from gettext import NullTranslations
from typing import Protocol, runtime_checkable

from bot.lib.rate_limit import Pace
from bot.model.access import Audience
from bot.model.card import Card, Form
from bot.model.channels import MessageRef, Person, Target
from bot.model.papers import Paper
from bot.model.subscriptions import Subscription

Native = Mapping[str, object]
"""A message in a platform's own form, ready to be written as JSON."""

Render = Callable[[Card], Sequence[Native]]
"""Turns a card into a platform's own messages, one or more in order; nothing is lost."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command or a click, whatever platform it came from."""

    name: str
    """A command (`paper`) or an action of a control (`abstract`)."""
    argument: str
    person: Person
    target: Target
    thread: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The answers to a form, by the names of its fields."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person gets."""

    content: Card | Form
    private: bool = False
    """Whether only the asker sees it, whatever the channel's audience."""
    is_refused: bool = False
    """Whether what was asked for was not done."""
    papers: tuple[Paper, ...] = ()
    """The papers it shows, best first."""
    subscriptions: tuple[Subscription, ...] = ()
    """The digests that it tells of."""
    suggestions: tuple[str, ...] = ()
    """Names that were meant, perhaps, where nothing was found."""
    explanation: tuple[str, ...] = ()
    """How it was found, a line per step, for whoever tunes the look-up."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """Something that may be meant while a person types."""

    label: str
    """What is shown."""
    value: str
    """What is sent as the argument."""


Answer = Callable[[Request], Awaitable[Reply]]
"""Answers a command or a control."""

Complete = Callable[[str, str, str], Awaitable[Sequence[Suggested]]]
"""Given a command, the beginning of its argument and a language, returns what may be meant."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The core, as a platform asks it."""

    answer: Answer
    complete: Complete
    audience: Audience
    catalogues: Mapping[str, NullTranslations]
    """The translations of each language, for what the platform itself says."""
    language: str
    """'ko', 'en' or 'both': what is spoken to people who do not say theirs."""


class TryLater(Exception):
    """The platform did not take the message; nothing was sent."""

    def __init__(
        self, after: timedelta | None, reason: str = "", *, everywhere: bool = False
    ) -> None:
        super().__init__(reason or "try again later")
        self.after = after
        """How long the platform wants us to wait; None where it does not say."""
        self.everywhere = everywhere
        """Whether that holds for every channel."""


class Scope(Enum):
    """What a refusal concerns."""

    PART = "part"
    CHANNEL = "channel"
    ACCOUNT = "account"


class Refused(Exception):
    """The platform will never take it as things are; nothing was sent."""

    def __init__(self, reason: str, scope: Scope) -> None:
        super().__init__(reason)
        self.reason = reason
        """A sentence for the admin or the operator: what is wrong and what to do."""
        self.scope = scope


class Gone(Refused):
    """What it is about is not there any more: somebody deleted it. Most often the channel."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, Scope.CHANNEL)


class Unknown(Exception):
    """It cannot be told whether the message was taken: the answer got lost."""


@dataclass(frozen=True, slots=True)
class Found:
    """The message is there."""

    ref: MessageRef


class Absent(Enum):
    """The message is not there, and no request that could still bring it is under way."""

    ABSENT = "absent"


class CannotTell(Enum):
    """The platform cannot be asked: the channel's history is out of reach."""

    CANNOT_TELL = "cannot tell"


Whereabouts = Found | Absent | CannotTell


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to be posted: one request, and so sent or not sent as a whole."""

    message: Native
    key: str
    """The part's key; the platform finds the message again by it."""
    thread: str = ""
    """The thread to post in; empty for the channel itself."""
    title: str = ""
    """The name of the post, where the channel is a forum."""
    tags: tuple[str, ...] = ()
    """The tags of the post, where the channel is a forum."""
    mention: str = ""
    """A role or group that an admin chose to be mentioned; never from content."""


@runtime_checkable
class Threads(Protocol):
    """A platform on which people talk about papers, each in a thread of its own."""

    async def count(self, thread: MessageRef) -> int:
        """Return how many messages stand in a thread, without the one that it hangs under.

        Raises Gone where somebody deleted it, TryLater, Refused or Unknown.
        """
        ...


@runtime_checkable
class Locking(Protocol):
    """A platform on which a moderator can lock a thread: it is read, and nobody writes there."""

    async def is_locked(self, thread: MessageRef) -> bool:
        """Tell whether a thread is locked. Raises as `Threads.count` does."""
        ...


@runtime_checkable
class Inviting(Protocol):
    """A platform that has to be let in."""

    async def invitation(self) -> str:
        """Return the address that lets the bot in. Raises TryLater or Refused."""
        ...


class Locked(Exception):
    """What is kept was sealed with a key that is not at hand."""


class Vault(Protocol):
    """Keeps the secrets of one platform, sealed; names are no secrets.

    Every method may raise `bot.ledgers.Unavailable`.
    """

    async def put(self, name: str, secret: str, until: datetime | None = None) -> None:
        """Keep a secret in place of the one that had its name, for ever or until then."""
        ...

    async def get(self, name: str) -> str | None:
        """Return a secret; None where there is none, or none any more. Raises Locked."""
        ...

    async def take(self, name: str) -> str | None:
        """Return a secret and forget it, so that it is had once. Raises Locked."""
        ...

    async def names(self, beginning: str) -> tuple[str, ...]:
        """Return the names that begin so, in order."""
        ...

    async def close(self) -> None:
        """Let go of the file."""
        ...


@runtime_checkable
class Entrusting(Protocol):
    """A platform that has secrets to keep, such as a token for each server that let it in."""

    def entrust(self, vault: Vault) -> None:
        """Keep secrets there from now on, and close it in the end."""
        ...


@runtime_checkable
class Naming(Protocol):
    """A platform on which commands can have other names than here."""

    def called(self, name: str) -> str:
        """Return how a command is called, such as `/paper`; a name that is none stays itself."""
        ...


@runtime_checkable
class Declaring(Protocol):
    """A platform to which an app is declared as a whole: its commands, rights and addresses."""

    def manifest(self, catalogues: Mapping[str, NullTranslations], language: str) -> Native:
        """Return the declaration, ready to be written as JSON; its sentences in a language.

        Nothing is asked of the platform. Raises Refused where a setting that it needs is missing.
        """
        ...

    def birthplace(self, manifest: Native) -> str:
        """Return the address at which a person makes an app of a declaration."""
        ...


class Platform(Protocol):
    """A place where people talk. Every method may raise TryLater, Refused or Unknown."""

    name: str
    pace: Pace
    timeout: timedelta
    """After this a request can no longer be under way."""

    def messages(self, card: Card) -> Sequence[Native]:
        """Return the messages that show a card, as `Render` does."""
        ...

    async def serve(self, desk: Desk) -> None:
        """Connect, and answer what people ask until cancelled."""
        ...

    async def post(self, target: Target, outgoing: Outgoing) -> MessageRef:
        """Post one message once; never repeat it by itself."""
        ...

    async def find(self, target: Target, key: str, since: datetime) -> Whereabouts:
        """Look for the message with this key among those posted since."""
        ...

    async def edit(self, ref: MessageRef, message: Native) -> None:
        """Replace what a message says."""
        ...

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        """Return the thread under a message, opened if there is none; opening twice is once."""
        ...

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin a message or a forum post, or let it go."""
        ...

    async def tell(self, workspace: str, person: str, card: Card) -> None:
        """Send a person of a workspace a direct message."""
        ...

    async def check(self, target: Target) -> tuple[str, ...]:
        """Return what is missing here, a sentence each: what, and how to mend it."""
        ...

    async def examine(self) -> tuple[str, ...]:
        """Return what is wrong whatever the channel, a sentence each as above."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
