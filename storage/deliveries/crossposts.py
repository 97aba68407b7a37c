"""Stores which posted messages are to be published to the channels that follow theirs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, delete, literal, select, update

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import DueCrosspost, PartState, PostedPart
from bot.ports.changes import Change
from storage.changes import announce
from storage.schema.deliveries import crossposts, deliveries, parts, subscriptions
from storage.schema.types import UtcDateTime
from storage.schema.upserts import insert_or

_DUE = (
    select(
        parts.c.id,
        parts.c.key,
        parts.c.message,
        parts.c.thread,
        parts.c.url,
        parts.c.posted_at,
        crossposts.c.attempts,
        subscriptions.c.workspace,
        subscriptions.c.channel,
    )
    .join(parts, parts.c.id == crossposts.c.part_id)
    .join(deliveries, deliveries.c.id == parts.c.delivery_id)
    .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
    .where(
        crossposts.c.platform == bindparam("of"),
        crossposts.c.due_at <= bindparam("now", type_=UtcDateTime),
    )
    .order_by(crossposts.c.due_at, crossposts.c.part_id)
    .limit(bindparam("most"))
)
"""Built once: an outbox asks for them every second."""


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


def find_due(
    connection: Connection, platform: str, now: datetime, limit: int
) -> tuple[DueCrosspost, ...]:
    """Return messages that are to be published by now, the longest due first."""
    wanted = {"of": platform, "now": now, "most": limit}
    return tuple(
        DueCrosspost(
            row.id,
            row.key,
            MessageRef(
                Target(platform, row.workspace, row.channel), row.message, row.thread, row.url
            ),
            row.posted_at or now,
            row.attempts,
        )
        for row in connection.execute(_DUE, wanted)
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
