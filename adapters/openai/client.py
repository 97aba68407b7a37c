"""A language model behind an endpoint with OpenAI's API; every request is sent once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import openai
from openai.types.chat import ChatCompletion

from adapters.openai.errors import to_exception
from bot.ports.errors import TryLater
from bot.ports.language_model import Completion

_NO_KEY = "none"
"""Sent where no key is set: the library demands one, and local endpoints ignore it."""


class OpenAiModel:
    """Fulfils `bot.ports.language_model.LanguageModel`."""

    def __init__(self, base_url: str, model: str, key: str, timeout: timedelta) -> None:
        self._model = model
        self._url = base_url
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key or _NO_KEY,
            timeout=timeout.total_seconds(),
            # The caller waits and repeats: it knows the ceilings, and when to stop.
            max_retries=0,
        )

    async def complete(
        self, instructions: str, text: str, schema: Mapping[str, Any]
    ) -> Completion:
        try:
            answer = await self._client.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": instructions},
                    {"role": "user", "content": text},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)},
                },
                temperature=0,
            )
        except openai.OpenAIError as error:
            raise to_exception(error, self._url) from None
        except ValueError:  # half of a body is no JSON
            raise TryLater(None, f"{self._url} gave an answer that cannot be read.") from None
        return self._completion(answer)

    async def close(self) -> None:
        await self._client.close()

    def _completion(self, answer: ChatCompletion) -> Completion:
        # An endpoint may answer with JSON of another form, which the library does not check.
        choices = getattr(answer, "choices", None) or ()
        if not choices or choices[0].message is None:
            raise TryLater(None, f"{self._url} gave an answer that cannot be read.")
        usage = answer.usage
        return Completion(
            text=choices[0].message.content or "",
            model=answer.model or self._model,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
        )
