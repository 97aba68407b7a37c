"""The parts of a digest that each layout has (pure)."""

from dataclasses import dataclass
from enum import Enum

from bot.model import deliveries
from bot.model.papers import Issue
from bot.model.subscriptions import Layout


class MessageKind(Enum):
    """What a message of a digest is."""

    OVERVIEW = deliveries.OVERVIEW
    PAPER = "paper"
    """A paper's message in the channel, the root of its thread."""
    OPENING = deliveries.OPENING
    """The first message inside a paper's thread: everything about it."""
    POST = deliveries.POST
    """A paper's post in a forum: everything about it."""


class PaperMissing(Exception):
    """The issue has no such paper any more."""


@dataclass(frozen=True, slots=True)
class DigestPart:
    """Which message of a digest is meant."""

    kind: MessageKind
    position: int = 0
    """The paper's position in the issue; 0 for the overview."""


def digest_parts(issue: Issue, layout: Layout) -> tuple[DigestPart, ...]:
    """Return the messages of a digest in the order they are posted.

    The overview is the one that notifies members, also in a forum, where it comes last. A
    retracted paper has no message of its own; the overview says that it is retracted.
    """
    listed = () if issue.retraction else issue.entries
    positions = [entry.position for entry in listed if not entry.paper.retraction]
    match layout:
        case Layout.OVERVIEW:
            return (DigestPart(MessageKind.OVERVIEW),)
        case Layout.THREADS:
            return (
                DigestPart(MessageKind.OVERVIEW),
                *(
                    DigestPart(kind, n)
                    for n in positions
                    for kind in (MessageKind.PAPER, MessageKind.OPENING)
                ),
            )
        case Layout.FORUM:
            return (
                # Platforms list the newest post first: so the first paper stands on top.
                *(DigestPart(MessageKind.POST, n) for n in reversed(positions)),
                DigestPart(MessageKind.OVERVIEW),
            )
