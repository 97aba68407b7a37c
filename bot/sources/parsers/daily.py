"""Parses lists of a day's papers: Hugging Face's JSON, or a feed such as arXiv's (pure)."""

import json
import re
from datetime import datetime

from bot.model.papers import Problem
from bot.papers.links import links_in
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.feed import document
from bot.sources.parsers.feed.document import Post
from bot.sources.parsers.html_tree import parse_html
from bot.sources.parsers.lists import hugging_face
from bot.sources.parsers.lists.listed import ListedPaper, PaperList

_ANNOUNCED = re.compile(r"\bAnnounce Type:\s*([a-z-]+)", re.IGNORECASE)
_REPLACED = "replace"
"""Begins arXiv's word for a new version of a paper that was announced before."""

_ABSTRACT = re.compile(r"^.*?\bAbstract:\s*", re.DOTALL)
_TITLE_END = re.compile(r"\s*\(arXiv:\S+(?:\s+\[[\w.-]+\])?(?:\s+UPDATED)?\)\s*$")


def parse(body: bytes) -> PaperList:
    """Return the papers of a list, each with the day on which it was listed, if it says one.

    Raises UnreadableSource if it is neither JSON of daily papers nor a feed.
    """
    if body.lstrip()[:1] in (b"[", b"{"):
        return _parse_json(body)
    feed = document.parse(body)
    papers = [paper for post in feed.posts if (paper := _paper(post))]
    message = f"it is not well-formed ({feed.warning}); what can be read of it was used."
    problems = (Problem(0, message, lost=True),) if feed.warning else ()
    return PaperList(tuple(papers), problems)


def _parse_json(body: bytes) -> PaperList:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableSource("it is damaged or incomplete JSON.") from None
    if found == []:
        return PaperList()
    if not hugging_face.looks_like(found):
        raise UnreadableSource("its JSON is no list of daily papers.")
    return hugging_face.parse(found)


def _paper(post: Post) -> ListedPaper | None:
    """Return the paper of a post; None for a new version, and for a post without an address."""
    text = _plain_text(post.html)
    announced = _ANNOUNCED.search(text)
    if announced and announced[1].casefold().startswith(_REPLACED):
        return None
    links = links_in(post.url) or links_in(post.id)
    title = _TITLE_END.sub("", " ".join(post.title.split()))
    abstract = " ".join(_ABSTRACT.sub("", text).split()) if announced else text
    day = datetime.fromisoformat(post.date).date() if post.date else None
    return ListedPaper(0, title, links, abstract=abstract, day=day) if links else None


def _plain_text(html: str) -> str:
    """Return the text of HTML, its paragraphs separated by an empty line."""
    body = parse_html(html.replace("</p>", "</p>\n\n")).body
    text = body.text() if body else ""
    paragraphs = (" ".join(each.split()) for each in text.split("\n\n"))
    return "\n\n".join(filter(None, paragraphs))
