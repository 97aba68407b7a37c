"""Chat at a terminal, or with piped input."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from adapters.console import TARGET, terminal_user
from adapters.console.command_lines import parse_command
from adapters.console.forms import FormProgress
from adapters.console.limits import MAX_WIDTH, MIN_WIDTH
from adapters.console.render import STYLES, render_lines, shortcuts, strip_control_characters
from bot.model.card import Form
from bot.ports.conversation import Reply, Request, Suggestion

Handler = Callable[[Request], Awaitable[Reply]]
CompletionSource = Callable[[str, str], Awaitable[Sequence[Suggestion]]]
"""Given a command's name and the beginning of its argument, returns suggestions."""

_EXIT_COMMANDS = frozenset({"/quit", "/exit", "/q", "quit", "exit"})
_PROMPT = "paperboy> "


class Chat:
    """A conversation; keeps the shortcuts of the last card."""

    def __init__(self, answer: Handler, language: str, output: TextIO) -> None:
        self._answer = answer
        self._person = terminal_user(language)
        self._console = Console(file=output, highlight=False, soft_wrap=True)
        self._shortcuts: dict[str, tuple[str, str]] = {}
        self._form: FormProgress | None = None
        """The form that is being filled in; a line that begins with `/` leaves it."""

    async def handle_line(self, line: str) -> bool:
        """Answer one line; return False if it ends the conversation."""
        text = line.strip()
        if text.casefold() in _EXIT_COMMANDS:
            return False
        if self._form and not text.startswith("/"):
            await self._fill_in(self._form, text)
        elif text:
            self._form = None
            await self._ask(self._request(text))
        return True

    async def _ask(self, request: Request) -> None:
        reply = await self._answer(request)
        self._shortcuts = shortcuts(reply.content)
        self._show(reply)
        if isinstance(reply.content, Form):
            self._form = FormProgress(reply.content)
            self._show_question()

    async def _fill_in(self, form: FormProgress, text: str) -> None:
        """Take a line as the answer to the form's question; ask the next one, or send it."""
        filled = form.fill_in(text)
        if filled is not None and filled.current is None:
            self._form = None
            action = filled.form.action
            fields = filled.answers
            await self._ask(
                Request(action.name, action.argument, self._person, TARGET, fields=fields)
            )
            return
        self._form = filled or form
        self._show_question()

    def _show_question(self) -> None:
        for line in self._form.question() if self._form else ():
            self._console.print(Text(strip_control_characters(line)))

    def _request(self, text: str) -> Request:
        name, argument = self._shortcuts.get(text.casefold(), ("", ""))
        if not name:
            name, argument = parse_command(text)
        return Request(name, argument, self._person, TARGET)

    def _show(self, reply: Reply) -> None:
        width = max(min(self._console.width, MAX_WIDTH), MIN_WIDTH)
        for line in render_lines(reply.content, width):
            styled = Text()
            for style, piece in line:
                styled.append(piece, STYLES[style])
            self._console.print(styled)
        if reply.attachment:
            for text in reply.attachment.content.decode().splitlines():
                self._console.print(Text(strip_control_characters(text)))
        self._console.print()


async def serve(
    answer: Handler, complete: CompletionSource, *, language: str, greeting: str, history: Path
) -> None:
    """Answer lines until an exit command or the end of the input."""
    chat = Chat(answer, language, sys.stdout)
    if not sys.stdin.isatty():
        for line in iter(sys.stdin.readline, ""):
            if not await chat.handle_line(line):
                return
        return
    # prompt_toolkit takes a while to import, and only a terminal needs it.
    from adapters.console.prompt import read_lines  # noqa: PLC0415

    print(greeting)
    async for line in read_lines(_PROMPT, complete, history):
        if not await chat.handle_line(line):
            return
