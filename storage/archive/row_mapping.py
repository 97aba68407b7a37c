"""Reads entries with all that belongs to them, as papers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from bot.model.papers import Appearance, Paper
from bot.model.weeks import Week
from bot.papers.identifiers import strength
from bot.papers.merging import NOT_CURATED, Curated, Wording, bare, merge, worded
from storage.archive.record_mapping import find_records
from storage.connections import chunks
from storage.schema.archive import claims, corrections, curated_tags, entries, issues, papers
from storage.schema.types import links_from_json

FIELDS = {"title": "titles", "summary": "summaries", "abstract": "abstracts"}
"""The texts of a paper, as corrections name them and as `Paper` does."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Papers with all their wordings, as read in a fixed number of statements."""

    wordings: Mapping[int, tuple[Wording, ...]]
    curated: Mapping[int, Curated]

    def paper(self, number: int) -> Paper:
        """Return the paper with its wordings joined."""
        return merge(self.wordings[number], self.curated.get(number, NOT_CURATED))

    def as_worded(self, number: int, appearance: Appearance) -> Paper:
        """Return the paper as one entry has it, filled up from its other wordings."""
        own, others = self._parted(number, appearance)
        return worded(own, others, self.curated.get(number, NOT_CURATED))

    def as_entered(self, number: int, appearance: Appearance) -> Paper:
        """Return the paper as one entry has it, with the links of all."""
        own, others = self._parted(number, appearance)
        return bare(own, others, self.curated.get(number, NOT_CURATED))

    def _parted(self, number: int, place: Appearance) -> tuple[Wording, list[Wording]]:
        own = next(each for each in self.wordings[number] if each.appearance == place)
        return own, [each for each in self.wordings[number] if each is not own]


def load(connection: Connection, numbers: Iterable[int]) -> Shelf:
    """Return these papers; a number that no paper bears is left out."""
    wordings: dict[int, list[Wording]] = {}
    curated: dict[int, Curated] = {}
    for part in chunks(tuple(numbers)):
        wordings |= _wordings(connection, part)
        curated |= _curated(connection, part)
    return Shelf({number: tuple(each) for number, each in wordings.items()}, curated)


def _wordings(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Wording]]:
    rows = connection.execute(ENTRIES.where(entries.c.paper_id.in_(numbers))).all()
    known = _claims(connection, numbers)
    records = find_records(connection, numbers)
    found: dict[int, list[Wording]] = defaultdict(list)
    for row in rows:
        aliases = tuple(key for key in known[row.paper_id] if key != row.key)
        found[row.paper_id].append(
            Wording(
                replace(paper_of(row, aliases), record=records.get(row.paper_id)),
                Appearance(Week(row.year, row.number), row.series, row.position, row.start),
            )
        )
    return found


def paper_of(row: Row[Any], aliases: tuple[str, ...]) -> Paper:
    """Return the paper of an entry's row, as worded there."""
    return Paper(
        key=row.key,
        aliases=aliases,
        titles=row.titles,
        nickname=row.nickname,
        summaries=row.summaries,
        abstracts=row.abstracts,
        tags=tuple(row.tags),
        inferred_tags=tuple(row.inferred_tags),
        links=links_from_json(row.links),
        id=row.paper_id,
    )


def _claims(connection: Connection, numbers: Collection[int]) -> dict[int, list[str]]:
    rows = connection.execute(
        select(entries.c.paper_id, claims.c.key)
        .join(claims, claims.c.entry_id == entries.c.id)
        .where(entries.c.paper_id.in_(numbers))
        .distinct()
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        found[row.paper_id].append(row.key)
    return defaultdict(
        list, {number: sorted(keys, key=strength) for number, keys in found.items()}
    )


def _curated(connection: Connection, numbers: Collection[int]) -> dict[int, Curated]:
    found: dict[int, Curated] = {}
    texts: dict[int, dict[str, dict[str, str]]] = {}
    for row in connection.execute(select(corrections).where(corrections.c.paper_id.in_(numbers))):
        fields = texts.setdefault(row.paper_id, {})
        fields.setdefault(FIELDS[row.field], {})[row.language] = row.text
    for number, fields in texts.items():
        found[number] = replace(NOT_CURATED, **fields)  # type: ignore[arg-type]
    for row in connection.execute(
        select(curated_tags).where(curated_tags.c.paper_id.in_(numbers))
    ):
        earlier = found.get(row.paper_id, NOT_CURATED)
        found[row.paper_id] = replace(earlier, tags={**earlier.tags, row.tag: row.wanted})
    return found


ENTRIES: Select[Any] = (
    select(
        entries,
        papers.c.key,
        issues.c.series,
        issues.c.year,
        issues.c.number,
        issues.c.start,
    )
    .join(papers, papers.c.id == entries.c.paper_id)
    .join(issues, issues.c.id == entries.c.issue_id)
)
"""Every entry with its paper's key and its issue's place."""
