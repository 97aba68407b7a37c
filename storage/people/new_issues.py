"""Finds the people whom a new issue concerns, and the papers of it that each of them follows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, select, update

from bot.model.channels import Person
from bot.model.deliveries import Purpose
from bot.model.people import Follow, FollowedPapers, Follower, FollowMessage, NewIssue
from bot.model.weeks import Week
from bot.papers.follows import PaperTerms, candidate_keys, is_meant, paper_terms
from storage.archive import issue_corrections
from storage.archive.reviews import find_of_week
from storage.archive.row_mapping import RETRACTION_FIELD, load_papers
from storage.connections import chunks
from storage.deliveries import direct_messages
from storage.people.follows import terms_from_json
from storage.reader import ConnectionReader
from storage.schema.archive import entries, issues, papers
from storage.schema.deliveries import deliveries
from storage.schema.metadata import records, unlearnt
from storage.schema.people import followed_issues, follows, people
from storage.schema.upserts import insert_or
from storage.search.index_tables import texts_of

_ADD_ISSUE = insert_or(followed_issues).on_conflict_do_nothing()
_RECENT = timedelta(days=28)
"""An older issue is no news, as where an archive is filled."""
_KEPT = timedelta(days=120)
"""How long it is known that an issue was news."""
_WITH_RECORDS = "arxiv:%"
"""The keys of papers whose authors can be learnt."""


def has_unknown_issues(connection: Connection, now: datetime) -> bool:
    """Return whether `note_issues` has something to record."""
    return connection.execute(_unknown_issues(now).limit(1)).first() is not None


def note_issues(connection: Connection, now: datetime) -> None:
    """Record the issues that came, each once, as news for those who follow something."""
    rows = [
        {"series": row.series, "year": row.year, "number": row.number, "seen_at": now,
         "news_at": None, "after": 0,
         "is_matched": False}
        for row in connection.execute(_unknown_issues(now))
    ]  # fmt: skip
    if rows:
        connection.execute(_ADD_ISSUE, rows)
    connection.execute(delete(followed_issues).where(followed_issues.c.seen_at < now - _KEPT))


def unmatched_issues(connection: Connection) -> tuple[NewIssue, ...]:
    """Return the issues of which not all followers were decided on, oldest first."""
    rows = connection.execute(
        select(followed_issues)
        .where(followed_issues.c.is_matched.is_(False))
        .order_by(followed_issues.c.seen_at, followed_issues.c.series)
    ).all()
    return tuple(
        NewIssue(
            row.series,
            Week(row.year, row.number),
            row.seen_at,
            row.news_at,
            row.after,
            not _lacks_records(connection, row),
            find_of_week(connection, row.series, Week(row.year, row.number)),
        )
        for row in rows
    )


def begin(connection: Connection, issue: NewIssue, now: datetime) -> None:
    """Let an issue be news from now on; see `bot.ports.people.FollowStore.begin_news`."""
    connection.execute(
        update(followed_issues)
        .where(*_is(issue), followed_issues.c.news_at.is_(None))
        .values(news_at=now)
    )


def find_followers(connection: Connection, issue: NewIssue) -> tuple[int, ...]:
    """Return the numbers of the people for whom an issue has papers, in order."""
    terms = _new_terms(connection, issue)
    keys, found = candidate_keys(terms), set[int]()
    decided: dict[tuple[str, str], bool] = {}
    for kind, wanted in keys.items():
        for some in chunks(sorted(wanted)):
            candidates = select(follows).where(
                follows.c.kind == kind.value,
                follows.c.key.in_(some),
                follows.c.person_id > issue.after,
                follows.c.made_at <= issue.news_at,
            )
            for row in connection.execute(candidates):
                # Many people follow the same: each is compared with the papers once.
                same = (row.kind, row.name)
                if same not in decided:
                    own = terms_from_json(row.terms)
                    decided[same] = any(is_meant(own, each) for each in terms)
                if decided[same]:
                    found.add(row.person_id)
    return tuple(sorted(found))


def load_followers(connection: Connection, numbers: Sequence[int]) -> tuple[Follower, ...]:
    """Return people, with when their newest message of followed papers was due."""
    rows = connection.execute(select(people).where(people.c.id.in_(numbers), people.c.zone != ""))
    found = []
    for row in rows.all():
        newest = direct_messages.newest_due(row.platform, row.person)
        found.append(Follower(row.id, row.at, row.zone, connection.execute(newest).scalar()))
    return tuple(found)


def record_matches(
    connection: Connection,
    issue: NewIssue,
    messages: Sequence[FollowMessage],
    after: int | None,
    now: datetime,
) -> None:
    """Enqueue messages about an issue, and record up to which person that was decided.

    `after` is None once it was decided for all.
    """
    by_number = {each.number: each for each in messages}
    for row in connection.execute(select(people).where(people.c.id.in_(list(by_number)))).all():
        message = by_number[row.id]
        what = (Purpose.FOLLOW, message.week, 0)
        direct_messages.enqueue_direct(connection, row, what, message.due_at, now)
    values = {"is_matched": True} if after is None else {"after": after}
    connection.execute(update(followed_issues).where(*_is(issue)).values(values))


def find_news(
    connection: Connection, person: Person, since: datetime | None, until: datetime
) -> tuple[tuple[Row[Any], bool], ...]:
    """Return the issues that are news for a person, and those that were before.

    Each is a row of `followed_issues`, with whether it is news in the time until then: since the
    person's message before that one, where no other time is given.
    """
    if since is None:
        before = direct_messages.newest_due(person.platform, person.id)
        newest = connection.execute(before.where(deliveries.c.due_at < until)).scalar()
        since = max(newest or until - _RECENT, until - _RECENT)
    rows = connection.execute(
        select(followed_issues)
        .where(
            followed_issues.c.news_at <= until,
            followed_issues.c.news_at > until - 2 * _RECENT,
        )
        .order_by(followed_issues.c.news_at, followed_issues.c.series)
    ).all()
    return tuple((row, row.news_at > since) for row in rows)


def select_papers(
    followed: Iterable[Follow],
    news: Sequence[tuple[Row[Any], bool]],
    listed: Callable[[Row[Any]], Mapping[int, PaperTerms]],
) -> tuple[FollowedPapers, ...]:
    """Return which of the papers that are news each follow means, each paper once.

    A paper is no news where an issue listed it that was news before.
    """
    shown: set[int] = set()
    found = []
    for follow in followed:
        own = [
            (row, is_new)
            for row, is_new in news
            if follow.made_at is None or row.news_at >= follow.made_at
        ]
        known = {paper for row, is_new in own if not is_new for paper in listed(row)}
        numbers = [
            number
            for row, is_new in own
            if is_new
            for number, terms in listed(row).items()
            if number not in known and number not in shown and is_meant(follow.terms, terms)
        ]
        shown.update(numbers)
        if numbers:
            found.append(FollowedPapers(follow, tuple(dict.fromkeys(numbers))))
    return tuple(found)


def load_terms(connection: Connection, row: Row[Any]) -> dict[int, PaperTerms]:
    """Return what follows are compared with, of all papers of an issue, in their order.

    What is retracted is no news.
    """
    place = (row.series, Week(row.year, row.number))
    if issue_corrections.value_of(connection, place, RETRACTION_FIELD, "") is not None:
        return {}
    listed = connection.scalars(
        select(entries.c.paper_id)
        .join(issues, issues.c.id == entries.c.issue_id)
        .where(
            issues.c.series == row.series,
            issues.c.year == row.year,
            issues.c.number == row.number,
        )
        .order_by(entries.c.position)
    )
    numbers = list(dict.fromkeys(listed))
    loaded = load_papers(ConnectionReader(connection), numbers)
    found = {}
    for number in numbers:
        paper = loaded.indexed_paper(number)
        if paper.retraction:
            continue
        authors = paper.record.authors if paper.record else ()
        found[number] = paper_terms(paper.all_tags, authors, texts_of(paper))
    return found


def _unknown_issues(now: datetime) -> Select[Any]:
    """Return the query of the recent issues that are not recorded."""
    known = exists().where(
        followed_issues.c.series == issues.c.series,
        followed_issues.c.year == issues.c.year,
        followed_issues.c.number == issues.c.number,
    )
    return (
        select(issues.c.series, issues.c.year, issues.c.number)
        .where(issues.c.start >= (now - _RECENT).date(), ~known)
        .order_by(issues.c.start, issues.c.series)
    )


def _new_terms(connection: Connection, issue: NewIssue) -> list[PaperTerms]:
    """Return the terms of the papers of an issue that no issue had that was news before it."""
    row = _row_of(connection, issue)
    if row is None or issue.news_at is None:
        return []
    before = connection.scalars(
        select(entries.c.paper_id)
        .join(issues, issues.c.id == entries.c.issue_id)
        .join(
            followed_issues,
            (followed_issues.c.series == issues.c.series)
            & (followed_issues.c.year == issues.c.year)
            & (followed_issues.c.number == issues.c.number),
        )
        .where(
            followed_issues.c.news_at < issue.news_at,
            followed_issues.c.news_at > issue.news_at - 2 * _RECENT,
        )
    )
    known = frozenset(before)
    terms = load_terms(connection, row)
    return [each for number, each in terms.items() if number not in known]


def _is(issue: NewIssue) -> tuple[ColumnElement[bool], ...]:
    return (
        followed_issues.c.series == issue.series,
        followed_issues.c.year == issue.week.year,
        followed_issues.c.number == issue.week.number,
    )


def _row_of(connection: Connection, issue: NewIssue) -> Row[Any] | None:
    wanted = select(followed_issues).where(*_is(issue))
    return connection.execute(wanted).first()


def _lacks_records(connection: Connection, row: Row[Any]) -> bool:
    """Return whether authors of an issue's papers are still to be learnt."""
    missing = (
        select(papers.c.id)
        .join(entries, entries.c.paper_id == papers.c.id)
        .join(issues, issues.c.id == entries.c.issue_id)
        .where(
            issues.c.series == row.series,
            issues.c.year == row.year,
            issues.c.number == row.number,
            papers.c.key.like(_WITH_RECORDS),
            ~exists().where(records.c.key == papers.c.key),
            ~exists().where(unlearnt.c.key == papers.c.key),
        )
        .limit(1)
    )
    return connection.execute(missing).first() is not None
