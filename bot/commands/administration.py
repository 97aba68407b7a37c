"""What an operator sees of everything at once, and the little that can be done from there."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.locale import Locale
from bot.cards.subscription_status import SubscriptionStatus
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.commands.subscriptions import load_status
from bot.model.card import Card, Form
from bot.model.channels import Person, Target
from bot.model.delivery_reports import PlatformStats
from bot.ports.conversation import Request

PAGE_SIZE = 50
"""Subscriptions of a page."""

ACTIONS = {"pause": "pause", "resume": "resume", "again": "now"}
"""What can be done about a subscription, with the word of `/digest` that does it."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How a source of weeks stands."""

    name: str
    place: str
    weeks: int
    """The weeks that it brought."""
    succeeded_at: datetime | None
    next_at: datetime | None
    warnings: tuple[str, ...]
    """What is wrong, a sentence each."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the whole bot."""

    version: str
    platforms: tuple[PlatformStats, ...]
    subscriptions: tuple[SubscriptionStatus, ...]
    """Those of the page, the paused ones first."""
    total: int
    page: int
    """From 1."""
    sources: Sequence[SourceStatus]
    events: Sequence[str]
    """The last warnings and errors of this program, the newest first."""

    @property
    def last_page(self) -> int:
        """Return the number of pages."""
        return max(-(-self.total // PAGE_SIZE), 1)


class Administration:
    """Reads the state of the bot, and does what `/digest` does for who may manage it."""

    def __init__(
        self,
        context: Context,
        sources: Callable[[], Awaitable[Sequence[SourceStatus]]],
        events: Callable[[], Sequence[str]],
    ) -> None:
        self._context = context
        self._sources = sources
        self._events = events

    def locale(self, language: str) -> Locale:
        """Return the locale of a language, `ko` or `en`."""
        return Locale(self._context.catalogues, language)

    async def overview(self, language: str, page: int) -> Overview:
        """Return the state of everything, with a page of the subscriptions."""
        ledger = self._context.ledger
        every = sorted(await ledger.subscriptions(), key=lambda each: not each.is_paused)
        first = (page - 1) * PAGE_SIZE
        shown = [
            await load_status(self._context, self._request(each.target.platform, language), each)
            for each in every[first : first + PAGE_SIZE]
        ]
        return Overview(
            self._context.version,
            await ledger.platform_stats(self._context.now()),
            tuple(shown),
            len(every),
            page,
            await self._sources(),
            self._events(),
        )

    async def act(self, number: int, action: str, language: str) -> Card | Form | None:
        """Pause, resume or post a subscription again; return what `/digest` answers.

        None where there is no such subscription or action.
        """
        word = ACTIONS.get(action)
        every = await self._context.ledger.subscriptions()
        found = next((each for each in every if each.id == number), None)
        if word is None or found is None:
            return None
        asked = self._request(found.target.platform, language)
        request = Request("digest", f"{word} series={found.series}", asked.person, found.target)
        return (await dispatch(self._context, request)).content

    def _request(self, platform: str, language: str) -> Request:
        person = Person(platform, "", language, may_manage=True)
        return Request("digest", "status", person, Target(platform, "", ""))
