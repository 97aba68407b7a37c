"""Finds the way to gather a source by its kind."""

from bot.crawling.feeds import FeedCrawl
from bot.crawling.folders import FolderCrawl
from bot.crawling.forums import ForumCrawl
from bot.crawling.lists import ListCrawl
from bot.crawling.pages import Crawl, Pages


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
