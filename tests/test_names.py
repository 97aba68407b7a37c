"""Names that mean the same become the same letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lib.normalise import (
    fold,
    hangul_to_latin_keys,
    index_tokens,
    initial_consonants,
    is_lone_jamo,
    latin_to_hangul_keys,
    letters,
    stem,
    title_names,
    words,
)

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ring Attention", "ringattention"),
        ("RING-ATTENTION!", "ring attention"),
        ("\uff32\uff29\uff2e\uff27", "ring"),
        ("Café Molière", "cafe moliere"),
        ("링 어텐션", "링어텐션"),
        ("과학", "ㄱㅗㅏㅎㅏㄱ"),
        ("\u1105\u1175\u11bc", "링"),
    ],
)
def test_the_same_name_has_the_same_letters(one: str, other: str) -> None:
    assert letters(one) == letters(other)


@pytest.mark.parametrize(
    "typed", ["ㄹ", "리", "링", "링 ㅇ", "링 어", "링 어ㅌ", "링 어텐ㅅ", "링 어텐셔"]
)
def test_what_is_half_typed_is_a_beginning(typed: str) -> None:
    assert letters("링 어텐션").startswith(letters(typed))


def test_a_typed_letter_stays_as_it_was_typed() -> None:
    assert fold("ㄱㄴ한") == "ㄱㄴ한"
    assert is_lone_jamo("ㄹㅇ ㅌㅅ")
    assert not is_lone_jamo("링")
    assert not is_lone_jamo("")


def test_initial_consonants_are_told() -> None:
    assert initial_consonants("링 어텐션 (Ring)") == "ㄹㅇㅌㅅ"


def test_the_other_keyboard_layout_is_undone() -> None:
    assert latin_to_hangul_keys("fld djxpstus") == letters("링 어텐션")
    assert latin_to_hangul_keys("Qkfms") == letters("빠른")
    assert hangul_to_latin_keys("ㅡ드ㅈ미ㅏㄷㄱ") == "memwalker"
    assert hangul_to_latin_keys("갸ㅜㅎ") == "ring"


@pytest.mark.parametrize(
    ("word", "bare"),
    [
        ("트랜스포머로", "트랜스포머"),
        ("규칙을", "규칙"),
        ("모델에서는", "모델"),
        ("나는", "나는"),
        ("rules", "rules"),
    ],
)
def test_particles_are_taken_off(word: str, bare: str) -> None:
    assert stem(word) == bare


def test_a_title_holds_several_names() -> None:
    assert title_names("MemWalker: Walking Down (MW)") == (
        "MemWalker: Walking Down (MW)", "MemWalker", "Walking Down (MW)", "MW",
        "MemWalker: Walking Down",
    )  # fmt: skip
    assert title_names("...") == ()


def test_korean_words_are_kept_as_pairs_of_syllables() -> None:
    assert index_tokens("규칙을 배우는 GPT4모델") == (
        "규칙",
        "칙을",
        "배우",
        "우는",
        "gpt4",
        "모델",
    )
    assert index_tokens("나 a") == ("나", "a")


@given(anything)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = letters(text)

    assert letters(once) == once
    assert fold(fold(text)) == fold(text)
    assert all(char.isalnum() for char in once)
    words(text)
    index_tokens(text)
    latin_to_hangul_keys(text)
    hangul_to_latin_keys(text)
