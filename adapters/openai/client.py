"""A language model behind an endpoint with OpenAI's API; every request is sent once."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import openai

from adapters.openai.errors import to_exception
from adapters.openai.rate_limits import pause_after
from adapters.openai.stream import read_stream
from bot.ports.errors import TryLater
from bot.ports.language_model import Completion

_NO_KEY = "none"
"""Sent where no key is set: the library demands one, and local endpoints ignore it."""


class OpenAiModel:
    """Fulfils `bot.ports.language_model.LanguageModel`."""

    def __init__(self, base_url: str, model: str, key: str, timeout: timedelta) -> None:
        self._model = model
        self._url = base_url
        self._timeout = timeout.total_seconds()
        self._options: dict[str, Any] = {"temperature": 0}
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key or _NO_KEY,
            timeout=self._timeout,
            # The caller waits and repeats: it knows the ceilings, and when to stop.
            max_retries=0,
        )

    async def complete(
        self, instructions: str, text: str, schema: Mapping[str, Any]
    ) -> Completion:
        try:
            # The library's limit begins anew with every byte of a slow answer.
            async with asyncio.timeout(self._timeout):
                answer = await self._send(instructions, text, schema)
                found = self._read(answer.parse())
                tokens = found.prompt_tokens + found.completion_tokens
                return replace(found, pause=pause_after(answer.headers, tokens))
        except TimeoutError:
            raise TryLater(None, f"{self._url} did not answer in time.") from None
        except openai.OpenAIError as error:
            raise to_exception(error, self._url) from None
        except ValueError:  # half of a body is no JSON
            raise self._unreadable() from None

    async def close(self) -> None:
        await self._client.close()

    async def _send(self, instructions: str, text: str, schema: Mapping[str, Any]) -> Any:
        try:
            return await self._create(instructions, text, schema)
        except openai.BadRequestError as error:
            if not self._options or "temperature" not in str(error.body or error.message):
                raise
            # Some models answer with their own temperature alone, and refuse any other.
            self._options = {}
            return await self._create(instructions, text, schema)

    async def _create(self, instructions: str, text: str, schema: Mapping[str, Any]) -> Any:
        return await self._client.chat.completions.with_raw_response.create(
            model=self._model,
            messages=[
                {"role": "system", "content": instructions},
                {"role": "user", "content": text},
            ],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)},
            },
            **self._options,
        )

    def _read(self, answer: object) -> Completion:
        # The library gives a body of another media type as text.
        if isinstance(answer, str):
            streamed = read_stream(answer, self._model)
            if streamed is None:
                raise self._unreadable()
            return streamed
        # An endpoint may answer with JSON of another form, which the library does not check.
        choices = getattr(answer, "choices", None)
        first = choices[0] if isinstance(choices, list) and choices else None
        message = getattr(first, "message", None)
        if message is None:
            raise self._unreadable()
        usage = getattr(answer, "usage", None)
        return Completion(
            text=str(getattr(message, "content", None) or ""),
            model=str(getattr(answer, "model", None) or self._model),
            prompt_tokens=_count(usage, "prompt_tokens"),
            completion_tokens=_count(usage, "completion_tokens"),
        )

    def _unreadable(self) -> TryLater:
        return TryLater(None, f"{self._url} gave an answer that cannot be read.")


def _count(usage: object, name: str) -> int:
    count = getattr(usage, name, None)
    return count if isinstance(count, int) and count > 0 else 0
