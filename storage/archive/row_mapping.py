"""Maps rows of entries to papers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

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
from storage.reader import Reader, parse_moment, rows_among
from storage.schema.json_values import links_from_json, load_json

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


class EntryRow(NamedTuple):
    """An entry with its paper's key and its issue's series and week."""

    id: int
    position: int
    paper_id: int
    nickname: str
    titles: str
    summaries: str
    abstracts: str
    tags: str
    inferred_tags: str
    links: str
    """These are JSON."""
    key: str
    series: str
    year: int
    number: int
    start: str
    """In the form of ISO."""


_ENTRIES = (
    "SELECT entries.id, position, paper_id, nickname, CAST(entries.titles AS TEXT), "
    "CAST(summaries AS TEXT), CAST(abstracts AS TEXT), CAST(tags AS TEXT), "
    "CAST(inferred_tags AS TEXT), CAST(links AS TEXT), papers.key, series, year, number, "
    "CAST(start AS TEXT) FROM entries JOIN papers ON papers.id = paper_id "
    "JOIN issues ON issues.id = issue_id"
)
# In this order papers get their places in the index.
_ENTRIES_OF = f"{_ENTRIES} WHERE paper_id IN ({{marks}}) ORDER BY paper_id, entries.id"
_KEYS_OF = (
    "SELECT paper_id, key FROM entries JOIN claims ON claims.entry_id = entries.id "
    "WHERE paper_id IN ({marks})"
)
_CORRECTIONS_OF = (
    "SELECT paper_id, field, language, text, CAST(made_at AS TEXT) FROM corrections "
    "WHERE paper_id IN ({marks})"
)
_CURATED_TAGS_OF = "SELECT paper_id, tag, wanted FROM curated_tags WHERE paper_id IN ({marks})"


def all_entries(reader: Reader) -> Iterator[EntryRow]:
    """Yield every entry, in the order in which they were stored."""
    return map(EntryRow._make, reader.rows(f"{_ENTRIES} ORDER BY entries.id"))


def load_papers(reader: Reader, numbers: Iterable[int]) -> LoadedPapers:
    """Load papers in a fixed number of statements; unknown ids are left out."""
    wanted = tuple(numbers)
    curated = _load_overrides(reader, wanted)
    found = LoadedPapers(_load_versions(reader, wanted), curated, {})
    sources = [each.paper for versions in found.versions.values() for each in versions]
    # A curator's text is a source too, so the papers as they are shown count as well.
    sources += [found.paper(number) for number in curated if number in found.versions]
    texts = load_machine_texts(reader, sources)
    return replace(found, machine_texts=texts) if texts else found


def _load_versions(reader: Reader, numbers: Sequence[int]) -> dict[int, tuple[PaperVersion, ...]]:
    known = _load_keys(reader, numbers)
    records = load_records(reader, numbers)
    found: dict[int, list[PaperVersion]] = defaultdict(list)
    for row in map(EntryRow._make, rows_among(reader, _ENTRIES_OF, numbers)):
        aliases = tuple([key for key in known.get(row.paper_id, ()) if key != row.key])
        paper = _with_record(paper_from_row(row, aliases), records.get(row.paper_id))
        found[row.paper_id].append(PaperVersion(paper, paper.appearances[0]))
    return {number: tuple(versions) for number, versions in found.items()}


def appearance_of(row: EntryRow) -> Appearance:
    """Return where the paper of an entry's row is listed."""
    week = Week(row.year, row.number)
    return Appearance(week, row.series, row.position, date.fromisoformat(row.start))


def _with_record(paper: Paper, record: Record | None) -> Paper:
    """Add a paper's record; its title is that of an entry that has none."""
    if record is None:
        return paper
    titles = paper.titles or ({"en": record.title} if record.title else {})
    return replace(paper, record=record, titles=titles)


def paper_from_row(row: EntryRow, aliases: tuple[str, ...]) -> Paper:
    """Return the paper of an entry's row, with the texts and the appearance of that entry."""
    # One value takes less time to parse than six, most of which are empty.
    columns = (row.titles, row.summaries, row.abstracts, row.tags, row.inferred_tags, row.links)
    titles, summaries, abstracts, tags, inferred, links = load_json(f"[{','.join(columns)}]")
    return Paper(
        key=row.key,
        aliases=aliases,
        titles=titles,
        nickname=row.nickname,
        summaries=summaries,
        abstracts=abstracts,
        tags=tuple(tags),
        inferred_tags=tuple(inferred),
        links=links_from_json(links),
        appearances=(appearance_of(row),),
        id=row.paper_id,
    )


def _load_keys(reader: Reader, numbers: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for number, key in rows_among(reader, _KEYS_OF, numbers):
        found[number].add(key)
    return {number: sorted(keys, key=key_rank) for number, keys in found.items()}


def _load_overrides(reader: Reader, numbers: Sequence[int]) -> dict[int, CuratorOverrides]:
    found: dict[int, CuratorOverrides] = {}
    texts: dict[int, dict[str, dict[str, str]]] = {}
    for number, field, language, text, made_at in rows_among(reader, _CORRECTIONS_OF, numbers):
        earlier = found.get(number, NO_OVERRIDES)
        if field == LINKS_FIELD:
            found[number] = replace(earlier, links=links_from_json(load_json(text)))
            continue
        if field == RETRACTION_FIELD:
            retraction = Retraction(text, parse_moment(made_at).date())
            found[number] = replace(earlier, retraction=retraction)
            continue
        fields = texts.setdefault(number, {})
        fields.setdefault(TEXT_FIELDS[field], {})[language] = text
    for number, fields in texts.items():
        earlier = found.get(number, NO_OVERRIDES)
        found[number] = replace(earlier, **fields)  # type: ignore[arg-type]
    for number, tag, wanted in rows_among(reader, _CURATED_TAGS_OF, numbers):
        earlier = found.get(number, NO_OVERRIDES)
        found[number] = replace(earlier, tags={**earlier.tags, tag: bool(wanted)})
    return found
