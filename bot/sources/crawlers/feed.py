"""Crawls a feed: one request; each weekly post in it is a page of its own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

from bot.model.papers import ParseResult, Problem
from bot.ports.web import FetchResult
from bot.sources.crawlers.pages import PageBatch, PageContent, PageReader, PageResult
from bot.sources.parsers.feed import document, posts
from bot.sources.parsers.feed.document import Post


class FeedCrawler:
    """Implements `Crawler`; a post that has left the feed is no loss."""

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages

    async def batches(self) -> AsyncIterator[PageBatch]:
        known = self._pages.state_of(self._pages.source.url)
        root = await self._pages.fetch_root(known, _read_feed)
        if root.parsed is None or root.read_error:
            yield PageBatch((root,))
            return
        weekly = [post for post in root.posts if posts.is_weekly(post)]
        results = [await self._parse_post(post) for post in weekly]
        if not weekly:
            reason = f"none of its {len(root.posts)} posts is a weekly one."
            root = replace(root, parsed=None, read_error=reason)
        yield PageBatch((*results, root))

    async def _parse_post(self, post: Post) -> PageResult:
        content = "\n".join((post.title, post.url, post.html))
        fetched = FetchResult(content.encode(), post.id)
        known = self._pages.state_of(post.id)
        source = self._pages.source
        return await self._pages.parse_fetched(
            known, fetched, partial(_parse_post, post, source.series, source.language or "en")
        )


def _read_feed(body: bytes) -> PageContent:
    feed = document.parse(body)
    message = f"it is not well-formed ({feed.warning}); what can be read of it was used."
    problems = (Problem(0, message, lost=True),) if feed.warning else ()
    return PageContent(ParseResult(problems=problems), posts=feed.posts)


def _parse_post(post: Post, series: str, language: str, _: bytes) -> PageContent:
    return PageContent(posts.parse(post, series, language))
