"""What curators do on the command line: by name as well as by key, and each with its undo."""

import json
import re

import pytest

from tests.command_line import CommandLine

pytestmark = pytest.mark.slow

RING = "arxiv:2310.01889"


def papers(paperboy: CommandLine, week: str = "2023-W41") -> list[str]:
    """Return the keys of a week."""
    found = json.loads(paperboy("export", "--week", week)[1])["issues"]
    return [paper["key"] for issue in found for paper in issue["papers"]]


def test_a_paper_is_removed_by_name_and_comes_back_by_undo(filled: CommandLine) -> None:
    before = papers(filled)

    code, said, _ = filled("remove", "ring attention", "--why", "it was withdrawn")

    assert code == 0
    assert f"({RING}): sample 2023-W41: as its source has it → removed" in said
    assert re.match("“링 어텐션", said)
    assert set(before) - set(papers(filled)) == {RING}
    filled("import", "--sample")
    assert RING not in papers(filled)
    (number,) = re.findall(r"paperboy undo (\d+)", said)
    assert filled("undo", number)[0] == 0
    assert papers(filled) == before
    code, told, _ = filled("history", RING)
    assert code == 0
    assert re.search(
        r"2  \S+ \S+ UTC  command line \(.*\)  undo of edit 1  arxiv:2310.01889", told
    )
    assert "(it was withdrawn) [taken back]" in told


def test_papers_are_added_to_a_week_and_moved(filled: CommandLine) -> None:
    before = papers(filled)

    code, said, _ = filled(
        "add", "2023-W41", "2606.00001", "https://arxiv.org/abs/2606.00002", "--position", "1"
    )
    moved = filled("move", "2606.00002", "latest", "--position", "2")

    assert (code, moved[0]) == (0, 0)
    assert said.count("Kept. To take it back: paperboy undo") == 2
    assert papers(filled) == ["arxiv:2606.00001", *before]
    assert papers(filled, "2026-W24")[1] == "arxiv:2606.00002"
    titled = filled("add", "2023년 41주차", "https://papers.example/1.pdf", "--title", "A Title")
    assert titled[0] == 0
    assert "A Title" in filled("ask", "/week 2023-W41")[1]


def test_texts_tags_and_links_are_corrected_by_name(filled: CommandLine) -> None:
    assert filled("correct", "ring attention", "summary", "ko", "고친 요약.")[0] == 0
    assert filled("correct", "ring attention", "tags", "agents", "#long-context")[0] == 0
    link = "Code=https://github.com/a/b?x=1"
    assert filled("correct", RING, "links", "https://arxiv.org/abs/2310.01889", link)[0] == 0

    (paper,) = (
        paper
        for issue in json.loads(filled("export", "--week", "2023-W41")[1])["issues"]
        for paper in issue["papers"]
        if paper["key"] == RING
    )

    assert paper["summary"]["ko"] == "고친 요약."
    assert set(paper["tags"]) == {"agents", "long-context"}
    assert [link["url"] for link in paper["links"]] == [
        "https://arxiv.org/abs/2310.01889",
        "https://github.com/a/b?x=1",
    ]
    assert paper["links"][1]["label"] == "Code"
    for _ in range(3):
        assert filled("undo")[0] == 0
    assert filled("undo")[0] == 2
    told = filled("history")[1]
    assert "summary ko: as the sources have it → “고친 요약.”" in told or "summary ko: “" in told


def test_papers_and_weeks_are_retracted_and_introduced(filled: CommandLine) -> None:
    assert filled("retract", "ring attention", "--why", "Its results are wrong.")[0] == 0
    assert "Its results are wrong." in filled("ask", "ring attention")[1]
    assert filled("correct", "2023-W41", "introduction", "en", "A week of rings.")[0] == 0
    assert "A week of rings." in filled("ask", "--lang", "en", "/week 2023-W41")[1]
    assert filled("withdraw", "2023-W41", "--why", "It is another week's list.")[0] == 0
    assert "A week of rings." not in filled("ask", "--lang", "en", "/week 2023-W41")[1]
    code, told, _ = filled("history", "2023-W41")
    assert code == 0
    assert "retract  sample 2023-W41 (It is another week's list.)" in told
    assert "retraction: none → “It is another week's list.”" in told
    assert "introduction en: as the sources have it → “A week of rings.”" in told
    assert filled("withdraw", "2023-W41", "--take-back")[0] == 0
    assert filled("retract", RING, "--take-back")[0] == 0
    assert "A week of rings." in filled("ask", "--lang", "en", "/week 2023-W41")[1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("retract", RING), "Say why with --why"),
        (("withdraw", "2023-W41", "--why", " "), "Say why with --why"),
        (("withdraw", "2020-W01", "--why", "x"), "There is no 2020-W01 of sample."),
        (("correct", "2023-W41", "introduction", "x"), "is not one of the languages"),
        (("correct", "ring", "introduction", "en", "x"), "“ring” is no week."),
        (("remove", "zebra fish"), "No paper is known as “zebra fish”."),
        (("remove", "ring attention", "--week", "2026-W24"), "is not there; it is in sample 2023"),
        (("remove", "ring attention", "--week", "someday"), "“someday” is no week."),
        (("add", "2023-W41", "words"), "“words” is no address, arXiv id or DOI of a paper."),
        (("add", "2023-W41", "2310.01889"), "is in 2023-W41 of sample already."),
        (("add", "october 2023", "2606.00001"), "“october 2023” is no week."),
        (("add", "2023-W41", "2606.00001", "2606.00002", "--title", "x"), "--title is for one"),
        (("move", "ring attention", "2023-W41"), "say at which position"),
        (("move", RING, "2023-W41", "--position", "0"), "say at which position"),
        (("correct", RING, "titel", "en", "x"), "is none of: title, summary, abstract, tags"),
        (("correct", RING, "title", "fr", "x"), "is not one of the languages: ko, en."),
        (("correct", RING, "title", "en"), "Write the right text"),
        (("correct", RING, "title", "en", "two", "words"), "in quotes"),
        (("correct", RING, "links", "javascript:alert(1)"), "is no link"),
        (("correct", RING, "tags"), "Write all tags"),
        (("undo", "99"), "There is no edit 99"),
        (("undo",), "There is no edit to take back."),
        (("history", "zebra fish"), "No paper is known as “zebra fish”."),
    ],
)
def test_what_cannot_be_done_is_told(
    filled: CommandLine, words: tuple[str, ...], told: str
) -> None:
    before = filled("export")[1]

    code, _, beside = filled(*words)

    assert code == 2, words
    assert told in beside
    assert filled("export")[1] == before
