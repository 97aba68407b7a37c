"""What a chat message may call a paper by, and what is no search at all."""

import pytest

from bot.commands.mentions import SmallTalk, paper_queries, small_talk


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("have you read FireAct?", "FireAct"),
        ("FireAct 읽어보셨나요?", "FireAct"),
        ("혹시 FireAct를 아시는 분 있나요?", "FireAct"),
        ("I liked “Ring Attention” a lot!", "Ring Attention"),
        ("has anyone tried Ring Attention with a long context yet?", "Ring Attention"),
        ("Is Attention Is All You Need still worth reading?", "Is Attention Is All You Need"),
        ("what about GPT-4o and the LLM of last week?", "GPT-4o"),
        (
            "Ring Attention with Blockwise Transformers",
            "Ring Attention with Blockwise Transformers",
        ),
        ("see https://arxiv.org/abs/2310.01889 on FireAct", "https://arxiv.org/abs/2310.01889"),
        ("ring attention", "ring attention"),
        ("this is a very long line " * 8 + "about FireAct", "FireAct"),
    ],
)
def test_the_surest_name_of_a_paper_comes_first(text: str, expected: str) -> None:
    assert paper_queries(text)[0] == expected


def test_a_sentence_is_asked_for_last() -> None:
    assert paper_queries("have you read FireAct?") == ("FireAct", "have you read FireAct?")
    assert len(paper_queries("\n".join(f"Paper Number {n}X?" for n in range(50)))) == 8


@pytest.mark.parametrize(
    "text",
    ["thanks", "Thank you!!", "고마워요 :)", "ok 👍", ":tada: :+1:", "🎉", "감사합니다~"],
)
def test_thanks_and_emoji_need_no_answer(text: str) -> None:
    assert small_talk(text) is SmallTalk.REACTION


def test_a_greeting_is_told_from_a_paper() -> None:
    assert small_talk("Hello!") is SmallTalk.GREETING
    assert small_talk("안녕하세요") is SmallTalk.GREETING
    for text in ("Thanks for the Memory", "hello world models", "FireAct", "OK-Robot", "yes-no"):
        assert small_talk(text) is None
