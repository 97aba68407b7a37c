"""Compares an issue with its stored version (pure): additions, updates, removals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.model.papers import Entry, Issue, Localized, Paper, Problem
from bot.papers.identifiers import key_rank
from storage.schema.json_values import dump_json, links_to_json


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A stored entry."""

    id: int
    issue_id: int
    position: int
    paper_id: int
    values: Mapping[str, Any]
    """Its columns, as `entry_columns` returns them."""
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredIssue:
    """A stored issue."""

    id: int
    values: Mapping[str, Any]
    entries: Mapping[int, StoredEntry]
    """By position."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A text that a newer one replaces."""

    position: int
    field: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class IssueChange:
    """The changes to write for one issue."""

    issue: Issue
    stored: StoredIssue | None
    issue_changed: bool
    added: tuple[Entry, ...]
    updated: tuple[tuple[StoredEntry, Entry], ...]
    unchanged: int
    removed: tuple[StoredEntry, ...]
    revisions: tuple[Revision, ...]
    problems: tuple[Problem, ...]


def issue_columns(issue: Issue) -> dict[str, Any]:
    """Return the columns of an issue."""
    return {
        "series": issue.series,
        "year": issue.week.year,
        "number": issue.week.number,
        "start": issue.start,
        "end": issue.end,
        "titles": dict(issue.titles),
        "intros": dict(issue.intros),
        "source_url": issue.source_url,
        "machine_made": issue.machine_made,
    }


def entry_columns(paper: Paper) -> dict[str, Any]:
    """Return the columns of an entry that hold its paper's texts."""
    return {
        "nickname": paper.nickname,
        "titles": dict(paper.titles),
        "summaries": dict(paper.summaries),
        "abstracts": dict(paper.abstracts),
        "tags": list(paper.tags),
        "inferred_tags": list(paper.inferred_tags),
        "links": links_to_json(paper.links),
    }


ENTRY_COLUMNS = tuple(entry_columns(Paper(key="")))


def entry_row(paper: Paper) -> tuple[str, ...]:
    """Return the values of `ENTRY_COLUMNS` as a driver stores them: what is no text as JSON."""
    values = entry_columns(paper).values()
    return tuple(value if isinstance(value, str) else dump_json(value) for value in values)


def keys_of_paper(paper: Paper) -> tuple[str, ...]:
    """Return the keys of a paper, strongest first."""
    return _ranked_keys(paper.key, paper.aliases)


@lru_cache(maxsize=8192)  # an import asks for those of each paper again and again
def _ranked_keys(key: str, aliases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({key, *aliases}, key=key_rank))


def diff_issue(
    issue: Issue, stored: StoredIssue | None, elsewhere: Collection[str]
) -> IssueChange:
    """Return the changes to write; `elsewhere` has the first keys of the whole import.

    A stored entry whose position the source no longer has is removed if its paper is now
    listed elsewhere. Otherwise it is kept and reported: a truncated file, or a source that
    lost a row, must not empty the archive.
    """
    known = stored.entries if stored else {}
    added = tuple(entry for entry in issue.entries if entry.position not in known)
    both = [(known[entry.position], entry) for entry in issue.entries if entry.position in known]
    updated = tuple((old, new) for old, new in both if _differs(old, new.paper))
    missing = [
        known[place] for place in sorted(known.keys() - {e.position for e in issue.entries})
    ]
    removed = tuple(old for old in missing if old.keys[0] in elsewhere)
    return IssueChange(
        issue=issue,
        stored=stored,
        issue_changed=stored is not None and dict(stored.values) != issue_columns(issue),
        added=added,
        updated=updated,
        unchanged=len(both) - len(updated),
        removed=removed,
        revisions=_revisions(issue, stored, updated),
        problems=tuple(
            Problem(
                0,
                f"{issue.week}: the source no longer has number {old.position} "
                f"({next(iter(old.values['titles'].values()), old.keys[0])}); it was kept.",
                week=issue.week,
            )
            for old in missing
            if old not in removed
        ),
    )


def _differs(old: StoredEntry, new: Paper) -> bool:
    return dict(old.values) != entry_columns(new) or old.keys != keys_of_paper(new)


def _revisions(
    issue: Issue,
    stored: StoredIssue | None,
    updated: tuple[tuple[StoredEntry, Entry], ...],
) -> tuple[Revision, ...]:
    if stored is None:
        return ()
    found = [
        *_replaced(0, "title", stored.values["titles"], issue.titles),
        *_replaced(0, "intro", stored.values["intros"], issue.intros),
    ]
    for old, new in updated:
        if set(old.keys).isdisjoint(keys_of_paper(new.paper)):
            continue  # another paper is listed here now: no text was revised
        paper = new.paper
        found += _replaced(old.position, "title", old.values["titles"], paper.titles)
        found += _replaced(old.position, "summary", old.values["summaries"], paper.summaries)
        found += _replaced(old.position, "abstract", old.values["abstracts"], paper.abstracts)
    return tuple(found)


def _replaced(position: int, field: str, old: Localized, new: Localized) -> list[Revision]:
    return [
        Revision(position, field, language, text)
        for language, text in old.items()
        if new.get(language) != text
    ]
