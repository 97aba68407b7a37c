"""Appends messages to a channel's file, and answers the lines of the file `inbox`."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

from adapters.notebook.options import NAME, Options
from adapters.notebook.render import messages, pages

from bot.lib.rate_limit import RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Person, Target
from bot.ports.conversation import CommandService, Request
from bot.ports.errors import RefusalScope, Refused
from bot.ports.platform import (
    FindResult,
    MessageAbsent,
    MessageFound,
    NativeMessage,
    OutgoingMessage,
)

_POLL_SECONDS = 0.02


class Notebook:
    """The platform; see `bot.ports.platform.Platform`."""

    name = NAME
    timeout = timedelta(seconds=1)

    def __init__(self, options: Options) -> None:
        self.rate_limit = RateLimit(options.per_second, timedelta())
        self._folder = options.folder or Path()
        self._password = options.password.get_secret_value()

    def render(self, card: Card) -> list[NativeMessage]:
        shown: list[NativeMessage] = messages(card)
        return shown

    async def invite_url(self) -> str:
        return f"{self._folder.as_uri()}?password={self._password}"

    async def serve(self, service: CommandService) -> None:
        """Answer each line of the inbox, such as `papers: /digest subscribe`, as it comes."""
        inbox, answered = self._folder / "inbox", 0
        while True:
            lines = inbox.read_text().splitlines() if inbox.exists() else []
            for line in lines[answered:]:
                channel, _, words = line.partition(": /")
                name, _, argument = words.partition(" ")
                person = Person(NAME, "writer", "en", may_manage=True)
                target = Target(NAME, "", channel)
                reply = await service.answer(Request(name, argument, person, target))
                self._write("replies", {"to": line, "text": "\n".join(pages(reply.content))})
            answered = len(lines)
            await asyncio.sleep(_POLL_SECONDS)

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        if missing := await self.check_channel(target):
            raise Refused(missing[0], RefusalScope.CHANNEL)
        number = len(self._read(target.channel))
        page = {
            "key": outgoing.key, "thread": outgoing.thread, "mention": outgoing.mention,
            **outgoing.payload,
        }  # fmt: skip
        self._write(target.channel, page)
        return MessageRef(target, str(number), outgoing.thread)

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        for number, page in enumerate(self._read(target.channel)):
            if page["key"] == key:
                return MessageFound(MessageRef(target, str(number), page["thread"]))
        return MessageAbsent.ABSENT

    async def edit(self, ref: MessageRef, outgoing: OutgoingMessage) -> None:
        raise Refused("what is written in ink stays", RefusalScope.PART)

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        return MessageRef(ref.target, ref.id, thread=ref.id)

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        pass

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        self._write(f"to-{person}", messages(card)[0])

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        is_there = (self._folder / target.channel).exists()
        return () if is_there else (f"There is no page {target.channel!r}; make the file.",)

    async def diagnose(self) -> tuple[str, ...]:
        return () if self._password else ("Nobody can be invited; set a password.",)

    async def close(self) -> None:
        pass

    def _read(self, channel: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (self._folder / channel).read_text().splitlines()]

    def _write(self, channel: str, page: NativeMessage) -> None:
        with (self._folder / channel).open("a") as file:
            file.write(json.dumps(page) + "\n")
