"""Parses a weekly post of a Discourse forum: a topic as JSON, or a whole page."""

import re
from typing import Any

from bot.model.papers import ParseResult, Problem
from bot.sources.parsers.discourse import html as cooked
from bot.sources.parsers.discourse import plain_text
from bot.sources.parsers.discourse.posts import build_issue
from bot.sources.parsers.discourse.titles import has_dates
from bot.sources.parsers.html_tree import parse_html

_HOME = "https://discuss.pytorch.kr"
_LARGEST_ID = 2**53
_POST = "#post_1 .post, .post[itemprop=text], #post_1 .cooked, .cooked"


def looks_like_topic(value: Any) -> bool:
    """Return whether parsed JSON is a topic."""
    return isinstance(value, dict) and isinstance(value.get("post_stream"), dict)


def looks_like_page(text: str) -> bool:
    """Return whether a text is HTML."""
    head = text[:2000].lstrip().casefold()
    return head.startswith(("<!doctype html", "<html")) or bool(
        re.match(r"<(?:h[1-6]|p|div|hr|article|section|body|head)[\s>/]", head)
    )


def parse_topic(value: Any, home: str = _HOME) -> ParseResult:
    """Parse the week of a topic's first post, from `cooked` or, without it, from `raw`.

    `home` is the forum's own address, without a slash at its end.
    """
    posts = value["post_stream"].get("posts")
    first = posts[0] if isinstance(posts, list) and posts else None
    title = value.get("title")
    if not isinstance(first, dict) or not isinstance(title, str):
        return ParseResult(problems=(Problem(0, "the topic has no title or no post.", lost=True),))
    number, slug = value.get("id"), value.get("slug")
    url = f"{home}/t/{slug}/{number}" if _is_number(number) and _is_slug(slug) else ""
    html, raw = first.get("cooked"), first.get("raw")
    if isinstance(html, str) and html.strip():
        return build_issue(title, cooked.iter_pieces(html), url)
    if isinstance(raw, str) and raw.strip():
        return plain_text.parse(raw, title, url)
    return ParseResult(problems=(Problem(0, "the topic's first post is empty.", lost=True),))


def parse_page(html: str) -> ParseResult:
    """Parse the week of the first post of a forum page; a truncated page has a problem."""
    if "<html" in html[:2000].lower() and "</html" not in html[-2000:].lower():
        return ParseResult(
            problems=(Problem(0, "the page is cut off; save it again.", lost=True),)
        )
    tree = parse_html(html)
    canonical = tree.css_first("link[rel=canonical]")
    url = (canonical.attributes.get("href") or "") if canonical else ""
    post = tree.css_first(_POST) or tree.body
    headings = [node.text() for node in tree.css("title, h1")]
    title = next((text for text in headings if has_dates(text)), "")
    # The page's title has the names of category and forum behind it; a heading has not.
    own = next((node.text() for node in tree.css("h1") if has_dates(node.text())), title)
    if post is None or not own:
        return ParseResult(problems=(Problem(0, "no weekly post is on this page.", lost=True),))
    return build_issue(own, cooked.iter_pieces(post.html or ""), url)


def _is_number(number: object) -> bool:
    return isinstance(number, int) and 0 <= number <= _LARGEST_ID


def _is_slug(slug: object) -> bool:
    return isinstance(slug, str) and re.fullmatch(r"[\w-]{1,200}", slug) is not None
