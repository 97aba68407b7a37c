"""Which entries are one paper does not depend on the order in which they arrive."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import Appearance, Link
from bot.model.weeks import Week
from bot.papers.identifiers import key_rank
from bot.papers.merging import (
    CuratorOverrides,
    KeyedEntry,
    PaperVersion,
    group_entries,
    issue_version,
    merge_versions,
)
from tests.samples import MONDAY, RING

keys = st.sampled_from(["arxiv:1", "arxiv:2", "doi:1", "url:a", "url:b", "x:1", "x:2", "title:t"])
claims = st.lists(keys, min_size=1, max_size=4, unique=True).map(
    lambda found: tuple(sorted(found, key=key_rank))
)


@given(st.lists(claims, max_size=8), st.randoms())
def test_the_order_of_arrival_does_not_matter(
    found: list[tuple[str, ...]], random: object
) -> None:
    claimants = [KeyedEntry(number, each) for number, each in enumerate(found)]
    shuffled = claimants[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def papers(given: list[KeyedEntry]) -> dict[str, set[int]]:
        return {group.key: set(group.entries) for group in group_entries(given, {})}

    assert papers(claimants) == papers(shuffled)
    assert sorted(e for group in group_entries(claimants, {}) for e in group.entries) == list(
        range(len(found))
    )


@given(st.lists(claims, min_size=1, max_size=8))
def test_joining_twice_is_joining_once(found: list[tuple[str, ...]]) -> None:
    first = group_entries([KeyedEntry(number, each) for number, each in enumerate(found)], {})
    numbers = {group.key: number for number, group in enumerate(first, start=1)}
    again = group_entries(
        [
            KeyedEntry(entry, found[entry], numbers[group.key])
            for group in first
            for entry in group.entries
        ],
        {number: key for key, number in numbers.items()},
    )

    assert [(g.key, g.paper, g.absorbed) for g in again] == [
        (g.key, numbers[g.key], ()) for g in first
    ]


def test_a_shared_post_does_not_join_papers_that_name_themselves_otherwise() -> None:
    found = group_entries([KeyedEntry(1, ("arxiv:1", "x:1")), KeyedEntry(2, ("url:a", "x:1"))], {})

    assert [group.key for group in found] == ["arxiv:1", "url:a"]


def test_an_old_number_goes_to_the_paper_that_bears_its_key() -> None:
    found = group_entries(
        [KeyedEntry(1, ("arxiv:2",), paper=1), KeyedEntry(2, ("arxiv:1",), paper=2)],
        {1: "arxiv:1", 2: "arxiv:2"},
    )

    assert {group.key: group.paper for group in found} == {"arxiv:1": 1, "arxiv:2": 2}


def wording(series: str, weeks: int = 0, **more: object) -> PaperVersion:
    start = MONDAY + timedelta(days=7 * weeks)
    return PaperVersion(
        replace(RING, **more),  # type: ignore[arg-type]
        Appearance(Week.of(start), series, 1, start),
    )


def test_the_fullest_wording_speaks_first_and_the_others_fill_it_up() -> None:
    korean = wording("b", titles={"ko": "제목", "en": "Title"}, summaries={}, links=())
    english = wording("a", weeks=1, titles={"en": "Newer"}, summaries={"en": "Text"})

    paper = merge_versions([english, korean])

    assert (paper.titles, paper.summaries) == ({"ko": "제목", "en": "Title"}, {"en": "Text"})
    assert paper.links == RING.links
    assert [each.series for each in paper.appearances] == ["a", "b"]


def test_an_issue_shows_its_own_words_and_borrows_what_it_lacks() -> None:
    own = wording("a", titles={"en": "Ours"}, summaries={})
    other = wording("b", titles={"ko": "제목", "en": "Theirs"}, summaries={"ko": "요약"})

    paper = issue_version(own, [other], CuratorOverrides({"ko": "고침"}, {}, {}, {}))

    assert paper.titles == {"ko": "고침", "en": "Ours"}
    assert paper.summaries == {"ko": "요약"}


def test_the_same_place_is_linked_once() -> None:
    own = wording("a", links=(Link("post", "Tweet", "https://twitter.com/a/status/1?s=20"),))
    other = wording("b", links=(Link("post", "X", "https://x.com/a/status/1"),))

    assert [link.label for link in merge_versions([own, other]).links] == ["Tweet"]
