"""What an endpoint may answer: streams, errors, halves, refusals; each on a real socket."""

import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.openai import connect
from bot.ports.errors import Refused, TryLater
from bot.ports.language_model import Completion, LanguageModel, RequestTooLong
from tests.model_server import ModelServer, Said

SCHEMA: Mapping[str, Any] = {"type": "object"}
ERROR = '{"error": {"message": "%s"}}'


@asynccontextmanager
async def model(url: str, seconds: float = 20) -> AsyncIterator[LanguageModel]:
    opened = connect(url, "small-model", "secret", timedelta(seconds=seconds))
    try:
        yield opened
    finally:
        await opened.close()


async def ask(endpoint: ModelServer, *answers: Said, seconds: float = 20) -> Completion:
    endpoint.responses += answers
    async with model(endpoint.url, seconds) as asked:
        return await asked.complete("Translate.", "{}", SCHEMA)


def chunk(content: str | None, **more: object) -> str:
    """Return a piece of an answer as OpenAI's API streams it."""
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": more.pop("end", None)}
    value = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "small-model",
        "choices": [choice],
        **more,
    }
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def streamed(*chunks: str) -> Said:
    body = "".join(chunks) + "data: [DONE]\n\n"
    return Said(body=body, headers={"Content-Type": "text/event-stream"})


async def test_an_endpoint_that_streams_is_read_to_its_end(endpoint: ModelServer) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    answer = await ask(
        endpoint,
        streamed(chunk('{"title": '), chunk('"제목"}'), chunk(None, end="stop", usage=usage)),
    )

    assert answer == Completion('{"title": "제목"}', "small-model", 7, 5)


async def test_a_stream_without_counts_counts_nothing(endpoint: ModelServer) -> None:
    answer = await ask(endpoint, streamed(": a comment\n\n", chunk("{}"), chunk("", end="stop")))

    assert answer == Completion("{}", "small-model", 0, 0)


@pytest.mark.parametrize(
    "answer",
    [
        streamed(chunk('{"title": ')),
        Said(body='data: {"choices": [{"del', headers={"Content-Type": "text/event-stream"}),
        Said(body="data: [DONE]\n\n", headers={"Content-Type": "text/event-stream"}),
        Said(body="<html>Bad gateway</html>", headers={"Content-Type": "text/html"}),
        Said(body='{"choices": [{"mess'),
        Said(body="{}"),
        Said(body="[1, 2]"),
        Said(body="null"),
        Said(body='{"choices": []}'),
        Said(body='{"choices": [{"index": 0}]}'),
        Said(body='{"choices": "none"}'),
        Said(body='{"choices": [1]}'),
        Said(body='"text"'),
    ],
)
async def test_half_an_answer_and_one_of_another_form_are_asked_for_later(
    endpoint: ModelServer, answer: Said
) -> None:
    with pytest.raises(TryLater, match="cannot be read"):
        await ask(endpoint, answer)


async def test_a_refusal_of_the_model_is_an_empty_answer(endpoint: ModelServer) -> None:
    message = {"role": "assistant", "content": None, "refusal": "I cannot."}
    body = json.dumps({"model": "m", "choices": [{"index": 0, "message": message}]})

    assert (await ask(endpoint, Said(body=body))).text == ""


async def test_an_endpoint_that_does_not_answer_is_left_after_the_time_that_is_set(
    endpoint: ModelServer,
) -> None:
    endpoint.held.clear()

    with pytest.raises(TryLater, match="in time"):
        await ask(endpoint, seconds=0.2)


async def test_an_answer_that_trickles_is_left_after_the_same_time(endpoint: ModelServer) -> None:
    endpoint.drips = 0.02

    with pytest.raises(TryLater, match="in time"):
        await ask(endpoint, seconds=0.3)


async def test_an_endpoint_that_is_not_there_is_asked_later() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with model(f"http://127.0.0.1:{taken.getsockname()[1]}/v1") as asked:
            with pytest.raises(TryLater, match="cannot be reached"):
                await asked.complete("Translate.", "{}", SCHEMA)


@pytest.mark.parametrize(
    ("status", "headers", "waits"),
    [
        (429, {"Retry-After": "7"}, timedelta(seconds=7)),
        (429, {"Retry-After": "0.5"}, timedelta(seconds=0.5)),
        (429, {"Retry-After": "soon"}, None),
        (429, {"Retry-After": "99999999"}, None),
        (429, {}, None),
        (500, {}, None),
        (502, {}, None),
        (503, {"Retry-After": "120"}, timedelta(minutes=2)),
        (529, {}, None),
        (408, {}, None),
    ],
)
async def test_a_busy_or_broken_endpoint_says_when_to_come_back(
    endpoint: ModelServer, status: int, headers: Mapping[str, str], waits: timedelta | None
) -> None:
    with pytest.raises(TryLater) as found:
        await ask(endpoint, Said(status=status, body="{}", headers=headers))

    assert found.value.retry_after == waits
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"remaining-requests": "5", "reset-requests": "60s"}, 0),
        ({"remaining-requests": "0", "reset-requests": "1s"}, 1),
        ({"remaining-requests": "0", "reset-requests": "6m0.5s"}, 360.5),
        ({"remaining-tokens": "1", "reset-tokens": "120ms"}, 0.12),
        ({"remaining-tokens": "100000", "reset-tokens": "9s"}, 0),
        ({"remaining-requests": "0", "reset-requests": "2", "remaining-tokens": "0",
          "reset-tokens": "1h"}, 3600),
        ({"remaining-requests": "0", "reset-requests": "99999999999999999999d"}, 86400),
        ({"remaining-requests": "0", "reset-requests": "soon"}, 0),
        ({"remaining-requests": "none", "reset-requests": "1s"}, 0),
    ],
)  # fmt: skip
async def test_an_answer_says_how_long_the_limits_want_a_pause(
    endpoint: ModelServer, headers: Mapping[str, str], seconds: float
) -> None:
    limits = {f"x-ratelimit-{name}": value for name, value in headers.items()}

    answer = await ask(endpoint, Said("{}", headers=limits))

    assert answer.pause == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "This model's maximum context length is 4096 tokens."),
        (400, "the request exceeds the available context size"),
        (413, "Payload too large"),
        (422, "the prompt is too long"),
    ],
)
async def test_a_request_that_is_too_long_is_told_apart(
    endpoint: ModelServer, status: int, said: str
) -> None:
    with pytest.raises(RequestTooLong):
        await ask(endpoint, Said(status=status, body=ERROR % said))


@pytest.mark.parametrize(
    ("status", "said", "word"),
    [
        (401, "bad key", "translation.key"),
        (403, "no", "translation.key"),
        (404, "model not found", "no such model"),
        (400, "response_format is not supported", "refused"),
        (429, "insufficient_quota", "credit"),
    ],
)
async def test_what_a_person_has_to_mend_is_refused_without_the_key(
    endpoint: ModelServer, status: int, said: str, word: str
) -> None:
    with pytest.raises(Refused, match=word) as found:
        await ask(endpoint, Said(status=status, body=ERROR % said))

    assert "secret" not in str(found.value)


async def test_a_model_of_one_temperature_is_asked_without(endpoint: ModelServer) -> None:
    refusal = Said(status=400, body=ERROR % "temperature: only the default (1) is supported")
    endpoint.responses += [refusal, Said("{}"), Said("{}")]

    async with model(endpoint.url) as asked:
        first = await asked.complete("Translate.", "{}", SCHEMA)
        await asked.complete("Translate.", "{}", SCHEMA)

    assert first.text == "{}"
    assert ["temperature" in each.body for each in endpoint.asked] == [True, False, False]


async def test_a_model_that_refuses_the_same_again_is_refused(endpoint: ModelServer) -> None:
    refusal = Said(status=400, body=ERROR % "temperature is wrong")

    with pytest.raises(Refused):
        await ask(endpoint, refusal, refusal)
