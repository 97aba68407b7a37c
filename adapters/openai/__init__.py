"""OpenAI: asks any endpoint with OpenAI's API for completions."""

from datetime import timedelta

from bot.ports.language_model import LanguageModel


def connect(base_url: str, model: str, key: str, timeout: timedelta) -> LanguageModel:
    """Return a language model; nothing is sent before it is asked.

    `key` may be empty, as local endpoints need none. Raises ModuleNotFoundError where the package
    `openai` is not installed.
    """
    from adapters.openai.client import OpenAiModel  # noqa: PLC0415 - imports the library

    return OpenAiModel(base_url, model, key, timeout)
