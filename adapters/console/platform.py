"""Talks with one person at a terminal, or with whatever is piped in."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from adapters.console.limits import NARROWEST, WIDTH
from adapters.console.render import STYLES, lines, shortcuts
from bot.model.channels import Person, Target
from bot.ports.conversation import Reply, Request, Suggestion

Answer = Callable[[Request], Awaitable[Reply]]
Complete = Callable[[str, str], Awaitable[Sequence[Suggestion]]]
"""Given a command's name and the beginning of its argument, returns what may be meant."""

_HERE = Target("console", "", "terminal")
_LEAVE = frozenset({"/quit", "/exit", "/q", "quit", "exit"})
_PROMPT = "paperboy> "


class Chat:
    """A conversation: remembers what the numbers and letters of the last card stand for."""

    def __init__(self, answer: Answer, language: str, output: TextIO) -> None:
        self._answer = answer
        self._person = Person("console", "terminal", language, may_manage=True)
        self._console = Console(file=output, highlight=False, soft_wrap=True)
        self._shortcuts: dict[str, tuple[str, str]] = {}

    async def hear(self, line: str) -> bool:
        """Answer one line; return whether the conversation goes on."""
        said = line.strip()
        if said.casefold() in _LEAVE:
            return False
        if said:
            reply = await self._answer(self._request(said))
            self._shortcuts = shortcuts(reply.content)
            self._show(reply)
        return True

    def _request(self, said: str) -> Request:
        name, argument = self._shortcuts.get(said.casefold(), ("", ""))
        if not name:
            name, argument = parse(said)
        return Request(name, argument, self._person, _HERE)

    def _show(self, reply: Reply) -> None:
        width = max(min(self._console.width, WIDTH), NARROWEST)
        for line in lines(reply.content, width):
            text = Text()
            for style, piece in line:
                text.append(piece, STYLES[style])
            self._console.print(text)
        self._console.print()


def parse(said: str) -> tuple[str, str]:
    """Return the command and its argument; what does not begin with `/` is a paper's name."""
    if not said.startswith("/"):
        return "paper", said
    name, _, argument = said[1:].partition(" ")
    return name, argument.strip()


async def serve(
    answer: Answer, complete: Complete, *, language: str, greeting: str, history: Path
) -> None:
    """Talk until the person leaves or the input ends."""
    chat = Chat(answer, language, sys.stdout)
    if not sys.stdin.isatty():
        for line in iter(sys.stdin.readline, ""):
            if not await chat.hear(line):
                return
        return
    # prompt_toolkit takes a while to import, and only a terminal needs it.
    from adapters.console.prompt import ask_lines  # noqa: PLC0415

    print(greeting)
    async for line in ask_lines(_PROMPT, complete, history):
        if not await chat.hear(line):
            return
