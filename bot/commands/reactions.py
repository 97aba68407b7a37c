"""Counts reactions to the messages of papers as votes for the favourite of a week."""

import asyncio
import logging
from collections import deque

from bot.commands.context import Context
from bot.lib.clock import Clock, wait_for_event
from bot.model.discussions import Ballot, Reaction
from bot.ports.errors import StorageUnavailable

_MAX_WAITING = 5000
"""Reactions that wait to be looked at; further ones are not counted."""
_BATCH = 200
_PAUSE_SECONDS = 1.0
"""Between two batches: reactions come to all messages of a server, and few are about papers."""

_LOG = logging.getLogger(__name__)


class ReactionVotes:
    """Turns reactions into votes, in the order in which they came.

    A person has one vote for each week, whether by a button or by reactions: the last one counts.
    """

    def __init__(self, context: Context, platform: str, clock: Clock) -> None:
        self._context = context
        self._platform = platform
        self._clock = clock
        self._waiting: deque[Reaction] = deque()
        self._is_full = False

    def note(self, reaction: Reaction) -> None:
        """Remember a reaction; see `bot.ports.conversation.ReactionListener`."""
        if len(self._waiting) < _MAX_WAITING:
            self._waiting.append(reaction)
        elif not self._is_full:
            self._is_full = True
            _LOG.warning("Reactions dropped", extra={"fields": {"platform": self._platform}})

    async def run(self, stop: asyncio.Event) -> None:
        """Count until `stop` is set."""
        while not await wait_for_event(stop, _PAUSE_SECONDS, self._clock):
            while self._waiting and not stop.is_set():
                some = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
                try:
                    await self._count(some)
                except StorageUnavailable as error:
                    self._waiting.extendleft(reversed(some))  # a vote that counted counts once
                    fields = {"platform": self._platform, "error": str(error)}
                    _LOG.warning("Counting skipped", extra={"fields": fields})
                    break
                except Exception:  # noqa: BLE001 - votes that fail must not end the platform
                    _LOG.exception(
                        "Counting failed", extra={"fields": {"platform": self._platform}}
                    )
            self._is_full = False

    async def _count(self, reactions: list[Reaction]) -> None:
        context = self._context
        papers = await context.ledger.papers_of_messages(
            self._platform, {each.message for each in reactions}
        )
        for each in reactions:
            target, number = papers.get((each.workspace, each.message), (None, 0))
            found = await context.archive.papers([number]) if number else ()
            if target is None or not found or not found[0].appearances:
                continue
            newest, community = found[0].appearances[0], context.community(target)
            ballot = Ballot(
                target, community, each.person, found[0].id, newest.series, newest.week
            )
            if each.is_added:
                await context.ledger.vote(ballot, context.now())
            else:
                await context.ledger.withdraw_vote(ballot, context.now())
