"""Gathers the weekly posts of a forum: it lists topics, and each is a page of its own."""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.model.papers import ParseResult
from bot.ports.errors import Refused, TryLater
from bot.ports.source_state import PageState
from bot.sources.crawlers.pages import PageBatch, PageReader, PageResult
from bot.sources.parsers.discourse import listing, posts, topic
from bot.sources.parsers.discourse.listing import TopicList, TopicPage, TopicSummary
from bot.sources.parsers.errors import UnreadableSource

_MAX_PAGES = 200
"""How many pages of a list are walked through at most."""

_MAX_RECHECKS = 5
"""How many known topics are looked at again in one go, as an edit shows in no list."""

_RECHECK_AGE_DIVISOR = 10
"""A topic is looked at again after this part of its age."""

_CLOCK_SKEW = timedelta(days=1)
"""How far a forum's clock may be off, and more."""

_MIN_RECHECK, _MAX_RECHECK = timedelta(hours=1), timedelta(days=30)


class DiscourseCrawler:
    """Each topic is a batch, as nothing moves between them; see `bot.sources.crawlers.pages`."""

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages
        self._done: set[str] = set()

    async def batches(self) -> AsyncIterator[PageBatch]:
        place = listing.parse_list_url(self._pages.source.url)
        if place is None:
            raise TryLater(None, "its address is none of a category or a tag of a forum.")
        root = self._pages.of(place.first)
        try:
            found = await self._list(place.first)
            state = replace(root, digest=self._pages.digest(b""))
            async for topic in self._changed_topics(
                place, found, is_known=self._pages.is_read(root)
            ):
                yield PageBatch((topic,))
        except (Refused, UnreadableSource) as error:
            blank = replace(root, digest="", leads=())
            yield PageBatch((PageResult(blank, read_error=str(error)),))
            return
        # Remembered once everything was walked through: until then it is not known what is old.
        yield PageBatch((PageResult(state, ParseResult() if root.alarm else None),))
        for known in self._again():
            yield PageBatch((await self._topic(place, known, known.last_modified),))

    async def _changed_topics(
        self, place: TopicList, found: TopicPage, *, is_known: bool
    ) -> AsyncIterator[PageResult]:
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
            if len(met) >= _MAX_PAGES:
                return
            met.add(found.more)
            found = await self._list(place.page(found.more))

    async def _list(self, address: str) -> TopicPage:
        """Return a page of the list; raises Refused, Unreadable or TryLater."""
        return listing.parse((await self._pages.tools.web.get(address)).body)

    def _is_wanted(self, topic: TopicSummary) -> bool:
        tag = self._pages.source.tag
        return posts.has_dates(topic.title) and (not tag or tag in topic.tags)

    def _is_fresh(self, place: TopicList, topic: TopicSummary) -> bool:
        """Tell whether a topic was never read, or somebody wrote there since."""
        known = self._pages.of(place.topic(topic.id))
        if known.address in self._done:
            return False
        is_asked = bool(known.checked_at) and known.last_modified == topic.bumped_at
        # One that could not be read is looked at again in time, like all others.
        is_done = self._pages.is_read(known) or (
            not known.digest and not self._pages.is_full_reread
        )
        return not (is_asked and is_done)

    def _is_long_known(self, topic: TopicSummary) -> bool:
        """Tell whether a topic was in the list already when that was last walked through."""
        seen_at = self._pages.known.succeeded_at
        if seen_at is None or seen_at > self._pages.tools.clock.now():
            return False  # or the clock was wrong then
        try:
            bumped_at = datetime.fromisoformat(topic.bumped_at)
        except ValueError:
            return True  # a list that tells no times is not walked through each time
        return not bumped_at.tzinfo or bumped_at < seen_at - _CLOCK_SKEW

    async def _topic(self, place: TopicList, known: PageState, bumped_at: str) -> PageResult:
        now = self._pages.tools.clock.now()
        state = replace(known, last_modified=bumped_at, checked_at=now)
        etag = known.etag if self._pages.is_read(known) else ""
        try:
            fetched = await self._pages.tools.web.get(known.address, etag=etag)
        except Refused as error:
            return PageResult(replace(state, etag="", digest=""), read_error=error.reason)
        if fetched.is_not_modified:
            return PageResult(state)
        value = _load_json(fetched.body)
        digest = self._pages.digest(_content_fingerprint(value))
        if digest == known.digest and self._pages.is_read(known):
            return PageResult(replace(state, etag=fetched.etag))
        state = replace(state, etag=fetched.etag, digest=digest)
        if not topic.looks_like_topic(value):
            return PageResult(state, read_error="it is no topic of a forum.")
        parsed = await self._pages.tools.offload(topic.parse_topic, value, place.home)
        return PageResult(state, _with_series(parsed, self._pages.source.series))

    def _again(self) -> Sequence[PageState]:
        """Return known topics that it is time to look at again, those first that wait longest."""
        now = self._pages.tools.clock.now()
        due = [
            (page.checked_at, page)
            for page in self._pages.known.pages.values()
            if page.address not in self._done
            and page.checked_at
            and now - page.checked_at >= _recheck_interval(page, now)
        ]
        return [page for _, page in sorted(due, key=lambda pair: pair[0])[:_MAX_RECHECKS]]


def _recheck_interval(page: PageState, now: datetime) -> timedelta:
    """Return after what time a topic is looked at again: young ones are edited more often."""
    if not page.weeks:
        return timedelta(days=1)
    year, number = max(page.weeks).split("-W")
    age = now.date() - date.fromisocalendar(int(year), int(number), 1)
    return min(max(age / _RECHECK_AGE_DIVISOR, _MIN_RECHECK), _MAX_RECHECK)


def _load_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _content_fingerprint(value: Any) -> bytes:
    """Return what matters of a topic: its counts of readers change all the time."""
    if not topic.looks_like_topic(value):
        return b""
    posts = value["post_stream"].get("posts")
    first = posts[0] if isinstance(posts, list) and posts and isinstance(posts[0], dict) else {}
    told = [value.get("title"), first.get("cooked"), first.get("raw")]
    return hashlib.sha256(json.dumps(told).encode()).digest()


def _with_series(parsed: ParseResult, series: str) -> ParseResult:
    if not series:
        return parsed
    return replace(parsed, issues=tuple(replace(issue, series=series) for issue in parsed.issues))
