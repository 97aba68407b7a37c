"""The whole history of DAIR.AI's lists is read without a loss."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.model.papers import Entry, ParseResult
from tests.dair_results import papers, read, titles

pytestmark = pytest.mark.slow


@pytest.fixture
def years(reference_data: Path) -> list[Path]:
    return sorted((reference_data / "dair" / "years").glob("*.md"))


def raw_rows(path: Path) -> list[tuple[str, str]]:
    """Return text and links of every row, told apart as naively as possible."""
    lines = path.read_text(encoding="utf-8").split("\n")
    rows = [line.strip().strip("|") for line in lines if re.match(r"\|\s*\**\d", line)]
    return [(text, cell) for text, _, cell in (row.rpartition("|") for row in rows)]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def entries(parsed: ParseResult) -> list[Entry]:
    return [entry for issue in parsed.issues for entry in issue.entries]


def test_the_whole_history_is_read_without_a_loss(years: list[Path]) -> None:
    parsed = [read(path) for path in years]
    issues = [issue for each in parsed for issue in each.issues]
    found = [paper for each in parsed for paper in papers(each)]
    assert len(issues) == len({issue.week for issue in issues}) == 181
    assert len(found) == 1810
    assert len({paper.key for paper in found}) == 1805
    assert not [problem for each in parsed for problem in each.problems if problem.lost]
    assert all([entry.position for entry in issue.entries] == [*range(1, 11)] for issue in issues)


def test_every_word_of_the_history_is_kept(years: list[Path]) -> None:
    for path in years:
        for (text, _), entry in zip(raw_rows(path), entries(read(path)), strict=True):
            raw = re.sub(r"<br\s*/?>", " ", re.sub(r"\[([^\]]*)\]\(https?://[^)]*\)", r"\1", text))
            paper = entry.paper
            kept = f"{entry.position} {paper.titles['en']} {paper.summaries.get('en', '')}"
            assert words(kept) == words(raw)


def test_every_link_of_the_history_is_kept(years: list[Path]) -> None:
    for path in years:
        for (_, cell), entry in zip(raw_rows(path), entries(read(path)), strict=True):
            urls = {link.url for link in entry.paper.links}
            told = re.findall(r"\]\((\S+?)\)(?=[\s,)_\[]|$)", cell)
            assert told
            assert set(told) <= urls


def test_titles_of_the_history_carry_no_marks(years: list[Path]) -> None:
    found = [title for path in years for title in titles(read(path))]
    assert max(map(len, found)) <= 140
    assert not [title for title in found if title.startswith(("*", "-")) or "**" in title]


def test_known_traps_of_the_history_come_out_right(reference_data: Path) -> None:
    issues = {
        str(issue.week): issue
        for path in (reference_data / "dair" / "years").glob("*.md")
        for issue in read(path).issues
    }
    ring = [entry.paper for entry in issues["2023-W41"].entries]
    assert any("Ring Attention" in paper.titles["en"] for paper in ring)
    assert "arxiv:2310.01889" in {paper.key for paper in ring}
    assert len(ring) == 10
    august = [entry.paper for entry in issues["2024-W33"].entries]
    assert august[7].key == august[9].key == "arxiv:2408.05109"
    assert "2026-W12" not in issues
    brains = next(
        entry.paper
        for entry in issues["2025-W36"].entries
        if entry.paper.titles["en"].startswith("Disentangling the Factors of Convergence")
    )
    assert "|r|≈0.88" in brains.summaries["en"]
    assert brains.key == "arxiv:2508.18226"
    assert [entry.paper.titles["en"] for entry in issues["2024-W39"].entries][:2] == [
        "Llama 3.2",
        "Molmo",
    ]
    pause = next(
        entry.paper
        for entry in issues["2023-W40"].entries
        if entry.paper.key == "arxiv:2310.02226"
    )
    assert "<pause>" in pause.summaries["en"]


@pytest.mark.parametrize("name", ["README.md", "README-2025-07-20.md"])
def test_the_old_single_file_is_read_whole(reference_data: Path, name: str) -> None:
    parsed = read(reference_data / "dair" / "legacy" / "README-2025-07-20.md", name)
    assert len(parsed.issues) == 130
    assert len(papers(parsed)) == 1300
    assert not [problem for problem in parsed.problems if problem.lost]
    assert (parsed.issues[0].end, parsed.issues[-1].start) == (date(2025, 6, 29), date(2023, 1, 1))


@pytest.mark.parametrize("name", ["README.md", "README-2023-06-11-repeated-heading.md"])
def test_the_pasted_week_is_found_under_its_old_heading(reference_data: Path, name: str) -> None:
    path = reference_data / "dair" / "legacy" / "README-2023-06-11-repeated-heading.md"
    parsed = read(path, name)
    assert [(str(issue.week), issue.entries[0].paper.key) for issue in parsed.issues[:2]] == [
        ("2023-W23", "arxiv:2306.05422"),
        ("2023-W22", "arxiv:2305.20050"),
    ]
    assert len(parsed.issues) == 23
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [
        (37, False),
        (298, True),
    ]


def test_the_table_of_contents_gives_no_weeks(reference_data: Path) -> None:
    parsed = read(reference_data / "dair" / "README.md")
    assert parsed.issues == ()
    assert "table of contents" in parsed.problems[0].message
