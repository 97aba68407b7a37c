"""Selects the crawler for a kind of source."""

from bot.sources.crawlers.daily import DailyCrawler
from bot.sources.crawlers.dair import DairCrawler
from bot.sources.crawlers.discourse import DiscourseCrawler
from bot.sources.crawlers.feed import FeedCrawler
from bot.sources.crawlers.folder import FolderCrawler
from bot.sources.crawlers.pages import Crawler, PageReader


def create_crawler(pages: PageReader) -> Crawler:
    """Return the crawler for the source's kind; raises LookupError for an unknown kind."""
    match pages.source.kind:
        case "dair":
            return DairCrawler(pages)
        case "discourse":
            return DiscourseCrawler(pages)
        case "feed":
            return FeedCrawler(pages)
        case "daily":
            return DailyCrawler(pages)
        case "folder":
            return FolderCrawler(pages)
        case other:
            raise LookupError(other)
