"""Fakes that remember: a platform in this process, and an archive of issues at hand."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.lib.rate_limit import RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.model.deliveries import DuePart, Lease, PostedPart
from bot.model.papers import Issue
from bot.model.weeks import Week, WeekReference
from bot.ports.archive import IssueResult, SeriesPreference
from bot.ports.changes import Change
from bot.ports.conversation import CommandService
from bot.ports.errors import StorageUnavailable
from bot.ports.platform import (
    FindResult,
    MessageAbsent,
    MessageFound,
    MessageUnknown,
    NativeMessage,
    OutgoingMessage,
)
from bot.ports.web import FetchRefused, FetchResult
from storage.connections import LedgerTransactions
from storage.deliveries.ledger import SqlLedger
from storage.deliveries.stamp import LedgerStamp


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message that a fake platform took."""

    target: Target
    outgoing: OutgoingMessage
    id: str
    at: float

    @property
    def key(self) -> str:
        return self.outgoing.key

    @property
    def title(self) -> str:
        """Return the first line."""
        return str(self.outgoing.payload["title"])


Fault = Callable[["FakePlatform", Target, OutgoingMessage], None]
"""Called with each post; may raise before it is taken, or take it and raise."""


@dataclass
class FakePlatform:
    """Fulfils `bot.ports.platform.Platform`, in no time but what it is told to take."""

    name: str = "fake"
    rate_limit: RateLimit = field(default_factory=lambda: RateLimit(50, timedelta(seconds=1)))
    timeout: timedelta = timedelta(seconds=10)
    chunks: int = 1
    """Into how many messages each card is split."""
    posted: list[PostedMessage] = field(default_factory=list)
    first_by_key: dict[str, PostedMessage] = field(default_factory=dict)
    told: list[tuple[str, Card]] = field(default_factory=list)
    pinned: set[str] = field(default_factory=set)
    threads: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The keys that were looked for."""
    fault: Fault | None = None
    find_fault: Callable[[str], None] | None = None
    pin_fault: Callable[[str], None] | None = None
    """Called with the message that is to be pinned or not; may raise."""
    edit_fault: Callable[[MessageRef, OutgoingMessage], None] | None = None
    """Called with each edit; may raise before it is taken."""
    edited: list[tuple[MessageRef, OutgoingMessage]] = field(default_factory=list)
    latency: float = 0.05
    can_tell: bool = True
    attempts: int = 0
    rendered: int = 0
    id_suffix: str = ""
    """What each message's id ends in."""

    def render(self, card: Card) -> Sequence[NativeMessage]:
        self.rendered += 1
        return [{"title": card.title, "chunk": chunk} for chunk in range(self.chunks)]

    async def serve(self, desk: CommandService) -> None:
        await asyncio.Event().wait()

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        self.attempts += 1
        await asyncio.sleep(self.latency)
        if self.fault:
            self.fault(self, target, outgoing)
        return self.take(target, outgoing)

    def take(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        """Accept a message."""
        number = str(len(self.posted) + 1) + self.id_suffix
        at = asyncio.get_running_loop().time()
        message = PostedMessage(target, outgoing, number, at)
        self.posted.append(message)
        self.first_by_key.setdefault(message.key, message)
        return MessageRef(target, number, url=f"https://fake.example/{number}")

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        await asyncio.sleep(self.latency)
        self.asked.append(key)
        if self.find_fault:
            self.find_fault(key)
        if not self.can_tell:
            return MessageUnknown.UNKNOWN
        found = self.first_by_key.get(key)
        if found is None:
            return MessageAbsent.ABSENT
        return MessageFound(MessageRef(target, found.id, found.outgoing.thread))

    async def edit(self, ref: MessageRef, outgoing: OutgoingMessage) -> None:
        await asyncio.sleep(self.latency)
        if self.edit_fault:
            self.edit_fault(ref, outgoing)
        outgoing.on_sent()
        self.edited.append((ref, outgoing))

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        self.threads.append(ref.id)
        return MessageRef(ref.target, ref.id, thread=f"thread-{ref.id}")

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        if self.pin_fault:
            self.pin_fault(ref.id)
        (self.pinned.add if pinned else self.pinned.discard)(ref.id)

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        self.told.append((person, card))

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        return ()

    async def diagnose(self) -> tuple[str, ...]:
        return ()

    async def close(self) -> None:
        pass

    def duplicates(self) -> list[str]:
        """Return the keys that were posted more than once."""
        return [
            key for key, times in Counter(each.key for each in self.posted).items() if times > 1
        ]

    def in_channel(self, channel: str) -> list[PostedMessage]:
        """Return what was posted in a channel, in order."""
        return [each for each in self.posted if each.target.channel == channel]


class FakeWeb:
    """A web client with pages and ETags that tests put there, or a host that is down.

    It remembers what was asked, and whether only for what changed.
    """

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[tuple[str, bool]] = []
        self.fault: Exception | None = None

    async def get(self, url: str, *, etag: str = "", last_modified: str = "") -> FetchResult:
        self.asked.append((url, bool(etag)))
        await asyncio.sleep(0.1)
        if self.fault:
            raise self.fault
        if url not in self.pages:
            raise FetchRefused("it answered 404.", 404)
        body = self.pages[url]
        tag = hashlib.sha256(body).hexdigest()
        return (
            FetchResult(b"", url, tag, is_not_modified=True)
            if tag == etag
            else FetchResult(body, url, tag)
        )


class FaultyLedger(SqlLedger):
    """The real ledger, which fails as often as it is told."""

    def __init__(self, transactions: LedgerTransactions, stamp: LedgerStamp | None = None) -> None:
        super().__init__(transactions, stamp)
        self.fails: Counter[str] = Counter()
        """How many of the next calls fail, by their names."""
        self.error: Exception = StorageUnavailable("the disk is full")
        """What they fail with."""
        self.polls = 0
        """How often the due parts of all channels were read."""

    def _fail(self, name: str) -> None:
        if self.fails[name]:
            self.fails[name] -= 1
            raise self.error

    async def acquire_or_renew(
        self, platform: str, owner: str, stale: Lease | None, now: datetime
    ) -> Lease:
        self._fail(f"beat {owner}")
        return await super().acquire_or_renew(platform, owner, stale, now)

    async def next_parts(
        self,
        platform: str,
        now: datetime,
        limit: int,
        channels: Sequence[str] | None = None,
        without: Set[str] = frozenset(),
    ) -> tuple[DuePart, ...]:
        self.polls += channels is None
        return await super().next_parts(platform, now, limit, channels, without)

    async def claim(
        self, owner: str, wanted: Sequence[tuple[DuePart, int]], now: datetime
    ) -> tuple[DuePart, ...]:
        self._fail("claim")
        return await super().claim(owner, wanted, now)

    async def mark_posted(self, posted: Sequence[PostedPart]) -> int:
        self._fail("mark_posted")
        return await super().mark_posted(posted)

    async def mark_notified(
        self, number: int, claimed_at: datetime, due_at: datetime | None
    ) -> None:
        self._fail("mark_notified")
        await super().mark_notified(number, claimed_at, due_at)


@dataclass
class FakeChangeFeed:
    """Fulfils `bot.ports.changes.ChangeFeed`; it tells what a test says."""

    is_live: bool = True

    async def listen(self, on_change: Callable[[Change], None]) -> None:
        for change in Change:
            on_change(change)
        await asyncio.Event().wait()


class FakeIssueArchive:
    """Fulfils what delivery asks of `bot.ports.archive.Archive`: issues that tests publish."""

    def __init__(self, issues: Sequence[Issue] = ()) -> None:
        self.kept = {(issue.series, issue.week): issue for issue in issues}

    def publish(self, issue: Issue) -> None:
        """Publish an issue, or a newer wording of it."""
        self.kept[issue.series, issue.week] = issue

    async def weeks(self, series: Sequence[str], limit: int) -> tuple[Issue, ...]:
        found = [issue for (name, _), issue in self.kept.items() if name in series]
        return tuple(sorted(found, key=lambda issue: issue.week, reverse=True)[:limit])

    async def find_issue(
        self, reference: WeekReference, today: date, wanted: SeriesPreference
    ) -> IssueResult:
        assert isinstance(reference, Week)
        return IssueResult(self.kept.get((wanted.only or "", reference)))

    async def tag_counts(self) -> tuple[tuple[str, int], ...]:
        counts = Counter(
            tag
            for issue in self.kept.values()
            for entry in issue.entries
            for tag in entry.paper.all_tags
        )
        return tuple(counts.most_common())
