"""Weekly posts of the forum are read whole: plain copies, Markdown, HTML."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import Issue, Paper, ParseResult
from bot.sources.parsers.detect import parse_source
from bot.sources.parsers.discourse import html as cooked
from bot.sources.parsers.discourse import plain_text
from bot.sources.parsers.discourse.posts import build_issue
from bot.sources.parsers.discourse.titles import parse_title, split_title
from bot.sources.parsers.errors import UnreadableSource
from tests.discourse_server import cook
from tests.samples import FILES


def file(name: str) -> ParseResult:
    return parse_source((FILES / name).read_bytes(), name)


def only(parsed: ParseResult) -> Issue:
    assert len(parsed.issues) == 1
    return parsed.issues[0]


def test_a_plain_copy_is_read_whole() -> None:
    parsed = file("forum-plain.txt")
    issue = only(parsed)

    assert (issue.series, str(issue.week)) == ("pytorch-kr", "2023-W41")
    assert issue.titles == {"ko": "한 주를 채운 ML 논문", "en": "Top ML Papers of the Week"}
    assert issue.intros == {"ko": "첫 문단입니다.\n\n둘째 문단에는 1) 번호와 2) 번호가 있습니다."}
    assert issue.machine_made
    ring, rules = (entry.paper for entry in issue.entries)
    assert ring.titles == {
        "ko": "긴 글을 고리로 나누기",
        "en": "Ring Attention with Blockwise / Transformers",
    }
    assert ring.summaries == {
        "ko": "긴 글을 나누어 읽습니다. 빠릅니다.",
        "en": "Reads a long text in parts. It is fast.",
    }
    assert ring.abstracts["en"] == "Transformers are bound by memory."
    assert ring.tags == ("survey-paper", "llm")
    assert ring.key == "x:1709630382457733596"
    assert (rules.nickname, rules.tags) == ("HtT", ())
    assert [link.url for link in rules.links] == ["https://arxiv.org/abs/2310.07064"]
    assert [(p.line, "web address" in p.message) for p in parsed.problems] == [(46, True)]


def test_markdown_is_read_whole_across_the_year() -> None:
    issue = only(file("forum-raw.md"))

    assert (issue.start, issue.end) == (date(2024, 12, 30), date(2025, 1, 5))
    assert issue.intros == {"ko": "새해 첫 주입니다."}
    assert issue.machine_made
    paper = issue.entries[0].paper
    assert paper.titles == {"ko": "에이전트로는 모자라다", "en": "Agents Are Not Enough"}
    assert paper.summaries == {
        "ko": "에이전트만으로는 부족합니다.",
        "en": "Agents alone are not enough.",
    }
    assert paper.abstracts == {"ko": "짧은 초록입니다.", "en": "A short abstract."}
    assert paper.key == "arxiv:2412.16241"


def test_a_page_is_read_whole_without_its_furniture() -> None:
    parsed = file("forum-cooked.html")
    issue = only(parsed)

    assert issue.source_url == "https://discuss.pytorch.kr/t/weekly/10709"
    assert issue.titles == {"ko": "이번 주의 AI/ML 논문 모음"}
    assert issue.intros == {"ko": "이번 주에는 에이전트가 많습니다.\n\n둘째 문단입니다."}
    assert not issue.machine_made
    paper = issue.entries[0].paper
    assert len(issue.entries) == 1
    assert paper.summaries == {"ko": "에이전트가 스스로 고칩니다.\n\n● 첫째 장점\n● 둘째 장점"}
    assert paper.abstracts == {
        "ko": "한국어 초록입니다.",
        "en": "An English abstract.\n\nWith two paragraphs.",
    }
    assert paper.tags == ("agents",)
    assert [(link.kind, link.url) for link in paper.links] == [
        ("paper", "https://arxiv.org/abs/2606.09498"),
        ("code", "https://github.com/example/harness"),
    ]
    assert sorted(problem.message[:9] for problem in parsed.problems) == [
        "a link wa",
        "“말만 있는 제목",
    ]


def topic(**first: object) -> bytes:
    value = {
        "id": 10709,
        "slug": "weekly",
        "title": "[2023/10/09 ~ 10/15] 이번 주의 논문",
        "tags": [{"id": 1, "name": "llm", "slug": "llm"}],
        "post_stream": {"posts": [first]},
    }
    return json.dumps(value).encode()


def test_a_topic_is_read_from_its_html_or_its_markdown() -> None:
    html = "<h2>가 / A</h2><h3>논문 소개</h3><p>요약</p>"
    by_html = only(parse_source(topic(cooked=html), "t.json"))
    by_raw = only(parse_source(topic(raw="## 가 / A\n### 논문 소개\n요약\n"), "t.json"))

    assert by_html == by_raw
    assert by_html.source_url == "https://discuss.pytorch.kr/t/weekly/10709"
    assert by_html.entries[0].paper.summaries == {"ko": "요약"}


@pytest.mark.parametrize(
    "data",
    [
        topic(),
        topic(cooked="<p>nothing</p>"),
        b'{"post_stream": {"posts": []}, "title": "x"}',
        b'{"post_stream": {"posts": "x"}}',
        "[2023/02/30 ~ 03/05] 제목\n논문 소개".encode(),
        b"<html><body><h1>no dates</h1></body></html>",
        (FILES / "forum-cooked.html").read_bytes()[:1500],
    ],
)
def test_what_holds_no_paper_is_told(data: bytes) -> None:
    with pytest.raises(UnreadableSource):
        parse_source(data, "")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("가 / A", {"ko": "가", "en": "A"}),
        ("가 / 나 / A", {"ko": "가 / 나", "en": "A"}),
        ("가 / A / B", {"ko": "가", "en": "A / B"}),
        ("A / B", {"en": "A / B"}),
        ("가나다", {"ko": "가나다"}),
        ("가 / ", {"ko": "가 /"}),
    ],
)
def test_a_title_is_parted_where_the_language_changes(
    title: str, expected: dict[str, str]
) -> None:
    assert split_title(title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("가나 (A b)", {"ko": "가나", "en": "A b"}),
        ("가나 (견본) (A b (sample))", {"ko": "가나 (견본)", "en": "A b (sample)"}),
        ("가나 (견본)", {"ko": "가나 (견본)"}),
        ("(A b)", {"en": "(A b)"}),
        ("가나 (A b", {"ko": "가나 (A b"}),
        ("가나 A b)", {"ko": "가나 A b)"}),
    ],
)
def test_a_weeks_title_has_its_english_in_parentheses(
    title: str, expected: dict[str, str]
) -> None:
    dated = parse_title(f"[2023/10/09 ~ 10/15] {title}")

    assert dated is not None
    assert dated[2] == expected


parts = st.sampled_from(
    ["논문 소개\n", "논문 초록\n", "더 읽어보기\n", "가 / A\n", "• 요약. llm\n", "https://a.b/c\n",
     "소개\n", "원문\n", "---\n", "## 제목\n", "> quote\n", "\n", "[2023/10/09 ~ 10/15] x\n"]
)  # fmt: skip


@given(st.lists(parts, max_size=30).map("".join) | st.text(max_size=300))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    first = plain_text.parse("[2023/10/09 ~ 10/15] x\n" + text)

    assert first == plain_text.parse("[2023/10/09 ~ 10/15] x\n" + text)
    plain_text.parse(text)


tags = st.sampled_from(
    ["<h2>가 / A</h2>", "<h3>논문 소개</h3>", "<p>글", "</p>", "<blockquote>q", "<hr>", "<ul>",
     "<li>x",
     "<aside class=onebox data-onebox-src='https://arxiv.org/abs/2310.01889'>", "</div>", "<div>",
     "<a href='https://a.b'>l</a>", "<br>", "<table><tr><td>t", "<h3>논문 링크</h3>"]
)  # fmt: skip


@given(st.lists(tags, max_size=30).map("".join) | st.text(max_size=200))
def test_any_html_is_read_without_an_exception(html: str) -> None:
    build_issue("[2023/10/09 ~ 10/15] x", cooked.iter_pieces(html))


def test_the_seed_is_read_exactly(reference_data: Path) -> None:
    parsed = parse_source((reference_data / "seed" / "2023-10-09.txt").read_bytes(), "")
    issue = only(parsed)
    papers: list[Paper] = [entry.paper for entry in issue.entries]

    assert parsed.problems == ()
    assert len(papers) == 10
    for paper in papers:
        for texts in (paper.titles, paper.summaries, paper.abstracts):
            assert set(texts) == {"ko", "en"}
        assert paper.key.startswith("x:")
    assert {n: p.tags for n, p in enumerate(papers, 1) if p.tags} == {
        3: ("survey-paper", "llm"),
        5: ("chain-of-thought",),
        6: ("llm", "medical", "survey-paper"),
        10: ("fine-tuning",),
    }
    assert len(issue.intros["ko"].split("\n\n")) == 3
    assert issue.machine_made


def test_a_whole_page_of_the_forum_is_read(reference_data: Path) -> None:
    parsed = parse_source((reference_data / "discourse" / "2026-06-08.html").read_bytes(), "")
    issue = only(parsed)

    assert parsed.problems == ()
    assert len(issue.entries) == 10
    assert len(issue.intros["ko"].split("\n\n")) == 4
    for paper in (entry.paper for entry in issue.entries):
        assert set(paper.titles) == set(paper.abstracts) == {"ko", "en"}
        assert paper.summaries["ko"]
        assert paper.key.startswith("arxiv:26") or paper.key.startswith("arxiv:25")
        assert not any("utm_" in link.url for link in paper.links)


PAIR = "<h2>가 / A</h2><h3>논문 소개</h3>{}<h3>논문 링크</h3><aside data-onebox-src='https://a.example/1'></aside>"


@pytest.mark.parametrize(
    "body",
    [
        "<ul><li><p>한국어 요약. llm agents</p><blockquote><p>English.</p></blockquote></li></ul>",
        "<ul><li><p>한국어 요약. llm agents</p><p>English.</p></li></ul>",
        "<ul><li>한국어 요약. llm agents<blockquote>English.</blockquote></li></ul>",
        "<p>한국어 요약. llm agents</p><blockquote><p>English.</p></blockquote>",
    ],
)
def test_both_languages_of_a_list_item_are_read(body: str) -> None:
    issue = only(parse_source(topic(cooked=PAIR.format(body)), "t.json"))

    paper = issue.entries[0].paper
    assert paper.summaries == {"ko": "한국어 요약.", "en": "English."}
    assert paper.tags == ("llm", "agents")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<ul><li>하나<ul><li>둘<ul><li>셋</li></ul></li></ul></li><li>넷</li></ul>",
            {"ko": "● 하나\n● 둘\n● 셋\n● 넷"},
        ),
        ("<ul><li><p>하나</p></li><li><p>둘</p></li></ul>", {"ko": "● 하나\n● 둘"}),
        (
            "<p>한</p><blockquote><ul><li><p>One</p></li><li><p>Two</p></li></ul></blockquote>",
            {"ko": "한", "en": "● One\n● Two"},
        ),
        ("<blockquote><p>One</p><blockquote><p>Two</p></blockquote></blockquote>",
         {"en": "One\n\nTwo"}),
        ("<ul><li><p>하나</p><p>둘</p></li></ul>", {"ko": "● 하나\n\n둘"}),
        ("글<b>자</b> 둘<br>셋", {"ko": "글자 둘\n셋"}),
    ],
)  # fmt: skip
def test_nested_and_loose_lists_are_read_once(body: str, expected: dict[str, str]) -> None:
    issue = only(parse_source(topic(cooked=PAIR.format(body)), "t.json"))

    assert issue.entries[0].paper.summaries == expected


@pytest.mark.parametrize("is_quoted", [True, False])
def test_the_seed_as_html_equals_its_plain_copy(reference_data: Path, is_quoted: bool) -> None:  # noqa: FBT001
    text = (reference_data / "seed" / "2023-10-09.txt").read_text(encoding="utf-8")
    title, html = cook(text, is_quoted=is_quoted)
    value = {"title": title, "post_stream": {"posts": [{"cooked": html}]}}

    by_html = only(parse_source(json.dumps(value).encode(), "t.json"))

    assert by_html == only(parse_source(text.encode(), "seed.txt"))
    assert len(by_html.entries) == 10
    assert all(set(entry.paper.summaries) == {"ko", "en"} for entry in by_html.entries)


def test_a_renamed_section_of_links_loses_no_link() -> None:
    box = "<aside class='onebox' data-onebox-src='https://arxiv.org/abs/2606.00001'></aside>"
    for heading in ("논문 바로가기", "원본은 여기에"):
        html = f"<h2>가 / A</h2><h3>논문 소개</h3><p>요약</p><h3>{heading}</h3>{box}"
        issue = only(parse_source(topic(cooked=html), "t.json"))
        assert issue.entries[0].paper.key == "arxiv:2606.00001"


def test_a_paper_without_any_address_is_reported() -> None:
    html = "<h2>가 / A</h2><h3>논문 소개</h3><p>요약</p>"
    (problem,) = parse_source(topic(cooked=html), "t.json").problems

    assert "has no link" in problem.message


def test_a_heading_of_an_image_alone_costs_only_its_paper() -> None:
    part = "<h3>논문 소개</h3><p>요약</p>"
    html = f"<h2>가 / A</h2>{part}<h2><img src='x.png'></h2>{part}<h2>나 / B</h2>{part}"
    parsed = parse_source(topic(cooked=html), "t.json")

    assert [entry.paper.titles["en"] for entry in only(parsed).entries] == ["A", "B"]
    assert any("a heading has no words" in problem.message for problem in parsed.problems)


def test_buttons_images_and_boilerplate_are_no_content() -> None:
    html = (
        "<h2>가 / A</h2><h3>논문 소개</h3><p><img class='emoji' alt=':one:'> 요약</p>"
        "<p><a class='button' href='https://a.example/share'>Share</a></p><p>Subscribe now</p>"
        "<p>Weekly is a reader-supported publication. Subscribe!</p><h3>논문 링크</h3>"
        "<a href='https://substackcdn.com/image/fetch/x.png'><img src='x.png'></a>"
        "<a href='https://arxiv.org/abs/2606.00001'>Paper</a>"
    )
    paper = only(parse_source(topic(cooked=html), "t.json")).entries[0].paper

    assert paper.summaries == {"ko": "요약"}
    assert [link.url for link in paper.links] == ["https://arxiv.org/abs/2606.00001"]
