"""Sends requests to the language model within the budget, and repeats those that fail."""

from collections.abc import Mapping
from datetime import timedelta

from bot.enrichment.translation.budget import Budget
from bot.enrichment.translation.prompts import MALFORMED, Prompt, read_answer
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.clock import Clock
from bot.ports.errors import TryLater
from bot.ports.language_model import Completion, LanguageModel
from bot.ports.translations import ModelUsage, TranslationStore

BACKOFF = BackoffPolicy(timedelta(seconds=5), timedelta(minutes=30))
LONGEST_WAIT = timedelta(minutes=1)
"""How long a request waits for a busy endpoint; a run ends where it is to wait longer."""

_MAX_ATTEMPTS = 5
"""Requests in a row that fail before a run ends; the next one goes on."""


class ModelRequests:
    """Asks a model one thing at a time, and counts what it takes."""

    def __init__(
        self, store: TranslationStore, model: LanguageModel, budget: Budget, clock: Clock
    ) -> None:
        self._store = store
        self._model = model
        self._budget = budget
        self._clock = clock
        self.usage = ModelUsage()
        """What all requests took together."""

    async def ask(self, prompt: Prompt, text: str) -> Mapping[str, str] | None:
        """Return the answer's strings; None where two answers in a row are not of the form.

        Raises TryLater, Refused or BudgetSpent where nothing can be asked now, and RequestTooLong.
        """
        for addition in ("", MALFORMED):
            completion = await self._complete(prompt.with_addition(addition), text)
            found = read_answer(completion.text, prompt.names)
            if found is not None:
                return found
        return None

    async def _complete(self, prompt: Prompt, text: str) -> Completion:
        """Send a request until it is answered; each answer is counted at once."""
        backoff = Backoff(BACKOFF)
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            await self._budget.check(self._store, self._clock.now())
            try:
                completion = await self._model.complete(prompt.instructions, text, prompt.schema)
            except TryLater as later:
                if attempt == _MAX_ATTEMPTS:
                    raise
                delay = backoff.next_delay(minimum=later.retry_after)
                if delay > LONGEST_WAIT:
                    raise
                await self._clock.sleep(delay.total_seconds())
                continue
            usage = self._budget.usage(completion)
            await self._store.save_model_usage(usage, self._clock.now())
            self.usage = _sum(self.usage, usage)
            return completion
        raise AssertionError("the last attempt returns or raises")


def _sum(one: ModelUsage, other: ModelUsage) -> ModelUsage:
    return ModelUsage(
        other.model,
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cost + other.cost,
    )
