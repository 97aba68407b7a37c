"""The port to what is stored about people: papers that they keep, and all else about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

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


class SavedStore(Protocol):
    """The papers that people keep. Every method may raise StorageUnavailable."""

    async def save_paper(self, person: Person, paper: int, now: datetime) -> bool:
        """Keep a paper for a person; False where it was kept before."""
        ...

    async def remove_paper(self, person: Person, paper: int) -> bool:
        """Keep a paper no more; False where it was not kept."""
        ...

    async def mark_read(self, person: Person, paper: int, read_at: datetime | None) -> None:
        """Mark a paper that is kept as read, or as unread with None."""
        ...

    async def saved_papers(
        self, person: Person, order: SavedOrder, limit: int, offset: int = 0
    ) -> SavedPage:
        """Return papers that a person keeps."""
        ...


class FollowStore(Protocol):
    """What people follow, and whom a new issue concerns.

    Every method may raise StorageUnavailable.
    """

    async def follow(
        self, person: Person, follow: Follow, limit: int, now: datetime
    ) -> Follow | None:
        """Keep what a person follows; return it as stored, None where `limit` are kept."""
        ...

    async def unfollow(self, person: Person, number: int) -> Follow | None:
        """Delete what a person follows; return it, or None where it is not there."""
        ...

    async def follows(self, person: Person) -> tuple[Follow, ...]:
        """Return what a person follows, in the order in which it was chosen."""
        ...

    async def note_issues(self, now: datetime) -> None:
        """Record the recent issues that came, each once, as news for those who follow."""
        ...

    async def unmatched_issues(self) -> tuple[NewIssue, ...]:
        """Return the issues of which not all followers were decided on, oldest first."""
        ...

    async def begin_news(self, issue: NewIssue, now: datetime) -> None:
        """Let an issue be news from now on, unless it is already."""
        ...

    async def find_followers(self, issue: NewIssue) -> tuple[int, ...]:
        """Return the numbers of the people for whom an issue has papers, in order.

        Those up to `issue.after` are left out, and what was followed after it became news. The
        time grows with the terms of the issue and with what is found, not with their product.
        """
        ...

    async def load_followers(self, numbers: Sequence[int]) -> tuple[Follower, ...]:
        """Return people by their numbers; those who are gone are left out."""
        ...

    async def record_matches(
        self,
        issue: NewIssue,
        messages: Sequence[FollowMessage],
        after: int | None,
        now: datetime,
    ) -> None:
        """Enqueue messages, and record up to which person it was decided; None for all.

        A person who has a message of the same week already gets no other.
        """
        ...

    async def followed_papers(
        self, person: Person, until: datetime, since: datetime | None = None
    ) -> tuple[FollowedPapers, ...]:
        """Return the papers that a person follows of the issues that became news in a time.

        `until` is when the message that tells of them is due; without `since`, the time begins
        with the message before it. Each paper is there once; one that the person was told of
        with an earlier issue is left out.
        """
        ...


class ReminderStore(Protocol):
    """The papers that people want to be reminded of. Every method may raise StorageUnavailable."""

    async def remind(
        self, person: Person, wanted: Reminder, limit: int, now: datetime
    ) -> Reminder | None:
        """Keep a reminder, in place of a pending one of the same paper.

        Return it as stored; None where `limit` others are pending.
        """
        ...

    async def cancel_reminder(self, person: Person, number: int) -> Reminder | None:
        """Delete a reminder that was not sent; return it, or None where it is not there."""
        ...

    async def reminders(self, person: Person) -> tuple[Reminder, ...]:
        """Return the reminders of a person that are to come, the next one first."""
        ...

    async def reminder(self, number: int) -> Reminder | None:
        """Return a reminder, also one that is being sent; None where it was cancelled."""
        ...

    async def enqueue_reminders(self, now: datetime) -> int:
        """Enqueue some of the messages of reminders that are due; return how many."""
        ...


class PeopleStore(SavedStore, FollowStore, ReminderStore, Protocol):
    """All that is stored about people. Every method may raise StorageUnavailable.

    A person is the same in all servers of a platform.
    """

    async def note_use(self, person: Person, now: datetime) -> None:
        """Record that a person of whom something is stored was here, to the day."""
        ...

    async def settings(self, person: Person) -> PersonSettings | None:
        """Return when and how a person gets direct messages; None where nothing was chosen."""
        ...

    async def set_settings(self, person: Person, settings: PersonSettings, now: datetime) -> None:
        """Keep when and how a person gets direct messages."""
        ...

    async def take_undelivered(self, person: Person) -> str:
        """Return once why a direct message did not arrive; empty where none failed since."""
        ...

    async def person_data(self, person: Person) -> PersonData:
        """Return all that is stored about a person."""
        ...

    async def forget_person(self, person: Person, now: datetime) -> PersonData:
        """Delete all that is stored about a person at once, and return what it was.

        The id is in no place of the database afterwards, free space included. An older copy of a
        file that is put back forgets the person again.
        """
        ...

    async def delete_copies(self, before: datetime) -> int:
        """Delete the copies that upgrades and restores left before then; return how many."""
        ...

    async def prune(self, unused_since: datetime | None, sent_before: datetime) -> int:
        """Delete what is the own of people who were not here since then, some of them.

        With None that is skipped. Direct messages that were due before `sent_before` are deleted.
        Returns how many people were forgotten.
        """
        ...
