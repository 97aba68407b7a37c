# ruff: noqa: RUF001 - full-width punctuation is the subject
"""Web addresses are found in texts of every script."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.commands.mentions import paper_queries
from bot.enrichment.arxiv import find_repository_url
from bot.lib.urls import find_urls, split_urls, trim_url
from bot.papers.identifiers import find_keys

RING = "https://arxiv.org/abs/2310.01889"


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find_urls(text)]


@pytest.mark.parametrize(
    "after",
    ["를", "을 보세요", "에서", "입니다.", "。", "）", "…", "」", "、", "，", "！", "”", "’", "»",
     "です", "を読んで", "是", "\u3000", "\u00a0", "ได้", ".", ",", ");", "'s", "**", "`", '"', "|",
     ".를", "）。"],
)  # fmt: skip
def test_an_address_ends_where_the_sentence_goes_on(after: str) -> None:
    text = f"논문 {RING}{after}"

    assert found(text)[0].removesuffix("'s") == RING
    assert find_keys(text.replace("'s", "")) == ("arxiv:2310.01889",)


@pytest.mark.parametrize("written", [f"({RING})", f"（{RING}）", f"<{RING}>", f"논문:{RING}이다"])
def test_brackets_of_every_script_end_an_address(written: str) -> None:
    assert found(written) == [RING]
    assert [piece for piece, is_url in split_urls(written) if is_url] == [RING]


@pytest.mark.parametrize(
    "url",
    [
        "https://ko.wikipedia.org/wiki/한국어",
        "https://ja.wikipedia.org/wiki/機械学習",
        "https://de.wikipedia.org/wiki/Zürich",
        "https://en.wikipedia.org/wiki/Attention_(machine_learning)",
        "https://example.org/search?q=어텐션&page=2",
        "https://한국.kr/a",
        "https://example.org/a_b~c;d=1?x=%EA%B0%80#frag",
    ],
)
def test_letters_of_every_script_stay_in_a_path(url: str) -> None:
    assert found(f"see {url}, please") == [url]


def test_a_particle_after_a_slash_is_no_segment() -> None:
    assert found("https://pytorch.kr/에서 보세요") == ["https://pytorch.kr/"]
    assert trim_url("arxiv.org/abs/2310.01889에서") == "arxiv.org/abs/2310.01889"


@pytest.mark.parametrize(
    "written",
    ["2310.01889를", "논문2310.01889", "arxiv.org/abs/2310.01889은", "arXiv:2310.01889。",
     "（2310.01889）", "10.48550/arXiv.2310.01889를"],
)  # fmt: skip
def test_a_paper_is_named_by_its_id_in_a_korean_sentence(written: str) -> None:
    assert find_keys(written) == ("arxiv:2310.01889",)


def test_every_room_finds_the_same_addresses() -> None:
    text = "코드는 https://github.com/lhao499/RingAttention에 있다"

    assert find_repository_url([text]) == "https://github.com/lhao499/RingAttention"
    assert paper_queries(text)[0] == "https://github.com/lhao499/RingAttention"
    assert find_repository_url([r"\url{https://github.com/a/b}{x}"]) == "https://github.com/a/b"


@pytest.mark.parametrize("sign", ["・", "๚", "\uff3b", "\u104a", "\u17d4", "\u3164", "\u0378"])
@pytest.mark.parametrize("start", ["", "c/", "c?d="])
def test_a_sign_among_letters_without_blanks_ends_the_search(start: str, sign: str) -> None:
    assert trim_url(f"https://a.example/{start}{sign}x").startswith("https://a.example/")


@example("https://a.b/・")
@given(
    st.text(
        st.sampled_from("https://a.b/c를 。)(_*가wiki=&\u0301\u200b")
        | st.characters(min_codepoint=0xE00, max_codepoint=0xFFDC),
        max_size=60,
    ).map("https://a.b/{}".format)
    | st.text(st.sampled_from("https://a.b/c를 。)(_*가wiki=&\u0301\u200b"), max_size=60)
)
def test_addresses_lie_in_the_text_in_order(text: str) -> None:
    end = 0
    for start, stop in find_urls(text):
        assert end <= start < stop <= len(text)
        assert text[start:stop].lower().startswith("http")
        end = stop
