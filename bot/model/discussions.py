"""What is known of a paper's threads: replies, people, and where they are; never who or what."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.channels import MessageRef, Target
from bot.model.weeks import Week


@dataclass(frozen=True, slots=True)
class ThreadCounts:
    """The numbers of a thread, without the bot's own messages."""

    replies: int = 0
    people: int = 0
    """How many people wrote them."""
    last_reply_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ThreadState:
    """What the platform says of a thread now."""

    counts: ThreadCounts
    is_locked: bool = False
    """Whether a moderator locked it, so that it can only be read."""
    is_archived: bool = False
    """Whether the platform shows it among the active ones no more."""


@dataclass(frozen=True, slots=True)
class PaperThread:
    """A thread of a paper, with its numbers as they were counted last."""

    paper: int
    """The archive's id of the paper."""
    thread: MessageRef
    """The first message in the thread."""
    own_messages: int = 0
    """How many of its messages are known to be the bot's own."""
    counts: ThreadCounts = ThreadCounts()
    counted_at: datetime | None = None
    """None where it was never counted."""


@dataclass(frozen=True, slots=True)
class PaperTalk:
    """What is said about a paper in all channels of a community together."""

    paper: int
    counts: ThreadCounts
    """Summed up; a person who writes in two channels counts in each of them."""
    threads: tuple[PaperThread, ...] = ()
    """Those with replies, the liveliest first."""


@dataclass(frozen=True, slots=True)
class Community:
    """The channels whose talk is counted together."""

    places: tuple[Target, ...]
    """Channels, or whole workspaces where the channel is empty."""

    def includes(self, target: Target) -> bool:
        """Tell whether a channel belongs to it."""
        return any(
            (place.platform, place.workspace) == (target.platform, target.workspace)
            and place.channel in {"", target.channel}
            for place in self.places
        )


@dataclass(frozen=True, slots=True)
class Ballot:
    """A person's vote for the favourite of a week, of which each person has one."""

    target: Target
    """Where it was given."""
    community: Community
    """Where it is counted."""
    person: str
    """The platform's id of the person; it is stored as a keyed hash."""
    paper: int
    series: str
    week: Week


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction of a person to a message, of a kind that counts as a vote."""

    workspace: str
    message: str
    """The platform's id of the message, which may be anyone's."""
    person: str
    is_added: bool
    """Whether it was added, or else removed."""


@dataclass(frozen=True, slots=True)
class VoteResult:
    """What a vote came to."""

    votes: int
    """How many the paper has now."""
    moved_from: int | None = None
    """The paper that had the person's vote before, if that was another one."""


@dataclass(frozen=True, slots=True)
class RecapItem:
    """What a recap says of a paper."""

    paper: int
    url: str
    """The link to its thread; empty where the platform has none."""
    replies: int
    people: int


@dataclass(frozen=True, slots=True)
class Recap:
    """What was discussed in the week before a digest, as it was when the digest was planned."""

    items: tuple[RecapItem, ...]
    """The liveliest papers first."""
    favourite: int = 0
    """The paper with the most votes of that week; 0 where there are no votes."""
    votes: int = 0

    @property
    def papers(self) -> tuple[int, ...]:
        """Return the papers that it names, each once."""
        named = (*(each.paper for each in self.items), self.favourite)
        return tuple(dict.fromkeys(number for number in named if number))
