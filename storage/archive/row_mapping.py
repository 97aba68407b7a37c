"""Maps rows of entries to papers."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from bot.model.papers import Appearance, Paper, Record, Retraction
from bot.model.weeks import Week
from bot.papers.identifiers import key_rank
from bot.papers.merging import (
    NO_OVERRIDES,
    CuratorOverrides,
    PaperVersion,
    export_version,
    issue_version,
    merge_versions,
)
from storage.archive.machine_texts import MachineTexts, add_machine_texts, load_machine_texts
from storage.archive.record_mapping import load_records
from storage.connections import chunks
from storage.schema.archive import claims, corrections, curated_tags, entries, issues, papers
from storage.schema.types import links_from_json

TEXT_FIELDS = {"title": "titles", "summary": "summaries", "abstract": "abstracts"}
"""Names of a paper's texts: in the table of corrections, and in `Paper`."""

LINKS_FIELD = "links"
"""The name of a paper's links in the table of corrections, where they are JSON."""

RETRACTION_FIELD = "retraction"
"""The name of the reason of a retraction among the corrections of a paper, and of an issue."""


@dataclass(frozen=True, slots=True)
class LoadedPapers:
    """Papers with the texts of all their entries."""

    versions: Mapping[int, tuple[PaperVersion, ...]]
    overrides: Mapping[int, CuratorOverrides]
    machine_texts: MachineTexts

    def paper(self, number: int) -> Paper:
        """Return the paper with the texts of all entries merged."""
        return add_machine_texts(
            merge_versions(self.versions[number], self.overrides.get(number, NO_OVERRIDES)),
            self.machine_texts,
        )

    def indexed_paper(self, number: int) -> Paper:
        """Return the paper as it is looked for: of machine-made texts it has titles alone."""
        return add_machine_texts(
            merge_versions(self.versions[number], self.overrides.get(number, NO_OVERRIDES)),
            self.machine_texts,
            ("title",),
        )

    def issue_version(self, number: int, appearance: Appearance) -> Paper:
        """Return the paper with the texts of one entry; missing ones come from others."""
        own, others = self._split_versions(number, appearance)
        return add_machine_texts(
            issue_version(own, others, self.overrides.get(number, NO_OVERRIDES)),
            self.machine_texts,
        )

    def export_version(self, number: int, appearance: Appearance) -> Paper:
        """Return the paper with the texts of one entry and the links of all."""
        own, others = self._split_versions(number, appearance)
        paper = export_version(own, others, self.overrides.get(number, NO_OVERRIDES))
        filled = add_machine_texts(paper, self.machine_texts)
        return replace(paper, machine_texts=filled.machine_texts)

    def _split_versions(
        self, number: int, place: Appearance
    ) -> tuple[PaperVersion, list[PaperVersion]]:
        own = next(each for each in self.versions[number] if each.appearance == place)
        return own, [each for each in self.versions[number] if each is not own]


def load_papers(connection: Connection, numbers: Iterable[int]) -> LoadedPapers:
    """Load papers in a fixed number of statements; unknown ids are left out."""
    versions_by_id: dict[int, list[PaperVersion]] = {}
    curated: dict[int, CuratorOverrides] = {}
    for part in chunks(tuple(numbers)):
        versions_by_id |= _load_versions(connection, part)
        curated |= _load_overrides(connection, part)
    found = LoadedPapers(
        {number: tuple(each) for number, each in versions_by_id.items()}, curated, {}
    )
    sources = [each.paper for versions in found.versions.values() for each in versions]
    # A curator's text is a source too, so the papers as they are shown count as well.
    sources += [found.paper(number) for number in curated if number in found.versions]
    return replace(found, machine_texts=load_machine_texts(connection, sources))


def _load_versions(
    connection: Connection, numbers: Sequence[int]
) -> dict[int, list[PaperVersion]]:
    # In this order papers get their places in the index.
    of_papers = ENTRY_QUERY.where(entries.c.paper_id.in_(numbers))
    rows = connection.execute(of_papers.order_by(entries.c.paper_id, entries.c.id)).all()
    known = _load_keys(connection, numbers)
    records = load_records(connection, numbers)
    found: dict[int, list[PaperVersion]] = defaultdict(list)
    for row in rows:
        aliases = tuple(key for key in known[row.paper_id] if key != row.key)
        found[row.paper_id].append(
            PaperVersion(
                _with_record(paper_from_row(row, aliases), records.get(row.paper_id)),
                Appearance(Week(row.year, row.number), row.series, row.position, row.start),
            )
        )
    return found


def _with_record(paper: Paper, record: Record | None) -> Paper:
    """Add a paper's record; its title is that of an entry that has none."""
    titles = paper.titles or ({"en": record.title} if record and record.title else {})
    return replace(paper, record=record, titles=titles)


def paper_from_row(row: Row[Any], aliases: tuple[str, ...]) -> Paper:
    """Return the paper of an entry's row, with the texts of that entry."""
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


def _load_keys(connection: Connection, numbers: Collection[int]) -> dict[int, list[str]]:
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
        list, {number: sorted(keys, key=key_rank) for number, keys in found.items()}
    )


def _load_overrides(
    connection: Connection, numbers: Collection[int]
) -> dict[int, CuratorOverrides]:
    found: dict[int, CuratorOverrides] = {}
    texts: dict[int, dict[str, dict[str, str]]] = {}
    for row in connection.execute(select(corrections).where(corrections.c.paper_id.in_(numbers))):
        earlier = found.get(row.paper_id, NO_OVERRIDES)
        if row.field == LINKS_FIELD:
            found[row.paper_id] = replace(earlier, links=links_from_json(json.loads(row.text)))
            continue
        if row.field == RETRACTION_FIELD:
            retraction = Retraction(row.text, row.made_at.date())
            found[row.paper_id] = replace(earlier, retraction=retraction)
            continue
        fields = texts.setdefault(row.paper_id, {})
        fields.setdefault(TEXT_FIELDS[row.field], {})[row.language] = row.text
    for number, fields in texts.items():
        earlier = found.get(number, NO_OVERRIDES)
        found[number] = replace(earlier, **fields)  # type: ignore[arg-type]
    for row in connection.execute(
        select(curated_tags).where(curated_tags.c.paper_id.in_(numbers))
    ):
        earlier = found.get(row.paper_id, NO_OVERRIDES)
        found[row.paper_id] = replace(earlier, tags={**earlier.tags, row.tag: row.wanted})
    return found


ENTRY_QUERY: Select[Any] = (
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
"""Every entry with its paper's key and its issue's series and week."""
