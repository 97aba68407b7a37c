"""Reads an answer that comes as a stream of events although none was asked for (pure)."""

from collections.abc import Iterator

from openai.types.chat import ChatCompletionChunk
from pydantic import ValidationError

from bot.ports.language_model import Completion

_DATA, _END = "data:", "[DONE]"


def read_stream(text: str, model: str) -> Completion | None:
    """Return what the chunks say together; None where they are none, or break off.

    `model` is the name for an answer that has none.
    """
    try:
        chunks = list(_chunks(text))
    except ValidationError:
        return None
    choices = [choice for chunk in chunks for choice in chunk.choices or ()]
    if not any(choice.finish_reason for choice in choices):
        return None
    usage = next((chunk.usage for chunk in reversed(chunks) if chunk.usage), None)
    return Completion(
        text="".join(choice.delta.content or "" for choice in choices if choice.index == 0),
        model=next((chunk.model for chunk in chunks if chunk.model), model),
        prompt_tokens=usage.prompt_tokens if usage else 0,
        completion_tokens=usage.completion_tokens if usage else 0,
    )


def _chunks(text: str) -> Iterator[ChatCompletionChunk]:
    for line in text.splitlines():
        value = line.removeprefix(_DATA).strip()
        if line.startswith(_DATA) and value != _END:
            yield ChatCompletionChunk.model_validate_json(value)
