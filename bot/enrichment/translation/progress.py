"""Tells digests which weeks to wait for: those that are still to be translated."""

import asyncio
from dataclasses import replace

from bot.model.weeks import Week
from bot.ports.translations import TranslationScope, TranslationStore


class TranslationProgress:
    """Fulfils `bot.ports.translations.AwaitedTranslations`; the translator tells it."""

    def __init__(self, store: TranslationStore, scope: TranslationScope) -> None:
        self._store = store
        self.scope = scope
        self.is_stalled = False
        """Whether nothing can be made until a person acts, or a ceiling ends: none waits then."""
        self.has_news = asyncio.Event()
        """Set when weeks came that may lack texts."""

    async def awaited_weeks(self, series: str, languages: tuple[str, ...]) -> frozenset[Week]:
        wanted = tuple(each for each in self.scope.languages if each in languages)
        if self.is_stalled or not wanted:
            return frozenset()
        scope = replace(self.scope, languages=wanted)
        return await self._store.untranslated_weeks(scope, series)
