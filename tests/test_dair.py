"""The DAIR list, in every layout and with all the damage that its history has shown."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import Entry, Issue, Link, Paper, ParseResult
from bot.model.weeks import Week
from bot.sources.parsers.dair.document import looks_like, parse
from bot.sources.parsers.discourse.titles import has_dates
from tests.samples import FILES

PROBABLE = re.compile(r"\s*\|\s*(?:\*{1,4}\s*)?[0-9]{1,3}\s*[.)]+(?![0-9])")
PIECES = (
    "\n",
    "\r\n",
    "# AI Papers of the Week — 2023\n",
    "## 2023\n- [Top AI Papers of the Week (May 1-7)](#x)\n",
    "\n## Top AI Papers of the Week (May 1-7)\n",
    "\n## Top AI Papers of the Week (May 8-14)\n",
    "\n## Top ML Papers of the Week (May 1-7) - 2023\n",
    "\n## Top AI Papers of the Week (February 30 - March 3) - 2023\n",
    "\n## Other\n",
    "| **Paper** | **Links** |\n| --- | --- |\n",
    "\n| 1) **A** - b | [Paper](https://arxiv.org/abs/2305.00001) |",
    "\n| 1) A  b <br>● c | [Paper](https://example.org/a(b), [Tweet]() |",
    "\n|**2). A** - b |r|",
    "\n| C | |",
    "\n| 3. ",
    "[Tweet](https://x.com/e/status/12",
    "javascript:alert(1)",
    "|",
    "\\",
    "**",
    "](",
)


def sample(name: str) -> ParseResult:
    return read(FILES / f"dair-{name}.md")


def read(path: Path, name: str | None = None) -> ParseResult:
    return parse(path.read_text(encoding="utf-8"), path.name if name is None else name)


def papers(parsed: ParseResult) -> list[Paper]:
    return [entry.paper for issue in parsed.issues for entry in issue.entries]


def titles(parsed: ParseResult) -> list[str]:
    return [paper.titles["en"] for paper in papers(parsed)]


def summary(parsed: ParseResult, place: int) -> str:
    return papers(parsed)[place - 1].summaries.get("en", "")


def links(parsed: ParseResult, place: int) -> list[tuple[str, str, str]]:
    return [(link.kind, link.label, link.url) for link in papers(parsed)[place - 1].links]


def days(parsed: ParseResult) -> list[tuple[date, date]]:
    return [(issue.start, issue.end) for issue in parsed.issues]


def test_headings_without_a_year_take_it_from_the_page() -> None:
    parsed = sample("2023")
    assert days(parsed) == [
        (date(2023, 12, 25), date(2023, 12, 31)),
        (date(2023, 5, 29), date(2023, 6, 4)),
        (date(2023, 5, 22), date(2023, 5, 28)),
        (date(2023, 3, 4), date(2023, 3, 10)),
        (date(2023, 1, 30), date(2023, 2, 5)),
        (date(2023, 1, 1), date(2023, 1, 8)),
    ]
    assert parsed.problems == ()


def test_headings_without_a_year_take_it_from_the_name_of_the_file() -> None:
    text = (FILES / "dair-2023.md").read_text(encoding="utf-8").split("\n", 1)[1]
    assert days(parse(text, "2023.md")) == days(sample("2023"))


def test_an_issue_bears_its_heading_and_invents_no_address() -> None:
    issue = sample("2023").issues[4]
    assert issue == Issue(
        series="dair",
        week=Week(2023, 5),
        start=date(2023, 1, 30),
        end=date(2023, 2, 5),
        titles={"en": "Top ML Papers of the Week (Jan 30-Feb 5)"},
        entries=issue.entries,
    )


def test_the_year_written_is_that_of_the_last_day() -> None:
    assert days(sample("2026"))[-1] == (date(2025, 12, 29), date(2026, 1, 4))


def test_weeks_of_eight_days_have_names_of_their_own() -> None:
    assert [str(issue.week) for issue in sample("2026").issues] == [
        "2026-W26",
        "2026-W25",
        "2026-W13",
        "2026-W11",
        "2026-W01",
    ]


def test_a_week_without_a_year_takes_it_from_its_neighbours() -> None:
    parsed = sample("neighbours")
    assert [issue.end for issue in parsed.issues] == [
        date(2024, 1, 14),
        date(2024, 1, 7),
        date(2023, 12, 31),
    ]
    assert parsed.problems == ()


def test_a_list_without_any_year_takes_it_from_its_table_of_contents() -> None:
    assert [issue.end for issue in sample("listed").issues] == [
        date(2023, 1, 1),
        date(2022, 12, 25),
    ]


def test_a_list_without_any_clue_takes_its_year_from_arxiv_numbers() -> None:
    text = (FILES / "dair-2023.md").read_text(encoding="utf-8").split("\n", 1)[1]
    assert days(parse(text)) == days(sample("2023"))


def test_a_week_that_nothing_dates_is_lost_aloud() -> None:
    text = "## Top AI Papers of the Week (May 1-7)\n| 1) **A** - b | [Paper](https://a.org/b) |"
    parsed = parse(text)
    assert parsed.issues == ()
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(1, True), (2, True)]


def test_a_heading_that_cannot_be_read_does_not_hide_the_others() -> None:
    row = "| 1) **A** - b | [Paper](https://arxiv.org/abs/2305.00001) |"
    parsed = parse(
        f"# Top AI Papers of the Week\n## Top AI Papers of the Week (Mai 1-Foo 7)\n{row}\n"
        f"## Top AI Papers of the Week (May 1-7)\n{row}\n"
    )
    assert days(parsed) == [(date(2023, 5, 1), date(2023, 5, 7))]
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(2, True), (3, True)]


def test_a_span_that_is_no_week_is_lost_aloud() -> None:
    row = "| 1) **A** - b | [Paper](https://arxiv.org/abs/2305.00001) |"
    parsed = parse(f"## Top AI Papers of the Week (May 1 - July 7) - 2023\n{row}")
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(1, True), (2, True)]


def test_a_repeated_heading_is_the_week_after() -> None:
    parsed = sample("repeated")
    assert [(str(issue.week), issue.start, issue.end) for issue in parsed.issues] == [
        ("2023-W23", date(2023, 6, 5), date(2023, 6, 11)),
        ("2023-W22", date(2023, 5, 29), date(2023, 6, 4)),
    ]
    assert titles(parsed) == ["PastedLater", "StoodBefore"]
    (problem,) = parsed.problems
    assert (problem.line, problem.lost, problem.week) == (1, False, Week(2023, 23))


def test_a_repeated_heading_gives_way_to_a_week_that_has_its_own() -> None:
    parsed = sample("repeated-taken")
    assert titles(parsed) == ["WeekAfter", "KeptTwin"]
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [
        (11, True),
        (14, True),
    ]


def test_a_table_of_contents_is_named_as_such() -> None:
    text = (FILES / "dair-contents.md").read_text(encoding="utf-8")
    assert looks_like(text)
    parsed = parse(text, "README.md")
    (problem,) = parsed.problems
    assert parsed.issues == ()
    assert problem.line == 6
    assert problem.message.startswith("this is a table of contents")


def test_a_text_without_weeks_says_so() -> None:
    (problem,) = parse("Nothing here.").problems
    assert problem.message == "there is no week of the DAIR list in it."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "| a | b |\n| 1) c | d |",
        "# Top AI Papers of the Week (May 1-7)\nno table",
        "[2023/10/09 ~ 10/15] 한 주를 채운 ML 논문 (Top ML Papers of the Week)\n| 1) a | b |",
    ],
)
def test_other_texts_are_not_taken_for_the_list(text: str) -> None:
    assert not looks_like(text)


def test_every_sample_is_recognised() -> None:
    files = list(FILES.glob("dair-*.md"))
    assert files
    assert all(looks_like(path.read_text(encoding="utf-8")) for path in files)


def test_every_way_to_write_a_row_gives_title_and_summary() -> None:
    parsed = sample("rows")
    assert parsed.problems == ()
    assert [entry.position for entry in parsed.issues[0].entries] == list(range(1, 15))
    assert [(title, summary(parsed, place)) for place, title in enumerate(titles(parsed), 1)] == [
        ("BlankDash", "is set as most rows are."),
        ("FourStars", "has too many stars and dashes."),
        ("NoBlank", "leaves out the blank before its dash."),
        ("DashTouches", "leaves out the blank after its dash."),
        ("PointForBracket", "has a point after its number, and no closing bar."),
        ("BoldNumber", "begins its bold type before the number."),
        ("OneStar", "begins with one star and ends with two."),
        ("Slanted", "is set in slanted type."),
        ("Plain Dash", "has no stars at all - but two dashes."),
        ("Plain", "Has two blanks and no stars."),
        ("Only a Title", ""),
        ("A Replication - Part 2", "has a dash inside its title."),
        ("1.58-bit Kettle", "begins with another number."),
        ("RowBoat: Crossing Lakes without a Map", "has a short name."),
    ]


def test_a_paper_bears_its_keys_its_nickname_and_its_links() -> None:
    parsed = sample("rows")
    assert papers(parsed)[0] == Paper(
        key="arxiv:2409.00001",
        aliases=("x:1800000000000000001",),
        titles={"en": "BlankDash"},
        summaries={"en": "is set as most rows are."},
        links=(
            Link("paper", "Paper", "https://arxiv.org/abs/2409.00001"),
            Link("post", "Tweet", "https://x.com/example/status/1800000000000000001"),
        ),
    )
    assert papers(parsed)[10].summaries == {}
    assert papers(parsed)[13].nickname == "RowBoat"


def test_a_title_that_swallowed_its_summary_gives_it_back() -> None:
    parsed = sample("swallowed")
    assert titles(parsed)[:2] == [
        "Storing the Harvest of Many Gardens in One Cellar",
        "Storing Snow in Summer",
    ]
    assert titles(parsed)[2].endswith("in a House in Winter")
    assert summary(parsed, 1).startswith("This paper presents a cellar")
    assert summary(parsed, 1).endswith("the cellar asks the gardener.")
    assert summary(parsed, 2).endswith("after a day in the sun.")
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(4, False)]


def test_a_bar_inside_a_summary_is_text() -> None:
    parsed = sample("texts")
    assert summary(parsed, 1) == (
        "measures how strongly two curves agree (up to |r|≈0.91). It is a lot."
    )
    assert links(parsed, 1) == [("paper", "Paper", "https://arxiv.org/abs/2508.00001")]


def test_escapes_are_undone() -> None:
    parsed = sample("texts")
    assert titles(parsed)[1] == "Questions & Answers"
    assert summary(parsed, 2) == "holds ~300 of them, and a | bar that is escaped."


def test_bullets_stand_on_lines_of_their_own() -> None:
    assert summary(sample("texts"), 3) == (
        "does three things:\n● It reads.\n● It writes.\n● It rests.\nThat is all."
    )


def test_other_tags_are_text() -> None:
    assert summary(sample("texts"), 4) == (
        "adds a <pause> token, a <RET> token and a </think> token; the <thinktags, boxed answers "
        "are kept, as is 1 < 2 &amp; so on."
    )


def test_emphasis_is_markup_and_other_stars_are_text() -> None:
    assert summary(sample("texts"), 5) == (
        "shows why A* search and O*NET and __str__ are not the same."
    )


def test_a_link_inside_a_summary_names_the_paper_where_no_other_does() -> None:
    parsed = sample("texts")
    paper = papers(parsed)[5]
    assert summary(parsed, 6) == "LinkInside is a tool; f[i](x) is a call."
    assert (paper.key, paper.aliases) == ("arxiv:2508.00006", ("x:1900000000000000006",))
    assert [link.kind for link in paper.links] == ["post", "paper"]


def test_a_link_inside_a_summary_does_not_rename_the_paper() -> None:
    paper = papers(sample("texts"))[6]
    assert paper.key == "url:example.org/beside.pdf"
    assert [link.url for link in paper.links] == [
        "https://example.org/beside.pdf",
        "https://arxiv.org/abs/2401.00007",
    ]


def test_links_without_separators_are_all_found() -> None:
    assert links(sample("links"), 1) == [
        ("paper", "Paper", "https://arxiv.org/abs/2512.00001"),
        ("project", "Project", "https://example.org/one"),
        ("code", "Code", "https://github.com/example/one"),
    ]


def test_an_empty_link_and_stray_marks_cost_nothing() -> None:
    parsed = sample("links")
    assert links(parsed, 2) == [("paper", "Paper", "https://arxiv.org/abs/2512.00002")]
    assert links(parsed, 3) == [
        ("paper", "Paper", "https://arxiv.org/abs/2512.00003"),
        ("post", "Tweet", "https://x.com/example/status/2000000000000000003"),
    ]
    assert not [problem for problem in parsed.problems if problem.line in {5, 6}]


def test_labels_stay_as_they_stand() -> None:
    assert [(kind, label) for kind, label, _ in links(sample("links"), 4)] == [
        ("paper", "System Card"),
        ("paper", "Technical Report"),
        ("paper", "Paper 1"),
        ("paper", "Paper 2"),
        ("blog", "Blog"),
        ("book", "Book"),
    ]


def test_a_paper_that_was_only_announced_is_known_by_its_post() -> None:
    assert papers(sample("links"))[4].key == "x:2000000000000000005"


def test_the_address_decides_where_the_label_is_wrong() -> None:
    parsed = sample("links")
    assert [kind for kind, _, _ in links(parsed, 6)] == ["paper", "post"]
    assert papers(parsed)[5].key == "arxiv:2512.00006"


def test_an_address_may_hold_parentheses() -> None:
    assert [url for _, _, url in links(sample("links"), 7)] == [
        "https://www.cell.com/cell/fulltext/S0092-8674(25)00007-1",
        "https://x.com/example/status/2000000000000000007",
    ]


def test_a_link_that_is_not_closed_does_not_swallow_the_next() -> None:
    assert [url for _, _, url in links(sample("links"), 8)] == [
        "https://arxiv.org/abs/2512.00008",
        "https://x.com/example/status/2000000000000000008",
    ]


def test_a_bare_address_is_a_link() -> None:
    parsed = sample("links")
    assert sorted(links(parsed, 9)) == [
        ("code", "Code", "https://github.com/example/nine"),
        ("paper", "", "https://arxiv.org/abs/2512.00009"),
    ]


def test_unsafe_links_and_odd_words_are_left_out_aloud() -> None:
    parsed = sample("links")
    assert links(parsed, 10) == [("paper", "Paper", "https://arxiv.org/abs/2512.00010")]
    assert summary(parsed, 10) == "is best not clicked."
    assert papers(parsed)[10].key == "title:unlinked"
    assert [(problem.line, problem.lost, problem.message) for problem in parsed.problems] == [
        (13, True, "the link 'javascript:alert(2)' is no plain web address; it was left out."),
        (13, True, "the link 'javascript:alert(1)' is no plain web address; it was left out."),
        (14, False, "the row has no link; the paper is known by its title alone."),
        (15, True, "', code will follow' beside the links was left out."),
    ]


def test_a_last_link_that_is_cut_inside_a_closed_row_is_a_guess() -> None:
    parsed = parse(
        "## Top AI Papers of the Week (May 1-7) - 2023\n"
        "| 1) **A** - b | [Paper](https://arxiv.org/abs/2305.00001 |"
    )
    assert papers(parsed)[0].key == "arxiv:2305.00001"
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(2, False)]


def test_a_number_that_stands_twice_loses_no_row() -> None:
    parsed = sample("positions")
    assert [(entry.position, entry.paper.titles["en"]) for entry in parsed.issues[0].entries] == [
        (1, "First"),
        (2, "Second"),
        (3, "AlsoSecond"),
        (4, "NoNumber"),
        (5, "Fifth"),
    ]
    (problem,) = parsed.problems
    assert (problem.line, problem.lost, problem.week) == (6, False, Week(2024, 33))


def test_a_paper_may_stand_twice_in_a_week() -> None:
    entries = sample("positions").issues[0].entries
    assert entries[0].paper.key == entries[4].paper.key == "arxiv:2408.00001"


def test_what_cannot_be_used_is_named_by_its_line_and_costs_nothing_else() -> None:
    parsed = sample("lost")
    assert titles(parsed) == ["Survivor", "Whole"]
    assert [(problem.line, problem.lost, str(problem.week)) for problem in parsed.problems] == [
        (1, True, "None"),
        (7, True, "2024-W08"),
        (9, True, "None"),
        (12, True, "None"),
        (14, True, "None"),
        (17, True, "None"),
        (19, False, "None"),
        (22, True, "None"),
        (28, True, "2024-W01"),
    ]


@pytest.mark.parametrize("ending", ["half a sum", "s | [Pap", "s | [Paper]", "s | [Paper](https:"])
def test_a_row_that_breaks_off_is_lost_aloud(ending: str) -> None:
    parsed = parse(f"## Top AI Papers of the Week (May 1-7) - 2023\n| 1) **A** - {ending}")
    assert parsed.issues == ()
    assert [(problem.line, problem.lost) for problem in parsed.problems] == [(2, True)]


def test_line_ends_of_other_systems_change_nothing() -> None:
    text = (FILES / "dair-texts.md").read_text(encoding="utf-8")
    assert parse("\ufeff" + text.replace("\n", "\r\n")) == parse(text)


@given(st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map("".join))
def test_nothing_raises_and_no_row_is_lost_in_silence(text: str) -> None:
    parsed = parse(text, "dair.md")
    entries = len(papers(parsed))
    lost = {problem.line for problem in parsed.problems if problem.lost}
    rows = [number for number, line in enumerate(text.split("\n"), 1) if PROBABLE.match(line)]
    assert len(rows) <= entries + len(lost)
    assert parse(text, "dair.md") == parsed
    looks_like(text)
    for issue in parsed.issues:
        positions = [entry.position for entry in issue.entries]
        assert positions == sorted(set(positions))
        assert issue.start <= issue.end
    assert all(title.strip() for title in titles(parsed))
    assert len({issue.week for issue in parsed.issues}) == len(parsed.issues)


@pytest.mark.long
@pytest.mark.parametrize(
    "noise",
    ["|", "[", "*", "(", "[a](", "[a](((", "\\", " ", "<br", "**a", " -", "](", "1) ", "#",
     '[a](b "', "https://", "May 1 - ", "| 1) **a", "*a", "\u00a0"],
)  # fmt: skip
def test_a_million_marks_take_no_more_than_their_share(noise: str) -> None:
    flood = noise * (1_000_000 // len(noise))
    heading = "## Top AI Papers of the Week (May 1-7) - 2023\n"
    parse(flood)
    looks_like(flood)
    parse(heading + flood)
    parse(f"{heading}| 1) **A** - b {flood} | [Paper](https://arxiv.org/abs/2305.00001) |")
    parse(f"{heading}| 1) **A** - b | [Paper](https://arxiv.org/abs/2305.00001), {flood} |")
    parse(f"## Top AI Papers of the Week {flood}\n| 1) **A** - b | |")


def test_countless_rows_of_one_number_are_all_kept() -> None:
    heading = "## Top AI Papers of the Week (May 1-7) - 2023\n"
    parsed = parse(heading + "| 1) **A** - b | [Paper](https://example.org/a) |\n" * 20_000)
    assert [entry.position for entry in parsed.issues[0].entries] == [*range(1, 20_001)]


# The real lists, where they are at hand.


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


HEADING = "## Top AI Papers of the Week (June 21 - June 28) - 2026\n"
TABLE = HEADING + "| **Paper** | **Links** |\n| --- | --- |\n"


def row(line: str) -> Paper:
    (paper,) = papers(parse(TABLE + line))
    return paper


@pytest.mark.parametrize(
    ("cell", "url"),
    [
        (r"[Paper](https://a.example/x\_y\_z)", "https://a.example/x_y_z"),
        ("[Paper]((https://a.example/x)", "https://a.example/x"),
        ("[Paper]((https://a.example/x))", "https://a.example/x"),
        ("[Paper](https://arxiv.org/abs/2606.00001.)", "https://arxiv.org/abs/2606.00001"),
        ("[Paper](arxiv.org/abs/2606.00001)", "https://arxiv.org/abs/2606.00001"),
        ("[Paper](//arxiv.org/abs/2606.00001)", "https://arxiv.org/abs/2606.00001"),
        ("[Paper](https://a.example/?x=1&amp;y=2)", "https://a.example/?x=1&y=2"),
        ("[Paper](https://a.example/a(b))", "https://a.example/a(b)"),
    ],
)
def test_slips_in_addresses_are_mended(cell: str, url: str) -> None:
    assert [link.url for link in row(f"| 1) **A** - b | {cell} |").links] == [url]


@pytest.mark.parametrize(
    ("text", "title", "summary"),
    [
        ("**5).**  **Giraffe** - reads long texts", "Giraffe", "reads long texts"),
        ("**8).**  **AnomalyGPT -** an approach", "AnomalyGPT", "an approach"),
        ("**9). T** - x", "T", "x"),
        ("5)\u00a0**Giraffe**\u00a0- reads", "Giraffe", "reads"),
        ("5) **A\\_b** - c\\_d", "A_b", "c_d"),
    ],
)
def test_numbers_in_stars_and_hard_blanks_are_read(text: str, title: str, summary: str) -> None:
    paper = row(f"| {text} | [Paper](https://a.example/x) |")

    assert (paper.titles, paper.summaries) == ({"en": title}, {"en": summary})


def test_hard_blanks_make_no_papers_of_a_header() -> None:
    table = (
        HEADING
        + "|\u00a0**Paper**\u00a0|\u00a0**Links**\u00a0|\n|\u00a0----\u00a0|\u00a0---\u00a0|\n"
    )
    parsed = parse(table + "| 1) **A** - b | [Paper](https://a.example/x) |")

    assert titles(parsed) == ["A"]


def test_a_table_of_other_columns_is_no_papers_and_is_told() -> None:
    other = "\n| Title | Why | Link |\n|---|---|---|\n| B | fine | [Link](https://b.example/x) |\n"
    parsed = parse(TABLE + "| 1) **A** - b | [Paper](https://a.example/x) |\n" + other)

    assert titles(parsed) == ["A"]
    assert [p.message for p in parsed.problems] == [
        "a table of other columns (Title, Why, Link) was left out."
    ]


@pytest.mark.parametrize("mark", ["～", "∼", "〜", "–", "-", "~"])  # noqa: RUF001
def test_every_sign_between_two_days_is_read(mark: str) -> None:
    heading = HEADING.replace(" - June", f" {mark} June")
    (issue,) = parse(heading + "| 1) **A** - b | [Paper](https://a.example/x) |").issues
    assert (issue.start, issue.end) == (date(2026, 6, 21), date(2026, 6, 28))
    assert has_dates(f"[2023/10/09 {mark} 10/15] 이번 주의 논문")
