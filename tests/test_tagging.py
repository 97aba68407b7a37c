"""The vocabulary tags papers well enough, and understands what people call a tag."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.model.papers import MAX_TAGS, Paper
from bot.papers.tag_scores import TagWeights
from bot.papers.tagging import Vocabulary, infer_tags, resolve_tag, similar_tags, tag_name
from bot.sources.parsers.dair import document
from config import vocabulary
from tests.samples import RING

pytestmark = pytest.mark.slow

LABELS = Path(__file__).with_name("labels.toml")
FLOORS = dict.fromkeys(
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh"), (0.9, 0.9)
) | {"eighth": (0.78, 0.70)}
"""Minimum precision and recall; the papers of the eighth set were never used for tuning."""


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    return Vocabulary.of(vocabulary.load(), TagWeights.of(vocabulary.load_weights()))


def paper(title: str, summary: str = "", language: str = "en", **more: Any) -> Paper:
    return Paper("title:x", titles={language: title}, summaries={language: summary}, **more)


@pytest.mark.parametrize(
    ("title", "summary", "expected"),
    [
        ("A Survey on Diffusion Models", "", {"survey-paper", "diffusion"}),
        ("Retrieval-Augmented Generation for Doctors", "Helps clinicians.", {"rag", "medical"}),
        ("Scaling Mixture-of-Experts", "MoE layers route tokens.", {"mixture-of-experts"}),
        ("Mamba in the Wild", "A state space model.", {"state-space-models"}),
        ("Quantizing everything", "Quantization to 4 bits; quantized weights.", {"quantization"}),
    ],
)
def test_a_papers_words_tell_its_tags(
    known: Vocabulary, title: str, summary: str, expected: set[str]
) -> None:
    assert expected <= set(infer_tags(known, paper(title, summary)))


def test_korean_texts_tell_tags_as_well(known: Vocabulary) -> None:
    found = infer_tags(
        known, paper("의료용 언어 모델 서베이", "임상 현장의 언어 모델을 살핍니다.", "ko")
    )

    assert {"medical", "survey-paper", "llm"} <= set(found)


@pytest.mark.parametrize(
    ("title", "summary", "wrong"),
    [
        ("A cleaning agent for glass", "The chemical agent removes stains.", "multi-agent"),
        ("Pay attention", "We thank the reader for the attention.", "kv-cache"),
        ("Rag rugs of the north", "Rags woven into rugs.", "rag"),
        ("The memory of water", "", "long-context"),
    ],
)
def test_words_of_other_fields_tell_nothing(
    known: Vocabulary, title: str, summary: str, wrong: str
) -> None:
    assert wrong not in infer_tags(known, paper(title, summary))


def test_what_the_source_said_is_not_inferred_again(known: Vocabulary) -> None:
    given = replace(RING, tags=("long-context",))

    assert "long-context" in infer_tags(known, replace(RING, tags=()))
    assert "long-context" not in infer_tags(known, given)


def test_a_paper_has_five_tags_at_most_the_strongest_first(known: Vocabulary) -> None:
    many = paper(
        "Robots that plan with a world model",
        "A benchmark for robots. Video, audio, music, games, 3D scenes, graphs, privacy, bias, "
        "dialogue and robotics are covered; robots, robots, robots.",
    )

    found = infer_tags(known, many)

    assert len(found) <= MAX_TAGS
    assert found[0] == "robotics"
    assert len(infer_tags(known, replace(many, tags=("a", "b", "c", "d")))) <= 1
    assert infer_tags(known, replace(many, tags=tuple("abcde"))) == ()


@pytest.mark.parametrize(
    ("title", "summary", "language"),
    [
        (
            "Agents in Science",
            "This survey covers agents. They plan, use tools and remember.",
            "en",
        ),
        ("Agents", "A systematic review of agents that plan.", "en"),
        ("A Survey of Agents", "They plan.", "en"),
        ("에이전트 서베이", "계획과 도구를 다룹니다.", "ko"),
    ],
)
def test_a_survey_is_one_by_its_title_or_its_first_sentence(
    known: Vocabulary, title: str, summary: str, language: str
) -> None:
    assert infer_tags(known, paper(title, summary, language))[0] == "survey-paper"


def test_a_lean_model_proves_no_theorem(known: Vocabulary) -> None:
    assert "theorem-proving" not in infer_tags(known, paper("Lean Language Models"))
    assert "theorem-proving" in infer_tags(known, paper("Proofs in Lean 4"))


@pytest.mark.parametrize(
    ("called", "slug"),
    [
        ("llm", "llm"),
        ("LLMs", "llm"),
        ("#survey-paper", "survey-paper"),
        ("Survey Paper", "survey-paper"),
        ("서베이", "survey-paper"),
        ("의료", "medical"),
        ("의학", "medical"),
        ("cot", "chain-of-thought"),
        ("연쇄사고", "chain-of-thought"),
        ("강화 학습", "reinforcement-learning"),
        ("no such thing", None),
    ],
)
def test_a_tag_is_known_by_many_names(known: Vocabulary, called: str, slug: str | None) -> None:
    assert resolve_tag(known, called) == slug


def test_a_mistyped_tag_finds_its_neighbours(known: Vocabulary) -> None:
    assert similar_tags(known, "resoning", ["reasoning", "llm"]) == ("reasoning",)
    assert similar_tags(known, "my-own-tga", ["my-own-tag"]) == ("my-own-tag",)
    assert similar_tags(known, "qqqq", ["reasoning"]) == ()


def test_every_tag_has_both_names(known: Vocabulary) -> None:
    assert len(known.names) >= 80
    for slug in known.names:
        assert tag_name(known, slug, "ko")
        assert tag_name(known, slug, "en")
    assert tag_name(known, "unknown", "ko") == "unknown"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"a": 1}, "'a' is no table"),
        ({"a": {"en": "A"}}, "'a' needs ko"),
        (
            {
                slug: {
                    "en": slug,
                    "ko": slug,
                    "also": ["same"],
                    "phrases": [],
                    "korean": [],
                    "needs": 1,
                }
                for slug in ("a", "b")
            },
            "'same' is a name of two tags",
        ),
        (
            {
                "a": {"en": "A", "ko": "가", "also": [], "phrases": [], "korean": [], "needs": 1}
                | {"broader": "b"}
            },
            "'a' has a broader one that is none: 'b'",
        ),
    ],
)
def test_a_wrong_vocabulary_is_told(data: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        Vocabulary.of(data)


def test_a_narrower_tag_brings_the_broader_one(known: Vocabulary) -> None:
    (multi,) = [slug for slug, broader in known.broader.items() if slug == "multi-agent"]
    title = {"en": "A debate of several agents in a multi-agent framework"}

    found = infer_tags(known, Paper(key="title:1", titles=title))

    assert {multi, "agents"} <= set(found)


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_tags_agree_with_those_that_people_gave(
    known: Vocabulary, reference_data: Path, name: str
) -> None:
    papers = real_papers(reference_data)
    labels = tomllib.loads(LABELS.read_text(encoding="utf-8"))["paper"]
    chosen = [each for each in labels if each["set"] == name and each["key"] in papers]

    precision, recall = quality(
        [(infer_tags(known, papers[each["key"]]), each["tags"]) for each in chosen]
    )

    assert len(chosen) >= 60
    assert precision >= FLOORS[name][0]
    assert recall >= FLOORS[name][1]


@cache
def real_papers(reference_data: Path) -> Mapping[str, Paper]:
    """Return the papers of the real lists by their keys."""
    return {
        key: entry.paper
        for path in (reference_data / "dair" / "years").glob("*.md")
        for issue in document.parse(path.read_text(encoding="utf-8"), path.name).issues
        for entry in issue.entries
        for key in (entry.paper.key, *entry.paper.aliases)
    }


def quality(pairs: Sequence[tuple[Iterable[str], Iterable[str]]]) -> tuple[float, float]:
    """Return precision and recall over all tags together."""
    right = sum(len(set(found) & set(wanted)) for found, wanted in pairs)
    found_all = sum(len(set(found)) for found, _ in pairs)
    wanted_all = sum(len(set(wanted)) for _, wanted in pairs)
    return right / found_all, right / wanted_all
