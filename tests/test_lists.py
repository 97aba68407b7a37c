"""Other people's lists are imported: ids, tables, references, Markdown, daily papers."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.commands.context import Context
from bot.model.papers import Entry, Issue, MetadataProvider, ParseResult, Record
from bot.model.weeks import Week
from bot.ports.archive import SeriesPreference
from bot.sources.importer import save_parsed
from bot.sources.parsers.detect import parse_source
from bot.sources.parsers.errors import UnreadableSource
from storage.store import ArchiveStore
from tests.command_line import CommandLine

WEEK = Week(2026, 26)
RING = "arxiv:2310.01889"
FIRE = "arxiv:2310.05915"


def read(text: str, name: str = "", week: Week | None = WEEK) -> ParseResult:
    return parse_source(text.encode(), name, "ours", week)


def only(parsed: ParseResult) -> Issue:
    (issue,) = parsed.issues
    return issue


def keys(parsed: ParseResult) -> list[str]:
    return [entry.paper.key for entry in only(parsed).entries]


def first(parsed: ParseResult) -> Entry:
    return only(parsed).entries[0]


@pytest.mark.parametrize(
    "line",
    [
        "2310.01889",
        "2310.01889v3",
        "arXiv:2310.01889",
        "https://arxiv.org/abs/2310.01889",
        "https://arxiv.org/pdf/2310.01889v2.pdf",
        "https://huggingface.co/papers/2310.01889",
        "- 2310.01889",
        "1. https://arxiv.org/abs/2310.01889",
        "10.48550/arXiv.2310.01889",
        "2310.01889 Ring Attention",
        "Ring Attention, https://arxiv.org/abs/2310.01889",
        "https://arxiv.org/abs/2310.01889를",
        "2310.01889를",
    ],
)
def test_a_list_of_ids_or_addresses_is_read(line: str) -> None:
    parsed = read(f"# read together\n{line}\n\n2310.05915\n")

    assert keys(parsed) == [RING, FIRE]
    assert (only(parsed).series, only(parsed).week) == ("ours", WEEK)
    assert (only(parsed).start, only(parsed).end) == (date(2026, 6, 22), date(2026, 6, 28))
    assert first(parsed).paper.titles in ({}, {"en": "Ring Attention"})
    assert [link.kind for link in first(parsed).paper.links] in (["paper"], ["pdf"])


def test_several_ids_in_a_line_are_papers_and_what_is_no_title_is_left_out() -> None:
    parsed = read(
        "2310.01889, 2310.05915\narXiv:2606.00002v3 [cs.CL]\n- 2606.00003。\n2606.00004를\n"
        "2606.00005 A Title https://github.com/a/b\n"
    )

    numbers = ("00002", "00003", "00004", "00005")
    assert keys(parsed) == [RING, FIRE, *(f"arxiv:2606.{number}" for number in numbers)]
    titles = [entry.paper.titles for entry in only(parsed).entries]
    assert titles == [{}, {}, {}, {}, {}, {"en": "A Title"}]


def test_json_of_another_kind_is_refused_and_an_item_without_type_costs_no_other() -> None:
    item = {"type": "article", "title": "Ring Attention", "DOI": "10.48550/arXiv.2310.01889"}
    assert keys(read(json.dumps([item, {"title": "FireAct"}]), "a.json")) == [
        RING,
        "title:fireact",
    ]
    with pytest.raises(UnreadableSource, match="neither a list of references nor"):
        read('[{"name": "x", "url": "https://arxiv.org/abs/2310.01889"}]', "a.json")


def test_ris_records_of_one_blank_and_links_to_files_are_read() -> None:
    parsed = read(
        "TY  - CONF\nTI  - FireAct\nAB  - Long\nAI-made texts.\nLK  - arxiv.org/abs/2310.05915\n"
        "TY - JOUR\nT1 - Ring Attention\nL1 - https://arxiv.org/pdf/2310.01889\nER -\n",
        "refs.ris",
    )

    assert keys(parsed) == [FIRE, RING]
    assert first(parsed).paper.abstracts == {"en": "Long AI-made texts."}


def test_a_cell_may_hold_a_link_of_markdown() -> None:
    parsed = read(
        "Paper\tWhy\n[Ring Attention](https://arxiv.org/abs/2310.01889)\tgood\n", "a.tsv"
    )

    assert keys(parsed) == [RING]
    assert first(parsed).paper.titles == {"en": "Ring Attention"}


def test_a_line_that_names_no_paper_is_told_with_what_is_understood() -> None:
    parsed = read("2310.01889\n2310.05915\nask Kim\n2310.00001")

    assert [(p.line, p.lost) for p in parsed.problems] == [(3, True)]
    assert "“ask Kim” names no paper; lines look like: 2310.01889 | https" in (
        parsed.problems[0].message
    )
    assert len(only(parsed).entries) == 3


def test_a_list_needs_a_series_and_a_week() -> None:
    with pytest.raises(UnreadableSource, match="--series ours"):
        parse_source(b"2310.01889", "", None, WEEK)
    with pytest.raises(UnreadableSource, match="--week 2026-W26"):
        read("2310.01889", week=None)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_with_named_columns_is_read(delimiter: str) -> None:
    lines = [
        ["Title", "URL", "Code", "Why", "Tags", "Week", "Votes"],
        ["Ring Attention", "2310.01889", "https://github.com/a/ring", '"Long, long texts."',
         '"LLM / long context"', "2026-W26", "3"],
        ["FireAct", "https://arxiv.org/abs/2310.05915", "", "", "", "2026-06-15", "1"],
        ["", "", "", "nothing", "", "", ""],
        ["Odd", "2310.00001", "", "", "", "soon", ""],
    ]  # fmt: skip
    text = "\ufeff" + "\n".join(delimiter.join(cells) for cells in lines)
    parsed = read(text, "ours.csv")

    new, old = parsed.issues
    assert (new.week, old.week) == (WEEK, Week(2026, 25))
    paper = new.entries[0].paper
    assert (paper.key, paper.titles) == (RING, {"en": "Ring Attention"})
    assert (paper.summaries, paper.tags) == ({"en": "Long, long texts."}, ("llm", "long-context"))
    assert [link.kind for link in paper.links] == ["paper", "code"]
    assert [(p.line, p.message[:24]) for p in parsed.problems] == [
        (1, "columns that are not rea"),
        (4, "this row has no title an"),
        (5, "“soon” is no day or week"),
    ]


def test_a_korean_table_is_read() -> None:
    parsed = read("제목,링크,요약\n고리 어텐션,2310.01889,긴 글을 나눕니다\n")

    assert first(parsed).paper.titles == {"ko": "고리 어텐션"}
    assert first(parsed).paper.summaries == {"ko": "긴 글을 나눕니다"}


def test_bibtex_is_read_and_a_damaged_entry_costs_itself() -> None:
    text = r"""
@article{liu2023, title = {{Ring} Attention and a Caf\'e}, author = {Liu, Hao},
  eprint = {2310.01889}, archivePrefix = {arXiv}, abstract = {Long texts.}, keywords = {LLM, Ring}}
@misc{broken, title = {x
@inproceedings{chen, title = {FireAct}, doi = {10.48550/arXiv.2310.05915}}
@misc{empty, author = {Nobody}}
"""
    parsed = read(text, "refs.bib")

    assert keys(parsed) == [RING, FIRE]
    paper = first(parsed).paper
    assert paper.titles == {"en": "Ring Attention and a Café"}
    assert (paper.abstracts, paper.tags) == ({"en": "Long texts."}, ("llm", "ring"))
    assert {(p.line, p.message[:9]) for p in parsed.problems} == {
        (4, "this BibT"),
        (6, "the entry"),
    }


@pytest.mark.parametrize(
    "field",
    [
        "journal = {arXiv preprint arXiv:2310.01889}",
        "eprint = {arXiv:2310.01889}, archivePrefix = {arXiv}",
        "eprint = {https://arxiv.org/pdf/2310.01889}",
        r"howpublished = {\url{https://arxiv.org/abs/2310.01889}}",
    ],
)
def test_bibtex_names_a_paper_in_many_fields(field: str) -> None:
    assert keys(read(f"@article{{a, title = {{Ring Attention}}, {field}}}", "refs.bib")) == [RING]


def test_an_eprint_of_another_archive_is_no_id_of_arxiv() -> None:
    text = "@misc{a, title = {Ring}, eprint = {2310.01889}, archivePrefix = {HAL}}"

    assert keys(read(text, "refs.bib")) == ["title:ring"]


def test_two_papers_under_one_key_of_bibtex_are_both_read_in_order() -> None:
    text = (
        "@misc{a, eprint = {2310.01889}}\n@misc{a, eprint = {2310.05915}}\n@misc{b, title = {B}}"
    )

    parsed = read(text, "refs.bib")

    assert keys(parsed) == [RING, FIRE, "title:b"]
    assert parsed.problems == ()


def test_ris_is_read() -> None:
    text = (
        "TY  - JOUR\nTI  - Ring Attention\nUR  - https://arxiv.org/abs/2310.01889\n"
        "AB  - Long texts.\nKW  - LLM\nER  - \n\nTY  - CONF\nT1  - FireAct\n"
        "DO  - 10.48550/arXiv.2310.05915\nER  - \n\nTY  - BOOK\nAU  - X\nER  - \n"
    )
    parsed = read(text, "refs.ris")

    assert keys(parsed) == [RING, FIRE]
    assert first(parsed).paper.abstracts == {"en": "Long texts."}
    assert [p.message for p in parsed.problems] == ["record 3 has no title and no address."]


def test_records_of_ris_without_an_end_or_with_blank_lines_cost_no_other() -> None:
    parsed = read(
        "TY  - JOUR\n\nTI  - Ring Attention\nAB  - Long\n texts.\nJO  - arXiv:2310.01889\n"
        "TY  - JOUR\n\nstray\nAU  - X\nER  - \n"
        "TY  - CONF\n\nT1  - FireAct\nN2  - Agents.\nDO  - 10.48550/arXiv.2310.05915",
        "refs.ris",
    )

    assert keys(parsed) == [RING, FIRE]
    assert [entry.paper.abstracts for entry in only(parsed).entries] == [
        {"en": "Long texts."}, {"en": "Agents."},
    ]  # fmt: skip
    assert [p.message for p in parsed.problems] == ["record 2 has no title and no address."]


def test_csl_json_of_zotero_is_read() -> None:
    items = [
        {"id": "a", "type": "article", "title": "Ring Attention", "abstract": "Long texts.",
         "URL": "http://arxiv.org/abs/2310.01889", "number": "arXiv:2310.01889"},
        {"id": "b", "type": "paper-conference", "title": "FireAct",
         "DOI": "10.48550/arXiv.2310.05915"},
        {"id": "c", "type": "webpage"},
    ]  # fmt: skip
    parsed = read(json.dumps(items), "zotero.json")

    assert keys(parsed) == [RING, FIRE]
    assert first(parsed).paper.titles == {"en": "Ring Attention"}
    assert [p.message for p in parsed.problems] == ["record 3 has no title and no address."]


def test_daily_papers_of_hugging_face_are_gathered_into_weeks() -> None:
    items = [
        {"paper": {"id": "2310.01889", "title": "Ring\n Attention", "summary": "Long texts.",
                   "githubRepo": "https://github.com/a/ring"},
         "publishedAt": "2026-06-22T00:00:00.000Z"},
        {"paper": {"id": "2310.05915", "title": "FireAct",
                   "submittedOnDailyAt": "2026-06-21T00:00:00.000Z"}},
        {"paper": {"id": "?"}},
        {"paper": {}},
    ]  # fmt: skip
    parsed = read(json.dumps(items), "daily.json", week=None)

    assert [issue.week for issue in parsed.issues] == [WEEK, Week(2026, 25)]
    paper = parsed.issues[0].entries[0].paper
    assert (paper.titles, paper.abstracts) == ({"en": "Ring Attention"}, {"en": "Long texts."})
    assert [link.kind for link in paper.links] == ["paper", "code"]
    assert [p.message for p in parsed.problems] == [
        "item 3: “?” is no arXiv id.",
        "item 4: “” is no arXiv id.",
    ]


@pytest.mark.parametrize(
    ("item", "title", "summary"),
    [
        ("[Ring Attention](https://arxiv.org/abs/2310.01889)", "Ring Attention", ""),
        ("[Ring Attention](https://arxiv.org/abs/2310.01889): long texts", "Ring Attention",
         "long texts"),
        ("**Ring Attention** - long texts [Paper](https://arxiv.org/abs/2310.01889)",
         "Ring Attention", "long texts"),
        ("**Ring Attention** - long texts [PDF](arxiv.org/abs/2310.01889), [Code](github.com/a/b)",
         "Ring Attention", "long texts"),
        ("**Ring Attention** - long texts ([X](x.com/a/status/1),[PDF](arxiv.org/abs/2310.01889))",
         "Ring Attention", "long texts"),
        ("Ring Attention — long texts (https://arxiv.org/abs/2310.01889)", "Ring Attention",
         "long texts"),
        ("Ring Attention https://arxiv.org/abs/2310.01889", "Ring Attention", ""),
        ("[**Ring Attention**](arxiv.org/abs/2310.01889) - long texts", "Ring Attention",
         "long texts"),
        ("Ring Attention\n  - https://arxiv.org/abs/2310.01889\n  - long texts",
         "Ring Attention", "long texts"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mark", ["-", "*", "1."])
def test_markdown_lists_are_read(item: str, title: str, summary: str, mark: str) -> None:
    text = f"# Reading\n\nHello.\n\n{mark} " + item.replace("\n  ", "\n   ")
    parsed = read(text, "list.md")

    paper = first(parsed).paper
    assert (paper.key, paper.titles) == (RING, {"en": title})
    assert paper.summaries == ({"en": summary} if summary else {})
    assert parsed.problems == ()


def test_markdown_tables_of_any_columns_are_read() -> None:
    text = (
        "| # | Title | Why | Link |\n|---|---|---|---|\n"
        "| 1 | Ring Attention | long `a|b` texts | [arXiv](https://arxiv.org/abs/2310.01889) |\n"
        "| 2 | [FireAct](https://arxiv.org/abs/2310.05915) | agents | |\n| 3 | | | |\n"
    ).replace("a|b", r"a\|b")
    parsed = read(text, "list.md")

    assert keys(parsed) == [RING, FIRE]
    assert first(parsed).paper.summaries == {"en": "long a|b texts"}
    assert [(p.line, p.message[:11]) for p in parsed.problems] == [(5, "this row ha")]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("## Our lab's papers of the week (June 22 - June 28) - 2026", "list.md"),
        ("## Our lab's papers of the week (June 22 - 28)", "2026.md"),
        ("### 2026-W26", "list.md"),
        ("## 우리 랩 논문 [2026/06/22 ~ 06/28]", "list.md"),
        ("## 2026년 6월 22일 ~ 28일", "list.md"),
        ("# 2026.06.22 모임", "list.md"),
    ],
)
def test_weekly_headings_of_others_date_what_follows(heading: str, name: str) -> None:
    text = f"{heading}\n\n- [Ring Attention](https://arxiv.org/abs/2310.01889)\n"
    parsed = read(text, name, week=None)

    assert only(parsed).week == WEEK
    assert next(iter(only(parsed).titles.values())) == heading.strip("# ")


def test_an_unknown_file_is_told_the_three_nearest_forms() -> None:
    with pytest.raises(UnreadableSource, match=r"no known format\. Nearest are: .*;.*;.*\.") as it:
        read("TY - JOUR\nTI - x\nAU - y\n", "x.txt")
    assert "RIS, such as TY  - JOUR" in str(it.value)


async def test_the_title_of_a_listed_id_is_that_of_its_record(
    context: Context, store: ArchiveStore
) -> None:
    await save_parsed(store, context.vocabulary, read("2310.01889"))
    record = Record(MetadataProvider.ARXIV, title="Ring Attention", abstract="Long texts.")
    await store.save_records({"2310.01889": record}, datetime(2026, 7, 1, tzinfo=UTC))

    found = await store.find_issue(WEEK, date(2026, 7, 1), SeriesPreference(only="ours"))
    assert found.issue
    assert found.issue.entries[0].paper.titles == {"en": "Ring Attention"}


def test_a_list_is_imported_by_the_command_line(tmp_path: Path) -> None:
    command_line = CommandLine(tmp_path)
    (tmp_path / "ours.txt").write_text("2310.01889\nfoo\n", encoding="utf-8")
    path = str(tmp_path / "ours.txt")

    code, out, beside = command_line("import", path, "--series", "ours", "--week", "2026-W26")

    assert (code, "papers 1" in out) == (3, True)
    assert "ours.txt:2: “foo” names no paper" in beside
    code, _, beside = command_line("import", path, "--series", "ours", "--week", "soon")
    assert (code, "'soon' is no week" in beside) == (2, True)
