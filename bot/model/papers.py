"""The things Paperboy knows: weeks, issues, papers and their texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from bot.model.weeks import Week


class MetadataProvider(Enum):
    """Who is asked about papers."""

    ARXIV = "arxiv"
    """The archive of papers, for their records."""
    HUGGING_FACE = "hugging_face"
    """For their code."""


@dataclass(frozen=True, slots=True)
class Record:
    """The facts of a paper, as the archive that holds it tells them.

    It stands beside what sources and curators say, and never in place of it.
    """

    origin: MetadataProvider | None = None
    """Who tells it; None where only the repository is known."""
    title: str = ""
    abstract: str = ""
    """In English; paragraphs are separated by an empty line."""
    authors: tuple[str, ...] = ()
    """In their order, each as the archive writes it, the family name last."""
    published: date | None = None
    """The day of the first version."""
    updated: date | None = None
    """The day of the newest version."""
    category: str = ""
    """The first of the categories, such as `cs.CL`."""
    categories: tuple[str, ...] = ()
    doi: str = ""
    """Of the version that a journal printed, such as `10.1038/s41586-023-06415-8`."""
    journal: str = ""
    """Where it was printed, in the authors' own words."""
    comment: str = ""
    """What the authors remark: pages, the conference that took it, where the code is."""
    pdf: str = ""
    """The address of its PDF."""
    repository: str = ""
    """The address of its code."""


@dataclass(frozen=True, slots=True)
class TagCount:
    """How many papers have a tag."""

    tag: str
    now: int
    """In the issue itself; at least one."""
    before: int
    """In the issues of the four weeks before it, all together."""


@dataclass(frozen=True, slots=True)
class IssueStats:
    """What was counted of an issue and of the earlier ones of its series, each paper once."""

    papers: int
    listed: int
    """How many of its papers an earlier issue had."""
    tags: tuple[TagCount, ...]
    """The tags of its papers, the most frequent first."""
    fresh: tuple[str, ...]
    """Those of its tags that no earlier issue had."""
    compared_issues: int
    """How many issues there are of the four weeks before it."""
    earlier: int
    """How many earlier issues there are at all."""


Localized = Mapping[str, str]
"""A text by language ('ko', 'en'; others may come). A language without text is left out."""

LANGUAGES = ("ko", "en")
"""The languages that members read, in the order they are shown when both are asked for."""

SAMPLE_SERIES = "sample"
"""The series of the bundled weeks; it makes room for the first real ones."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a paper, its code or its announcement is found; always http or https."""

    kind: str
    """paper, pdf, code, post, project, book, blog or other; see `bot.papers.identifiers`."""
    label: str
    """The word that the source gave the link, as it stood."""
    url: str


@dataclass(frozen=True, slots=True, order=True)
class Appearance:
    """One place in one issue where a paper stood."""

    week: Week
    series: str
    position: int
    start: date


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: in an entry as that issue worded it, on its own with all its wordings joined."""

    key: str
    """The canonical name, such as `arxiv:2310.01889`; see `bot.papers.identifiers`."""
    aliases: tuple[str, ...] = ()
    """Other keys of the same paper, strongest first, without `key` itself."""
    titles: Localized = field(default_factory=dict)
    nickname: str = ""
    """The short name before the colon of its title, such as `MemWalker`; may be empty."""
    summaries: Localized = field(default_factory=dict)
    abstracts: Localized = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    """What the source or a curator said of it; slugs such as `survey-paper`."""
    inferred_tags: tuple[str, ...] = ()
    """What the vocabulary found in its texts, without those in `tags`."""
    links: tuple[Link, ...] = ()
    appearances: tuple[Appearance, ...] = ()
    """Newest first; empty where the paper was not read from the archive."""
    id: int = 0
    """The archive's number of it, kept for ever; 0 before it was stored."""
    record: Record | None = None
    """What arXiv says of it; None where nothing is known."""

    @property
    def all_tags(self) -> tuple[str, ...]:
        """Return the given tags, and after them those that were inferred."""
        return (*self.tags, *self.inferred_tags)


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper at its position (from 1) in an issue."""

    position: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Issue:
    """A week's list of one series."""

    series: str
    week: Week
    start: date
    end: date
    """The last day that it covers, inclusive."""
    titles: Localized = field(default_factory=dict)
    intros: Localized = field(default_factory=dict)
    """Paragraphs are separated by an empty line."""
    source_url: str = ""
    machine_made: bool = False
    """Whether the source says that a machine summarised or translated it."""
    entries: tuple[Entry, ...] = ()
    counts: IssueStats | None = None
    """What was counted of it, where it has no introduction; None before it was stored."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a source that could not be used, or was used with a guess."""

    line: int
    """Counted from 1; 0 where the whole source is meant."""
    message: str
    lost: bool = False
    """Whether something was left out because of it (a guess loses nothing)."""
    week: Week | None = None
    """The week it belongs to, where that is known."""


@dataclass(frozen=True, slots=True)
class ParseResult:
    """What a parser made of a source: a value, never an exception, for rows that are wrong."""

    issues: tuple[Issue, ...] = ()
    problems: tuple[Problem, ...] = ()
