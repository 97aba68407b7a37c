"""Issues, papers and their texts, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from bot.model.weeks import Week


class MetadataProvider(Enum):
    """A service that is asked for facts about papers."""

    ARXIV = "arxiv"
    """Asked for records."""
    HUGGING_FACE = "hugging_face"
    """Asked for code repositories."""


@dataclass(frozen=True, slots=True)
class Record:
    """The facts of a paper, as its metadata provider gives them.

    It complements the texts of sources and curators and never replaces them.
    """

    origin: MetadataProvider | None = None
    """The provider; None where only the repository is known."""
    title: str = ""
    abstract: str = ""
    """In English; paragraphs are separated by an empty line."""
    authors: tuple[str, ...] = ()
    """In the given order and spelling, family name last."""
    published: date | None = None
    """The date of the first version."""
    updated: date | None = None
    """The date of the newest version."""
    category: str = ""
    """The primary category, such as `cs.CL`."""
    categories: tuple[str, ...] = ()
    doi: str = ""
    """Of the journal version, such as `10.1038/s41586-023-06415-8`."""
    journal: str = ""
    """The journal reference, as the authors give it."""
    comment: str = ""
    """The authors' comment: pages, conference, address of the code."""
    pdf: str = ""
    """The address of its PDF."""
    repository: str = ""
    """The address of its code."""


@dataclass(frozen=True, slots=True)
class TagCount:
    """Number of papers with a tag."""

    tag: str
    current: int
    """In the issue itself; at least 1."""
    previous: int
    """Total of the issues of the four weeks before it."""


@dataclass(frozen=True, slots=True)
class IssueStats:
    """Counts of an issue and of the earlier ones of its series, each paper once."""

    papers: int
    seen_before: int
    """Number of its papers that an earlier issue had."""
    tags: tuple[TagCount, ...]
    """Tags of its papers, the most frequent first."""
    new_tags: tuple[str, ...]
    """Its tags that no earlier issue had."""
    compared_issues: int
    """Number of issues of the four weeks before it."""
    earlier_issues: int
    """Number of all earlier issues."""


MAX_TAGS = 5
"""Maximum tags of a paper, unless its sources and curators give more."""

Localized = Mapping[str, str]
"""A text by language code ('ko', 'en'; others may follow); languages without text are absent."""

LANGUAGES = ("ko", "en")
"""The languages that are shown, in order of display."""

SAMPLE_SERIES = "sample"
"""The series of the bundled weeks; replaced by the first real import."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address of a paper, its code or its announcement; always http or https."""

    kind: str
    """paper, pdf, code, post, project, book, blog or other; see `bot.papers.identifiers`."""
    label: str
    """The label that the source gave the link, unchanged."""
    url: str


@dataclass(frozen=True, slots=True, order=True)
class Appearance:
    """One position in one issue at which a paper is listed."""

    week: Week
    series: str
    position: int
    start: date


@dataclass(frozen=True, slots=True)
class MachineText:
    """A text that a language model made of others: of a paper, or the introduction of an issue."""

    field: str
    """title, summary, abstract or introduction."""
    language: str
    text: str
    model: str
    made_on: date

    def facts(self) -> dict[str, str]:
        """Return all of it as texts by name, for JSON that has such texts apart."""
        return {
            "field": self.field,
            "language": self.language,
            "text": self.text,
            "model": self.model,
            "made_on": self.made_on.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Retraction:
    """That curators no longer stand by a paper or an issue, as members are told."""

    reason: str
    """What curators say to members; never empty."""
    on: date


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper; in an entry with the texts of that issue, else with the texts of all merged."""

    key: str
    """The canonical key, such as `arxiv:2310.01889`; see `bot.papers.identifiers`."""
    aliases: tuple[str, ...] = ()
    """Other keys of the same paper, strongest first, without `key`."""
    titles: Localized = field(default_factory=dict)
    nickname: str = ""
    """The short name before the colon of its title, such as `MemWalker`; may be empty."""
    summaries: Localized = field(default_factory=dict)
    abstracts: Localized = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    """Given by a source or a curator; slugs such as `survey-paper`."""
    inferred_tags: tuple[str, ...] = ()
    """Inferred by the vocabulary from its texts, strongest first, without those in `tags`."""
    links: tuple[Link, ...] = ()
    appearances: tuple[Appearance, ...] = ()
    """Newest first; empty for a paper that was not read from the archive."""
    id: int = 0
    """Its permanent id in the archive; 0 before it is stored."""
    record: Record | None = None
    """Facts from arXiv; None where nothing is known."""
    machine_texts: tuple[MachineText, ...] = ()
    """Which of its texts a language model made; they stand among the others too."""
    retraction: Retraction | None = None
    """That curators retracted it; None for what stands."""

    def without_machine_texts(self) -> "Paper":
        """Return the paper with the texts of sources and curators alone."""
        if not self.machine_texts:
            return self
        made = {(text.field, text.language) for text in self.machine_texts}

        def own(field: str, texts: Localized) -> Localized:
            return {name: text for name, text in texts.items() if (field, name) not in made}

        return replace(
            self,
            titles=own("title", self.titles),
            summaries=own("summary", self.summaries),
            abstracts=own("abstract", self.abstracts),
            machine_texts=(),
        )

    @property
    def all_tags(self) -> tuple[str, ...]:
        """Return the given tags, then the inferred ones."""
        return (*self.tags, *self.inferred_tags)


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper at its position (from 1) in an issue."""

    position: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Issue:
    """The weekly list of one series."""

    series: str
    week: Week
    start: date
    end: date
    """The last day covered, inclusive."""
    titles: Localized = field(default_factory=dict)
    intros: Localized = field(default_factory=dict)
    """Paragraphs are separated by an empty line."""
    source_url: str = ""
    machine_made: bool = False
    """Whether the source declares machine-made summaries or translations."""
    entries: tuple[Entry, ...] = ()
    filtered_from: int = 0
    """How many papers it has, if `entries` are only those with some tags; else 0."""
    filter_tags: tuple[str, ...] = ()
    """The tags of which each entry has one; empty if all entries are there."""
    counts: IssueStats | None = None
    """Counts, for an issue whose source gave no introduction; None before it is stored."""
    machine_texts: tuple[MachineText, ...] = ()
    """Which of its introductions a language model made; they stand in `intros` too."""
    retraction: Retraction | None = None
    """That curators withdrew it; None for what stands."""

    def without_machine_texts(self) -> "Issue":
        """Return the issue and its papers with the texts of sources and curators alone."""
        made = {text.language for text in self.machine_texts}
        return replace(
            self,
            intros={name: text for name, text in self.intros.items() if name not in made},
            machine_texts=(),
            entries=tuple(
                replace(entry, paper=entry.paper.without_machine_texts()) for entry in self.entries
            ),
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a source that could not be used, or was used with a guess."""

    line: int
    """From 1; 0 for the whole source."""
    message: str
    lost: bool = False
    """Whether content was left out because of it (a guess loses nothing)."""
    week: Week | None = None
    """The week it belongs to, where known."""


@dataclass(frozen=True, slots=True)
class ParseResult:
    """The result of a parser; rows that are wrong become problems, never exceptions."""

    issues: tuple[Issue, ...] = ()
    problems: tuple[Problem, ...] = ()
