"""Reads the parts that are due or in doubt, with all that is needed to post them."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import DuePart, Part, Purpose
from storage.deliveries import discussions, leases
from storage.deliveries.part_keys import sequence_number
from storage.deliveries.row_mapping import (
    DELIVERIES,
    PARTS,
    delivery_from_row,
    load_subscriptions,
    part_from_row,
)
from storage.reader import Reader, format_moment, parse_moment, question_marks, rows_among

_JUMP = timedelta(hours=25)
"""Nothing is put off for longer; what seems to be was put off while the clock was wrong."""

# As it stands in the index of the unsent parts, so that SQLite uses that.
_UNSENT = "parts.state IN ('owed', 'sending')"

_NEXT_PARTS = f"""
SELECT parts.id, parts.place FROM parts JOIN (
    SELECT min(parts.sequence) AS sequence FROM parts
    JOIN deliveries ON deliveries.id = parts.delivery_id
    JOIN subscriptions ON subscriptions.id = deliveries.subscription_id
    WHERE parts.platform = ? AND {_UNSENT} {{condition}}
    AND NOT subscriptions.is_paused AND NOT subscriptions.is_ended
    GROUP BY parts.place
) AS first ON first.sequence = parts.sequence
WHERE parts.state = 'sending' OR parts.due_at <= ? OR parts.due_at > ?
ORDER BY parts.due_at, parts.sequence LIMIT ?
"""  # noqa: S608 - ours
"""The first unsent part of each channel, where it is due or in doubt."""

_NEXT_DUE = f"""
SELECT CAST(min(due_at) AS TEXT) FROM (
    SELECT min(due_at) AS due_at FROM parts
    WHERE platform = ? AND {_UNSENT} AND state = 'owed' AND due_at > ?
    UNION ALL SELECT min(due_at) FROM message_edits WHERE platform = ?
    UNION ALL SELECT min(due_at) FROM crossposts WHERE platform = ?
    UNION ALL SELECT min(notices.due_at) FROM notices
    JOIN subscriptions ON subscriptions.id = notices.subscription_id
    WHERE subscriptions.platform || '' = ? AND notices.due_at IS NOT NULL
) AS kinds
"""  # noqa: S608 - ours

_PARTS = PARTS.select("WHERE id IN ({marks})")
_DELIVERIES = DELIVERIES.select("WHERE id IN ({marks})")
_POSTED = PARTS.select("WHERE delivery_id = ? AND state = 'posted'")
_PREVIOUS_OVERVIEW = PARTS.select(
    "JOIN deliveries ON deliveries.id = parts.delivery_id "
    "WHERE deliveries.subscription_id = ? AND deliveries.id != ? AND parts.kind = ? "
    "AND parts.chunk = 0 AND parts.state = 'posted' ORDER BY parts.posted_at DESC LIMIT 1"
)


def next_parts(
    reader: Reader,
    wanted: tuple[str, datetime, int],
    channels: Sequence[str] | None,
    without: Set[str],
) -> tuple[DuePart, ...]:
    """Return the first unsent part of each channel, where it is due or in doubt.

    `wanted` is the platform, the present time and the most parts that are returned.
    """
    platform, now, limit = wanted
    condition, places = "", tuple(channels or ())
    if channels is not None:
        condition = f"AND parts.place IN ({question_marks(len(places))})"
    times = (format_moment(now), format_moment(now + _JUMP))
    found = reader.rows(
        _NEXT_PARTS.format(condition=condition),
        (platform, *places, *times, limit + len(without)),
    )
    numbers = [number for number, place in found if place not in without]
    return load_parts(reader, numbers[:limit])


def next_due(reader: Reader, platform: str, now: datetime) -> datetime | None:
    """Return when something will be due; see `bot.ports.outbox_ledger.DeliveryLedger`."""
    values = (platform, format_moment(now), platform, platform, platform)
    ((due_at,),) = reader.rows(_NEXT_DUE, values)
    return parse_moment(due_at) if due_at else None


def load_parts(reader: Reader, numbers: Sequence[int]) -> tuple[DuePart, ...]:
    """Return parts in the order of their numbers, with all that is needed to post them."""
    if not numbers:
        return ()
    found = {}
    rows = list(PARTS.decode(rows_among(reader, _PARTS, numbers)))
    due = list({row["delivery_id"] for row in rows})
    owing = {row["id"]: row for row in DELIVERIES.decode(rows_among(reader, _DELIVERIES, due))}
    names = list({row["subscription_id"] for row in owing.values()})
    known = load_subscriptions(reader, names)
    gaps = leases.find_gaps(reader)
    for row in rows:
        delivery = owing[row["delivery_id"]]
        subscription = known.get(delivery["subscription_id"])
        if subscription is None:
            continue
        part = part_from_row(row, subscription.target)
        is_first = row["sequence"] == sequence_number(delivery["id"], 0, 0)
        gap = gaps.get(row["platform"])
        due_part = DuePart(part, delivery_from_row(delivery), subscription, is_first, gap=gap)
        if due_part.is_threaded:
            root = _thread_root(reader, row["delivery_id"], part, subscription.target)
            due_part = replace(due_part, root=root)
        if row["paper"] and due_part.delivery.purpose is Purpose.ISSUE and not part.chunk:
            thread = discussions.find_other_thread(
                reader, subscription.target, row["paper"], row["delivery_id"]
            )
            due_part = replace(due_part, known_thread=thread)
        if due_part.is_forum_overview:
            posts = _posted_urls(reader, row["delivery_id"], subscription.target)
            due_part = replace(due_part, posts=posts)
        found[part.id] = due_part
    return tuple(found[number] for number in numbers if number in found)


def previous_overview(reader: Reader, due_part: DuePart) -> MessageRef | None:
    """Return the overview that was posted before this one, for the same subscription."""
    values = (due_part.subscription.id, due_part.delivery.id, due_part.part.kind)
    rows = PARTS.decode(reader.rows(_PREVIOUS_OVERVIEW, values))
    return next((part_from_row(row, due_part.subscription.target).ref for row in rows), None)


def _posted_urls(reader: Reader, delivery: int, target: Target) -> dict[int, str]:
    """Return the addresses of the posted messages of a delivery's papers, by position."""
    rows = PARTS.decode(reader.rows(f"{_POSTED} AND chunk = 0 AND position > 0", (delivery,)))
    found = (part_from_row(row, target) for row in rows)
    return {part.position: part.ref.url for part in found if part.ref and part.ref.url}


def _thread_root(reader: Reader, delivery: int, part: Part, target: Target) -> MessageRef | None:
    """Return the message whose thread a part belongs to, preferring one inside the thread."""
    statement = f"{_POSTED} AND position = ? ORDER BY thread DESC, sequence LIMIT 1"
    rows = PARTS.decode(reader.rows(statement, (delivery, part.position)))
    return next((part_from_row(row, target).ref for row in rows), None)
