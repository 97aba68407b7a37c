"""A run of translation: what waits, what came of it, and why it ends early."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.enrichment.translation.budget import BudgetSpent
from bot.enrichment.translation.model_requests import BACKOFF, ModelRequests
from bot.ports.errors import Refused, TryLater
from bot.ports.translations import CheckedText, ModelUsage, PendingPaper, TranslationScope

_AFTER_REFUSAL = timedelta(hours=1)
"""How long an endpoint is left alone that accepts no request, or a budget that is spent."""


@dataclass(frozen=True, slots=True)
class TranslationResult:
    """The outcome of a run, in texts."""

    kept: int = 0
    failed: int = 0
    """Texts that failed the checks; they stay in the language of their source."""
    usage: ModelUsage = field(default_factory=ModelUsage)
    faults: tuple[str, ...] = ()
    """Why texts failed, for curators: a sentence each."""
    reason: str = ""
    """Why the run stopped early."""
    retry_after: timedelta | None = None
    is_stalled: bool = False
    """Whether a person has to act, or a ceiling to end, before anything can be made."""


class TranslationRun:
    """The state that workers share: each takes the next paper, and says what came of it."""

    def __init__(
        self,
        scope: TranslationScope,
        requests: ModelRequests,
        on_progress: Callable[[TranslationResult], None],
    ) -> None:
        self.scope = scope
        self.requests = requests
        self._on_progress = on_progress
        self._result = TranslationResult()
        self._waiting: Iterator[PendingPaper] = iter(())
        self._end: TryLater | Refused | BudgetSpent | None = None
        self.done: set[PendingPaper] = set()
        """Texts that are made again stay pending; a paper is done once in a run."""

    def begin(self, papers: Sequence[PendingPaper]) -> bool:
        """Let these papers wait, but for those that are done; return whether there is one."""
        waiting = [paper for paper in papers if paper not in self.done]
        self._waiting = iter(waiting)
        return bool(waiting)

    def next_paper(self) -> PendingPaper | None:
        """Return a paper that no other worker has; None where there is none, or the run ends."""
        paper = None if self._end else next(self._waiting, None)
        if paper and self.scope.again:
            self.done.add(paper)
        return paper

    def count(self, texts: Sequence[CheckedText]) -> None:
        """Count what was saved."""
        faults = [
            f"“{text.source[:60]}” ({text.language}): {text.fault}" for text in texts if text.fault
        ]
        self._result = replace(
            self._result,
            kept=self._result.kept + len(texts) - len(faults),
            failed=self._result.failed + len(faults),
            faults=(*self._result.faults, *faults),
        )
        self._on_progress(self.result)

    def end(self, error: TryLater | Refused | BudgetSpent) -> None:
        """Let no worker begin another paper; the first reason is the one that is told."""
        self._end = self._end or error

    @property
    def has_ended(self) -> bool:
        """Return whether something ended the run early."""
        return self._end is not None

    @property
    def result(self) -> TranslationResult:
        """Return the outcome so far."""
        found = replace(self._result, usage=self.requests.usage)
        if self._end is None:
            return found
        return replace(
            found,
            reason=str(self._end),
            retry_after=_delay(self._end),
            is_stalled=not isinstance(self._end, TryLater),
        )


def _delay(error: TryLater | Refused | BudgetSpent) -> timedelta:
    if isinstance(error, TryLater):
        return error.retry_after or BACKOFF.maximum
    return _AFTER_REFUSAL
