"""Decides what is owed, to whom: which issues each slot brings, or the word that none came."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import slots
from bot.cards.digest import places
from bot.clock import Clock
from bot.ledgers import Ledger
from bot.models import Delivery, Issue, Purpose, Subscription, Week
from bot.records import History, Notice, Planned, SlotState, StoredSlot, Verdict
from bot.slots import Slot
from bot.stores import Archive, Wanted

PUNCTUAL = timedelta(hours=1)
"""What goes out at most this long after its slot is on time, also where the slot is at night."""

NOTE = "note"
"""The kind of the one part that the word of an absence has."""

_NEWEST = 60
"""How many issues of a series are looked at: more than a year of weeks."""

_WEEK = timedelta(days=7)

_TOLD_APART = 3
"""Of more weeks that are too late at once, as when a source comes back, one notice tells."""

_LONGEST_REACH = timedelta(days=30)
"""How far back any subscription can look: grace and patience have their bounds."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a slot comes to."""

    slot: StoredSlot
    begins: datetime
    """From when on what it brings is due: the slot, or when an issue came that it waited for."""
    bring: tuple[Week, ...] = ()
    """Issues to post, oldest first."""
    skip: tuple[Week, ...] = ()
    """Issues that are too late."""


class _Shelf:
    """What the archive held at one moment, read once for all channels."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._weeks: dict[str, tuple[Week, ...]] = {}
        self._issues: dict[tuple[str, Week], Issue | None] = {}

    async def weeks(self, series: str) -> tuple[Week, ...]:
        if series not in self._weeks:
            found = await self._archive.weeks((series,), _NEWEST)
            self._weeks[series] = tuple(issue.week for issue in found)
        return self._weeks[series]

    async def issue(self, series: str, week: Week) -> Issue | None:
        if (series, week) not in self._issues:
            self._issues[series, week] = await read_issue(self._archive, series, week)
        return self._issues[series, week]


class Digest:
    """Looks at every subscription that is due, and keeps what was decided."""

    def __init__(self, archive: Archive, ledger: Ledger, clock: Clock) -> None:
        self._archive = archive
        self._ledger = ledger
        self._clock = clock

    async def tick(self) -> None:
        """Owe what is due by now; what was decided before is never decided again."""
        now = self._clock.now()
        await self._ledger.tidy(now)
        shelf = _Shelf(self._archive)
        for subscription, history in await self._ledger.due(now, _LONGEST_REACH):
            next_at = await self._look(subscription, history, shelf, now)
            if next_at != subscription.next_at:
                await self._ledger.reckon(subscription.id, next_at)

    async def _look(
        self,
        subscription: Subscription,
        history: History,
        shelf: _Shelf,
        now: datetime,
    ) -> datetime | None:
        """Decide on the slots that passed; return when there is something to decide next."""
        series = subscription.series
        known = await shelf.weeks(series)
        following = slots.upcoming(subscription, now)
        next_at = following.at if following else None
        for slot in _slots(subscription, now):
            decision = decide(subscription, slot, history, known, now)
            if decision is not None:
                found = [await shelf.issue(series, week) for week in decision.bring]
                await self._keep(subscription, decision, [each for each in found if each], now)
                history = await self._ledger.history(subscription.id, now - _LONGEST_REACH)
            elif slot.week not in history.slots:
                # It is late, and night: nothing of this slot is stored that would recall it.
                morning = slots.quiet_until(subscription, now)
                next_at = min(next_at or morning, morning)
        return next_at

    async def _keep(
        self, subscription: Subscription, decision: Decision, issues: list[Issue], now: datetime
    ) -> None:
        verdict = _verdict(subscription, decision, issues)
        if await self._ledger.settle(subscription, verdict, now):
            for planned in verdict.planned:
                where = subscription.target
                _LOG.info(
                    "%s of %s is owed to %s:%s in %d parts",
                    planned.delivery.week, subscription.series, where.platform, where.channel,
                    len(planned.parts),
                )  # fmt: skip


def decide(
    subscription: Subscription,
    slot: Slot,
    history: History,
    known: Iterable[Week],
    now: datetime,
) -> Decision | None:
    """Return what a slot comes to, or None where there is nothing to decide (any more).

    At the slot, every known issue newer than the last one delivered is brought, oldest first;
    a first subscription is brought the newest alone. Without any the slot waits, until the
    patience ends. What is not on time is not decided at night. An issue that the bot was too
    late for is skipped; one that came too late for its slot is brought at the next.
    """
    stored = history.slots.get(slot.week)
    is_open = stored is None or stored.state is SlotState.WAITING
    is_late = now - slot.at > PUNCTUAL
    if not is_open or (is_late and slots.is_quiet(subscription, now)):
        return None
    begins = now if stored else slot.at
    waiting = stored or StoredSlot(
        slot.week, slot.at, SlotState.WAITING, _waits_until(subscription, slot, now)
    )
    newer = _newer(history.newest, known)
    late = tuple(week for week in newer if _is_late(subscription, history, week, now))
    if history.newest is None:
        late = ()  # whoever subscribes wants to see something
    if now - slot.at > subscription.grace and stored is None:
        # The bot did not run: what this slot would have brought is late, newer ones have theirs.
        return Decision(replace(waiting, state=SlotState.MISSED), begins, skip=late)
    bring = tuple(week for week in newer if week not in late)
    state = _state(waiting, (*newer, *filter(None, [history.newest])), now)
    if state is SlotState.WAITING and stored and not newer:
        return None
    return Decision(replace(waiting, state=state), begins, bring, late)


def _state(slot: StoredSlot, known: Sequence[Week], now: datetime) -> SlotState:
    """Return what a slot has come to, where these issues are or were there.

    What a first subscription is given may be older: its slot's own issue may come yet.
    """
    if any(week >= slots.before(slot.week) for week in known):
        return SlotState.DELIVERED
    return SlotState.ABSENT if now >= slot.waits_until else SlotState.WAITING


def plan(
    subscription: Subscription, issue: Issue, due_at: datetime, expires_at: datetime
) -> Planned:
    """Return the delivery of an issue, with a part for each message of its layout.

    Where no paper has the tags that are wanted it has none, and counts as delivered.
    """
    shown = filtered(issue, subscription.tags)
    delivery = Delivery(
        subscription.id, Purpose.ISSUE, issue.week, subscription.layout, due_at, expires_at
    )
    if subscription.tags and not shown.entries:
        return Planned(delivery, ())
    found = places(shown, subscription.layout)
    return Planned(
        delivery,
        tuple((place.kind.value, place.position) for place in found),
        {entry.position: entry.paper.id for entry in shown.entries},
    )


def filtered(issue: Issue, tags: Sequence[str]) -> Issue:
    """Return the issue with only the papers that have one of these tags; with all for none."""
    if not tags:
        return issue
    wanted = set(tags)
    entries = tuple(
        entry for entry in issue.entries if not wanted.isdisjoint(entry.paper.all_tags)
    )
    # What was counted is of all its papers.
    counts = issue.counts if len(entries) == len(issue.entries) else None
    return replace(issue, entries=entries, counts=counts)


async def read_issue(archive: Archive, series: str, week: Week) -> Issue | None:
    """Return the issue of a series and week, or None where it is gone."""
    day = slots.first_day(week)
    found = (await archive.find_issue(week, day, Wanted(only=series))).issue
    return found if found is not None and found.series == series else None


def _reach(subscription: Subscription) -> timedelta:
    """Return how far back slots are looked at: to the newest one, and all within the grace."""
    return max(subscription.grace, _WEEK) + subscription.patience


def _slots(subscription: Subscription, now: datetime) -> list[Slot]:
    since = now - _reach(subscription)
    if subscription.since is not None:
        since = max(since, subscription.since)
    return list(slots.passed(subscription, since, now))


def _waits_until(subscription: Subscription, slot: Slot, now: datetime) -> datetime:
    """Return when the patience ends; a bot that comes back late first looks for what is new."""
    late = min(now + subscription.patience, slot.at + subscription.grace)
    return (
        max(slot.at + subscription.patience, late)
        if now - slot.at > PUNCTUAL
        else (slot.at + subscription.patience)
    )


def _newer(newest: Week | None, known: Iterable[Week]) -> tuple[Week, ...]:
    weeks = sorted(known)
    if newest is None:
        return tuple(weeks[-1:])
    return tuple(week for week in weeks if week > newest)


def _is_late(subscription: Subscription, history: History, week: Week, now: datetime) -> bool:
    """Return whether an issue's own slot is past its grace, unless the issue was late itself."""
    own = slots.slot(subscription, slots.after(week))
    stored = history.slots.get(own.week)
    if stored is not None and stored.state in (SlotState.WAITING, SlotState.ABSENT):
        return False
    return now - own.at > subscription.grace


def _verdict(subscription: Subscription, decision: Decision, issues: list[Issue]) -> Verdict:
    slot = decision.slot
    expires_at = decision.begins + subscription.grace
    planned = [plan(subscription, issue, decision.begins, expires_at) for issue in issues]
    if slot.state is SlotState.ABSENT and subscription.says_absence:
        absence = Delivery(
            subscription.id, Purpose.ABSENCE, slot.week, subscription.layout,
            slot.waits_until, slot.waits_until + subscription.grace,
        )  # fmt: skip
        planned.append(Planned(absence, ((NOTE, 0),)))
    skipped = tuple(
        Delivery(
            subscription.id, Purpose.ISSUE, week, subscription.layout,
            decision.begins, expires_at, skipped="late",
        )
        for week in decision.skip
    )  # fmt: skip
    notices = _lateness(
        [
            week
            for week in decision.skip
            # Older ones nobody expected: there was no subscription yet.
            if subscription.since is None
            or slots.slot(subscription, slots.after(week)).at >= subscription.since
        ]
    )
    if slot.state is SlotState.MISSED and not decision.skip:
        notices.append(Notice("missed", str(slot.week), {"week": str(slot.week)}))
    return Verdict(slot, tuple(planned), skipped, tuple(notices))


def _lateness(weeks: Sequence[Week]) -> list[Notice]:
    """Return what whoever subscribed is told of weeks, oldest first, that came too late."""
    if len(weeks) <= _TOLD_APART:
        return [Notice("late", str(week), {"week": str(week)}) for week in weeks]
    facts = {"number": str(len(weeks)), "first": str(weeks[0]), "last": str(weeks[-1])}
    return [Notice("late_many", f"{weeks[0]} {weeks[-1]}", facts)]
