"""The short names of papers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.parsers.short_names import nickname_of


@pytest.mark.parametrize(
    ("title", "nickname"),
    [
        ("MemWalker: Walking Down the Memory Maze", "MemWalker"),
        ("Hungry Hungry Hippos: Towards Language Modeling", "Hungry Hungry Hippos"),
        ("Phi-3.5: A Small Model", "Phi-3.5"),
        ("Patch n' Pack: NaViT", "Patch n' Pack"),
    ],
)
def test_the_name_before_the_colon_is_the_nickname(title: str, nickname: str) -> None:
    assert nickname_of(title) == nickname


@pytest.mark.parametrize(
    "title",
    [
        "",
        "MemWalker",
        "MemWalker:",
        ": nothing before",
        "Ratios of 1:2 in practice",
        "More than you've asked for: A Comprehensive Analysis",
        "Can it plan?: On Planning",
        "Read, write, rest: A Routine",
        "It works.: A Claim",
        "A Survey: Data Augmentation",
        "Technical Report: The Model",
    ],
)
def test_other_beginnings_are_no_nickname(title: str) -> None:
    assert nickname_of(title) == ""


@given(st.text())
def test_a_nickname_is_a_beginning_of_its_title(title: str) -> None:
    assert title.strip().startswith(nickname_of(title))
