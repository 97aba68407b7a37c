"""Reads lines at a terminal, with history and completion."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.patch_stdout import patch_stdout

from bot.ports.conversation import Suggestion

CompletionSource = Callable[[str, str], Awaitable[Sequence[Suggestion]]]


async def read_lines(prompt: str, complete: CompletionSource, history: Path) -> AsyncIterator[str]:
    """Yield typed lines until Ctrl-D; Ctrl-C discards the current line."""
    history.parent.mkdir(parents=True, exist_ok=True)
    session: PromptSession[str] = PromptSession(
        prompt,
        completer=CommandCompleter(complete),
        complete_while_typing=True,
        history=FileHistory(str(history)),
    )
    while True:
        try:
            with patch_stdout(raw=True):
                line = await session.prompt_async()
            yield line
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


class CommandCompleter(Completer):
    """Completes commands, then their arguments."""

    def __init__(self, complete: CompletionSource) -> None:
        self._complete = complete

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> list[Completion]:
        """Return nothing; completions are asynchronous."""
        return []

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """Yield completions that replace the text typed so far."""
        typed = document.text_before_cursor.lstrip()
        if not typed.startswith("/"):
            return
        name, blank, argument = typed[1:].partition(" ")
        prefix = argument if blank else name
        for offer in await self._complete(name if blank else "", prefix):
            yield Completion(
                offer.value, start_position=-len(prefix), display=offer.label or offer.value
            )
