"""Finds the way to gather a source by its kind."""

from bot.sources.crawlers.dair import DairCrawler
from bot.sources.crawlers.discourse import DiscourseCrawler
from bot.sources.crawlers.feed import FeedCrawler
from bot.sources.crawlers.folder import FolderCrawler
from bot.sources.crawlers.pages import Crawler, PageReader


def create_crawler(pages: PageReader) -> Crawler:
    """Return how a source of this kind is gathered; raises LookupError for another kind."""
    match pages.source.kind:
        case "dair":
            return DairCrawler(pages)
        case "discourse":
            return DiscourseCrawler(pages)
        case "feed":
            return FeedCrawler(pages)
        case "folder":
            return FolderCrawler(pages)
        case other:
            raise LookupError(other)
