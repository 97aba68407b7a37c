"""A language model that errs, tires or refuses is asked again in measure, and told of in words."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.context import Context
from bot.enrichment.translation.budget import Budget
from tests.model_server import ModelServer, Said, faithful
from tests.translation_lies import BENCH_EN, BENCH_KO, RING_EN, TUNE_EN
from tests.translations import (
    SCOPE,
    TITLE_KO,
    TRUE,
    Instant,
    clock,
    english,
    said,
    translate,
    translator,
    week,
)
from tests.waiting import wait_for, wait_until

pytestmark = pytest.mark.slow

__all__ = ["clock"]

ON_BOTH_DATABASES = "long"


@pytest.mark.parametrize(
    "broken",
    [
        Said('{"title": "에이전트의'),
        Said("죄송하지만 도와드릴 수 없습니다."),
        Said("Sure, here is the translation: " + BENCH_KO),
        said(titel=TITLE_KO, summary=BENCH_KO),
        said(title="", summary=BENCH_KO),
        Said("[1, 2]"),
        Said(json.dumps({"title": 1, "summary": 2})),
    ],
)
async def test_an_answer_of_the_wrong_form_is_asked_for_once_more(
    context: Context, endpoint: ModelServer, clock: Instant, broken: Said
) -> None:
    await context.archive.save([week(english(1))])
    endpoint.responses += [broken, TRUE]

    found = await translate(context, endpoint, clock)

    assert (found.kept, found.failed, len(endpoint.asked)) == (2, 0, 2)


async def test_after_two_wrong_forms_texts_are_asked_for_one_at_a_time(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    await context.archive.save([week(english(1))])
    endpoint.responses += [Said("no"), Said("no"), said(title=TITLE_KO), said(summary=BENCH_KO)]

    found = await translate(context, endpoint, clock)

    assert (found.kept, found.failed) == (2, 0)
    assert [list(asked.texts) for asked in endpoint.asked[2:]] == [["title"], ["summary"]]


async def test_a_request_that_is_too_long_is_parted(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    await context.archive.save([week(english(1))])
    too_long = Said(
        status=400, body='{"error": {"code": "context_length_exceeded", "message": "too long"}}'
    )
    endpoint.responses += [too_long, said(title=TITLE_KO), too_long]

    found = await translate(context, endpoint, clock)

    assert (found.kept, found.failed) == (1, 1)


@pytest.mark.parametrize(
    ("failure", "waits"),
    [
        (Said(status=429, body="{}", headers={"Retry-After": "7"}), 7.0),
        (Said(status=429, body="{}"), 5.0),
        (Said(status=500, body="{}"), 5.0),
        (Said(status=503, body="gone"), 5.0),
        (Said(body='{"choices": [{"mess'), 5.0),
        (Said(body="{}"), 5.0),
        (Said(body='{"error": "half"}'), 5.0),
    ],
)
async def test_a_busy_endpoint_is_asked_again_after_a_while(
    context: Context, endpoint: ModelServer, clock: Instant, failure: Said, waits: float
) -> None:
    await context.archive.save([week(english(1))])
    endpoint.responses += [failure, TRUE]

    found = await translate(context, endpoint, clock)

    assert found.kept == 2
    assert clock.slept == [waits]


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_as_many_requests_are_open_at_once_as_are_allowed(
    context: Context, endpoint: ModelServer, clock: Instant, concurrency: int
) -> None:
    papers = [english(number, f"{BENCH_EN} It is no. {number}.") for number in range(1, 9)]
    await context.archive.save([week(*papers[:4]), week(*papers[4:], number=23)])
    endpoint.held.clear()
    async with translator(context, endpoint, clock, concurrency=concurrency) as works:
        running = asyncio.create_task(works.run_once(SCOPE))
        await wait_until(lambda: len(endpoint.asked) == concurrency)
        endpoint.held.set()
        found = await wait_for(running)

    assert endpoint.most_open == concurrency
    sources = [json.dumps(asked.texts, sort_keys=True) for asked in endpoint.asked]
    assert len(sources) == len(set(sources))
    assert (found.failed, found.reason) == (0, "")
    assert found.usage.completion_tokens > 0


async def test_what_the_endpoint_tells_one_request_holds_for_all(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    papers = [
        english(number, f"{BENCH_EN} It is no. {number}.", f"No. {number}") for number in (1, 2)
    ]
    await context.archive.save([week(*papers)])
    limits = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "30s"}
    endpoint.responses.append(lambda asked: replace(faithful(asked), headers=limits))

    assert (await translate(context, endpoint, clock)).reason == ""
    assert clock.slept == [30.0]

    await context.archive.save([week(english(3), english(4, TUNE_EN, "A title of truth"))])
    limits["x-ratelimit-reset-requests"] = "5m"
    endpoint.responses.append(lambda asked: replace(faithful(asked), headers=limits))
    later = await translate(context, endpoint, clock)
    assert later.retry_after == timedelta(minutes=5)
    assert "limit of the endpoint" in later.reason


async def test_a_worker_that_fails_is_told_as_one_alone(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    papers = [english(number, f"{BENCH_EN} It is no. {number}.") for number in range(1, 5)]
    await context.archive.save([week(*papers)])
    endpoint.responses += [Said(status=401, body="{}")] * 3

    async with translator(context, endpoint, clock, concurrency=3) as works:
        found = await works.run_once(SCOPE)

    assert "key" in found.reason
    assert found.is_stalled


async def test_an_endpoint_that_stays_busy_is_left_alone_and_what_is_done_is_kept(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    await context.archive.save([week(english(1), english(2, TUNE_EN, "A title of truth"))])
    endpoint.responses += [TRUE, Said(status=429, body="{}", headers={"Retry-After": "900"})]

    found = await translate(context, endpoint, clock)

    assert found.kept == 2
    assert found.retry_after == timedelta(seconds=900)
    assert "429" in found.reason


@pytest.mark.parametrize(
    ("refusal", "word"),
    [
        (Said(status=401, body="{}"), "key"),
        (Said(status=404, body="{}"), "no such model"),
        (Said(status=429, body='{"error": {"code": "insufficient_quota"}}'), "credit"),
        (Said(status=400, body='{"error": {"message": "bad"}}'), "refused"),
    ],
)
async def test_an_endpoint_that_refuses_is_told_in_words(
    context: Context, endpoint: ModelServer, clock: Instant, refusal: Said, word: str
) -> None:
    await context.archive.save([week(english(1))])
    endpoint.responses.append(refusal)

    found = await translate(context, endpoint, clock)

    assert word in found.reason
    assert len(endpoint.asked) == 1


async def test_a_ceiling_ends_the_day_and_the_next_day_goes_on(
    context: Context, endpoint: ModelServer, clock: Instant
) -> None:
    papers = [english(1), english(2, TUNE_EN, "A title of truth"), english(3, RING_EN, "Rings")]
    await context.archive.save([week(*papers)])
    budget = Budget(prompt_price=10, completion_price=30, daily_cost=0.000001)

    first = await translate(context, endpoint, clock, budget)
    second = await translate(context, endpoint, clock, budget)
    clock.day += timedelta(days=1)
    third = await translate(context, endpoint, clock, budget)
    monthly = await translate(context, endpoint, clock, Budget(monthly_tokens=1))

    assert (len(endpoint.asked), first.kept, second.kept, third.kept) == (2, 2, 0, 2)
    assert first.usage.cost > 0
    assert "day" in second.reason
    assert "month" in monthly.reason
    assert (await context.translations.model_usage(clock.day)).tokens == third.usage.tokens
