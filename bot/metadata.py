"""What is known of papers and weeks beside their sources' words: records, and what was counted."""

from dataclasses import dataclass
from datetime import date
from enum import Enum


class Origin(Enum):
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

    origin: Origin | None = None
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
class Counts:
    """What was counted of an issue and of the earlier ones of its series, each paper once."""

    papers: int
    listed: int
    """How many of its papers an earlier issue had."""
    tags: tuple[TagCount, ...]
    """The tags of its papers, the most frequent first."""
    fresh: tuple[str, ...]
    """Those of its tags that no earlier issue had."""
    compared: int
    """How many issues there are of the four weeks before it."""
    earlier: int
    """How many earlier issues there are at all."""
