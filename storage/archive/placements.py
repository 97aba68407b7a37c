"""Applies curators' placements to an issue: papers added, moved and removed (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.model.papers import Entry, Issue, Paper
from bot.model.weeks import Week
from storage.archive.diff import StoredIssue, entry_columns, keys_of_paper
from storage.schema.json_values import links_from_json


@dataclass(frozen=True, slots=True)
class Placement:
    """A curator's decision on one paper of one issue."""

    key: str
    wanted: bool
    """Whether the issue lists it."""
    position: int | None
    """Where, from 1; None for the end."""
    paper: Paper
    """As its source has it, or as it was added."""
    source_position: int | None = None
    """Its place in the source's list, from 1; None where the source does not have it."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "key": self.key,
            "wanted": self.wanted,
            "position": self.position,
            "source_position": self.source_position,
            "entry": paper_to_json(self.paper),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Placement":
        """Return what `to_json` wrote."""
        return cls(
            value["key"],
            value["wanted"],
            value["position"],
            paper_from_json(value["entry"]),
            value["source_position"],
        )


def paper_to_json(paper: Paper) -> dict[str, Any]:
    """Return the texts and keys of a paper as JSON."""
    return {"keys": list(keys_of_paper(paper)), **entry_columns(paper)}


def paper_from_json(value: Mapping[str, Any]) -> Paper:
    """Return the paper that `paper_to_json` wrote."""
    return paper_from_columns(value, value["keys"])


def paper_from_columns(values: Mapping[str, Any], keys: Sequence[str]) -> Paper:
    """Return the paper of an entry's columns and keys."""
    return Paper(
        key=keys[0],
        aliases=tuple(keys[1:]),
        titles=values["titles"],
        nickname=values["nickname"],
        summaries=values["summaries"],
        abstracts=values["abstracts"],
        tags=tuple(values["tags"]),
        inferred_tags=tuple(values["inferred_tags"]),
        links=links_from_json(values["links"]),
    )


def issue_of(stored: StoredIssue) -> Issue:
    """Return a stored issue as it was given."""
    values = dict(stored.values)
    week = Week(values.pop("year"), values.pop("number"))
    papers = {
        place: paper_from_columns(entry.values, entry.keys)
        for place, entry in sorted(stored.entries.items())
    }
    listed = tuple(Entry(place, paper) for place, paper in papers.items())
    return Issue(week=week, entries=listed, **values)


def place_entries(
    issue: Issue, placements: Sequence[Placement]
) -> tuple[Issue, tuple[Placement, ...]]:
    """Return a source's issue as curators want it, and the placements with its papers in them."""
    if not placements:
        return issue, ()
    papers = [entry.paper for entry in sorted(issue.entries, key=lambda e: e.position)]
    found = []
    for placement in placements:
        place = _find(papers, placement.paper)
        if place is None:
            found.append(replace(placement, source_position=None))
        else:
            found.append(replace(placement, source_position=place + 1, paper=papers[place]))
    placed = {each.source_position for each in found}
    kept = [paper for place, paper in enumerate(papers, 1) if place not in placed]
    for each in found:
        if each.wanted:
            kept.insert(len(kept) if each.position is None else each.position - 1, each.paper)
    return replace(issue, entries=_numbered(kept)), tuple(found)


def without_placements(issue: Issue, placements: Sequence[Placement]) -> Issue:
    """Return an issue as its source has it: what `place_entries` did is taken back."""
    if not placements:
        return issue
    papers = [entry.paper for entry in sorted(issue.entries, key=lambda e: e.position)]
    for each in placements:
        place = _find(papers, each.paper)
        if place is not None:
            del papers[place]
    of_source = [each for each in placements if each.source_position is not None]
    for each in sorted(of_source, key=lambda each: each.source_position or 0):
        papers.insert((each.source_position or 1) - 1, each.paper)
    return replace(issue, entries=_numbered(papers))


def _find(papers: Sequence[Paper], wanted: Paper) -> int | None:
    """Return the place of a paper: by its first key, or else by any."""
    first = next((n for n, paper in enumerate(papers) if paper.key == wanted.key), None)
    if first is not None:
        return first
    keys = {key for key in keys_of_paper(wanted) if not key.startswith("title:")}
    return next((n for n, p in enumerate(papers) if keys & {*keys_of_paper(p)}), None)


def _numbered(papers: Iterable[Paper]) -> tuple[Entry, ...]:
    return tuple(Entry(position, paper) for position, paper in enumerate(papers, 1))
