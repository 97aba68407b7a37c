"""What members see of a paper's record, and how they cite it."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.cards.digest import digest_card
from bot.cards.locale import Locale
from bot.cards.paper_facts import record_lines
from bot.cards.papers import thread_opening_card, thread_root_card
from bot.commands.context import Context
from bot.digests.layouts import DigestPart, MessageKind
from bot.model.access import Audience
from bot.model.card import Button, Card, Choice, Code, LinkButton
from bot.model.papers import Paper, Record
from config import catalogues
from tests import samples
from tests.samples import FIREACT, RECORD, RING, UNISIM, issue
from tests.test_answers import HERE, ask, buttons, press, text

NOW = datetime(2023, 10, 16, tzinfo=UTC)
KOREAN_ABSTRACT = "주의를 계산하는 동안 블록이 고리를 돕니다."
WITHOUT = replace(RING, abstracts={})
CODE = "https://github.com/lhao499/RingAttention"


async def kept(context: Context, paper: Paper = WITHOUT, record: Record = RECORD) -> Context:
    await context.archive.save([issue([paper, UNISIM, FIREACT])])
    await context.records.save_records({paper.key.removeprefix("arxiv:"): record}, NOW)
    return context


async def test_a_paper_shows_its_authors_date_category_and_links(context: Context) -> None:
    await kept(context, record=replace(RECORD, repository=CODE))

    english = text(await ask(context, "/paper ring attention"))
    korean = text(await ask(context, "/paper ring attention", "ko"))

    assert "Hao Liu, Matei Zaharia, Pieter Abbeel\n" in english
    assert "arXiv · October 3, 2023 · cs.CL · Journal of Rings 1\n" in english
    assert "arXiv · 2023년 10월 3일 · cs.CL" in korean
    assert "PDF: https://arxiv.org/pdf/2310.01889" in english
    assert f"Code: {CODE}" in english
    assert f"코드: {CODE}" in korean


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (1, {"en": "A0", "ko": "A0", "both": "A0"}),
        (4, {"en": "A0, A1, A2, A3", "ko": "A0, A1, A2, A3", "both": "A0, A1, A2, A3"}),
        (
            5,
            {
                "en": "A0, A1, A2 and 2 others",
                "ko": "A0, A1, A2 외 2명",
                "both": "A0, A1, A2 외 2명 / and 2 others",
            },
        ),
        (1303, {"en": "A0, A1, A2 and 1,300 others", "ko": "A0, A1, A2 외 1,300명"}),
    ],
)
def test_of_many_authors_the_first_are_named(count: int, shown: dict[str, str]) -> None:
    record = Record(authors=tuple(f"A{number}" for number in range(count)))
    for choice, line in shown.items():
        (note,) = record_lines(Locale(catalogues.load(), choice), replace(RING, record=record))

        assert note.runs[0].text == line  # type: ignore[union-attr]


async def test_the_english_abstract_that_the_source_lacks_is_arxivs_and_says_so(
    context: Context,
) -> None:
    await kept(context)

    english, both = await ask(context, "/paper ring"), await ask(context, "/paper ring", "both")
    korean = await ask(context, "/paper ring", "ko")

    for shown in (text(english), text(both)):
        assert "Blocks travel around a ring." in shown
    assert "The abstract on arXiv:\n\nTransformers are limited by memory.\n\nBlocks" in text(
        english
    )
    assert "Abstract" not in buttons(english)
    assert "Blocks travel" not in text(korean)
    pressed = text(await press(context, korean, "초록"))
    assert "아직 영어로만 있습니다:" in pressed
    assert "arXiv에 실린 초록:" in pressed
    assert "Blocks travel around a ring." in pressed


async def test_the_abstract_of_the_source_stands_above_arxivs(context: Context) -> None:
    await kept(context, RING)

    card = await ask(context, "/paper ring attention")

    assert "arXiv:" not in text(await press(context, card, "Abstract"))
    assert RING.abstracts["en"] in text(await press(context, card, "Abstract"))


async def test_a_korean_abstract_and_arxivs_english_one_are_shown_side_by_side(
    context: Context,
) -> None:
    await kept(context, replace(RING, abstracts={"ko": KOREAN_ABSTRACT}))

    both = text(await ask(context, "/paper ring attention", "both"))

    assert both.index(KOREAN_ABSTRACT) < both.index("arXiv에 실린 초록: / The abstract on arXiv:")


async def test_where_there_is_no_summary_the_abstract_stands_in_every_language(
    context: Context,
) -> None:
    await kept(context, replace(WITHOUT, summaries={}))

    assert "Blocks travel around a ring." in text(await ask(context, "/paper ring", "ko"))


async def test_digests_carry_links_and_threads_the_authors_and_the_abstract(
    context: Context,
) -> None:
    await kept(context)
    number = (await ask(context, "/paper ring")).papers[0].id
    found = replace(issue([(await context.archive.papers([number]))[0]]))
    locale = Locale(catalogues.load(), "en")

    message_, opening = (
        digest_card(locale, found, DigestPart(kind, 1))
        for kind in (MessageKind.PAPER, MessageKind.OPENING)
    )

    assert "Blocks travel" not in str(message_.blocks)
    assert "Matei Zaharia" in str(opening.blocks)
    assert "PDF" in {c.label for c in message_.controls if isinstance(c, LinkButton)}
    assert "Blocks travel" in str(opening.blocks)


SUMMARIES = [
    {"en": "One sentence."},
    {"en": "First sentence. Second sentence. Third sentence. Fourth sentence."},
    {"en": "Intro sentence here.\n● first item\n● second item\n\nLast paragraph."},
    {"en": "A first sentence. " + "A second one that is long, " * 12 + "ends."},
    {"ko": "첫 문장입니다. 둘째 문장입니다. 셋째 문장입니다.", "en": "One here. Two here. Three."},
    {},
]


@pytest.mark.parametrize("summaries", SUMMARIES)
@pytest.mark.parametrize("choice", ["ko", "en", "both"])
def test_a_threads_root_and_opening_say_nothing_twice_and_leave_nothing_out(
    summaries: dict[str, str], choice: str
) -> None:
    locale = Locale(catalogues.load(), choice)
    paper = replace(samples.RECORDED, summaries=summaries)
    root, opening = thread_root_card(locale, paper), thread_opening_card(locale, paper)
    in_root, in_opening = _sentences(root), _sentences(opening)

    assert not set(in_root) & set(in_opening)
    assert len(root.blocks) <= 2
    assert {type(each) for each in root.controls} == {LinkButton, Button}
    assert opening.controls == ()
    for shown in locale.localized_texts(summaries):
        assert all(each in {*in_root, *in_opening} for each in _sentences_of(shown.text))


def _sentences(card: Card) -> list[str]:
    texts = [
        run.text
        for block in card.blocks
        for runs in getattr(block, "items", [getattr(block, "runs", ())])
        for run in runs
    ]
    return [each for text in texts for each in _sentences_of(text)]


def _sentences_of(text: str) -> list[str]:
    return [each.strip("● ") for each in re.split(r"(?<=[.])\s|\n", text) if each.strip()]


@pytest.mark.parametrize(
    "command", ["/cite ring attention", "/인용 링 어텐션", "/cite 2310.01889"]
)
async def test_a_paper_is_cited(context: Context, command: str) -> None:
    await kept(context)

    reply = await ask(context, command)

    assert isinstance(reply.content, Card)
    (code,) = [block for block in reply.content.blocks if isinstance(block, Code)]
    assert code.text.startswith("@article{arxiv:2310.01889,\n  title = {{Ring Attention, as")
    assert code.language == "bibtex"
    assert not reply.is_private


async def test_the_citation_is_one_press_away_and_the_summary_one_back(context: Context) -> None:
    await kept(context)
    card = await ask(context, "/paper ring attention", "ko")

    cited = await press(context, card, "인용")
    back = await press(context, cited, "요약")

    assert "@article{arxiv:2310.01889," in text(cited)
    assert RING.summaries["ko"] in text(back)


async def test_without_a_record_what_is_stored_is_cited_and_that_is_said(context: Context) -> None:
    await context.archive.save([issue([UNISIM])])

    shown = text(await ask(context, "/cite unisim", "both"))

    assert "@misc{arxiv:2310.06114," in shown
    assert "저자는 아직 알 수 없습니다. / Its authors are not known yet." in shown


async def test_bibtex_can_be_asked_for_behind_the_name(context: Context) -> None:
    await kept(context)

    assert text(await ask(context, "/paper ring attention --bibtex")) == text(
        await ask(context, "/cite ring attention")
    )


async def test_of_several_papers_the_chosen_one_is_cited(context: Context) -> None:
    twins = [replace(RING, key=f"arxiv:2310.0000{n}", aliases=(), links=()) for n in range(3)]
    await context.archive.save([issue(twins)])

    reply = await ask(context, f"/cite {RING.titles['en']}")
    missing = await ask(context, "/cite unisym learned interactivity")

    assert isinstance(reply.content, Card)
    (choice,) = [c for c in reply.content.controls if isinstance(c, Choice)]
    assert choice.action == "cite"
    chosen = await ask(context, f"/cite {choice.options[1].value}")
    assert "@misc{arxiv:2310.00001," in text(chosen)
    assert missing.is_private
    assert "no longer in the archive" in text(await ask(context, "/cite id:99999"))


def test_who_sees_a_citation_is_as_the_settings_say() -> None:
    assert not Audience().is_public_reply("cite", HERE)
    assert Audience(frozenset({"cite"})).is_public_reply("cite", HERE)


async def test_a_citation_that_names_nobody_is_no_button(context: Context) -> None:
    await context.archive.save([issue([RING])])
    reply = await ask(context, "/paper ring attention")

    assert isinstance(reply.content, Card)
    labels = [c.label for c in reply.content.controls if isinstance(c, Button)]
    assert "Cite" not in labels


async def test_papers_are_found_by_their_authors(context: Context) -> None:
    await kept(context)

    found = await ask(context, "/find Matei Zaharia")

    assert [paper.key for paper in found.papers] == [RING.key]
    assert "Hao Liu, Matei Zaharia, Pieter Abbeel" in text(found)
