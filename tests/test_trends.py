"""Trends: shares by month, what rose and fell, the picture, and the numbers without one."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from adapters import pictures
from adapters.console.render import render_text
from bot.app.archive import build_context
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.commands.pictures import PictureStudio
from bot.commands.trends import TrendQuestion, find_trend, parse_trend_question
from bot.model.card import Button, Choice, LinkButton
from bot.model.channels import Person, Target
from bot.model.papers import Entry, Issue, Paper
from bot.model.picture import ChartLine, LineChart, PreviewImage
from bot.model.weeks import Month, Week
from bot.ports.conversation import Reply, Request
from bot.ports.painter import Painter
from config.settings import Settings
from storage.store import ArchiveStore
from tests import empty_archive

pytestmark = pytest.mark.slow

TODAY = date(2023, 10, 18)


def paper(number: int, *tags: str, text: str = "") -> Paper:
    return Paper(
        key=f"arxiv:2301.{number:05}",
        titles={"en": f"Paper number {number} {text}".strip()},
        tags=tags,
    )


def issue(start: date, papers: Sequence[Paper]) -> Issue:
    return Issue(
        series="dair",
        week=Week.of(start),
        start=start,
        end=start + timedelta(days=6),
        titles={"en": "Papers"},
        entries=tuple(Entry(number, each) for number, each in enumerate(papers, start=1)),
    )


async def fill(store: ArchiveStore) -> None:
    """Save a year of weeks of four papers: `rag` rises from July on, `gan` falls."""
    start, number, issues = date(2022, 10, 3), 0, []
    while start < TODAY:
        tags = ("rag", "rag", "rag", "gan") if start >= date(2023, 7, 3) else ("gan",) * 4
        papers = []
        for tag in tags:
            number += 1
            papers.append(paper(number, tag, text="turquoise lanterns" if tag == "rag" else ""))
        issues.append(issue(start, papers))
        start += timedelta(weeks=1)
    await store.save(issues)


@pytest.fixture(scope="module")
def year_of_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of a year, to be copied."""
    path = tmp_path_factory.mktemp("year") / "archive.sqlite3"
    empty_archive.make(path)

    async def make() -> None:
        store = ArchiveStore.open(path)
        await fill(store)
        await store.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def filled(year_of_weeks: Path, tmp_path: Path) -> AsyncIterator[Context]:
    """Yield a context on the archive of a year."""
    path = tmp_path / "year.sqlite3"
    shutil.copy(year_of_weeks, path)
    store = ArchiveStore.open(path)
    yield replace(build_context(Settings(), store), today=lambda: TODAY)
    await store.close()


async def ask(context: Context, line: str, language: str = "en") -> Reply:
    name, _, argument = line.partition(" ")
    person = Person("console", "1", language)
    return await dispatch(context, Request(name, argument, person, Target("c", "", "c")))


def shown(reply: Reply) -> str:
    return " ".join(render_text(reply.content).split())


@pytest.mark.parametrize(
    ("text", "terms", "since"),
    [
        ("llm", ("llm",), None),
        ("llm, agents 2023", ("llm", "agents"), Month(2023, 1)),
        ("llm,agents since 2023-05", ("llm", "agents"), Month(2023, 5)),
        ("llm vs rag since May 2023", ("llm", "rag"), Month(2023, 5)),
        ("언어 모델, 에이전트 2023년 5월부터", ("언어 모델", "에이전트"), Month(2023, 5)),
        ("언어 모델 2023부터", ("언어 모델",), Month(2023, 1)),
        ("llm since:2023-W41", ("llm",), Month(2023, 10)),
        ("gpt-4, gpt-4", ("gpt-4",), None),
        ("2023", (), Month(2023, 1)),
        ("since the beginning", ("since the beginning",), None),
        (" , ,, ", (), None),
        ("", (), None),
        ("llm 0000부터", ("llm 0000부터",), None),
    ],
)
def test_a_question_has_terms_and_a_month(
    text: str, terms: tuple[str, ...], since: Month | None
) -> None:
    assert parse_trend_question(text, TODAY) == TrendQuestion(terms, since)


async def test_shares_are_counted_by_month(filled: Context) -> None:
    found = await find_trend(filled, TrendQuestion(("rag", "gan", "turquoise lanterns"), None))

    assert found is not None
    assert (found.months[0], found.months[-1]) == (Month(2022, 10), Month(2023, 10))
    assert sum(found.totals) == 55 * 4
    rag, gan, words = found.lines
    assert found.shares(rag)[:9] == (0.0,) * 9
    assert found.shares(rag)[9:] == (0.75,) * 4
    assert found.shares(gan) == (1.0,) * 9 + (0.25,) * 4
    assert (words.tag, words.counts) == ("", rag.counts)


async def test_a_paper_that_is_listed_again_counts_in_each_month_once(context: Context) -> None:
    again = paper(1, "rag")
    await context.archive.save(
        [
            issue(date(2023, 5, 1), [again, paper(2)]),
            issue(date(2023, 5, 8), [again]),
            issue(date(2023, 6, 5), [again]),
        ]
    )

    found = await find_trend(context, TrendQuestion(("rag", "number"), None))

    assert found is not None
    assert found.totals == (2, 1)
    assert [line.counts for line in found.lines] == [(1, 1), (2, 1)]


async def test_words_without_commas_are_tags_if_all_of_them_are(filled: Context) -> None:
    tags = await find_trend(filled, TrendQuestion(("rag gan",), None))
    words = await find_trend(filled, TrendQuestion(("turquoise lanterns",), None))

    assert tags is not None
    assert words is not None
    assert [line.name for line in tags.lines] == ["#rag", "#gan"]
    assert [line.name for line in words.lines] == ["“turquoise lanterns”"]


async def test_the_numbers_are_said_beside_the_picture(filled: Context) -> None:
    reply = await ask(filled, "trend rag, gan 2023-06")
    text = shown(reply)

    assert "1. #rag: 60% of the papers, most in October 2023 (75%)." in text
    assert "2023-06 16 0% 100%" in text
    assert "2023-10 12 75% 25%" in text
    assert reply.picture is not None
    assert reply.picture.description.startswith("Trend: #rag, #gan. #rag: 60% of the papers")
    with Image.open(BytesIO(reply.picture.content)) as image:
        assert (image.format, image.size) == ("PNG", (1200, 675))


async def test_a_long_trend_compares_its_ends_in_both_languages(filled: Context) -> None:
    english = shown(await ask(filled, "trend rag", "en"))
    korean = shown(await ask(filled, "trend rag", "ko"))

    assert "75% of the papers in the last three months, 0% in the first three" in english
    assert "최근 석 달 논문의 75%, 처음 석 달에는 0%" in korean
    assert "2022년 10월" in korean


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("trend rag", "en/trend/rag/"),
        ("trend #rag", "en/trend/rag/"),
        ("trend rag, gan 2023", "en/trend/?q=rag%2C%20gan%202023"),
        ("trend", "en/trend/"),
        ("trends", "en/trends/"),
    ],
)
async def test_a_trend_leads_to_its_page(filled: Context, line: str, address: str) -> None:
    reply = await ask(replace(filled, public_url="https://papers.example/"), line)

    controls = reply.content.controls  # type: ignore[union-attr]
    links = [each.url for each in controls if isinstance(each, LinkButton)]
    assert links == [f"https://papers.example/{address}"]


async def test_without_terms_the_frequent_tags_are_drawn(filled: Context) -> None:
    assert "Trend: #gan, #rag" in shown(await ask(filled, "trend"))


async def test_what_no_paper_has_is_answered_with_what_is_near(filled: Context) -> None:
    reply = await ask(filled, "trend xyzzy")
    near = await ask(filled, "trend raag")

    assert reply.is_private
    assert reply.picture is None
    assert "No paper has “xyzzy”" in shown(reply)
    assert isinstance(near.content.controls[0], Choice)  # type: ignore[union-attr]
    assert near.suggestions == ("rag",)


@pytest.mark.parametrize("line", ["trend", "trends", "trend llm"])
async def test_an_empty_archive_has_no_trends(context: Context, line: str) -> None:
    assert "archive is empty" in shown(await ask(context, line))


@pytest.mark.parametrize(
    "line",
    ["trend $x^2$, \\frac{1}{", "trend <!channel> @everyone", "trend " + "a, " * 90,
     "trend \u202e\u0000", "trend \U00012000\ue000, rag",
     "trend 😀 漢字 뷁, rag", "trend rag 9999-99", "trend -rag",
     'trend "', "trend tag:rag", "trends -4", "trends ²", "trends 99999999999999999"],
)  # fmt: skip
async def test_whatever_is_written_is_answered(filled: Context, line: str) -> None:
    assert shown(await ask(filled, line))


async def test_without_the_extra_the_numbers_are_text(filled: Context) -> None:
    reply = await ask(replace(filled, pictures=None), "trend rag")

    assert reply.picture is None
    assert "2023-10 12 75%" in shown(reply)


async def test_what_rose_and_fell_is_told_with_papers(filled: Context) -> None:
    reply = await ask(filled, "trends 13")
    text = shown(reply)

    assert "What rose and fell in the last 13 weeks" in text
    text = text.replace("\u2013", "-")
    assert "Jul 18 - Oct 16, 2023 (52 papers), against Apr 18 - Jul 17, 2023 (52 papers)" in text
    assert "Rising ● #rag 17% → 75% (39 of 52 papers, before 9 of 52) Paper number 219" in text
    assert "Falling ● #gan 83% → 25% (13 of 52 papers, before 43 of 52) Paper number 220" in text
    buttons = [each for each in reply.content.controls if isinstance(each, Button)]  # type: ignore[union-attr]
    assert [each.action.argument for each in buttons] == ["4", "52"]


async def test_a_change_that_chance_explains_is_none(context: Context) -> None:
    weeks = [date(2023, 1, 2) + timedelta(weeks=number) for number in range(26)]
    await context.archive.save(
        [
            issue(start, [paper(4 * place + each, "gan" if each else "rag") for each in range(4)])
            for place, start in enumerate(weeks)
        ]
    )

    assert "No subject changed by more than chance explains." in shown(
        await ask(context, "trends")
    )


def drawing() -> Painter:
    painter = pictures.connect()
    assert painter is not None
    return painter


async def test_a_picture_is_drawn_once(filled: Context) -> None:
    painter = drawing()
    drawn: list[LineChart] = []

    class Counting:
        def draw_chart(self, chart: LineChart, *, is_dark: bool) -> bytes:
            drawn.append(chart)
            return painter.draw_chart(chart, is_dark=is_dark)

        def draw_preview(self, preview: PreviewImage) -> bytes:
            return painter.draw_preview(preview)

    seen = replace(filled, pictures=PictureStudio(Counting()))
    first, second = [await ask(seen, "trend rag") for _ in range(2)]

    assert len(drawn) == 1
    assert first.picture == second.picture


def pixels(content: bytes) -> set[tuple[int, int, int]]:
    with Image.open(BytesIO(content)) as image:
        colors = image.convert("RGB").getcolors(1_000_000)
    assert colors is not None
    return {color for _, color in colors}  # type: ignore[misc]


def test_both_grounds_and_every_line_are_seen() -> None:
    painter = drawing()
    values = [(None, place / 5, 1 - place / 5) for place in range(5)]
    lines = tuple(ChartLine(f"#선{number}", each) for number, each in enumerate(values))
    chart = LineChart("$제목$", "부제", ("1월", "", "3월"), lines)

    light, dark = (pixels(painter.draw_chart(chart, is_dark=each)) for each in (False, True))

    assert (255, 255, 255) in light
    assert (0x16, 0x18, 0x1B) in dark
    assert len(light) > 5
    assert light != dark


@pytest.mark.parametrize(
    "text", ["", "x" * 5000, "뷁 漢字 😀 \u202e\x00\n", "<b>&amp;", "가 " * 900]
)
def test_a_preview_takes_any_text(text: str) -> None:
    painter = drawing()

    content = painter.draw_preview(PreviewImage(text, text, text, (text, "#llm")))

    with Image.open(BytesIO(content)) as image:
        assert image.size == (1200, 630)
    assert len(content) < 100_000
