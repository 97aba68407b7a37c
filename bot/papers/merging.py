"""Groups entries into papers by their keys, and merges their texts (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from bot.model.papers import MAX_TAGS, Appearance, Link, Localized, Paper, Retraction
from bot.papers.identifiers import key_from_url, key_rank


@dataclass(frozen=True, slots=True)
class KeyedEntry:
    """An entry with the keys that identify its paper."""

    entry: int
    keys: tuple[str, ...]
    """Strongest first; the first one is the entry's own key."""
    paper: int = 0
    """Id of its current paper; 0 for a new entry."""


@dataclass(frozen=True, slots=True)
class PaperGroup:
    """Entries of one paper."""

    key: str
    entries: tuple[int, ...]
    paper: int
    """Id that the paper keeps; 0 for a new paper."""
    absorbed: tuple[int, ...]
    """Ids of papers that are merged into this one."""


def group_entries(
    entries: Sequence[KeyedEntry], keys: Mapping[int, str]
) -> tuple[PaperGroup, ...]:
    """Group entries into papers; `keys` has the current key of each paper by id.

    Entries with the same first key are one paper. An entry whose first key is weak (a post, an
    address) belongs to the paper of an entry that has this key beside a stronger one. The
    result depends on the entries alone, not on the order of import.
    """
    parents = _parents(entries)
    members: dict[str, list[KeyedEntry]] = defaultdict(list)
    for entry in entries:
        members[_root(entry.keys[0], parents)].append(entry)
    owners = _owners(members, keys)
    return tuple(
        PaperGroup(
            key=root,
            entries=tuple(entry.entry for entry in members[root]),
            paper=min(owners[root], default=0),
            absorbed=tuple(sorted(owners[root])[1:]),
        )
        for root in sorted(members, key=key_rank)
    )


def _parents(keyed_entries: Iterable[KeyedEntry]) -> dict[str, str]:
    parents: dict[str, str] = {}
    for entry in keyed_entries:
        first, *others = entry.keys
        for key in others:
            known = parents.get(key)
            if known is None or key_rank(first) < key_rank(known):
                parents[key] = first
    return parents


def _root(key: str, parents: Mapping[str, str]) -> str:
    # A parent is always of a stronger kind than its child, so this terminates.
    while key in parents and key_rank(parents[key]) < key_rank(key):
        key = parents[key]
    return key


def _owners(
    members: Mapping[str, Sequence[KeyedEntry]], keys: Mapping[int, str]
) -> dict[str, set[int]]:
    """Assign each existing id to one paper: the one with its key, else the strongest.

    An entry that lists another known paper now, as one before it was removed, does not give that
    the id of its former paper: a button that has the id would show another paper.
    """
    owners: dict[str, set[int]] = {root: set() for root in members}
    taken: set[int] = set()
    by_key = {key: number for number, key in keys.items()}
    for root in members:
        if root in by_key:
            owners[root].add(by_key[root])
            taken.add(by_key[root])
    for root in sorted(members, key=key_rank):
        for entry in members[root]:
            is_same = not owners[root] or keys.get(entry.paper) in entry.keys
            if entry.paper and entry.paper not in taken and is_same:
                owners[root].add(entry.paper)
                taken.add(entry.paper)
    return owners


@dataclass(frozen=True, slots=True)
class PaperVersion:
    """A paper with the texts of one entry, and that entry's appearance."""

    paper: Paper
    appearance: Appearance


@dataclass(frozen=True, slots=True)
class CuratorOverrides:
    """Curators' decisions about a paper; they override every source."""

    titles: Localized
    summaries: Localized
    abstracts: Localized
    tags: Mapping[str, bool]
    """True: the paper has the tag; False: it has not, whatever sources say."""
    links: tuple[Link, ...] | None = None
    """All its links; None for those of its sources."""
    retraction: Retraction | None = None


NO_OVERRIDES = CuratorOverrides({}, {}, {}, {})


def merge_versions(
    versions: Iterable[PaperVersion], overrides: CuratorOverrides = NO_OVERRIDES
) -> Paper:
    """Return the paper with the texts, tags and links of all its versions.

    The fullest version (most languages, then newest) takes precedence, so that texts shown
    together were written together; the others fill what it lacks.
    """
    found = tuple(versions)
    if len(found) == 1:  # as of most papers, and all of a list are merged
        return apply_overrides(_from_one(found[0]), overrides)
    by_age = sorted(found, key=lambda version: _age(version.appearance))
    fullest = sorted(by_age, key=lambda version: -len(version.paper.titles))
    papers = [version.paper for version in fullest]
    first = papers[0]
    merged = replace(
        first,
        titles=_texts([paper.titles for paper in papers]),
        nickname=next((paper.nickname for paper in papers if paper.nickname), ""),
        summaries=_texts([paper.summaries for paper in papers]),
        abstracts=_texts([paper.abstracts for paper in papers]),
        tags=_union(paper.tags for paper in papers),
        inferred_tags=_union(paper.inferred_tags for paper in papers),
        links=_links([version.paper.links for version in by_age]),
        appearances=tuple(version.appearance for version in by_age),
    )
    return apply_overrides(merged, overrides)


def _from_one(version: PaperVersion) -> Paper:
    """Return the paper of the only version; to copy those of a list takes long."""
    paper, listed = version.paper, (version.appearance,)
    texts = (paper.titles, paper.summaries, paper.abstracts)
    if paper.appearances == listed and max(map(len, texts)) <= 1:
        return paper
    titles, summaries, abstracts = (_texts([each]) for each in texts)
    return replace(
        paper, titles=titles, summaries=summaries, abstracts=abstracts, appearances=listed
    )


def issue_version(
    own: PaperVersion, others: Sequence[PaperVersion], overrides: CuratorOverrides = NO_OVERRIDES
) -> Paper:
    """Return the paper with the texts of one issue; missing ones come from other versions.

    Tags and links are those of the merged paper, its own links first.
    """
    if not others:
        return merge_versions([own], overrides)
    whole = merge_versions([own, *others])
    paper = own.paper
    shown = replace(
        whole,
        titles={**whole.titles, **paper.titles},
        nickname=paper.nickname or whole.nickname,
        summaries={**whole.summaries, **paper.summaries},
        abstracts={**whole.abstracts, **paper.abstracts},
        links=_links([paper.links, whole.links]),
    )
    return apply_overrides(shown, overrides)


def export_version(
    own: PaperVersion, others: Iterable[PaperVersion], overrides: CuratorOverrides = NO_OVERRIDES
) -> Paper:
    """Return the paper with the texts and tags of this entry and the links of all.

    Importing an export reproduces the same archive.
    """
    links = _links([own.paper.links, merge_versions([own, *others]).links])
    return apply_overrides(replace(own.paper, links=links, appearances=()), overrides)


def apply_overrides(paper: Paper, overrides: CuratorOverrides) -> Paper:
    """Return the paper with curators' decisions applied, its tags without duplicates."""
    all_tags = paper.all_tags
    if overrides is NO_OVERRIDES and len(set(all_tags)) == len(all_tags) <= MAX_TAGS:
        return paper  # as most are, and all of a list have to be copied otherwise
    refused = {tag for tag, wanted in overrides.tags.items() if not wanted}
    wanted = tuple(tag for tag, is_wanted in overrides.tags.items() if is_wanted)
    tags = tuple(tag for tag in _union([paper.tags, wanted]) if tag not in refused)
    inferred = (
        tag for tag in _union([paper.inferred_tags]) if tag not in refused and tag not in tags
    )
    return replace(
        paper,
        titles={**paper.titles, **overrides.titles},
        summaries={**paper.summaries, **overrides.summaries},
        abstracts={**paper.abstracts, **overrides.abstracts},
        links=paper.links if overrides.links is None else overrides.links,
        tags=tags,
        inferred_tags=tuple(islice(inferred, max(MAX_TAGS - len(tags), 0))),
        retraction=overrides.retraction,
    )


def _age(appearance: Appearance) -> tuple[int, str, int]:
    return -appearance.start.toordinal(), appearance.series, appearance.position


def _texts(texts: Sequence[Localized]) -> Localized:
    joined: dict[str, str] = {}
    for localized in reversed(texts):
        joined |= localized
    return dict(sorted(joined.items(), reverse=True))


def _union(tags: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(tags)))


def _links(links: Sequence[tuple[Link, ...]]) -> tuple[Link, ...]:
    """Merge link lists: the first whole, of the others only new addresses."""
    if not any(links[1:]):
        return links[0] if links else ()  # as of most papers, and addresses take long to read
    found = list(links[0])
    known = {(link.kind, key_from_url(link.url)) for link in found}
    for link in (link for each in links[1:] for link in each):
        place = (link.kind, key_from_url(link.url))
        if place not in known:
            known.add(place)
            found.append(link)
    return tuple(found)
