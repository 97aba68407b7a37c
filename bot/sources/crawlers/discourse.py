"""Gathers the weekly posts of a forum: it lists topics, and each is a page of its own."""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.model.papers import Parsed
from bot.ports.errors import Refused, TryLater
from bot.ports.source_state import PageState
from bot.sources.crawlers.pages import Batch, Pages, Seen
from bot.sources.parsers.discourse import listing, posts, topic
from bot.sources.parsers.discourse.listing import Listed, Listing, Place
from bot.sources.parsers.errors import Unreadable

_MOST_PAGES = 200
"""How many pages of a list are walked through at most."""

_MOST_AGAIN = 5
"""How many known topics are looked at again in one go, as an edit shows in no list."""

_SHARE = 10
"""A topic is looked at again after this part of its age."""

_SKEW = timedelta(days=1)
"""How far a forum's clock may be off, and more."""

_SOONEST, _LATEST = timedelta(hours=1), timedelta(days=30)


class ForumCrawl:
    """Each topic is a batch, as nothing moves between them; see `bot.sources.crawlers.pages`."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._done: set[str] = set()

    async def batches(self) -> AsyncIterator[Batch]:
        place = listing.place_of(self._pages.source.url)
        if place is None:
            raise TryLater(None, "its address is none of a category or a tag of a forum.")
        root = self._pages.of(place.first)
        try:
            found = await self._list(place.first)
            state = replace(root, digest=self._pages.digest(b""))
            async for topic in self._walk(place, found, is_known=self._pages.is_read(root)):
                yield Batch((topic,))
        except (Refused, Unreadable) as error:
            blank = replace(root, digest="", leads=())
            yield Batch((Seen(blank, trouble=str(error)),))
            return
        # Remembered once everything was walked through: until then it is not known what is old.
        yield Batch((Seen(state, Parsed() if root.alarm else None),))
        for known in self._again():
            yield Batch((await self._topic(place, known, known.last_modified),))

    async def _walk(self, place: Place, found: Listing, *, is_known: bool) -> AsyncIterator[Seen]:
        """Yield the topics that are new or were bumped, until what follows is older than both."""
        met: set[str] = set()
        while True:
            weekly = [each for each in found.topics if self._is_wanted(each)]
            fresh = [each for each in weekly if self._is_fresh(place, each)]
            for each in fresh:
                known = self._pages.of(place.topic(each.id))
                self._done.add(known.address)
                yield await self._topic(place, known, each.bumped_at)
            # A list goes from what was bumped last to what was bumped first. That a topic was read
            # already is no end: what follows may have been cut off when it was.
            is_old = any(self._is_long_known(each) for each in found.topics if not each.is_pinned)
            if not found.more or found.more in met or (is_known and is_old):
                return
            if len(met) >= _MOST_PAGES:
                return
            met.add(found.more)
            found = await self._list(place.page(found.more))

    async def _list(self, address: str) -> Listing:
        """Return a page of the list; raises Refused, Unreadable or TryLater."""
        return listing.read((await self._pages.means.fetch.get(address)).body)

    def _is_wanted(self, topic: Listed) -> bool:
        tag = self._pages.source.tag
        return posts.has_dates(topic.title) and (not tag or tag in topic.tags)

    def _is_fresh(self, place: Place, topic: Listed) -> bool:
        """Tell whether a topic was never read, or somebody wrote there since."""
        known = self._pages.of(place.topic(topic.id))
        if known.address in self._done:
            return False
        is_asked = bool(known.checked_at) and known.last_modified == topic.bumped_at
        # One that could not be read is looked at again in time, like all others.
        is_done = self._pages.is_read(known) or (not known.digest and not self._pages.is_afresh)
        return not (is_asked and is_done)

    def _is_long_known(self, topic: Listed) -> bool:
        """Tell whether a topic was in the list already when that was last walked through."""
        seen_at = self._pages.known.succeeded_at
        if seen_at is None or seen_at > self._pages.means.clock.now():
            return False  # or the clock was wrong then
        try:
            bumped_at = datetime.fromisoformat(topic.bumped_at)
        except ValueError:
            return True  # a list that tells no times is not walked through each time
        return not bumped_at.tzinfo or bumped_at < seen_at - _SKEW

    async def _topic(self, place: Place, known: PageState, bumped_at: str) -> Seen:
        now = self._pages.means.clock.now()
        state = replace(known, last_modified=bumped_at, checked_at=now)
        etag = known.etag if self._pages.is_read(known) else ""
        try:
            fetched = await self._pages.means.fetch.get(known.address, etag=etag)
        except Refused as error:
            return Seen(replace(state, etag="", digest=""), trouble=error.reason)
        if fetched.is_unchanged:
            return Seen(state)
        value = _json(fetched.body)
        digest = self._pages.digest(_matter(value))
        if digest == known.digest and self._pages.is_read(known):
            return Seen(replace(state, etag=fetched.etag))
        state = replace(state, etag=fetched.etag, digest=digest)
        if not topic.looks_like_topic(value):
            return Seen(state, trouble="it is no topic of a forum.")
        parsed = await self._pages.means.offload(topic.parse_topic, value, place.home)
        return Seen(state, _of_series(parsed, self._pages.source.series))

    def _again(self) -> Sequence[PageState]:
        """Return known topics that it is time to look at again, those first that wait longest."""
        now = self._pages.means.clock.now()
        due = [
            (page.checked_at, page)
            for page in self._pages.known.pages.values()
            if page.address not in self._done
            and page.checked_at
            and now - page.checked_at >= _wait(page, now)
        ]
        return [page for _, page in sorted(due, key=lambda pair: pair[0])[:_MOST_AGAIN]]


def _wait(page: PageState, now: datetime) -> timedelta:
    """Return after what time a topic is looked at again: young ones are edited more often."""
    if not page.weeks:
        return timedelta(days=1)
    year, number = max(page.weeks).split("-W")
    age = now.date() - date.fromisocalendar(int(year), int(number), 1)
    return min(max(age / _SHARE, _SOONEST), _LATEST)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _matter(value: Any) -> bytes:
    """Return what matters of a topic: its counts of readers change all the time."""
    if not topic.looks_like_topic(value):
        return b""
    posts = value["post_stream"].get("posts")
    first = posts[0] if isinstance(posts, list) and posts and isinstance(posts[0], dict) else {}
    told = [value.get("title"), first.get("cooked"), first.get("raw")]
    return hashlib.sha256(json.dumps(told).encode()).digest()


def _of_series(parsed: Parsed, series: str) -> Parsed:
    if not series:
        return parsed
    return replace(parsed, issues=tuple(replace(issue, series=series) for issue in parsed.issues))
