"""The bot answers: papers, weeks, tags, texts, help, in Korean, English and both."""

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.console.command_lines import parse_command
from adapters.console.render import render_text, shortcuts
from bot.app.archive import import_sample, import_sample_if_empty
from bot.commands.autocomplete import complete
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.commands.registry import ACTIONS, COMMANDS
from bot.model.card import Button, Card, Choice
from bot.model.channels import Person, Target
from bot.model.papers import Paper
from bot.ports.conversation import Reply, Request
from storage.store import ArchiveStore
from tests.samples import FIREACT, MONDAY, RING, UNISIM, issue

HERE = Target("console", "", "terminal")


async def ask(context: Context, query: str, language: str = "en") -> Reply:
    name, _, argument = query.removeprefix("/").partition(" ")
    return await dispatch(
        context, Request(name, argument, Person("console", "me", language), HERE)
    )


def text(reply: Reply) -> str:
    return render_text(reply.content)


def buttons(reply: Reply) -> dict[str, tuple[str, str]]:
    assert isinstance(reply.content, Card)
    return {
        control.label: (control.action.name, control.action.argument)
        for control in reply.content.controls
        if isinstance(control, Button)
    }


async def press(context: Context, reply: Reply, label: str) -> Reply:
    name, argument = buttons(reply)[label]
    return await ask(context, f"/{name} {argument}")


@pytest.fixture
async def filled(context: Context) -> Context:
    await context.archive.save(
        [
            issue([FIREACT], MONDAY - timedelta(days=7)),
            issue(
                [RING, UNISIM],
                intros={"ko": "소개 글입니다."},
                machine_made=True,
                source_url="https://example.com/week",
            ),
            issue([RING], series="pytorch-kr"),
        ]
    )
    return context


@pytest.mark.parametrize(
    "query",
    ["ringattention", "Ring Attention", "링 어텐션", "2310.01889", "near-infinite context"],
)
async def test_a_paper_is_shown_as_a_card(filled: Context, query: str) -> None:
    reply = await ask(filled, f"/paper {query}")

    assert [paper.key for paper in reply.papers] == [RING.key]
    assert not reply.is_private
    shown = text(reply)
    assert RING.titles["en"] in shown
    assert RING.titles["ko"] in shown
    assert "2023-W41, no. 1 (October 9, 2023)" in shown
    assert "#long-context" in shown
    assert "Paper: https://arxiv.org/abs/2310.01889" in shown
    assert RING.abstracts["en"] not in shown


async def test_the_abstract_is_one_press_away_and_the_summary_one_back(filled: Context) -> None:
    card = await ask(filled, "/paper ring attention")

    abstract = await press(filled, card, "Abstract")
    back = await press(filled, abstract, "Summary")

    assert RING.abstracts["en"] in text(abstract)
    assert abstract.is_private
    assert RING.summaries["en"] in text(back)


async def test_the_other_language_is_one_press_away(filled: Context) -> None:
    card = await ask(filled, "/paper ring attention", "ko")

    assert RING.summaries["ko"] in text(card)
    assert RING.summaries["en"] in text(await press(filled, card, "English"))


async def test_the_week_of_a_paper_is_one_press_away(filled: Context) -> None:
    card = await ask(filled, "/paper fireact")

    assert "Sep 30" not in text(await press(filled, card, "Its week"))
    assert "Oct 2" in text(await press(filled, card, "Its week"))


async def test_a_text_that_is_missing_is_shown_in_the_other_language_with_a_label(
    filled: Context,
) -> None:
    english = text(await ask(filled, "/paper fireact", "en"))
    korean = text(await ask(filled, "/paper unisim", "ko"))
    both = text(await ask(filled, "/paper ring attention", "both"))

    assert "Only in Korean so far:\n\n" + FIREACT.summaries["ko"] in english
    assert "아직 영어로만 있습니다:" in korean
    assert RING.summaries["ko"] in both
    assert RING.summaries["en"] in both
    assert "so far" not in both


async def test_a_paper_without_texts_says_so(context: Context) -> None:
    bare = Paper("title:bare", titles={"en": "A Bare Paper"})
    await context.archive.save([issue([bare])])

    card = await ask(context, "/paper bare paper")
    number = card.papers[0].id

    assert "no summary of this paper yet" in text(card)
    assert "no abstract of this paper yet" in text(await ask(context, f"/abstract id:{number}"))


async def test_several_likely_papers_are_a_choice(context: Context) -> None:
    twins = [replace(RING, key=f"arxiv:2310.0000{n}", aliases=(), links=()) for n in range(3)]
    await context.archive.save([issue(twins)])

    reply = await ask(context, f"/paper {RING.titles['en']}")

    assert len(reply.papers) == 3
    assert "3 papers may be meant" in text(reply)
    assert reply.is_private  # the asker chooses; everyone sees the chosen one
    name, argument = shortcuts(reply.content)["2"]
    chosen = await ask(context, f"/{name} {argument}")
    assert chosen.papers == (reply.papers[1],)


async def test_a_paper_that_is_not_there_names_the_nearest(filled: Context) -> None:
    near = await ask(filled, "/paper unisym learned interactivity")
    far = await ask(filled, "/paper quantum chess")

    assert near.papers == far.papers == ()
    assert near.is_private
    assert near.suggestions
    assert "Did you mean" in text(near)
    assert "No paper is called “quantum chess”" in text(far)


async def test_a_control_whose_paper_is_gone_refuses_politely(filled: Context) -> None:
    for query in ("/paper id:999999", "/abstract id:999999", "/abstract nonsense"):
        reply = await ask(filled, query)

        assert "no longer in the archive" in text(reply)
        assert reply.is_private


async def test_a_week_is_shown_with_its_ways_on(filled: Context) -> None:
    reply = await ask(filled, "/week 2023-10-12 dair", "ko")

    shown = text(reply)
    assert "2023년 10월 9일~15일" in shown
    assert "소개 글입니다." in shown
    assert "기계가 자동으로 요약한 글입니다" in shown
    assert [paper.key for paper in reply.papers] == [RING.key, UNISIM.key]
    assert "https://example.com/week" in shown
    assert set(buttons(reply)) == {"← 2023-W40", "PyTorch Korea", "오류 신고"}
    before = await press(filled, reply, "← 2023-W40")
    assert [paper.key for paper in before.papers] == [FIREACT.key]
    assert set(buttons(before)) == {"2023-W41 →", "Report a mistake"}


async def test_the_series_of_the_settings_answers_first(filled: Context) -> None:
    reply = await ask(filled, "/week 2023-10-12")

    assert "PyTorch Korea" in text(reply)
    assert (reply.papers[0].appearances[0].series, len(reply.papers)) == ("pytorch-kr", 1)


async def test_weeks_in_words_mean_todays_calendar(filled: Context) -> None:
    last = await ask(filled, "/week last")
    this = await ask(filled, "/week this")

    assert [paper.key for paper in last.papers] == [RING.key]
    assert "There is no week for “this”" in text(this)
    assert this.suggestions == ("2023-W41",)


async def test_a_described_paper_is_offered_privately_with_the_reason(filled: Context) -> None:
    reply = await ask(filled, "/paper the one that spreads long sequences over many devices")

    assert reply.is_private
    assert reply.papers == ()
    assert [paper.key for paper in reply.guesses][:1] == [RING.key]
    shown = text(reply)
    assert "Maybe one of these" in shown
    assert "Spreads long sequences over a ring of devices" in shown
    assert isinstance(reply.content, Card)
    assert isinstance(reply.content.controls[0], Choice)
    korean = await ask(filled, "/paper 긴 문맥을 여러 장치로 나누는 논문", "ko")
    assert "혹시 이 중 하나인가요" in text(korean)


async def test_a_month_shows_all_its_weeks(filled: Context) -> None:
    for asked in ("/week october 2023", "/week 2023-10 dair", "/week 2023년 10월"):
        reply = await ask(filled, asked)
        shown = text(reply)

        assert "October 2023" in shown
        assert shown.index("Oct 2") < shown.index("FireAct") < shown.index("Oct 9")
        assert [label for label in buttons(reply) if "-W" in label] == ["2023-W40", "2023-W41"]
        assert {paper.key for paper in reply.papers} >= {FIREACT.key, RING.key}
    assert "2023년 10월" in text(await ask(filled, "/week 10월", "ko"))
    missing = await ask(filled, "/week june 2023")
    assert missing.is_private
    assert "no week for “june 2023”" in text(missing)
    assert missing.suggestions == ("2023-W40",)


async def test_a_series_that_is_none_is_called_none(filled: Context) -> None:
    reply = await ask(filled, "/week latest foo")

    assert reply.is_private
    assert "There is no series “foo”" in text(reply)
    assert reply.suggestions == ("dair", "pytorch-kr")
    assert "Oct 9" in text(await ask(filled, "/week latest DAIR.AI"))
    assert "Oct 9" in text(await ask(filled, "/week Oct 9 2023 dair"))


@pytest.mark.parametrize(
    "query",
    ["/week\u3000latest", unicodedata.normalize("NFD", "/주간 지난주"), "/week last\u00a0week",
     unicodedata.normalize("NFD", "/논문 링 어텐션"), "/paper\u3000ring\u00a0attention"],
)  # fmt: skip
async def test_blanks_and_decomposed_korean_are_read(filled: Context, query: str) -> None:
    name, argument = parse_command(query)
    reply = await dispatch(filled, Request(name, argument, Person("console", "me", "en"), HERE))

    assert not reply.is_private
    assert "Ring Attention" in text(reply)


async def test_a_week_that_is_none_says_how_one_is_written(filled: Context) -> None:
    reply = await ask(filled, "/week soon")

    assert "“soon” is not a week" in text(reply)
    assert reply.is_private


@pytest.mark.parametrize("query", ["/paper ring", "/cite ring", "/week", "/tag llm", "/find ring"])
async def test_an_empty_archive_says_so_whatever_is_asked(context: Context, query: str) -> None:
    reply = await ask(context, query)
    assert "paperboy sync" in text(reply)
    assert reply.is_private
    assert "보관된" in text(await ask(context, query, "ko"))


async def test_an_archive_without_tags_says_where_they_come_from(context: Context) -> None:
    assert "no tags yet" in text(await ask(context, "/tag"))


async def test_a_week_without_papers_says_so(context: Context) -> None:
    await context.archive.save([issue([])])

    assert "no papers" in text(await ask(context, "/week latest"))


async def test_a_tag_lists_its_papers_in_pages(context: Context) -> None:
    many = [
        replace(RING, key=f"arxiv:2310.{n:05}", aliases=(), tags=("llm",), links=())
        for n in range(12)
    ]
    await context.archive.save([issue(many)])

    first = await ask(context, "/tag LLM")
    second = await press(context, first, "Older →")
    again = await ask(context, "/tag 언어 모델 2")

    assert "1-10 of 12 papers" in text(first)
    assert "11-12 of 12 papers" in text(second)
    assert text(again) == text(second)
    assert set(buttons(second)) == {"← Newer"}
    assert "It has 2 pages" in text(await ask(context, "/tag llm 7"))
    assert "1-10 of 12" in text(await ask(context, "/tag_page 1 llm"))
    assert not first.is_private


async def test_tags_alone_are_listed_with_counts(filled: Context) -> None:
    reply = await ask(filled, "/tag", "ko")

    assert "#long-context 긴 문맥: 1" in text(reply)
    assert isinstance(reply.content, Card)
    assert any(isinstance(control, Choice) for control in reply.content.controls)
    assert text(await ask(filled, "/tag_page nonsense", "ko")) == text(reply)


async def test_a_tag_that_no_paper_has_names_its_neighbours(filled: Context) -> None:
    near = await ask(filled, "/tag long contxt")
    known_but_unused = await ask(filled, "/tag music")
    far = await ask(filled, "/tag zzzz")

    assert near.suggestions == ("long-context",)
    assert "Did you mean" in text(near)
    assert "No paper has the tag “music”" in text(known_but_unused)
    assert "/tag alone lists all tags" in text(far)


async def test_words_are_found_in_every_text_with_their_passage(filled: Context) -> None:
    english = await ask(filled, "/find ring of devices")
    korean = await ask(filled, "/find 장치에 나누어", "ko")
    quoted = await ask(filled, '/find "spreads long sequences"')
    nothing = await ask(filled, "/find pancakes")

    assert [p.key for p in english.papers] == [p.key for p in korean.papers] == [RING.key]
    assert "Spreads long sequences over a ring" in text(english)
    assert [p.key for p in quoted.papers] == [RING.key]
    assert "No paper says “pancakes”" in text(nothing)
    assert (await ask(filled, '/find "sequences long spreads"')).papers == ()
    assert (await ask(filled, "/find_page 2 ring of devices")).papers == ()
    assert (await ask(filled, "/find ---")).papers == ()


async def test_help_lists_every_command_in_the_persons_language(context: Context) -> None:
    context = replace(context, platforms=frozenset({HERE.platform}))
    english, korean = text(await ask(context, "/help")), text(await ask(context, "/도움말", "ko"))

    for row in COMMANDS:
        assert f"/{row.name}" in english
        assert f"/{row.name}" in korean
    assert "/paper NAME" in english
    assert "/paper 이름" in korean


async def test_about_names_the_sources(filled: Context) -> None:
    shown = text(await ask(filled, "/about"))

    assert "DAIR.AI: 2 weeks, the newest 2023-W41" in shown
    assert "https://discuss.pytorch.kr" in shown
    assert "machine" in shown


async def test_the_sample_says_that_it_is_one(context: Context) -> None:
    assert await import_sample_if_empty(context)
    assert not await import_sample_if_empty(context)

    assert "make room" in text(await ask(context, "/about"))
    assert "Sample" in text(await ask(context, "/week 2023-10-09"))


async def test_an_unknown_command_is_told(context: Context) -> None:
    near, far = await ask(context, "/papr x"), await ask(context, "/zzz")

    assert "Did you mean /paper" in text(near)
    assert near.suggestions == ("/paper",)
    assert "/help lists" in text(far)


async def test_a_command_without_its_words_says_how_it_is_written(context: Context) -> None:
    assert "Write: /paper NAME" in text(await ask(context, "/paper"))
    assert "/find WORDS" in text(await ask(context, "/find  "))


async def test_a_language_that_is_none_is_the_settings_own(context: Context) -> None:
    assert " / " in text(await ask(context, "/zzz", "fr"))
    assert "command" in text(await ask(replace(context, language="fr"), "/zzz", "fr"))


async def test_what_is_typed_is_completed(filled: Context) -> None:
    locale = filled.locale(Request("", "", Person("console", "me", "en"), HERE))

    async def offers(name: str, prefix: str) -> list[str]:
        return [each.value for each in await complete(filled, locale, name, prefix)]

    assert await offers("", "pa") == ["paper"]
    assert await offers("", "논") == ["논문"]
    assert "week" in await offers("", "")
    ring = (await ask(filled, "/paper ring attention")).papers[0].id
    for typed in ("r", "ring at", "near-inf", "링", "링 어텐ㅅ", "ㄹㅇㅌㅅ"):
        assert f"id:{ring}" in await offers("paper", typed), typed
    assert await offers("paper", "") == await offers("help", "x") == await offers("zzz", "") == []
    assert await offers("week", "2023-1") == ["2023-W41", "2023-W40"]
    assert await offers("week", "2023-w4") == ["2023-W41", "2023-W40"]
    assert await offers("tag", "long") == ["long-context"]
    assert "fine-tuning" in await offers("tag", "")
    assert await offers("week", "lat") == await offers("week", "최신") == ["2023-W41"]
    assert await offers("week", "last") == await offers("week", "지난 주") == ["2023-W41"]
    assert await offers("tags", "llm, long") == ["llm, long-context"]
    assert await offers("tags", "long-context, long") == []
    assert await offers("zone", "서울") == ["Asia/Seoul"]
    korean = filled.locale(Request("", "", Person("console", "me", "ko"), HERE))
    assert [each.label for each in await complete(filled, korean, "zone", "seo")] == [
        "Asia/Seoul (서울)"
    ]
    languages = await complete(filled, korean, "language", "")
    assert {each.value: each.label for each in languages} == {
        "ko": "한국어", "en": "영어", "both": "한국어와 영어",
    }  # fmt: skip
    assert [each.value for each in await complete(filled, korean, "layout", "포럼")] == ["forum"]
    assert [each.value for each in await complete(filled, korean, "time", "오후 3")] == ["15:00"]
    assert await offers("series", "da") == ["dair"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from([*(row.name for row in COMMANDS), *ACTIONS]),
    argument=st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    | st.sampled_from(["\x00", "a" * 10_000, '"', "*", "NEAR(", "id:", "-", "ㄱ"]),
)
async def test_nothing_that_is_typed_is_a_traceback(
    filled: Context, name: str, argument: str
) -> None:
    assert text(await ask(filled, f"/{name} {argument}"))


async def test_the_whole_sample_can_be_asked_for(context: Context, store: ArchiveStore) -> None:
    await import_sample(context)
    async for each in store.issues(None, None):
        for entry in each.entries:
            for title in entry.paper.titles.values():
                reply = await ask(context, f"/paper {title}")
                assert reply.papers[0].key == entry.paper.key, title
