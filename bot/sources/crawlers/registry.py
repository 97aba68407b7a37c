"""Finds the way to gather a source by its kind."""

from bot.sources.crawlers.dair import ListCrawl
from bot.sources.crawlers.discourse import ForumCrawl
from bot.sources.crawlers.feed import FeedCrawl
from bot.sources.crawlers.folder import FolderCrawl
from bot.sources.crawlers.pages import Crawl, Pages


def crawl(pages: Pages) -> Crawl:
    """Return how a source of this kind is gathered; raises LookupError for another kind."""
    match pages.source.kind:
        case "dair":
            return ListCrawl(pages)
        case "discourse":
            return ForumCrawl(pages)
        case "feed":
            return FeedCrawl(pages)
        case "folder":
            return FolderCrawl(pages)
        case other:
            raise LookupError(other)
