"""A name is recognised across Hangul and Latin script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lib.transliteration import romanise, sounds


@pytest.mark.parametrize(
    ("korean", "latin"),
    [
        ("딥시크 R1", "DeepSeek-R1"), ("소라", "Sora"), ("고릴라", "Gorilla"),
        ("보이저", "Voyager"),
        ("메타지피티", "MetaGPT"), ("스타코더", "StarCoder"), ("하이에나", "Hyena"),
        ("리플렉션", "Reflexion"), ("툴포머", "Toolformer"), ("블룸버그지피티", "BloombergGPT"),
        ("알파이볼브", "AlphaEvolve"), ("카멜레온", "Chameleon"), ("제미나이 1.5", "Gemini 1.5"),
        ("라마 2", "Llama 2"), ("젬마 3", "Gemma 3"), ("클로드 3.5 소네트", "Claude 3.5 Sonnet"),
        ("미스트랄 라지", "Mistral Large"), ("메두사", "Medusa"), ("오픈소라", "Open-Sora"),
        ("맘바바이트", "MambaByte"), ("트랜스포머", "Transformer"), ("어텐션", "Attention"),
        ("오르카", "Orca"), ("링 어텐션", "Ring Attention"), ("그록", "Grok"), ("큐웬", "Qwen"),
        ("알파폴드", "AlphaFold"), ("뮤직젠", "MusicGen"), ("파이 3", "Phi 3"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_sound_alike(korean: str, latin: str) -> None:
    assert set(sounds(korean)) & set(sounds(latin)), (sounds(korean), sounds(latin))


@pytest.mark.parametrize(
    ("korean", "latin"), [("소라", "Gemma"), ("라마 2", "Llama 3"), ("클로드", "Grok")]
)
def test_other_names_sound_otherwise(korean: str, latin: str) -> None:
    assert not set(sounds(korean)) & set(sounds(latin))


def test_korean_is_romanised_as_english_spells_it() -> None:
    assert romanise("소라") == "sora"
    assert romanise("라마 2") == "rama2"


@given(st.text(max_size=30))
def test_any_text_has_sounds(text: str) -> None:
    assert all(sounds(text))
    romanise(text)
