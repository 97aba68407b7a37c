"""The terminal as a platform: what a person follows and is reminded of appears while they chat."""

import itertools
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.console import NAME
from adapters.console.render import messages
from bot.lib.marker import _
from bot.lib.rate_limit import RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.ports.conversation import CommandService
from bot.ports.errors import RefusalScope, Refused
from bot.ports.platform import FindResult, MessageUnknown, NativeMessage, OutgoingMessage

_NO_CHANNELS = _("A terminal has no channels.")


class Terminal:
    """Fulfils `bot.ports.platform.Platform` for direct messages to the person at the terminal."""

    name = NAME
    rate_limit = RateLimit(20, timedelta(seconds=0.05))
    timeout = timedelta(seconds=1)

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def render(self, card: Card) -> Sequence[NativeMessage]:
        return messages(card)

    async def serve(self, service: CommandService) -> None:
        """Do nothing: the chat itself answers."""

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        if not target.person:
            raise Refused(_NO_CHANNELS, RefusalScope.PART)
        outgoing.on_sent()
        # The output of the moment: while a line is typed, what is written stands above it.
        sys.stdout.write(f"\n{outgoing.payload['text']}\n\n")
        sys.stdout.flush()
        return MessageRef(target, str(next(self._numbers)))

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        return MessageUnknown.UNKNOWN  # what was written there is gone

    async def edit(self, ref: MessageRef, outgoing: OutgoingMessage) -> None:
        raise Refused(_NO_CHANNELS, RefusalScope.PART)

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        raise Refused(_NO_CHANNELS, RefusalScope.PART)

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        raise Refused(_NO_CHANNELS, RefusalScope.PART)

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        for message in self.render(card):
            sys.stdout.write(f"\n{message['text']}\n\n")

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        return ()

    async def diagnose(self) -> tuple[str, ...]:
        return ()

    async def close(self) -> None:
        """Do nothing: the output stays open."""
