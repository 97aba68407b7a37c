"""The prompt reads lines, completes them, and survives Ctrl-C."""

from collections.abc import Sequence
from pathlib import Path

from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.console.prompt import CommandCompleter, read_lines
from bot.ports.conversation import Suggestion


async def offers(name: str, prefix: str) -> Sequence[Suggestion]:
    return [Suggestion(f"label of {name} {prefix}", f"{name}-{prefix}-done")]


async def test_lines_are_read_until_the_end(tmp_path: Path) -> None:
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        typed.send_text("/help\n")
        typed.send_text("half\x03")
        typed.send_text("/week\n\x04")

        heard = [line async for line in read_lines("> ", offers, tmp_path / "a" / "history")]

    assert heard == ["/help", "/week"]
    assert "+/help" in (tmp_path / "a" / "history").read_text()


async def test_commands_and_their_arguments_are_offered() -> None:
    async def offered(text: str) -> list[tuple[str, int]]:
        found = CommandCompleter(offers).get_completions_async(Document(text), CompleteEvent())
        return [(each.text, each.start_position) async for each in found]

    assert await offered("/pa") == [("-pa-done", -2)]
    assert await offered("/paper ring at") == [("paper-ring at-done", -7)]
    assert await offered("ring") == []
    assert CommandCompleter(offers).get_completions(Document("/"), CompleteEvent()) == []
