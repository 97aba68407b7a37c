"""Texts in a language beside Korean and English: made, checked, and shown in channels of it."""

import json
from dataclasses import replace
from datetime import date

import pytest

from adapters.discord.gateway.command_registration import build_definitions
from bot.cards.issues import issue_card
from bot.cards.locale import Locale
from bot.cards.setting_choices import setting_options
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.commands.handlers.papers import paper as answer_paper
from bot.model.card import Card
from bot.model.channels import Person, Target
from bot.ports.archive import SeriesPreference
from bot.ports.conversation import Request
from bot.ports.translations import TranslationScope
from config import catalogues
from config.settings import Settings
from tests.model_server import Asked, ModelServer, Said, faithful
from tests.sample_cards import card_text
from tests.site_client import open_site
from tests.translation_lies import BENCH_EN
from tests.translations import TITLE, WEEK, Instant, english, translate, week

ON_BOTH_DATABASES = "long"

TITLE_JA = "エージェントの約束: FableBench"
SUMMARY_JA = (
    "FableBenchは、GPT-4とLlama-3で作られたエージェントが約束を守るかを試験します。それぞれ25分の1,200件の対話で、"
    "Llama-3は18%、GPT-4は7%を破ります。"
)
SCOPE = TranslationScope(("ko", "en", "ja"), newest=4)
HERE, ADA = Target("fake", "", "c"), Person("fake", "1", "en", may_manage=True)


def in_japanese(asked: Asked) -> Said:
    """Return Japanese where it is asked for, and any other text as the endpoint does."""
    if "to Japanese" not in asked.instructions:
        return faithful(asked)
    return Said(json.dumps({"title": TITLE_JA, "summary": SUMMARY_JA}, ensure_ascii=False))


@pytest.fixture
async def japanese(context: Context, endpoint: ModelServer) -> Context:
    """Return a context with a paper that was translated into Korean and Japanese."""
    await context.archive.save([week(english(1))])
    endpoint.responses += [in_japanese, in_japanese]
    found = await translate(context, endpoint, Instant(), scope=SCOPE)
    assert (found.kept, found.failed, found.faults) == (4, 0, ())
    assert {asked.instructions.split(" to ")[1].split(".")[0] for asked in endpoint.asked} == {
        "Korean", "Japanese",
    }  # fmt: skip
    return replace(context, catalogues=catalogues.load(("ja",)))


async def shown(context: Context, language: str) -> str:
    """Return what a channel of a language is shown of the week."""
    found = await context.archive.find_issue(WEEK, date(2026, 6, 9), SeriesPreference())
    assert found.issue
    return card_text(issue_card(Locale(context.catalogues, language), found.issue))


async def test_a_channel_is_shown_its_language_in_english_words(japanese: Context) -> None:
    text = await shown(japanese, "ja")

    assert TITLE_JA in text
    assert SUMMARY_JA in text
    assert "A machine translated some of these texts (small-model," in text
    assert BENCH_EN not in text
    for other in ("ko", "en", "both"):
        assert TITLE_JA not in await shown(japanese, other), other
    # What is no language of the settings any more is English, and no error.
    assert TITLE_JA in await shown(replace(japanese, catalogues=catalogues.load()), "ja")


async def test_what_is_not_translated_is_shown_in_english_with_a_label(context: Context) -> None:
    own = replace(
        english(1), titles={"ko": "제목", "en": TITLE}, summaries={"ko": "글", "en": BENCH_EN}
    )
    await context.archive.save([week(own)])

    text = await shown(replace(context, catalogues=catalogues.load(("ja",))), "ja")

    assert "Only in English so far" in text
    assert BENCH_EN[:80] in text
    assert "글" not in text


async def test_a_paper_is_found_by_the_title_and_shown_in_the_language(japanese: Context) -> None:
    asked = Request("paper", TITLE_JA, Person("fake", "1", "ja"), HERE)

    reply = await answer_paper(japanese, asked)

    assert isinstance(reply.content, Card)
    assert reply.content.title == TITLE_JA


async def test_a_digest_is_subscribed_in_a_language_of_the_settings_alone(
    japanese: Context,
) -> None:
    here = replace(japanese, platforms=frozenset({"fake"}), series=("dair",))

    async def language(words: str) -> str:
        await dispatch(here, Request("digest", f"subscribe {words}", ADA, HERE))
        found = await here.ledger.subscriptions(HERE)
        return found[0].language if found else ""

    assert await language("mon 9:00 language=fr") == ""
    assert await language("mon 9:00 language=Japanese") == "ja"
    assert await language("mon 9:00 language=de") == "ja"
    assert await language("mon 9:00 language=en") == "en"
    assert await language("mon 9:00 ja") == "en"
    assert await language("mon 9:00 Japanese") == "ja"
    assert await language("mon 9:00 ko") == "ko"


async def test_pages_and_lists_for_programs_have_the_texts_marked(japanese: Context) -> None:
    async with open_site(japanese) as client:
        page = (await client.get("/en/paper/arxiv/2606.00001/")).text
        assert f'lang="ja">{TITLE_JA}' in page
        assert SUMMARY_JA in page
        assert "A machine translated" in page
        listed = (await client.get("/en/search/", params={"q": "FableBench"})).text
        assert TITLE in listed
        assert TITLE_JA not in listed
        for path in (
            "/api/v1/search.json?q=FableBench",
            "/api/v1/papers/arxiv/2606.00001.json",
            "/api/v1/weeks/dair/2026-W24.json",
            "/en/week/dair/2026-W24/index.json",
        ):
            value = (await client.get(path)).json()
            papers = value.get("papers") or value.get("named") or [value]
            assert {(text["field"], text["language"]) for text in papers[0]["machine_texts"]} == {
                ("title", "ja"), ("summary", "ja"), ("title", "ko"), ("summary", "ko"),
            }, path  # fmt: skip
            assert {text["model"] for text in papers[0]["machine_texts"]} == {"small-model"}
            assert set(papers[0]["titles"]) == {"en"}


def test_languages_are_those_that_the_checks_know() -> None:
    known = Settings.model_validate({"language": "ja", "translation": {"languages": ["en", "ja"]}})

    assert known.translation.other_languages == ("ja",)
    with pytest.raises(ValueError, match=r"translation\.languages may have more"):
        Settings.model_validate({"language": "ja"})
    with pytest.raises(ValueError, match=r"answers\.languages: 'fr' is none"):
        Settings.model_validate({"answers": {"languages": {"discord:1/2": "fr"}}})
    with pytest.raises(ValueError, match="'xx' is none of the languages"):
        Settings.model_validate({"translation": {"languages": ["xx"]}})


def test_pickers_offer_the_languages_of_the_settings() -> None:
    known = catalogues.load(("ja",))
    locale = Locale(known, "ko")
    digest = next(each for each in build_definitions(known) if each["name"] == "digest")
    subscribe = next(each for each in digest["options"] if each["name"] == "subscribe")
    option = next(each for each in subscribe["options"] if each["name"] == "language")

    assert [each["value"] for each in option["choices"]] == ["ko", "en", "both", "ja"]
    assert option["choices"][-1]["name"] == "Japanese"
    assert [each.value for each in setting_options(locale, "language")][-1] == "ja"
