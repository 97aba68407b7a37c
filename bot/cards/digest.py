"""The messages of a digest: which ones a layout has, and what each says."""

from dataclasses import dataclass, replace
from enum import Enum

from bot import records
from bot.card import Card
from bot.cards.locale import Voice
from bot.cards.papers import paper_card
from bot.cards.weeks import entry_card, issue_card
from bot.models import Issue, Layout


class Kind(Enum):
    """What a message of a digest is."""

    OVERVIEW = records.OVERVIEW
    PAPER = "paper"
    """A paper's message in the channel, the root of its thread."""
    OPENING = records.OPENING
    """The first message inside a paper's thread: everything about it."""
    POST = "post"
    """A paper's post in a forum: everything about it."""


class Gone(Exception):
    """The issue has no such paper any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which message of a digest is meant."""

    kind: Kind
    position: int = 0
    """The paper's position in the issue; 0 for the overview."""


def places(issue: Issue, layout: Layout) -> tuple[Place, ...]:
    """Return the messages of a digest in the order they are posted."""
    positions = [entry.position for entry in issue.entries]
    match layout:
        case Layout.OVERVIEW:
            return (Place(Kind.OVERVIEW),)
        case Layout.THREADS:
            return (
                Place(Kind.OVERVIEW),
                *(Place(kind, n) for n in positions for kind in (Kind.PAPER, Kind.OPENING)),
            )
        case Layout.FORUM:
            return (*(Place(Kind.POST, n) for n in positions), Place(Kind.OVERVIEW))


def message(voice: Voice, issue: Issue, place: Place) -> Card:
    """Return what a message of a digest says; raises Gone where its paper is not there."""
    if place.kind is Kind.OVERVIEW:
        return issue_card(voice, issue)
    found = [entry.paper for entry in issue.entries if entry.position == place.position]
    if not found:
        raise Gone(f"{issue.week} has no number {place.position}")
    if place.kind is Kind.PAPER:
        return entry_card(voice, place.position, found[0])
    card = paper_card(voice, found[0], whole=True)
    return replace(card, title=f"{place.position}. {card.title}")
