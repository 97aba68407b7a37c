"""A week without an introduction gets one of a model, where its checks find nothing wrong."""

import json
from dataclasses import replace

import pytest

from bot.cards.help import about_card
from bot.cards.introduction import introduction_card, introduction_texts
from bot.cards.issues import issue_card
from bot.cards.locale import Locale
from bot.commands.context import Context
from bot.digests.deliveries import filter_by_tags
from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.introductions import find_introduction_faults
from bot.model.papers import Paper
from bot.sources.parsers import bundle
from config import terms
from tests.introduction_lies import ENGLISH, KOREAN, LIES, PAPERS, join
from tests.model_server import ModelServer, Said, faithful
from tests.sample_cards import card_text
from tests.translations import SCOPE, Instant, clock, stored, translate, week

__all__ = ["clock"]

MISSED = {"says what no summary says": 5}
"""Lies that nothing catches: what would have to be understood. All others are caught."""


def papers() -> list[Paper]:
    return [
        Paper(
            f"arxiv:2606.0000{number}",
            titles={"en": each["title"]},
            summaries={"en": each["summary"]},
            tags=("agents",),
        )
        for number, each in enumerate(json.loads(PAPERS), 1)
    ]


WRITTEN = Said(json.dumps(dict(zip(("first", "second", "third"), ENGLISH, strict=True))))
TRANSLATED = Said(json.dumps({"introduction": join(KOREAN)}))


def scripted(endpoint: ModelServer, *introductions: Said) -> None:
    """Let the endpoint translate papers faithfully, and then say these."""
    endpoint.responses += [faithful] * 4 + list(introductions)


@pytest.mark.parametrize(("language", "written"), [("en", ENGLISH), ("ko", KOREAN)])
def test_a_true_introduction_is_kept(language: str, written: tuple[str, ...]) -> None:
    glossary = Glossary.of(terms.load())

    assert find_introduction_faults(PAPERS, join(written), language, glossary) == ()


@pytest.mark.parametrize("kind", LIES)
def test_lies_of_every_kind_are_caught(kind: str) -> None:
    glossary = Glossary.of(terms.load())
    assert len(LIES[kind]) >= 5

    missed = [
        text
        for text, language in LIES[kind]
        if not find_introduction_faults(PAPERS, text, language, glossary)
    ]

    assert len(missed) == MISSED.get(kind, 0), missed


async def test_it_is_written_translated_stored_marked_and_shown_in_both_languages(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    await context.archive.save([week(*papers())])
    scripted(endpoint, WRITTEN, TRANSLATED)

    found = await translate(context, endpoint, clock)
    again = await translate(context, endpoint, clock)
    issue = await stored(context)

    assert (found.failed, again.kept, len(endpoint.asked)) == (0, 0, 6)
    assert issue.intros == {"en": join(ENGLISH), "ko": join(KOREAN)}
    assert {(text.field, text.language) for text in issue.machine_texts} == {
        ("introduction", "en"),
        ("introduction", "ko"),
    }
    for language, written in (("en", ENGLISH), ("ko", KOREAN)):
        locale = Locale(context.catalogues, language)
        whole = card_text(introduction_card(locale, issue, "A week"))
        assert all(paragraph in whole for paragraph in written)
        assert "small-model" in whole
        shown = card_text(issue_card(locale, issue))
        assert written[0][:30] in shown
        assert "small-model" in shown


async def test_a_counted_introduction_stays_where_the_checks_fail_or_a_language_is_missing(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    await context.archive.save([week(*papers())])
    lie = Said(WRITTEN.content.replace("2 million", "20 million"))
    scripted(endpoint, lie, lie)

    found = await translate(context, endpoint, clock)
    issue = await stored(context)
    locale = Locale(context.catalogues, "en")
    counted = introduction_texts(locale, issue)

    assert found.failed == 1
    assert "20 million" in found.faults[0]
    assert issue.intros == {}
    assert set(counted) == {"ko", "en"}
    # It is told what is wrong once, and is asked again when a person says so.
    assert "20 million" in str(endpoint.asked[-1].texts["faults"])
    endpoint.responses += [WRITTEN, Said("no"), Said("no")]
    await translate(context, endpoint, clock, scope=replace(SCOPE, again=True))
    half = await stored(context)
    assert half.intros == {"en": join(ENGLISH)}
    assert introduction_texts(locale, half) == half.intros
    for language in ("ko", "both"):
        assert introduction_texts(Locale(context.catalogues, language), half) == counted


async def test_it_is_stale_when_the_papers_change(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    await context.archive.save([week(*papers())])
    scripted(endpoint, WRITTEN, TRANSLATED)
    await translate(context, endpoint, clock)

    changed = [*papers()[:3], replace(papers()[3], summaries={"en": "Judges judges."})]
    await context.archive.save([week(*changed)])

    assert (await stored(context)).intros == {}
    await translate(context, endpoint, clock)
    assert endpoint.asked[-2].is_introduction
    assert set((await stored(context)).intros) == {"en", "ko"}


async def test_what_a_source_wrote_is_translated_and_never_replaced(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    await context.archive.save([replace(week(*papers()), intros={"en": join(ENGLISH)})])
    scripted(endpoint, TRANSLATED)

    await translate(context, endpoint, clock)
    issue = await stored(context)

    assert not any(asked.is_introduction for asked in endpoint.asked)
    assert issue.intros == {"en": join(ENGLISH), "ko": join(KOREAN)}
    assert [text.language for text in issue.machine_texts] == ["ko"]


async def test_a_digest_of_some_papers_has_none(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    tagged = [replace(papers()[0], tags=("memory",)), *papers()[1:]]
    await context.archive.save([week(*tagged)])
    scripted(endpoint, WRITTEN, TRANSLATED)
    await translate(context, endpoint, clock)

    shown = filter_by_tags(await stored(context), ("memory",))

    assert (shown.intros, shown.machine_texts) == ({}, ())


async def test_an_export_has_it_apart_and_about_names_the_model(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    await context.archive.save([week(*papers())])
    before = await context.translations.machine_text_counts()
    scripted(endpoint, WRITTEN, TRANSLATED)
    await translate(context, endpoint, clock)

    value = json.loads(
        bundle.dump([issue async for issue in context.archive.issues(None, None)], "json")
    )
    made = await context.translations.machine_text_counts()
    totals = await context.archive.totals()
    cards = [
        card_text(about_card(Locale(context.catalogues, language), totals, made, "1"))
        for language in ("en", "ko", "both")
    ]

    assert before == ()
    assert "intro" not in value["issues"][0]
    assert {text["language"] for text in value["issues"][0]["machine_texts"]} == {"en", "ko"}
    assert bundle.parse(value).problems == ()
    assert bundle.parse(value).issues[0].intros == {}
    assert [(each.model, each.texts) for each in made] == [("small-model", 10)]
    for card in cards:
        assert "small-model" in card
        assert "2026-06-09" in card
    assert "/report" in cards[0]
