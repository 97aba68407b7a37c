"""Stores the lease of each platform, why it halted, and the gap that a restored copy left."""

import logging
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.model.deliveries import Lease, LedgerGap
from bot.ports.changes import Change
from storage.changes import announce
from storage.facts import require_present
from storage.reader import ConnectionReader, Reader, parse_moment
from storage.schema.deliveries import outboxes, subscriptions
from storage.schema.types import UtcDateTime, storable
from storage.schema.upserts import insert_or

_LOG = logging.getLogger(__name__)

_OF_PLATFORM = outboxes.c.platform == bindparam("of")
_LOCKED = select(outboxes).where(_OF_PLATFORM).with_for_update()
_ADD = insert_or(outboxes).on_conflict_do_nothing()
_TAKE = update(outboxes).where(_OF_PLATFORM)
_MINE = (_OF_PLATFORM, outboxes.c.owner == bindparam("by"))
_COUNT_CLAIM = (
    update(outboxes)
    .where(*_MINE)
    .values(beat=outboxes.c.beat + 1, seen_at=bindparam("now", type_=UtcDateTime))
)
_BEAT = select(outboxes.c.beat, outboxes.c.gap_from, outboxes.c.gap_until).where(*_MINE)
_RELEASE = update(outboxes).where(*_MINE).values(owner="")
_halted = insert_or(outboxes)
_RECORD_HALT = _halted.on_conflict_do_update(
    index_elements=["platform"], set_={"halted": _halted.excluded.halted}
)
_GAPS = (
    "SELECT platform, CAST(gap_from AS TEXT), CAST(gap_until AS TEXT) FROM outboxes "
    "WHERE gap_until IS NOT NULL"
)


def acquire_or_renew(
    connection: Connection,
    platform: str,
    owner: str,
    stale: Lease | None,
    sign: tuple[datetime, int],
) -> Lease:
    """Acquire or renew the lease of a platform; return the lease as it is now.

    `sign` is the present time, and the last beat that is known outside the database.
    """
    # Also where the archive was transferred since the start.
    require_present(ConnectionReader(connection))
    now, stamped = sign
    known = connection.execute(_LOCKED, {"of": platform}).first()
    if known is None:
        values = {"platform": platform, "owner": owner, "beat": stamped + 1, "halted": ""}
        gap = {"gap_from": None, "gap_until": now} if stamped else {}
        if connection.execute(_ADD, {**values, **gap, "seen_at": now}).rowcount:
            return Lease(owner, stamped + 1)
        known = connection.execute(_LOCKED, {"of": platform}).one()  # another was first
    found = Lease(known.owner, known.beat)
    if found.owner in ("", owner) or found == stale:
        found = Lease(owner, max(known.beat, stamped) + 1)
        changed = {"owner": owner, "beat": found.beat, "seen_at": now}
        if stamped > known.beat:
            changed |= {"gap_from": known.gap_from or known.seen_at, "gap_until": now}
            fields = {"platform": platform, "since": str(known.seen_at)}
            _LOG.warning("Ledger is older than its stamp", extra={"fields": fields})
        connection.execute(_TAKE, {"of": platform, **changed})
    return found


def count_claim(
    connection: Connection, platform: str, owner: str, now: datetime
) -> tuple[int, LedgerGap | None]:
    """Count a sign of life of the lease's owner; return the beat, 0 for any other, and the gap."""
    mine = {"of": platform, "by": owner}
    connection.execute(_COUNT_CLAIM, mine | {"now": now})
    row = connection.execute(_BEAT, mine).first()
    if row is None:
        return 0, None
    return row.beat, LedgerGap(row.gap_from, row.gap_until) if row.gap_until else None


def release(connection: Connection, platform: str, owner: str) -> None:
    """Give the lease up."""
    connection.execute(_RELEASE, {"of": platform, "by": owner})
    announce(connection, Change.LEASE)


def record_halt(connection: Connection, platform: str, reason: str) -> None:
    """Store why a platform stopped, or that it runs."""
    reason = storable(reason)
    values = {"platform": platform, "owner": "", "beat": 0, "halted": reason}
    connection.execute(_RECORD_HALT, values)


def record_gap(connection: Connection, copied_at: datetime, now: datetime) -> None:
    """Record that the database was restored from a copy: what followed it is not known."""
    known = {row.platform: row for row in connection.execute(select(outboxes))}
    for platform in {*known, *connection.scalars(select(subscriptions.c.platform).distinct())}:
        row = known.get(platform)
        since = (row.gap_from or row.seen_at if row else None) or copied_at
        values = {"owner": "", "gap_from": since, "gap_until": now}
        connection.execute(
            insert_or(outboxes)
            .values({"platform": platform, "beat": 0, "halted": "", **values})
            .on_conflict_do_update(index_elements=["platform"], set_=values)
        )


def find_gaps(reader: Reader) -> dict[str, LedgerGap]:
    """Return by platform the time that a restored ledger knows nothing of, where there is one."""
    return {
        platform: LedgerGap(parse_moment(since) if since else None, parse_moment(until))
        for platform, since, until in reader.rows(_GAPS)
    }
