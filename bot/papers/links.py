"""Finds the links in a text (pure)."""

from bot.lib.urls import find_urls, is_safe_url
from bot.model.papers import Link
from bot.papers.identifiers import find_keys, link_kind, paper_keys

_ADDRESSES = {
    "arxiv": "https://arxiv.org/abs/",
    "doi": "https://doi.org/",
    "openreview": "https://openreview.net/forum?id=",
    "acl": "https://aclanthology.org/",
}


def links_in(text: str, label: str = "") -> tuple[Link, ...]:
    """Return a link for each address, arXiv id and DOI in a text."""
    found = []
    for key in find_keys(text):
        kind, _, value = key.partition(":")
        if kind in _ADDRESSES:
            found.append(make_link(_ADDRESSES[kind] + value, label))
    addresses = (text[start:end] for start, end in find_urls(text))
    found += [make_link(url, label) for url in addresses if is_safe_url(url)]
    known: dict[str, Link] = {}
    for link in found:
        known.setdefault(paper_keys((link,), "")[0], link)
    return tuple(known.values())


def make_link(url: str, label: str = "") -> Link:
    """Return a link with its kind."""
    kind = link_kind(label, url)
    return Link(kind, label or kind.capitalize(), url)
