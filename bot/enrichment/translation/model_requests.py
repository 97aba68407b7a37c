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
    """Asks a model, and counts what it takes; what one request is told to wait, all do."""

    def __init__(
        self, store: TranslationStore, model: LanguageModel, budget: Budget, clock: Clock
    ) -> None:
        self._store = store
        self._model = model
        self._budget = budget
        self._clock = clock
        self._not_before = clock.now()
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
            await self._wait_for_turn()
            try:
                completion = await self._model.complete(prompt.instructions, text, prompt.schema)
            except TryLater as later:
                if attempt == _MAX_ATTEMPTS:
                    raise
                delay = backoff.next_delay(minimum=later.retry_after)
                if later.retry_after is not None:
                    self._hold(delay)
                if delay > LONGEST_WAIT:
                    raise
                if later.retry_after is None:
                    await self._clock.sleep(delay.total_seconds())
                continue
            self._hold(completion.pause)
            usage = self._budget.usage(completion)
            await self._store.save_model_usage(usage, self._clock.now())
            self.usage = _sum(self.usage, usage)
            return completion
        raise AssertionError("the last attempt returns or raises")

    def _hold(self, span: timedelta) -> None:
        """Send nothing for a while: an endpoint's limits are for all requests."""
        self._not_before = max(self._not_before, self._clock.now() + span)

    async def _wait_for_turn(self) -> None:
        """Wait as the endpoint wants it. Raises TryLater where that is too long for a run."""
        until = self._not_before
        delay = until - self._clock.now()
        if delay > LONGEST_WAIT:
            raise TryLater(delay, "The limit of the endpoint is reached; it goes on later.")
        if delay > timedelta():
            await self._clock.sleep(delay.total_seconds())
            if self._not_before == until:
                self._not_before = self._clock.now()


def _sum(one: ModelUsage, other: ModelUsage) -> ModelUsage:
    return ModelUsage(
        other.model,
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cost + other.cost,
    )
