"""Talks with one person at a terminal, or with whatever is piped in."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from adapters.console.limits import MAX_WIDTH, MIN_WIDTH
from adapters.console.render import STYLES, render_lines, shortcuts
from bot.model.channels import Person, Target
from bot.ports.conversation import Reply, Request, Suggestion

Handler = Callable[[Request], Awaitable[Reply]]
CompletionSource = Callable[[str, str], Awaitable[Sequence[Suggestion]]]
"""Given a command's name and the beginning of its argument, returns what may be meant."""

_TARGET = Target("console", "", "terminal")
_EXIT_COMMANDS = frozenset({"/quit", "/exit", "/q", "quit", "exit"})
_PROMPT = "paperboy> "


class Chat:
    """A conversation: remembers what the numbers and letters of the last card stand for."""

    def __init__(self, answer: Handler, language: str, output: TextIO) -> None:
        self._answer = answer
        self._person = Person("console", "terminal", language, may_manage=True)
        self._console = Console(file=output, highlight=False, soft_wrap=True)
        self._shortcuts: dict[str, tuple[str, str]] = {}

    async def hear(self, line: str) -> bool:
        """Answer one line; return whether the conversation goes on."""
        said = line.strip()
        if said.casefold() in _EXIT_COMMANDS:
            return False
        if said:
            reply = await self._answer(self._request(said))
            self._shortcuts = shortcuts(reply.content)
            self._show(reply)
        return True

    def _request(self, said: str) -> Request:
        name, argument = self._shortcuts.get(said.casefold(), ("", ""))
        if not name:
            name, argument = parse_command(said)
        return Request(name, argument, self._person, _TARGET)

    def _show(self, reply: Reply) -> None:
        width = max(min(self._console.width, MAX_WIDTH), MIN_WIDTH)
        for line in render_lines(reply.content, width):
            text = Text()
            for style, piece in line:
                text.append(piece, STYLES[style])
            self._console.print(text)
        self._console.print()


def parse_command(said: str) -> tuple[str, str]:
    """Return the command and its argument; what does not begin with `/` is a paper's name."""
    if not said.startswith("/"):
        return "paper", said
    name, _, argument = said[1:].partition(" ")
    return name, argument.strip()


async def serve(
    answer: Handler, complete: CompletionSource, *, language: str, greeting: str, history: Path
) -> None:
    """Talk until the person leaves or the input ends."""
    chat = Chat(answer, language, sys.stdout)
    if not sys.stdin.isatty():
        for line in iter(sys.stdin.readline, ""):
            if not await chat.hear(line):
                return
        return
    # prompt_toolkit takes a while to import, and only a terminal needs it.
    from adapters.console.prompt import read_lines  # noqa: PLC0415

    print(greeting)
    async for line in read_lines(_PROMPT, complete, history):
        if not await chat.hear(line):
            return
