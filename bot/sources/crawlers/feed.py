"""Gathers a feed: one request, and each weekly post in it is a page of its own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

from bot.ports.web import FetchResult
from bot.sources.crawlers.pages import PageBatch, PageContent, PageReader, PageResult
from bot.sources.parsers.feed import document, posts
from bot.sources.parsers.feed.document import Post


class FeedCrawler:
    """What a feed no longer has, it has only let go of; see `bot.sources.crawlers.pages`."""

    def __init__(self, pages: PageReader) -> None:
        self._pages = pages
        self._posts: tuple[Post, ...] = ()

    async def batches(self) -> AsyncIterator[PageBatch]:
        root = await self._pages.fetch_page(self._pages.of(self._pages.source.url), self._read)
        if root.parsed is None or root.read_error:
            yield PageBatch((root,))
            return
        weekly = [post for post in self._posts if posts.is_weekly(post)]
        seen = [await self._see(post) for post in weekly]
        if not weekly:
            line = f"none of its {len(self._posts)} posts is a weekly one."
            root = replace(root, parsed=None, read_error=line)
        yield PageBatch((*seen, root))

    def _read(self, body: bytes) -> PageContent:
        self._posts = document.parse(body)
        return PageContent()

    async def _see(self, post: Post) -> PageResult:
        told = "\n".join((post.title, post.url, post.html))
        fetched = FetchResult(told.encode(), post.id)
        return await self._pages.seen(self._pages.of(post.id), fetched, partial(self._parse, post))

    def _parse(self, post: Post, _: bytes) -> PageContent:
        source = self._pages.source
        return PageContent(posts.parse(post, source.series, source.language or "en"))
