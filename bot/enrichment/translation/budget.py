"""Ceilings of what a day and a month of translation may take."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.ports.language_model import Completion
from bot.ports.translations import ModelUsage, TranslationStore

_MILLION = 1_000_000


class BudgetSpent(Exception):
    """A ceiling is reached; the message says which."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Prices and ceilings; a ceiling of 0 is none. Days and months are those of UTC."""

    prompt_price: float = 0.0
    """Of a million tokens, as are all prices."""
    completion_price: float = 0.0
    daily_cost: float = 0.0
    monthly_cost: float = 0.0
    daily_tokens: int = 0
    monthly_tokens: int = 0

    def usage(self, completion: Completion) -> ModelUsage:
        """Return what a request took."""
        cost = (
            completion.prompt_tokens * self.prompt_price
            + completion.completion_tokens * self.completion_price
        ) / _MILLION
        return ModelUsage(
            completion.model, completion.prompt_tokens, completion.completion_tokens, cost
        )

    async def check(self, store: TranslationStore, now: datetime) -> None:
        """Raise BudgetSpent where a ceiling is reached."""
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for since, cost, tokens, name in (
            (day, self.daily_cost, self.daily_tokens, "day"),
            (day.replace(day=1), self.monthly_cost, self.monthly_tokens, "month"),
        ):
            if not cost and not tokens:
                continue
            spent = await store.model_usage(since)
            if (cost and spent.cost >= cost) or (tokens and spent.tokens >= tokens):
                raise BudgetSpent(
                    f"The ceiling of translation for a {name} is reached: {spent.tokens} tokens, "
                    f"cost {spent.cost:.4f}. It goes on next {name}."
                )
