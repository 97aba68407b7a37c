"""Fitting: what is cut is cut between words where it can be, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from bot.cards.fit import split_lines, split_runs, truncate, utf16_length
from bot.lib.urls import looks_like_url, split_urls
from bot.model.card import Run, Style

TEXTS = st.text(st.sampled_from("ab 가🙂\n"), max_size=40)
RUNS = st.lists(st.builds(Run, TEXTS, st.sampled_from(Style)), max_size=5)


def said(runs: object) -> str:
    return "".join(run.text for run in runs)  # type: ignore[attr-defined]


@given(runs=RUNS, limit=st.integers(1, 30))
def test_runs_are_cut_without_loss(runs: list[Run], limit: int) -> None:
    rest, parts = tuple(runs), []
    while said(rest):
        taken, rest = split_runs(
            rest, lambda each: utf16_length(said(each)) <= limit, anywhere=True
        )
        parts.append(said(taken))
    assert "".join(parts) == said(runs)
    assert all(utf16_length(part) <= max(limit, 2) for part in parts)


def test_runs_are_cut_between_words_or_not_at_all() -> None:
    runs = (Run("one "), Run("twothree", Style.STRONG))
    taken, left = split_runs(runs, lambda each: len(said(each)) <= 6, anywhere=False)
    assert (said(taken), said(left)) == ("one ", "twothree")
    assert split_runs(left, lambda each: len(said(each)) <= 6, anywhere=False)[0] == ()


@given(lines=st.lists(st.text("ab {}", max_size=9), max_size=9), limit=st.integers(1, 12))
def test_lines_are_cut_without_loss(lines: list[str], limit: int) -> None:
    rest: object = lines
    found: list[str] = []
    while rest:
        taken, rest = split_lines(
            rest,  # type: ignore[arg-type]
            lambda each: len("\n".join(each)) <= limit,
            anywhere=True,
        )
        assert len("\n".join(taken)) <= limit
        found += taken
    assert "".join(found) == "".join(lines)


@given(text=TEXTS, limit=st.integers(1, 20))
def test_a_text_is_shortened_at_a_word(text: str, limit: int) -> None:
    short = truncate(text, limit)
    assert utf16_length(short) <= limit
    assert short == text or text.startswith(short.removesuffix("…"))


def test_plain_addresses_are_found_in_a_text() -> None:
    text = "see https://a.example/b_c. (or http://user@b.example/)"
    assert list(split_urls(text)) == [
        ("see ", False),
        ("https://a.example/b_c", True),
        (". (or http://user@b.example/)", False),
    ]
    assert [looks_like_url(each) for each in ("a.example/x", "www.a", "Paper 2.0", "U-Net")] == [
        True, True, False, False,
    ]  # fmt: skip
