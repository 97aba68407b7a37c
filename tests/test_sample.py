"""The bundled weeks are whole, in both languages, and written by us."""

import re
from importlib import resources
from pathlib import Path

import pytest

from bot.model.papers import SAMPLE_SERIES, Issue
from bot.papers.identifiers import paper_keys
from bot.sources.parsers.detect import parse_source

WEEKS = sorted(
    (file for file in (resources.files("config") / "sample").iterdir()), key=lambda file: file.name
)
ENGLISH_RUN = 9
KOREAN_RUN = 25


@pytest.fixture(scope="module")
def issues() -> list[Issue]:
    found: list[Issue] = []
    for file in WEEKS:
        parsed = parse_source(file.read_bytes(), file.name)
        assert parsed.problems == ()
        found += parsed.issues
    return found


def test_there_are_four_weeks_of_ten_papers(issues: list[Issue]) -> None:
    assert len(issues) >= 4
    assert "2023-W41" in {str(issue.week) for issue in issues}
    assert {len(issue.entries) for issue in issues} == {10}
    assert {issue.series for issue in issues} == {SAMPLE_SERIES}


def test_every_paper_speaks_both_languages(issues: list[Issue]) -> None:
    hangul = re.compile("[가-힣]")
    for paper in (entry.paper for issue in issues for entry in issue.entries):
        for texts in (paper.titles, paper.summaries, paper.abstracts):
            assert not hangul.search(texts.get("en", "")), paper.key
            assert set(texts) in ({"ko", "en"}, set())
        assert hangul.search(paper.summaries["ko"])
        assert paper.links


def test_every_paper_bears_the_key_that_its_links_give(issues: list[Issue]) -> None:
    for paper in (entry.paper for issue in issues for entry in issue.entries):
        assert (paper.key, *paper.aliases) == paper_keys(paper.links, paper.titles["en"])


def test_no_sentence_is_taken_from_a_source(issues: list[Issue], reference_data: Path) -> None:
    sources = [*reference_data.glob("dair/**/*.md"), *reference_data.glob("seed/*.txt")]
    text = " ".join(path.read_text(encoding="utf-8") for path in sources)
    english = " ".join(re.findall(r"[a-z0-9]+", text.casefold()))
    korean = "".join(re.findall("[가-힣]", text))

    for issue in issues:
        papers = [entry.paper for entry in issue.entries]
        written = [issue.intros, *(p.summaries for p in papers), *(p.abstracts for p in papers)]
        for texts in written:
            words = re.findall(r"[a-z0-9]+", texts.get("en", "").casefold())
            for place in range(len(words) - ENGLISH_RUN + 1):
                run = " ".join(words[place : place + ENGLISH_RUN])
                assert f" {run} " not in english, run
            syllables = "".join(re.findall("[가-힣]", texts.get("ko", "")))
            for place in range(len(syllables) - KOREAN_RUN + 1):
                assert syllables[place : place + KOREAN_RUN] not in korean
