"""A page of the site, as data: what it shows, before it is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.papers import Issue, Paper

PREVIEW = "preview.png"
"""The name of the picture of a page for other sites."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page before it is rendered."""

    template: str
    title: str
    address: str
    """Without the language; see `bot.cards.page_addresses`."""
    values: Mapping[str, object] = field(default_factory=dict)
    description: str = ""
    papers: tuple[Paper, ...] = ()
    """The papers that the page lists, for its other forms."""
    issue: Issue | None = None
    has_forms: bool = False
    """Whether the page also exists as Markdown and BibTeX."""
    is_listed: bool = True
    """Whether search engines may list it."""
    image: str = ""
    """The address of its picture for other sites, without the language."""
