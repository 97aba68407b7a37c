"""Crawls the weekly topics of a forum: it reads the list of topics; each topic is a page."""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.model.papers import ParseResult
from bot.ports.errors import TryLater
from bot.ports.source_state import PageState
from bot.ports.web import FetchRefused
from bot.sources.crawlers.pages import (
    WEB_PAGE,
    PageBatch,
    PageContent,
    PageReader,
    PageResult,
)
from bot.sources.parsers.discourse import listing, topic
from bot.sources.parsers.discourse.listing import TopicList, TopicPage, TopicSummary
from bot.sources.parsers.discourse.titles import has_dates
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.html_tree import looks_like_page

_MAX_PAGES = 200
"""The most pages of a topic list that are fetched."""

_MAX_RECHECKS = 5
"""The most known topics that one run rechecks, because edits do not show in the list."""

_RECHECK_AGE_DIVISOR = 10
"""A topic is rechecked after its age divided by this."""

_CLOCK_SKEW = timedelta(days=1)
"""An upper bound for the error of a forum's clock."""

_MIN_RECHECK, _MAX_RECHECK = timedelta(hours=1), timedelta(days=30)


class DiscourseCrawler:
    """Implements `Crawler`; each topic is a batch, because nothing moves between them."""

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages
        self._done: set[str] = set()

    async def batches(self) -> AsyncIterator[PageBatch]:
        topic_list = listing.parse_list_url(self._pages.source.url)
        if topic_list is None:
            raise TryLater(None, "its address is none of a category or a tag of a forum.")
        root = self._pages.state_of(topic_list.first_page_url)
        try:
            first_page = await self._fetch_list(topic_list.first_page_url)
            state = replace(root, digest=self._pages.digest(b""))
            async for topic in self._changed_topics(
                topic_list, first_page, is_known=self._pages.is_up_to_date(root)
            ):
                yield PageBatch((topic,))
        except (FetchRefused, UnreadableSource) as error:
            # A list of topics has no weeks to lose: without it nothing is known of the forum.
            raise TryLater(None, f"{root.address}: {error}") from None
        # Stored after the whole list was read: until then it is unknown which topics are old.
        yield PageBatch((PageResult(state, ParseResult() if root.alarm else None),))
        for known in self._due_rechecks():
            yield PageBatch((await self._fetch_topic(topic_list, known, known.last_modified),))

    async def _changed_topics(
        self, topic_list: TopicList, page: TopicPage, *, is_known: bool
    ) -> AsyncIterator[PageResult]:
        """Yield new and bumped topics, until the rest of the list is older than the last run."""
        requested: set[str] = set()
        while True:
            weekly = [each for each in page.topics if self._is_wanted(each)]
            fresh = [each for each in weekly if self._is_fresh(topic_list, each)]
            for each in fresh:
                known = self._pages.state_of(topic_list.topic_url(each.id))
                self._done.add(known.address)
                yield await self._fetch_topic(topic_list, known, each.bumped_at)
            # The list is ordered by the time of the last bump, newest first. A known topic does
            # not end the search: the run that read it may have been interrupted after it.
            is_old = any(self._is_long_known(each) for each in page.topics if not each.is_pinned)
            if not page.next_page or page.next_page in requested or (is_known and is_old):
                return
            if len(requested) >= _MAX_PAGES:
                return
            requested.add(page.next_page)
            page = await self._fetch_list(topic_list.page_url(page.next_page))

    async def _fetch_list(self, address: str) -> TopicPage:
        """Return a page of the list; raises FetchRefused, UnreadableSource or TryLater."""
        body = (await self._pages.tools.web.get(address)).body
        if looks_like_page(body):
            raise UnreadableSource(WEB_PAGE)
        page: TopicPage = await self._pages.tools.offload(listing.parse, body)
        return page

    def _is_wanted(self, topic: TopicSummary) -> bool:
        tag = self._pages.source.tag
        return has_dates(topic.title) and (not tag or tag in topic.tags)

    def _is_fresh(self, topic_list: TopicList, topic: TopicSummary) -> bool:
        """Return whether a topic was never read, or has a new post since."""
        known = self._pages.state_of(topic_list.topic_url(topic.id))
        if known.address in self._done:
            return False
        is_asked = bool(known.checked_at) and known.last_modified == topic.bumped_at
        # An unreadable topic is rechecked later, like all others.
        is_done = self._pages.is_up_to_date(known) or (
            not known.digest and not self._pages.is_full_reread
        )
        return not (is_asked and is_done)

    def _is_long_known(self, topic: TopicSummary) -> bool:
        """Return whether a topic was already in the list at the last complete run."""
        seen_at = self._pages.source_state.succeeded_at
        if seen_at is None or seen_at > self._pages.tools.clock.now():
            return False  # or the clock was wrong at that time
        try:
            bumped_at = datetime.fromisoformat(topic.bumped_at)
        except ValueError:
            return True  # a list without times is not read to its end in each run
        return not bumped_at.tzinfo or bumped_at < seen_at - _CLOCK_SKEW

    async def _fetch_topic(
        self, topic_list: TopicList, known: PageState, bumped_at: str
    ) -> PageResult:
        now = self._pages.tools.clock.now()
        state = replace(known, last_modified=bumped_at, checked_at=now)
        etag = known.etag if self._pages.is_up_to_date(known) else ""
        try:
            fetched = await self._pages.tools.web.get(known.address, etag=etag)
        except FetchRefused as error:
            return PageResult(replace(state, etag="", digest=""), read_error=error.reason)
        if fetched.is_not_modified:
            return PageResult(state)
        fingerprint: bytes = await self._pages.tools.offload(_content_fingerprint, fetched.body)
        digest = self._pages.digest(fingerprint)
        if digest == known.digest and self._pages.is_up_to_date(known):
            return PageResult(replace(state, etag=fetched.etag))
        state = replace(state, etag=fetched.etag, digest=digest)
        series = self._pages.source.series
        args = (fetched.body, topic_list.base_url, series)
        return await self._pages.parse(state, _parse_topic, *args)

    def _due_rechecks(self) -> Sequence[PageState]:
        """Return the known topics that are due for a recheck, the longest overdue first."""
        now = self._pages.tools.clock.now()
        due = [
            (page.checked_at, page)
            for page in self._pages.source_state.pages.values()
            if page.address not in self._done
            and page.checked_at
            and now - page.checked_at >= _recheck_interval(page, now)
        ]
        return [page for _, page in sorted(due, key=lambda pair: pair[0])[:_MAX_RECHECKS]]


def _recheck_interval(page: PageState, now: datetime) -> timedelta:
    """Return the time between two checks of a topic: recent ones are edited more often."""
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


def _content_fingerprint(body: bytes) -> bytes:
    """Return a hash of title and text: other fields, such as views, change all the time."""
    value = _load_json(body)
    if not topic.looks_like_topic(value):
        return b""
    posts = value["post_stream"].get("posts")
    first = posts[0] if isinstance(posts, list) and posts and isinstance(posts[0], dict) else {}
    content = [value.get("title"), first.get("cooked"), first.get("raw")]
    return hashlib.sha256(json.dumps(content).encode()).digest()


def _parse_topic(body: bytes, base_url: str, series: str) -> PageContent:
    value = _load_json(body)
    if not topic.looks_like_topic(value):
        raise UnreadableSource("it is no topic of a forum.")
    parsed = topic.parse_topic(value, base_url)
    issues = tuple(replace(issue, series=series or issue.series) for issue in parsed.issues)
    return PageContent(replace(parsed, issues=issues))
