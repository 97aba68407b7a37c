"""A bundle comes back exactly as it was written, and says what is wrong in it."""

import json
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import Entry, Issue, Link, Paper
from bot.model.weeks import Week
from bot.papers.identifiers import key_rank
from bot.sources.parsers.bundle import dump
from bot.sources.parsers.detect import MAX_BYTES, parse_source
from bot.sources.parsers.errors import UnreadableSource
from tests.samples import FILES, RING

text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60).map(
    partial(normalize, "NFC")  # as all that is read
)
filled = text.map(str.strip).filter(bool)
awkward = st.sampled_from(
    [
        "no",
        "1e3",
        "2023-10-09",
        "null",
        "~",
        "a: b",
        " x",
        "- x",
        "#",
        "가\n나\n\n다",
        "😀",
        "'",
        '"',
    ]
)
localized = st.dictionaries(st.sampled_from(["ko", "en"]), filled | awkward, max_size=2)
keys = st.sampled_from(["arxiv:2310.01889", "doi:10.1/x", "x:12", "title:a-b", "url:a.b/c"])
links = st.builds(
    Link,
    st.sampled_from(["paper", "code"]),
    text,
    st.sampled_from(["https://arxiv.org/abs/2310.01889", "https://a.b/c?d=e#f"]),
)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    names = sorted(draw(st.lists(keys, min_size=1, max_size=3, unique=True)), key=key_rank)
    return Paper(
        key=names[0],
        aliases=tuple(names[1:]),
        titles={"en": draw(filled | awkward)} | draw(localized),
        nickname=draw(text),
        summaries=draw(localized),
        abstracts=draw(localized),
        tags=tuple(draw(st.lists(filled, max_size=2))),
        inferred_tags=tuple(draw(st.lists(filled, max_size=2))),
        links=tuple(draw(st.lists(links, max_size=2))),
    )


@st.composite
def issues(draw: st.DrawFn) -> Issue:
    start = draw(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
    return Issue(
        series=draw(filled),
        week=Week.of(start),
        start=start,
        end=start + timedelta(days=draw(st.integers(0, 8))),
        titles=draw(localized),
        intros=draw(localized),
        source_url=draw(st.sampled_from(["", "https://a.b/c"])),
        machine_made=draw(st.booleans()),
        entries=tuple(
            Entry(position, paper)
            for position, paper in enumerate(draw(st.lists(papers(), max_size=2)), start=1)
        ),
    )


@pytest.mark.parametrize("form", ["json", "yaml"])
@given(issue=issues())
def test_a_bundle_comes_back_exactly(form: str, issue: Issue) -> None:
    parsed = parse_source(dump([issue], form).encode(), "")

    assert parsed.problems == ()
    assert parsed.issues == (issue,)


def test_issues_are_ordered_by_series_and_week() -> None:
    def one(series: str, start: date) -> Issue:
        return Issue(series, Week.of(start), start, start)

    later, sooner = one("a", date(2024, 1, 8)), one("a", date(2024, 1, 1))

    assert parse_source(
        dump([one("b", date(2023, 1, 2)), later, sooner], "json").encode(), ""
    ).issues == (
        sooner,
        later,
        one("b", date(2023, 1, 2)),
    )


def test_a_bundle_written_by_hand_may_leave_out_keys() -> None:
    issue = parse_source((FILES / "bundle-plain.yaml").read_bytes(), "").issues[0]

    assert [entry.paper.key for entry in issue.entries] == [RING.key, "arxiv:2310.05915"]
    assert issue.entries[0].paper.links[0].kind == "paper"


def bundle(**changes: object) -> bytes:
    paper = {"position": 1, "key": "arxiv:2310.01889", "title": {"en": "T"}}
    paper |= changes.pop("paper", {})  # type: ignore[call-overload]
    issue = {"series": "s", "week": "2023-W41", "start": "2023-10-09", "end": "2023-10-15",
             "papers": [paper]} | changes  # fmt: skip
    return json.dumps({"issues": [issue]}).encode()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (bundle(start="2023-02-30"), "start is no day"),
        (bundle(week="2023-W01"), "is 2023-W41"),
        (bundle(end="2023-10-01"), "before it starts"),
        (bundle(series=""), "no series"),
        (bundle(series=1), "series is no text"),
        (bundle(machine_made="yes"), "neither true nor false"),
        (bundle(papers={}), "no list"),
        (b'{"issues": []}', "no issues"),
        (b'{"issues": [1]}', "no mapping"),
        (b'{"other": 1}', "neither a bundle"),
        (b'{"issues": [', "incomplete JSON"),
        (b'{"issues":' + b"[" * 100_000, "JSON"),
        (b"issues: [", "incomplete YAML"),
        (b"issues: &a [*a, *a]", "aliases"),
        (b"issues: " + b"[" * 1000, "YAML"),
        (b"issues:\n- start: 2023-99-99", "cannot be read"),
        (b"\x00\x01", "no text"),
        (b"", "empty"),
        (" \n".encode("utf-16"), "empty"),
        ("한글".encode("cp949"), "UTF-8"),
        (b"x" * (MAX_BYTES + 1), "larger than 32 MiB"),
        (b"some words", "no known format"),
    ],
)
def test_what_cannot_be_used_is_told(data: bytes, word: str) -> None:
    with pytest.raises(UnreadableSource, match=word):
        parse_source(data, "")


@pytest.mark.parametrize(
    ("paper", "word"),
    [
        ({"position": 0}, "position"),
        ({"title": {}}, "no title"),
        ({"title": {"en": 1}}, "no text"),
        ({"title": []}, "no mapping"),
        ({"key": "nonsense"}, "no key"),
        ({"tags": "llm"}, "no list"),
        ({"links": {}}, "no list"),
    ],
)
def test_a_wrong_paper_costs_no_other(paper: dict[str, object], word: str) -> None:
    data = json.loads(bundle())
    data["issues"][0]["papers"].insert(0, {"position": 2, "title": {"en": "T"}} | paper)

    parsed = parse_source(json.dumps(data).encode(), "")

    assert [entry.paper.key for entry in parsed.issues[0].entries] == ["arxiv:2310.01889"]
    assert parsed.problems[0].lost
    assert word in parsed.problems[0].message


def test_what_is_passed_over_is_told() -> None:
    link = {"label": "x", "url": "javascript:alert(1)"}
    parsed = parse_source(bundle(colour="red", source_url="ftp://x", paper={"links": [link]}), "")

    assert [
        (problem.lost, problem.message.split(": ", 1)[1][:12]) for problem in parsed.problems
    ] == [
        (False, "'colour' is "),
        (True, "source_url i"),
        (True, "a link is no"),
    ]


def test_two_papers_at_one_position_are_told() -> None:
    data = json.loads(bundle())
    data["issues"][0]["papers"] *= 2

    parsed = parse_source(json.dumps(data).encode(), "")

    assert len(parsed.issues[0].entries) == 1
    assert "position 1 is taken" in parsed.problems[0].message


def test_the_series_can_be_chosen() -> None:
    assert parse_source(bundle(), "", "mine").issues[0].series == "mine"


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_anything_may_come_in(data: bytes) -> None:
    with suppress(UnreadableSource):
        assert parse_source(data, "x").issues
