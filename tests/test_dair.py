"""The DAIR list, in every layout and with all the damage that its history has shown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.papers import Link, Paper, ParseResult
from bot.model.weeks import Week
from bot.sources.parsers.dair.document import looks_like, parse
from tests.dair_results import HEADING, TABLE, papers, sample, titles
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


def summary(parsed: ParseResult, place: int) -> str:
    return papers(parsed)[place - 1].summaries.get("en", "")


def links(parsed: ParseResult, place: int) -> list[tuple[str, str, str]]:
    return [(link.kind, link.label, link.url) for link in papers(parsed)[place - 1].links]


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
