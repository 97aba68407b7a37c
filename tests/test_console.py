"""The terminal shows every card in full, safely, and in columns that fit."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from adapters.console.command_lines import parse_command
from adapters.console.platform import Chat
from adapters.console.render import (
    messages,
    render_lines,
    render_text,
    shortcuts,
    strip_control_characters,
)
from bot.model.card import (
    Action,
    Bullets,
    Button,
    Card,
    Choice,
    Divider,
    Field,
    Form,
    LinkButton,
    Option,
    Paragraph,
    Run,
    Style,
    Tone,
)
from bot.ports.conversation import Reply, Request

CARD = Card(
    title="제목 Title",
    blocks=(
        Paragraph((Run("small print"),), Tone.NOTE),
        Paragraph(
            (Run("A "), Run("strong", Style.STRONG), Run(" word, and "), Run("code", Style.CODE))
        ),
        Divider(),
        Bullets(((Run("first"),), (Run("second\nwith a line"),)), first=11),
        Bullets(((Run("dot"),),)),
    ),
    controls=(
        LinkButton("Paper", "https://arxiv.org/abs/1"),
        Choice("Choose", (Option("one", "id:1"), Option("two", "id:2")), "paper"),
        Button("Abstract", Action("abstract", "id:1")),
    ),
    footer="the end",
)


def test_a_card_reads_well_as_plain_text() -> None:
    assert render_text(CARD) == (
        "제목 Title\n"
        "small print\n"
        "\n"
        "A strong word, and code\n"
        "\n" + "─" * 100 + "\n"
        "\n"
        "11. first\n"
        "12. second\n"
        "    with a line\n"
        "\n"
        "● dot\n"
        "\n"
        "Paper: https://arxiv.org/abs/1\n"
        "[11-12] Choose   [a] Abstract\n"
        "\n"
        "the end"
    )
    assert messages(CARD) == [{"text": render_text(CARD)}]


def test_numbers_choose_and_letters_press() -> None:
    assert shortcuts(CARD) == {
        "11": ("paper", "id:1"),
        "12": ("paper", "id:2"),
        "a": ("abstract", "id:1"),
    }


def test_a_form_shows_its_title() -> None:
    form = Form("Report", (Field("what", "What is wrong?"),), Action("report"))

    assert (render_text(form), shortcuts(form)) == ("Report", {})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.integers(20, 120))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(text: str, width: int) -> None:
    card = Card("t", blocks=(Paragraph((Run(text),)),))

    shown = ["".join(piece for _, piece in line) for line in render_lines(card, width)[2:]]

    assert all(cell_len(line.rstrip()) <= width for line in shown)
    wanted = "".join(strip_control_characters(line) for line in text.split("\n")).replace(" ", "")
    assert "".join(shown).replace(" ", "") == wanted


def test_nothing_from_content_reaches_the_terminal_as_a_command() -> None:
    hostile = "\x1b[31mred\x1b]8;;https://evil.example\x07 \u202eback\u2066 \x9b1m bell\x07"

    shown = render_text(Card(hostile, blocks=(Paragraph((Run(hostile),)),)))

    assert not any(char in shown for char in "\x1b\x07\x9b\u202e\u2066")


def test_what_has_no_slash_is_a_papers_name() -> None:
    assert parse_command("ring attention") == ("paper", "ring attention")
    assert parse_command("/week  -1 ") == ("week", "-1")
    assert parse_command("/help") == ("help", "")


async def test_a_conversation_remembers_its_last_card() -> None:
    heard: list[tuple[str, str]] = []

    async def answer(request: Request) -> Reply:
        heard.append((request.name, request.argument))
        return Reply(CARD)

    output = io.StringIO()
    chat = Chat(answer, "ko", output)

    assert await chat.handle_line("ring")
    assert await chat.handle_line("12")
    assert await chat.handle_line("A")
    assert await chat.handle_line("   ")
    assert not await chat.handle_line("/quit")
    assert heard == [("paper", "ring"), ("paper", "id:2"), ("abstract", "id:1")]
    assert "제목 Title" in output.getvalue()


@pytest.mark.parametrize("said", ["thanks", "고마워", "안녕하세요", "👍"])
def test_small_talk_names_no_paper(said: str) -> None:
    assert parse_command(said) == ("help", "")
    assert parse_command("firact") == ("paper", "firact")
