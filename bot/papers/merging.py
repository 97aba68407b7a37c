"""Decides which entries are one paper, and joins their wordings into it (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.model.papers import Appearance, Link, Localized, Paper
from bot.papers.identifiers import key_from_url, key_rank


@dataclass(frozen=True, slots=True)
class KeyedEntry:
    """An entry with the keys by which it names its paper."""

    entry: int
    claims: tuple[str, ...]
    """Strongest first; the first one is the entry's own key."""
    paper: int = 0
    """The paper that it belonged to so far; 0 for a new entry."""


@dataclass(frozen=True, slots=True)
class PaperGroup:
    """Entries that are one paper."""

    key: str
    entries: tuple[int, ...]
    paper: int
    """The number that the paper keeps; 0 where it needs a new one."""
    absorbed: tuple[int, ...]
    """Numbers of papers that turned out to be this one."""


def group_entries(
    entries: Sequence[KeyedEntry], keys: Mapping[int, str]
) -> tuple[PaperGroup, ...]:
    """Return the papers that these entries are; `keys` has the key of each paper so far.

    Entries with the same first key are one paper. An entry whose first key is weak (a post, an
    address) belongs to the paper of an entry that claims this key beside a stronger one. The
    outcome depends on the entries alone, never on the order in which they arrived.
    """
    parents = _parents(entries)
    members: dict[str, list[KeyedEntry]] = defaultdict(list)
    for claimant in entries:
        members[_root(claimant.claims[0], parents)].append(claimant)
    owners = _owners(members, keys)
    return tuple(
        PaperGroup(
            key=root,
            entries=tuple(claimant.entry for claimant in members[root]),
            paper=min(owners[root], default=0),
            absorbed=tuple(sorted(owners[root])[1:]),
        )
        for root in sorted(members, key=key_rank)
    )


def _parents(claimants: Iterable[KeyedEntry]) -> dict[str, str]:
    parents: dict[str, str] = {}
    for claimant in claimants:
        first, *others = claimant.claims
        for key in others:
            known = parents.get(key)
            if known is None or key_rank(first) < key_rank(known):
                parents[key] = first
    return parents


def _root(key: str, parents: Mapping[str, str]) -> str:
    # A parent is always of a stronger kind than its child, so this ends.
    while key in parents and key_rank(parents[key]) < key_rank(key):
        key = parents[key]
    return key


def _owners(
    members: Mapping[str, Sequence[KeyedEntry]], keys: Mapping[int, str]
) -> dict[str, set[int]]:
    """Give each old number to one paper: the one that bears its key, or else the strongest."""
    owners: dict[str, set[int]] = {root: set() for root in members}
    taken: set[int] = set()
    by_key = {key: number for number, key in keys.items()}
    for root in members:
        if root in by_key:
            owners[root].add(by_key[root])
            taken.add(by_key[root])
    for root in sorted(members, key=key_rank):
        for claimant in members[root]:
            if claimant.paper and claimant.paper not in taken:
                owners[root].add(claimant.paper)
                taken.add(claimant.paper)
    return owners


@dataclass(frozen=True, slots=True)
class PaperVersion:
    """A paper as one entry has it, with the place of that entry."""

    paper: Paper
    appearance: Appearance


@dataclass(frozen=True, slots=True)
class CuratorOverrides:
    """What curators decided about a paper; it stands above every source."""

    titles: Localized
    summaries: Localized
    abstracts: Localized
    tags: Mapping[str, bool]
    """True: the paper has it, whatever the sources say; False: it has not."""


NO_OVERRIDES = CuratorOverrides({}, {}, {}, {})


def merge_versions(
    versions: Iterable[PaperVersion], overrides: CuratorOverrides = NO_OVERRIDES
) -> Paper:
    """Return the paper with the texts, tags and links of all its wordings.

    The fullest wording speaks first (the one in the most languages, then the newest), so that
    what is shown side by side was written side by side; the others fill what it lacks.
    """
    by_age = sorted(versions, key=lambda wording: _age(wording.appearance))
    fullest = sorted(by_age, key=lambda wording: -len(wording.paper.titles))
    papers = [wording.paper for wording in fullest]
    first = papers[0]
    merged = replace(
        first,
        titles=_texts([paper.titles for paper in papers]),
        nickname=next((paper.nickname for paper in papers if paper.nickname), ""),
        summaries=_texts([paper.summaries for paper in papers]),
        abstracts=_texts([paper.abstracts for paper in papers]),
        tags=_union(paper.tags for paper in papers),
        inferred_tags=_union(paper.inferred_tags for paper in papers),
        links=_links([wording.paper.links for wording in by_age]),
        appearances=tuple(wording.appearance for wording in by_age),
    )
    return apply_overrides(merged, overrides)


def issue_version(
    own: PaperVersion, others: Iterable[PaperVersion], overrides: CuratorOverrides = NO_OVERRIDES
) -> Paper:
    """Return the paper as one issue has it; what that issue lacks comes from its other wordings.

    Tags and links are those of the whole paper, its own links first.
    """
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
    """Return the paper with the texts and tags of this entry alone and the links of all.

    This is what an export holds: read again, it makes the same archive.
    """
    return apply_overrides(
        replace(own.paper, links=_links([own.paper.links, merge_versions([own, *others]).links])),
        overrides,
    )


def apply_overrides(paper: Paper, overrides: CuratorOverrides) -> Paper:
    """Return the paper with what curators decided, its tags without repetition."""
    refused = {tag for tag, wanted in overrides.tags.items() if not wanted}
    wanted = tuple(tag for tag, is_wanted in overrides.tags.items() if is_wanted)
    tags = tuple(tag for tag in _union([paper.tags, wanted]) if tag not in refused)
    return replace(
        paper,
        titles={**paper.titles, **overrides.titles},
        summaries={**paper.summaries, **overrides.summaries},
        abstracts={**paper.abstracts, **overrides.abstracts},
        tags=tags,
        inferred_tags=tuple(
            tag for tag in paper.inferred_tags if tag not in refused and tag not in tags
        ),
    )


def _age(appearance: Appearance) -> tuple[int, str, int]:
    return -appearance.start.toordinal(), appearance.series, appearance.position


def _texts(texts: Sequence[Localized]) -> Localized:
    joined: dict[str, str] = {}
    for localized in reversed(texts):
        joined |= localized
    return dict(sorted(joined.items(), reverse=True))


def _union(tags: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for each in tags for tag in each))


def _links(links: Sequence[tuple[Link, ...]]) -> tuple[Link, ...]:
    """Join link lists: the first whole, of the others what leads to somewhere new."""
    if not links:
        return ()
    found = list(links[0])
    known = {(link.kind, key_from_url(link.url)) for link in found}
    for link in (link for each in links[1:] for link in each):
        place = (link.kind, key_from_url(link.url))
        if place not in known:
            known.add(place)
            found.append(link)
    return tuple(found)
