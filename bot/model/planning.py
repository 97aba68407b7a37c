"""What is to be delivered: slots, what was decided about them, and plans of deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import Delivery
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week


class SlotState(Enum):
    """The state of a slot."""

    WAITING = "waiting"
    """Waiting for an issue that is not published yet."""
    DELIVERED = "delivered"
    ABSENT = "absent"
    """No issue came until the patience ended."""
    MISSED = "missed"
    """The bot was not running until after the grace ended."""


@dataclass(frozen=True, slots=True)
class StoredSlot:
    """A slot with its state, as stored."""

    week: Week
    at: datetime
    state: SlotState
    waits_until: datetime


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """The part of a subscription's past that a decision needs."""

    newest_week: Week | None
    """The newest issue that was delivered or skipped, of those that may exist by now."""
    slots: Mapping[Week, StoredSlot]
    """The recent slots that were decided, or are waiting."""
    delivered: frozenset[Week] = frozenset()
    """The recent issues that were delivered or skipped, in whatever order."""


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A delivery to enqueue, and its parts in order."""

    delivery: Delivery
    parts: tuple[tuple[str, int], ...]
    """For each part its kind and the paper's position."""
    papers: Mapping[int, int] = field(default_factory=dict)
    """The archive's ids of the papers, by position."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the subscriber about a delivery that failed or was late."""

    kind: str
    """'late', 'late_week', 'late_many', 'missed', 'failed', 'untold' or 'paused'.

    See `bot.cards.notices`.
    """
    subject: str
    """What it is about; of a kind and a subject a subscription gets one notice."""
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SlotOutcome:
    """What was decided about a slot: deliveries, skipped issues and notices."""

    slot: StoredSlot
    planned: tuple[PlannedDelivery, ...] = ()
    skipped: tuple[Delivery, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionPlan:
    """What was decided about the slots of a subscription."""

    subscription: Subscription
    outcomes: tuple[SlotOutcome, ...]
    """In the order of the slots."""
    next_at: datetime | None
    """When there is something to decide next; None for never."""


@dataclass(frozen=True, slots=True)
class DuePage:
    """A page of the subscriptions that have something to be decided."""

    due: tuple[tuple[Subscription, DeliveryHistory], ...]
    """With what a decision has to know of each."""
    last: int | None
    """The number after which the next page begins; None after the last one."""


@dataclass(frozen=True, slots=True)
class DiscussionRequest:
    """A thread that a person asked for."""

    target: Target
    planned: PlannedDelivery
    """Its subscription is set when it is stored."""
    language: str
    """The language of the channel: 'ko', 'en' or 'both'."""
    person: str
    """The platform's id of the person who asked, who is notified where it fails."""
    root: MessageRef | None = None
    """The message of the channel under which the thread begins; None for one that is posted."""
