"""The port to the threads of papers, with what is said and voted in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import Discussion
from bot.model.discussions import Ballot, Community, PaperTalk, PaperThread, VoteResult
from bot.model.planning import DiscussionRequest


class DiscussionLedger(Protocol):
    """The threads of papers. Every method may raise StorageUnavailable."""

    async def find_discussion(self, target: Target, paper: int) -> Discussion | None:
        """Return the thread of a paper in a channel, of a digest or requested; None for none."""
        ...

    async def find_thread_refusal(self, target: Target, since: datetime) -> str:
        """Return why a channel's two newest threads could not be opened since then, if alike.

        Only where their first messages were posted, which now stand there without a thread; empty
        otherwise.
        """
        ...

    async def last_opened(self, target: Target, person: str) -> datetime | None:
        """Return when a person last opened a discussion in a channel; None for never."""
        ...

    async def request_discussion(self, wanted: DiscussionRequest, now: datetime) -> None:
        """Enqueue a thread, unless it is enqueued or posted. What had failed is tried again."""
        ...

    async def forget_discussion(self, target: Target, paper: int, thread: MessageRef) -> None:
        """Count a thread as deleted, so that the paper gets another one on request."""
        ...

    async def record_thread(self, thread: PaperThread, now: datetime) -> None:
        """Store the numbers of a thread, in place of those that were counted before."""
        ...

    async def recent_threads(
        self, platform: str, since: datetime, limit: int
    ) -> tuple[PaperThread, ...]:
        """Return threads that began or were written in since then, the newest first."""
        ...

    async def lively_channels(self, since: datetime) -> frozenset[Target]:
        """Return the channels in a thread of which a member wrote since then."""
        ...

    async def paper_talk(
        self,
        community: Community,
        limit: int,
        *,
        papers: Sequence[int] | None = None,
        since: datetime | None = None,
    ) -> tuple[PaperTalk, ...]:
        """Return the papers with replies in a community, the liveliest first.

        Of these papers alone, or of all; with `since` those with a reply since then.
        """
        ...

    async def vote(self, ballot: Ballot, now: datetime) -> VoteResult:
        """Count a person's vote of a week for a paper, instead of one for another paper.

        The messages of the community that tell how many votes a paper has are edited, some minutes
        later.
        """
        ...

    async def withdraw_vote(self, ballot: Ballot, now: datetime) -> VoteResult:
        """Take a vote back, where the person gave it to this paper; messages as above."""
        ...

    async def papers_of_messages(
        self, platform: str, messages: Collection[str]
    ) -> Mapping[tuple[str, str], tuple[Target, int]]:
        """Return the channel and the paper of those of these messages that are about one paper.

        By workspace and message.
        """
        ...

    async def votes(
        self,
        community: Community,
        *,
        papers: Sequence[int] | None = None,
        since: datetime | None = None,
    ) -> Mapping[int, int]:
        """Return the numbers of votes in a community by paper, the favourite first."""
        ...
