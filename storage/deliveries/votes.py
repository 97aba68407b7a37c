"""Stores votes for the favourites of weeks; of who voted only a keyed hash is stored."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from bot.model.channels import Target
from bot.model.discussions import Ballot, Community, VoteResult
from storage.deliveries import message_edits
from storage.deliveries.talk import count_votes
from storage.reader import ConnectionReader
from storage.schema.archive import facts
from storage.schema.discussions import votes
from storage.schema.types import storable
from storage.schema.upserts import insert_or

_KEY_FACT = "voter_key"
"""Name of the fact that stores the key of the hashes."""


def vote(connection: Connection, ballot: Ballot, now: datetime) -> VoteResult:
    """Count a vote; see `bot.ports.discussion_ledger.DiscussionLedger.vote`."""
    mine = _is_mine(connection, ballot)
    before = connection.execute(select(votes.c.paper).where(mine)).scalar()
    values = {"paper": ballot.paper, "channel": ballot.target.channel, "voted_at": now}
    if before is None:
        connection.execute(insert(votes).values(**_row(connection, ballot), **values))
    elif before != ballot.paper:
        connection.execute(update(votes).where(mine).values(**values))
    moved = before if before != ballot.paper else None
    if before != ballot.paper:
        changed = [ballot.paper] if moved is None else [ballot.paper, moved]
        message_edits.request_for_votes(connection, ballot.community, changed, now)
    return VoteResult(_count(connection, ballot), moved)


def withdraw(connection: Connection, ballot: Ballot, now: datetime) -> VoteResult:
    """Take a vote back, where the person gave it to this paper."""
    mine = and_(_is_mine(connection, ballot), votes.c.paper == ballot.paper)
    if connection.execute(delete(votes).where(mine)).rowcount:
        message_edits.request_for_votes(connection, ballot.community, [ballot.paper], now)
    return VoteResult(_count(connection, ballot))


def forget_voter(connection: Connection, platform: str, person: str, now: datetime) -> None:
    """Delete all votes of a person."""
    forget_voters(connection, [pseudonym(connection, platform, person)], now)


def forget_voters(connection: Connection, voters: Collection[str], now: datetime) -> int:
    """Delete all votes of some people, given by their hashes; return how many of them had any."""
    own = votes.c.voter.in_(voters)
    columns = (votes.c.voter, votes.c.platform, votes.c.workspace, votes.c.paper)
    given = connection.execute(select(*columns).where(own)).all()
    connection.execute(delete(votes).where(own))
    for _, platform, workspace, paper in given:
        community = Community((Target(platform, workspace, ""),))
        message_edits.request_for_votes(connection, community, [paper], now)
    return len({row.voter for row in given})


def pseudonym(connection: Connection, platform: str, person: str) -> str:
    """Return a person's hash, which only this installation's key can make."""
    key = connection.execute(select(facts.c.value).where(facts.c.name == _KEY_FACT)).scalar()
    if key is None:
        made = insert_or(facts).on_conflict_do_nothing()
        connection.execute(made, {"name": _KEY_FACT, "value": secrets.token_hex(32)})
        return pseudonym(connection, platform, person)
    return _hash(str(key), platform, person)


def count_of_person(connection: Connection, platform: str, person: str) -> int:
    """Return how many votes of a person there are."""
    key = connection.execute(select(facts.c.value).where(facts.c.name == _KEY_FACT)).scalar()
    if key is None:
        return 0
    of_person = votes.c.voter == _hash(str(key), platform, person)
    wanted = select(func.count()).select_from(votes).where(of_person)
    return connection.execute(wanted.where(votes.c.platform == platform)).scalar_one()


def _count(connection: Connection, ballot: Ballot) -> int:
    found = count_votes(ConnectionReader(connection), ballot.community, papers=[ballot.paper])
    return found.get(ballot.paper, 0)


def _is_mine(connection: Connection, ballot: Ballot) -> ColumnElement[bool]:
    return and_(*(votes.c[name] == value for name, value in _row(connection, ballot).items()))


def _row(connection: Connection, ballot: Ballot) -> dict[str, object]:
    """Return what makes a vote the only one of a person in a week."""
    target = ballot.target
    return {
        "platform": target.platform,
        "workspace": storable(target.workspace),
        "voter": pseudonym(connection, target.platform, ballot.person),
        "series": ballot.series,
        "year": ballot.week.year,
        "number": ballot.week.number,
    }


def _hash(key: str, platform: str, person: str) -> str:
    said = f"{platform}/{person}".encode("utf-8", "replace")
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()
