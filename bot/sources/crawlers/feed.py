"""Gathers a feed: one request, and each weekly post in it is a page of its own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

from bot.ports.web import Fetched
from bot.sources.crawlers.pages import Batch, Content, Pages, Seen
from bot.sources.parsers.feed import document, posts
from bot.sources.parsers.feed.document import Post


class FeedCrawl:
    """What a feed no longer has, it has only let go of; see `bot.sources.crawlers.pages`."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._posts: tuple[Post, ...] = ()

    async def batches(self) -> AsyncIterator[Batch]:
        root = await self._pages.see(self._pages.of(self._pages.source.url), self._read)
        if root.parsed is None or root.trouble:
            yield Batch((root,))
            return
        weekly = [post for post in self._posts if posts.is_weekly(post)]
        seen = [await self._see(post) for post in weekly]
        if not weekly:
            line = f"none of its {len(self._posts)} posts is a weekly one."
            root = replace(root, parsed=None, trouble=line)
        yield Batch((*seen, root))

    def _read(self, body: bytes) -> Content:
        self._posts = document.read(body)
        return Content()

    async def _see(self, post: Post) -> Seen:
        told = "\n".join((post.title, post.url, post.html))
        fetched = Fetched(told.encode(), post.id)
        return await self._pages.seen(self._pages.of(post.id), fetched, partial(self._parse, post))

    def _parse(self, post: Post, _: bytes) -> Content:
        source = self._pages.source
        return Content(posts.parse(post, source.series, source.language or "en"))
