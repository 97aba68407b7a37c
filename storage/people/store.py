"""Stores what is people's own, and forgets people: the port `bot.ports.people.PeopleStore`."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from bot.model.channels import Person
from bot.model.people import (
    Follow,
    FollowedPapers,
    Follower,
    FollowMessage,
    NewIssue,
    PersonData,
    PersonSettings,
    Reminder,
    SavedOrder,
    SavedPage,
)
from bot.papers.follows import PaperTerms
from storage.connections import Transactions
from storage.database import Database
from storage.deliveries import direct_messages
from storage.people import erasure, follows, new_issues, persons, reminders, saved
from storage.people.forgotten import ForgottenPeople

_TERMS_FOR = 30.0
"""Seconds for which the terms of an issue's papers are kept, as many people are told of them."""
_FORGOTTEN_AT_ONCE = 20


class SqlPeopleStore:
    """Fulfils `bot.ports.people.PeopleStore`."""

    def __init__(self, database: Database, transactions: Transactions) -> None:
        self._database = database
        self._read = transactions.read
        self._write = transactions.write
        self._run = transactions.run
        self._forgotten = ForgottenPeople(database.file) if database.file else None
        self._terms: dict[tuple[str, int, int], tuple[float, dict[int, PaperTerms]]] = {}

    async def save_paper(self, person: Person, paper: int, now: datetime) -> bool:
        return await self._write(saved.save, person, paper, now)

    async def remove_paper(self, person: Person, paper: int) -> bool:
        return await self._write(saved.remove, person, paper)

    async def mark_read(self, person: Person, paper: int, read_at: datetime | None) -> None:
        await self._write(saved.mark_read, person, paper, read_at)

    async def saved_papers(
        self, person: Person, order: SavedOrder, limit: int, offset: int = 0
    ) -> SavedPage:
        return await self._read(saved.list_saved, person, order, (limit, offset))

    async def note_use(self, person: Person, now: datetime) -> None:
        if await self._read(persons.is_use_unknown, person, now):
            await self._write(persons.note_use, person, now)

    async def settings(self, person: Person) -> PersonSettings | None:
        return await self._read(persons.find_settings, person)

    async def set_settings(self, person: Person, settings: PersonSettings, now: datetime) -> None:
        await self._write(persons.set_settings, person, settings, now)

    async def take_undelivered(self, person: Person) -> str:
        reason = await self._read(persons.undelivered, person)
        if reason:
            await self._write(persons.set_undelivered, person, "")
        return reason

    async def follow(
        self, person: Person, follow: Follow, limit: int, now: datetime
    ) -> Follow | None:
        return await self._write(follows.add, person, follow, limit, now)

    async def unfollow(self, person: Person, number: int) -> Follow | None:
        return await self._write(follows.remove, person, number)

    async def follows(self, person: Person) -> tuple[Follow, ...]:
        return await self._read(follows.list_follows, person)

    async def note_issues(self, now: datetime) -> None:
        if await self._read(new_issues.has_unknown_issues, now):
            await self._write(new_issues.note_issues, now)

    async def unmatched_issues(self) -> tuple[NewIssue, ...]:
        return await self._read(new_issues.unmatched_issues)

    async def begin_news(self, issue: NewIssue, now: datetime) -> None:
        await self._write(new_issues.begin, issue, now)

    async def find_followers(self, issue: NewIssue) -> tuple[int, ...]:
        return await self._read(new_issues.find_followers, issue)

    async def load_followers(self, numbers: Sequence[int]) -> tuple[Follower, ...]:
        return await self._read(new_issues.load_followers, numbers)

    async def record_matches(
        self,
        issue: NewIssue,
        messages: Sequence[FollowMessage],
        after: int | None,
        now: datetime,
    ) -> None:
        await self._write(new_issues.record_matches, issue, messages, after, now)

    async def followed_papers(
        self, person: Person, until: datetime, since: datetime | None = None
    ) -> tuple[FollowedPapers, ...]:
        return await self._read(self._followed_papers, person, until, since)

    def _followed_papers(
        self, connection: Connection, person: Person, until: datetime, since: datetime | None
    ) -> tuple[FollowedPapers, ...]:
        def listed(row: Row[Any]) -> dict[int, PaperTerms]:
            key, now = (row.series, row.year, row.number), time.monotonic()
            kept_until, found = self._terms.get(key, (0.0, {}))
            if kept_until < now:
                found = new_issues.load_terms(connection, row)
                self._terms = {
                    name: kept for name, kept in self._terms.items() if kept[0] >= now
                } | {key: (now + _TERMS_FOR, found)}
            return found

        followed = follows.list_follows(connection, person)
        news = new_issues.find_news(connection, person, since, until)
        return new_issues.select_papers(followed, news, listed)

    async def remind(
        self, person: Person, wanted: Reminder, limit: int, now: datetime
    ) -> Reminder | None:
        return await self._write(reminders.add, person, wanted, limit, now)

    async def cancel_reminder(self, person: Person, number: int) -> Reminder | None:
        return await self._write(reminders.remove, person, number)

    async def reminders(self, person: Person) -> tuple[Reminder, ...]:
        return await self._read(reminders.list_pending, person)

    async def reminder(self, number: int) -> Reminder | None:
        return await self._read(reminders.find, number)

    async def enqueue_reminders(self, now: datetime) -> int:
        if not await self._read(reminders.has_due, now):
            return 0
        return await self._write(reminders.enqueue_due, now)

    async def person_data(self, person: Person) -> PersonData:
        return await self._read(erasure.person_data, person)

    async def forget_person(self, person: Person, now: datetime) -> PersonData:
        found = await self._write(self._forget, person, now)
        await self._run(self._database.erase_deleted)
        return found

    def _forget(self, connection: Connection, person: Person, now: datetime) -> PersonData:
        if self._forgotten:
            self._forgotten.add(connection, person, now)
        return erasure.forget_person(connection, person, now)

    async def delete_copies(self, before: datetime) -> int:
        if self._forgotten is not None:
            has_older = await self._run(self._forgotten.has_older, before)
            if has_older:
                await self._write(self._forgotten.prune, before)
        return await self._run(self._database.delete_copies, before)

    async def prune(self, unused_since: datetime | None, sent_before: datetime) -> int:
        await self._write(direct_messages.delete_old, sent_before)
        if unused_since is None:
            return 0
        unused = await self._read(erasure.list_unused, unused_since, _FORGOTTEN_AT_ONCE)
        for person in unused:
            await self._write(erasure.forget_own, person)
        if unused:
            await self._run(self._database.erase_deleted)
        return len(unused)
