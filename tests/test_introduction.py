"""A week without an introduction is introduced by what was counted, and every number is true."""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.console.render import render_text
from bot.cards.digest import digest_card
from bot.cards.issues import issue_card
from bot.cards.locale import Locale
from bot.cards.week_statistics import introduction
from bot.commands.context import Context
from bot.digests.deliveries import filter_by_tags
from bot.digests.layouts import DigestPart, MessageKind
from bot.model.card import Card, Divider, Paragraph
from bot.model.papers import Issue, IssueStats, Paper, TagCount
from bot.ports.archive import SeriesPreference
from config import catalogues
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests.samples import FIREACT, MONDAY, RING, UNISIM, issue
from tests.test_answers import ask, buttons, text

ON_BOTH_DATABASES = True

CATALOGUES = catalogues.load()
TAGS = ("agents", "llm", "rag", "survey-paper", "vision")
WEEK = timedelta(days=7)


def numbered(number: int, *tags: str) -> Paper:
    return Paper(f"arxiv:2310.{number:05}", titles={"en": f"Paper {number}"}, tags=tags)


COUNTS = IssueStats(
    papers=10,
    seen_before=2,
    tags=(TagCount("agents", 5, 4), TagCount("survey-paper", 3, 1), TagCount("rag", 2, 7)),
    new_tags=("world-models",),
    compared_issues=4,
    earlier_issues=90,
)


def counted(counts: IssueStats | None, *tags: str) -> Issue:
    """Return an issue of papers with these tags, a word each."""
    papers = [numbered(number, *each.split()) for number, each in enumerate(tags, start=1)]
    return replace(issue(papers), counts=counts)


FIVE_AGENTS = ("agents rag", "agents survey-paper", "agents", "agents", "agents rag")


def test_papers_are_named_by_their_subjects_in_both_languages() -> None:
    given = counted(COUNTS, *FIVE_AGENTS, "survey-paper", "survey-paper")

    assert introduction(CATALOGUES, given) == {
        "en": "#agents: 5 of 10 papers, usually 1; among them “Paper 1” and “Paper 2”. "
        "#rag: “Paper 5” and “Paper 1”. "
        "Surveys: “Paper 2”, “Paper 6”, and “Paper 7”. "
        "For the first time in this list: #world-models. "
        "2 of the papers were in an earlier issue already.",
        "ko": "#agents: 논문 10편 가운데 5편(보통 1편), “Paper 1” 및 “Paper 2” 등. "
        "#rag: “Paper 5” 및 “Paper 1”. "
        "서베이 논문: “Paper 2”, “Paper 6” 및 “Paper 7”. "
        "이 목록에 처음 나온 주제: #world-models. "
        "논문 가운데 2편은 앞서 실린 적이 있습니다.",
    }


def test_what_is_always_true_is_left_out() -> None:
    few = IssueStats(10, 1, (TagCount("survey-paper", 1, 0), TagCount("rag", 2, 1)), (), 1, 1)
    none = replace(COUNTS, tags=(), new_tags=(), seen_before=0)

    assert introduction(CATALOGUES, counted(few, "rag", "rag", "survey-paper"))["en"] == (
        "#rag: “Paper 1” and “Paper 2”. Survey: “Paper 3”. "
        "1 of the papers was in an earlier issue already."
    )
    assert introduction(CATALOGUES, counted(none, "rag")) == {}


def test_a_first_issue_is_compared_with_nothing_and_a_lone_paper_is_not_introduced() -> None:
    first = replace(COUNTS, compared_issues=0, earlier_issues=0, seen_before=0)

    assert introduction(CATALOGUES, counted(first, *FIVE_AGENTS))["en"] == (
        "#agents: 5 of 10 papers, among them “Paper 1” and “Paper 2”. "
        "#rag: “Paper 5” and “Paper 1”. Survey: “Paper 2”."
    )
    assert introduction(CATALOGUES, counted(replace(COUNTS, papers=1), *FIVE_AGENTS)) == {}
    assert introduction(CATALOGUES, counted(None, *FIVE_AGENTS)) == {}


def test_many_surveys_are_counted() -> None:
    given = counted(COUNTS, *["survey-paper"] * 4)

    assert (
        "4 surveys, among them “Paper 1”, “Paper 2”, and “Paper 3”."
        in (introduction(CATALOGUES, given)["en"])
    )


WEEKS = st.lists(
    st.tuples(st.integers(0, 12), st.lists(st.integers(1, 25), min_size=1, max_size=8)),
    min_size=1,
    max_size=8,
    unique_by=lambda week: week[0],
)
OF_PAPERS = st.lists(st.frozensets(st.sampled_from(TAGS), max_size=4), min_size=25, max_size=25)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive to make copies of, as making one takes a while."""
    path = tmp_path_factory.mktemp("empty") / "a.sqlite3"
    SqliteDatabase(path).prepare()
    return path


@pytest.mark.long
@settings(max_examples=25)
@given(weeks=WEEKS, tags=OF_PAPERS)
async def test_every_number_is_true(
    empty: Path, weeks: list[tuple[int, list[int]]], tags: list[frozenset[str]]
) -> None:
    papers = [numbered(number + 1, *sorted(each)) for number, each in enumerate(tags)]
    issues = [
        issue([papers[n - 1] for n in numbers], MONDAY + week * WEEK) for week, numbers in weeks
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite3"
        shutil.copy(empty, path)
        store = ArchiveStore.open(path)
        await store.save(issues)
        for each in issues:
            found = (await store.find_issue(each.start, each.start, SeriesPreference())).issue
            assert found is not None
            assert found.counts is not None
            assert found.counts == recounted(each, issues)
            check(found, introduction(CATALOGUES, found).get("en", ""), each, issues)
        await store.close()


def recounted(given: Issue, issues: Sequence[Issue]) -> IssueStats:
    """Count anew, without a database."""
    earlier = [each for each in issues if each.start < given.start]
    near = [each for each in earlier if given.start - each.start <= 4 * WEEK]
    now, before = tagged([given]), tagged(near)
    seen = {entry.paper.key for each in earlier for entry in each.entries}
    own = {entry.paper.key for entry in given.entries}
    ordered = sorted(now, key=lambda tag: (-now[tag], tag))
    return IssueStats(
        papers=len(own),
        seen_before=len(own & seen),
        tags=tuple(TagCount(tag, now[tag], before[tag]) for tag in ordered),
        new_tags=tuple(tag for tag in ordered if not tagged(earlier)[tag]),
        compared_issues=len(near),
        earlier_issues=len(earlier),
    )


def tagged(issues: Sequence[Issue]) -> Counter[str]:
    papers = {entry.paper.key: entry.paper for each in issues for entry in each.entries}
    return Counter(tag for paper in papers.values() for tag in paper.tags)


def check(found: Issue, said: str, given: Issue, issues: Sequence[Issue]) -> None:
    """Fail where a sentence is not true of the issues themselves."""
    counts = found.counts
    assert counts is not None
    if counts.papers < 2:
        assert said == ""
        return
    now = tagged([given])
    tags = {entry.paper.titles["en"]: entry.paper.tags for entry in given.entries}
    near = [each for each in issues if timedelta() < given.start - each.start <= 4 * WEEK]
    for tag, number, total, usual in re.findall(
        r"#([\w-]+): (\d+) of (\d+) papers, (?:usually (\d+); )?among", said
    ):
        assert (now[tag], counts.papers) == (int(number), int(total))
        assert round(tagged(near)[tag] / max(len(near), 1)) == int(usual or 0)
    for tag, names in re.findall(r"#([\w-]+): (?:[^“]*among them )?(“[^.]*)\.", said):
        assert all(tag in tags[name] for name in re.findall("“([^”]+)”", names))
    surveys = re.search(r"Surveys?: ([^.]*)\.", said)
    if surveys:
        names = re.findall("“([^”]+)”", surveys[1])
        assert set(names) == {name for name, own in tags.items() if "survey-paper" in own}
    assert bool(surveys or "surveys, among" in said) == bool(now["survey-paper"])


async def test_a_week_without_an_introduction_shows_what_was_counted(context: Context) -> None:
    agent = replace(UNISIM, tags=("agents",))
    await context.archive.save([issue([FIREACT], MONDAY - WEEK), issue([RING, agent, FIREACT])])

    shown = [
        " ".join(text(await ask(context, f"/{query}", choice)).split())
        for query in ("week 2023-10-09", "introduction 2023-W41 dair")
        for choice in ("en", "ko", "both")
    ]
    english, korean, both = shown[3:]

    assert "#agents: “UniSim” and “FireAct”." in shown[0]
    assert "Counted" not in shown[0]
    assert "#agents: “UniSim” and “FireAct”." in english
    assert "1 of the papers was in an earlier issue already." in english
    assert "Counted from the archive by Paperboy; nobody wrote it." in english
    assert "논문 가운데 1편은 앞서 실린 적이 있습니다." in korean
    assert "사람이 쓴 글이 아닙니다" in korean
    assert both.index("앞서 실린 적이") < both.index("was in an earlier issue")


_LONG = "Models write code, prove theorems and fold proteins; this week tells how. " * 20
_LONG_KOREAN = "모델이 코드를 쓰고 정리를 증명하고 단백질을 접습니다. " * 30


@pytest.mark.parametrize(
    ("intros", "choice"),
    [
        ({"en": _LONG}, "en"),
        ({"ko": _LONG_KOREAN}, "ko"),
        ({"en": _LONG, "ko": _LONG_KOREAN}, "both"),
        ({"en": "● One.\n● Two.\n\n" + _LONG}, "ko"),
    ],
)
async def test_an_introduction_takes_three_lines_and_the_rest_is_behind_a_button(
    context: Context, intros: dict[str, str], choice: str
) -> None:
    await context.archive.save([issue(intros=intros)])
    reply = await ask(context, "/week 2023-10-09", choice)
    assert isinstance(reply.content, Card)
    _label, teaser, divider, *_ = reply.content.blocks
    assert isinstance(teaser, Paragraph)
    assert isinstance(divider, Divider)
    shown = teaser.runs[0].text
    columns = sum(2 if "가" <= char <= "힣" else 1 for char in shown)
    assert columns <= 3 * 42
    assert shown.endswith("…")
    assert "\n" not in shown

    label = {"ko": "소개 글", "en": "Introduction", "both": "소개 글 / Introduction"}[choice]
    name, argument = buttons(reply)[label]
    whole = await ask(context, f"/{name} {argument}", choice)
    said = " ".join(text(whole).split())
    assert whole.is_private
    for intro in intros.values():
        assert " ".join(intro.split())[-60:] in said


async def test_a_short_introduction_needs_no_button(context: Context) -> None:
    await context.archive.save([issue(intros={"en": "Rings and agents."})])
    reply = await ask(context, "/week 2023-10-09")
    assert "Rings and agents." in text(reply)
    assert "Introduction" not in buttons(reply)

    await context.archive.save(
        [issue(intros={"en": "Rings and agents.", "ko": "고리와 에이전트."})]
    )
    both = await ask(context, "/week 2023-10-09", "both")
    assert "고리와 에이전트.\n\nRings and agents." in text(both)
    assert "소개 글 / Introduction" not in buttons(both)


async def test_an_introduction_that_is_gone_is_said_to_be(context: Context) -> None:
    assert "no longer in the archive" in text(await ask(context, "/introduction 2023-W41 dair"))
    await context.archive.save([issue([RING])])
    assert "no introduction" in text(await ask(context, "/introduction 2023-W41 dair"))


async def test_a_notification_names_papers(context: Context) -> None:
    await context.archive.save([issue([RING, UNISIM, FIREACT])])
    reply = await ask(context, "/week 2023-10-09")
    korean = await ask(context, "/week 2023-10-09", "ko")
    assert isinstance(reply.content, Card)
    assert isinstance(korean.content, Card)
    assert reply.content.notification.startswith("Ring Attention with")
    assert reply.content.notification.endswith("…, UniSim and 1 more")
    assert korean.content.notification.endswith("외 1편")


async def test_the_words_of_a_source_stand_alone(context: Context) -> None:
    await context.archive.save([issue(intros={"ko": "소개 글입니다."})])

    shown = text(await ask(context, "/week 2023-10-09"))

    assert "소개 글입니다." in shown
    assert "Counted" not in shown


async def test_a_digest_says_it_too_and_one_of_chosen_tags_does_not(context: Context) -> None:
    await context.archive.save([issue([RING, replace(UNISIM, tags=("agents",)), FIREACT])])
    found = (await context.archive.find_issue(MONDAY, MONDAY, SeriesPreference())).issue
    assert found is not None
    locale = Locale(CATALOGUES, "en")

    assert "#agents: “UniSim”" in str(issue_card(locale, found).blocks)
    assert "#agents: “UniSim”" in str(issue_card(locale, filter_by_tags(found, ())).blocks)
    assert "None of" not in str(issue_card(locale, filter_by_tags(found, ("agents",))).blocks)


async def test_with_tags_numbers_and_counts_agree_in_every_message(context: Context) -> None:
    intros = {"en": "All three papers are about rings."}
    await context.archive.save([issue([RING, UNISIM, FIREACT], intros=intros)])
    found = (await context.archive.find_issue(MONDAY, MONDAY, SeriesPreference())).issue
    assert found is not None
    locale = Locale(CATALOGUES, "en")
    chosen = filter_by_tags(found, ("agents",))
    (entry,) = chosen.entries

    overview = render_text(digest_card(locale, chosen, DigestPart(MessageKind.OVERVIEW)))
    root = digest_card(locale, chosen, DigestPart(MessageKind.PAPER, entry.position))

    assert "1 of 3 papers: #agents" in overview
    assert "All three papers" not in overview
    assert f"{entry.position}. FireAct" in overview
    assert root.title.startswith(f"{entry.position}. FireAct")
    opening = digest_card(locale, chosen, DigestPart(MessageKind.OPENING, entry.position))
    assert f"no. {entry.position}" in render_text(opening)


@pytest.mark.parametrize("weeks", [1, 4, 12])
async def test_an_issue_is_compared_with_four_weeks_at_most(context: Context, weeks: int) -> None:
    await context.archive.save(
        [issue([numbered(week, "rag")], MONDAY + week * WEEK) for week in range(weeks + 1)]
    )

    found = (
        await context.archive.find_issue(MONDAY + weeks * WEEK, MONDAY, SeriesPreference())
    ).issue

    assert found is not None
    assert found.counts is not None
    assert (found.counts.compared_issues, found.counts.earlier_issues) == (min(weeks, 4), weeks)
    assert found.counts.tags == (TagCount("rag", 1, min(weeks, 4)),)


async def test_another_series_is_not_counted(context: Context) -> None:
    await context.archive.save(
        [issue([RING], MONDAY - WEEK, "pytorch-kr"), issue([RING, UNISIM], series="dair")]
    )

    found = (await context.archive.find_issue(MONDAY, MONDAY, SeriesPreference())).issue

    assert found is not None
    assert found.counts is not None
    assert (found.counts.seen_before, found.counts.earlier_issues) == (0, 0)
