"""What a digest says of the discussions of the week before it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.model.channels import Target
from bot.model.discussions import Community, PaperTalk, Recap, RecapItem
from bot.ports.discussion_ledger import DiscussionLedger

_SPAN = timedelta(days=7)
_MOST, _LEAST = 3, 2
"""How many papers are named, and with how few there is no recap: one that is talked about alone
does not make a lively week."""


async def load_recap(
    ledger: DiscussionLedger, community: Community, here: Target, now: datetime
) -> Recap | None:
    """Return what was discussed in the last 7 days; None after a quiet week."""
    since = now - _SPAN
    talks = await ledger.paper_talk(community, _MOST, since=since)
    if len(talks) < _LEAST:
        return None
    return make_recap(talks, await ledger.votes(community, since=since), here)


class RecapReader:
    """Reads the recaps of one moment, for many channels."""

    def __init__(self, ledger: DiscussionLedger, now: datetime) -> None:
        self._ledger = ledger
        self._now = now
        self._lively: frozenset[Target] | None = None

    async def read(self, community: Community, here: Target) -> Recap | None:
        """Return what was discussed in the last 7 days; None after a quiet week."""
        if self._lively is None:
            # Most channels are quiet; they are not asked for one by one.
            self._lively = await self._ledger.lively_channels(self._now - _SPAN)
        if not any(map(community.includes, self._lively)):
            return None
        return await load_recap(self._ledger, community, here, self._now)


def make_recap(talks: Sequence[PaperTalk], votes: Mapping[int, int], here: Target) -> Recap:
    """Return the recap of these discussions, the liveliest first, and of these votes (pure)."""
    favourite = next(iter(votes.items()), (0, 0))
    return Recap(tuple(_item(talk, here) for talk in talks), *favourite)


def _item(talk: PaperTalk, here: Target) -> RecapItem:
    """Return what is said of a paper; the link leads to its thread in this channel, if any."""
    threads = sorted(talk.threads, key=lambda each: each.thread.target != here)
    url = threads[0].thread.url if threads else ""
    return RecapItem(talk.paper, url, talk.counts.replies, talk.counts.people)
