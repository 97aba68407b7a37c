"""Translates sample papers by a loopback language model."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.openai import connect
from bot.commands.context import Context
from bot.enrichment.translation.budget import Budget
from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.run import TranslationResult
from bot.enrichment.translation.translator import Translator
from bot.model.papers import Entry, Issue, Paper
from bot.model.weeks import Week
from bot.ports.archive import SeriesPreference
from bot.ports.translations import TranslationScope
from config import terms
from tests.model_server import ModelServer, Said
from tests.translation_lies import BENCH_EN, BENCH_KO
from tests.waiting import GUARD

WEEK = Week(2026, 24)
SCOPE = TranslationScope(("ko", "en"), newest=4)
TITLE = "Promises of Agents: FableBench"
TITLE_KO = "에이전트의 약속: FableBench"


class Instant:
    """A clock whose sleep is over at once, and which remembers it."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.day = datetime(2026, 6, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.day

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock() -> Instant:
    return Instant()


def week(*papers: Paper, number: int = 24) -> Issue:
    start = date.fromisocalendar(2026, number, 1)
    return Issue(
        "dair",
        Week(2026, number),
        start,
        start + timedelta(days=6),
        titles={"en": "Top papers"},
        entries=tuple(Entry(place, each) for place, each in enumerate(papers, start=1)),
    )


def english(number: int, summary: str = BENCH_EN, title: str = TITLE) -> Paper:
    return Paper(f"arxiv:2606.0000{number}", titles={"en": title}, summaries={"en": summary})


def said(**texts: str) -> Said:
    return Said(json.dumps(texts, ensure_ascii=False))


TRUE = said(title=TITLE_KO, summary=BENCH_KO)


@asynccontextmanager
async def translator(
    context: Context,
    endpoint: ModelServer,
    clock: Instant,
    budget: Budget | None = None,
    concurrency: int = 1,
) -> AsyncIterator[Translator]:
    model = connect(endpoint.url, "small-model", "", timedelta(seconds=GUARD))
    try:
        yield Translator(
            context.translations,
            model,
            Glossary.of(terms.load()),
            budget or Budget(),
            clock,
            concurrency=concurrency,
        )
    finally:
        await model.close()


async def translate(
    context: Context,
    endpoint: ModelServer,
    clock: Instant,
    budget: Budget | None = None,
    scope: TranslationScope = SCOPE,
) -> TranslationResult:
    async with translator(context, endpoint, clock, budget) as works:
        return await works.run_once(scope)


async def stored(context: Context, wanted: Week = WEEK) -> Issue:
    found = (await context.archive.find_issue(wanted, date(2026, 6, 9), SeriesPreference())).issue
    assert found
    return found
