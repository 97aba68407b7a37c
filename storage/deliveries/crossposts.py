"""Stores which posted messages are to be published to the channels that follow theirs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, case, delete, literal, select, update

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import DueCrosspost, PartState, PostedPart
from bot.ports.changes import Change
from storage.changes import announce
from storage.reader import Reader, format_moment, parse_moment
from storage.schema.deliveries import crossposts, parts
from storage.schema.types import UtcDateTime
from storage.schema.upserts import insert_or

_DUE = """
SELECT parts.id, parts.key, workspace, channel, message, thread, url,
    CAST(posted_at AS TEXT), crossposts.attempts
FROM crossposts JOIN parts ON parts.id = crossposts.part_id
JOIN deliveries ON deliveries.id = parts.delivery_id
JOIN subscriptions ON subscriptions.id = deliveries.subscription_id
WHERE crossposts.platform = ? AND crossposts.due_at <= ?
ORDER BY crossposts.due_at, crossposts.part_id LIMIT ?
"""


def add(connection: Connection, posted: Sequence[PostedPart]) -> None:
    """Store those of these parts that followers are to get, where they count as posted."""
    for each in posted:
        if not each.is_for_followers:
            continue
        row = select(
            parts.c.id,
            parts.c.platform,
            parts.c.place,
            literal(each.at, UtcDateTime),
            literal(0),
        ).where(parts.c.id == each.part.id, parts.c.state == PartState.POSTED.value)
        names = ["part_id", "platform", "place", "due_at", "attempts"]
        announce(connection, Change.OUTBOX)
        statement = insert_or(crossposts).from_select(names, row)
        connection.execute(statement.on_conflict_do_nothing(index_elements=["part_id"]))


def find_due(reader: Reader, platform: str, now: datetime, limit: int) -> tuple[DueCrosspost, ...]:
    """Return messages that are to be published by now, the longest due first."""
    return tuple(
        DueCrosspost(
            number,
            key,
            MessageRef(Target(platform, workspace, channel), *message),
            parse_moment(posted_at) if posted_at else now,
            attempts,
        )
        for number, key, workspace, channel, *message, posted_at, attempts in reader.rows(
            _DUE, (platform, format_moment(now), limit)
        )
    )


def finish(connection: Connection, due: DueCrosspost) -> None:
    """Forget a message that needs not be published any more."""
    connection.execute(delete(crossposts).where(crossposts.c.part_id == due.part))


def postpone(connection: Connection, due: DueCrosspost, due_at: datetime) -> None:
    """Count an attempt of a message, and let those of its channel be due then."""
    announce(connection, Change.OUTBOX)
    place = select(crossposts.c.place).where(crossposts.c.part_id == due.part).scalar_subquery()
    is_it = crossposts.c.part_id == due.part
    connection.execute(
        update(crossposts)
        .where(crossposts.c.platform == due.ref.target.platform, crossposts.c.place == place)
        .values(
            due_at=due_at,
            attempts=case((is_it, crossposts.c.attempts + 1), else_=crossposts.c.attempts),
        )
    )
