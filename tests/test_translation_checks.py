"""A translation is kept when it is true, and not when it is one of many lies."""

import re
import tomllib
from pathlib import Path

import pytest

from bot.enrichment.translation.checks import Draft, find_faults
from bot.enrichment.translation.faults import Check
from bot.enrichment.translation.glossary import Glossary, correct_particle, replace_term
from bot.enrichment.translation.numbers import find_numbers
from bot.sources.parsers.detect import parse_source
from config import terms
from tests.translation_lies import LIES, PAIRS, RING_EN, RING_KO

MISSED = {"adds a sentence": 1, "swaps what belongs together": 2, "says the opposite": 5}
"""Lies that nothing catches: what would have to be understood. All others are caught."""


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return Glossary.of(terms.load())


@pytest.mark.parametrize(("english", "korean"), PAIRS)
def test_a_true_translation_is_kept(glossary: Glossary, english: str, korean: str) -> None:
    assert find_faults(Draft(english, korean, "ko"), glossary) == ()
    assert find_faults(Draft(korean, english, "en"), glossary) == ()


@pytest.mark.parametrize("kind", LIES)
def test_lies_of_every_kind_are_caught(glossary: Glossary, kind: str) -> None:
    assert len(LIES[kind]) >= 5

    missed = [draft.text for draft in LIES[kind] if not find_faults(draft, glossary)]

    assert len(missed) == MISSED.get(kind, 0), missed


def test_the_true_pairs_of_the_seed_pass_and_its_invented_names_do_not(
    glossary: Glossary, reference_data: Path
) -> None:
    source = reference_data / "seed" / "2023-10-09.txt"
    wrong: list[tuple[int, str]] = []
    alarms = 0
    for entry in parse_source(source.read_bytes(), source.name).issues[0].entries:
        paper = entry.paper
        for name in ("titles", "summaries", "abstracts"):
            texts = getattr(paper, name)
            for source_language, language in (("en", "ko"), ("ko", "en")):
                draft = Draft(
                    texts[source_language],
                    texts[language],
                    language,
                    is_title=name == "titles",
                    context=" ".join(
                        (paper.nickname, paper.summaries["en"], paper.abstracts["en"])
                    ),
                )
                faults = find_faults(draft, glossary)
                if any(fault.check is Check.WRONG_SUBJECT for fault in faults):
                    wrong.append((entry.position, name))
                else:
                    alarms += bool(faults)

    # Two abstracts call the authors 유니티, a third one 당사, "our company".
    assert wrong == [(1, "abstracts"), (2, "abstracts"), (10, "abstracts")]
    assert alarms <= 2


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1.2t tokens and 43B parameters", [1.2e12, 43e9]),
        ("1조 2천억 개의 토큰과 75억 개", [1.2e12, 7.5e9]),
        ("100 million, 1,488 and 0.5", [1e8, 1488, 0.5]),
        ("GPT-4, Llama2-7B and Claude 3.5", [3.5]),
        ("3만 5천 개", [35000]),
        ("between 10-20% of 25-year cycles", [10, 20, 25]),
    ],
)
def test_numbers_are_read_in_both_languages(text: str, values: list[float]) -> None:
    assert sorted(number.value for number in find_numbers(text)) == sorted(values)


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("파인튜닝는 쉽습니다", "파인튜닝", "미세 조정", "미세 조정은 쉽습니다"),
        ("할루시네이션을 줄입니다", "할루시네이션", "환각", "환각을 줄입니다"),
        ("모형이 큽니다", "모형", "데이터", "데이터가 큽니다"),
        ("모형으로 봅니다", "모형", "모델", "모델로 봅니다"),
        ("모형과 자료", "모형", "데이터", "데이터와 자료"),
        ("모형이라고 부릅니다", "모형", "데이터", "데이터라고 부릅니다"),
        ("데이터라는 말", "데이터", "모형", "모형이라는 말"),
        ("모형으로서 봅니다", "모형", "모델", "모델로서 봅니다"),
        ("데이터와의 차이", "데이터", "모형", "모형과의 차이"),
        ("데이터로는 안 됩니다", "데이터", "환각", "환각으로는 안 됩니다"),
        ("데이터였습니다", "데이터", "환각", "환각이었습니다"),
        ("모형은행", "모형", "데이터", "데이터은행"),
    ],
)
def test_a_replaced_term_gets_the_particle_that_it_needs(
    text: str, old: str, new: str, expected: str
) -> None:
    assert replace_term(text, old, new) == expected


def test_a_particle_that_is_right_stays() -> None:
    assert correct_particle("모델", "은 큽니다") == "은 큽니다"


def test_variants_become_the_wanted_terms(glossary: Glossary) -> None:
    assert glossary.apply("파인튜닝을 하면") == "미세 조정을 하면"


OTHERS = tomllib.loads((Path(__file__).parent / "other_languages.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", OTHERS["translations"])
def test_other_languages_are_checked_by_their_letters_and_what_has_to_stay(
    glossary: Glossary, language: str
) -> None:
    source, true = OTHERS["source"], OTHERS["translations"][language]

    def checks_of(text: str) -> set[Check]:
        return {
            fault.check for fault in find_faults(Draft(source, text, language, "en"), glossary)
        }

    assert checks_of(true) == set()
    others = [text for name, text in OTHERS["translations"].items() if name != language]
    latin = {"de", "fr", "es", "vi"}
    for check, lies in (
        (Check.NUMBERS, [re.sub(r"71[.,]3", by, true) for by in ("", "71", "73.1", "7130")]),
        (Check.NUMBERS, [re.sub(r"2[.,]5", by, true) for by in ("", "5", "3.5")]),
        (Check.ADDED, [f"2024 {true}", true.replace("LLM", "LLM GPT-4", 1)]),
        (Check.NAMES, [true.replace("QuALITY", "").replace("MemWalker", "Walker", 1),
                       true.replace("MemWalker", "LongFormer")]),
        (Check.LANGUAGE, [source, f"{true} We release the code of this model for the public.",
                          *(text for text in others if language not in latin)]),
        (Check.FORM, [f"**{true}**", f"```\n{true}\n```"]),
        (Check.CHATTER, [f"Sure, here is the translation: {true}"]),
        (Check.LENGTH, [true + true[-30:] * 20]),
    ):  # fmt: skip
        for lie in lies:
            assert check in checks_of(lie), (check, lie)


@pytest.mark.parametrize("language", OTHERS["scaled"])
def test_large_numbers_are_known_again_in_other_languages(
    glossary: Glossary, language: str
) -> None:
    draft = Draft(OTHERS["scaled_source"], OTHERS["scaled"][language], language, "en")

    assert find_faults(draft, glossary) == ()


def test_a_fault_says_what_is_wrong(glossary: Glossary) -> None:
    faults = find_faults(Draft(RING_EN, RING_KO.replace("40%", "4%"), "ko"), glossary)

    assert [fault.check for fault in faults] == [Check.NUMBERS, Check.ADDED]
    assert "40%" in faults[0].message
    assert find_faults(Draft("Anything", " ", "ko"), glossary)[0].check is Check.LENGTH


def test_a_title_that_is_only_a_name_stays_as_it_is(glossary: Glossary) -> None:
    assert find_faults(Draft("MemWalker", "MemWalker", "ko", is_title=True), glossary) == ()
    assert find_faults(
        Draft("Walking the memory maze", "Walking the memory maze", "ko", is_title=True), glossary
    )
