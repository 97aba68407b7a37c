"""The canonical names of papers, and what their links are."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.lib.urls import is_safe_url, strip_tracking
from bot.model.papers import Link
from bot.papers.identifiers import (
    find_keys,
    key_from_url,
    key_rank,
    link_kind,
    paper_keys,
    slugify,
)

RING = "arxiv:2310.01889"


def link(url: str, label: str = "Paper") -> Link:
    return Link(link_kind(label, url), label, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2310.01889",
        "http://www.arxiv.org/abs/2310.01889v3",
        "https://arxiv.org/pdf/2310.01889.pdf",
        "https://arxiv.org/pdf/2310.01889v2",
        "https://arxiv.org/html/2310.01889v1/",
        "https://export.arxiv.org/abs/2310.01889?context=cs",
        "https://huggingface.co/papers/2310.01889",
        "https://hf.co/papers/2310.01889",
        "https://www.alphaxiv.org/abs/2310.01889",
        "https://ar5iv.labs.arxiv.org/html/2310.01889",
        "https://doi.org/10.48550/arXiv.2310.01889",
        "https://doi.org/10.48550/arxiv.2310.01889v2",
    ],
)
def test_every_address_of_an_arxiv_paper_is_one_key(url: str) -> None:
    assert key_from_url(url) == RING


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://arxiv.org/abs/math.GT/0309136", "arxiv:math.GT/0309136"),
        ("https://arxiv.org/abs/math.gt/0309136v1", "arxiv:math.GT/0309136"),
        ("https://arxiv.org/abs/hep-th/9901001", "arxiv:hep-th/9901001"),
        (
            "https://www.nature.com/articles/s41586-023-06924-6?utm_source=x",
            "doi:10.1038/s41586-023-06924-6",
        ),
        ("http://nature.com/articles/s41587-023-01905-6.pdf", "doi:10.1038/s41587-023-01905-6"),
        ("https://www.science.org/doi/10.1126/science.adg7492", "doi:10.1126/science.adg7492"),
        (
            "https://www.biorxiv.org/content/10.1101/2023.09.11.556673v1.full",
            "doi:10.1101/2023.09.11.556673",
        ),
        ("https://dl.acm.org/doi/10.1145/3768165", "doi:10.1145/3768165"),
        (
            "https://openreview.net/forum?id=YXnwlZe0yf&noteId=yrsGpHd0Sf",
            "openreview:YXnwlZe0yf",
        ),
        ("https://openreview.net/pdf?id=LuCLf4BJsr", "openreview:LuCLf4BJsr"),
        ("https://aclanthology.org/2023.acl-long.656/", "acl:2023.acl-long.656"),
        ("https://www.aclweb.org/anthology/P19-1001.pdf", "acl:P19-1001"),
        ("https://twitter.com/somebody/status/1709630382457733596?s=20", "x:1709630382457733596"),
        ("https://x.com/other/status/1709630382457733596", "x:1709630382457733596"),
        (
            "https://www.example.org/a/?utm_source=pytorchkr&ref=pytorchkr&s=2&page=3",
            "url:example.org/a?page=3",
        ),
        (
            "https://www.cell.com/cell/fulltext/S0092-8674(25)01312-1",
            "url:cell.com/cell/fulltext/S0092-8674(25)01312-1",
        ),
    ],
)
def test_each_kind_of_address_has_its_key(url: str, key: str) -> None:
    assert key_from_url(url) == key


def test_a_note_on_openreview_is_no_paper() -> None:
    assert key_from_url("https://openreview.net/forum?noteId=abc") == (
        "url:openreview.net/forum?noteId=abc"
    )


def test_a_page_of_arxiv_that_is_no_paper_is_an_address() -> None:
    assert key_from_url("https://arxiv.org/list/cs.CL/recent") == "url:arxiv.org/list/cs.CL/recent"


def test_the_strongest_link_names_the_paper_whatever_its_place() -> None:
    found = paper_keys(
        [
            link("https://x.com/a/status/1", "Tweet"),
            link("https://example.org/paper"),
            link("https://arxiv.org/abs/2310.01889"),
            link("https://arxiv.org/abs/2401.00001"),
        ],
        "Ring Attention",
    )
    assert found == (RING, "x:1")


def test_an_address_of_code_names_a_paper_only_where_nothing_else_does() -> None:
    code = link("https://github.com/example/ring", "Code")
    paper = link("https://example.org/paper")
    tweet = link("https://x.com/a/status/1", "Tweet")
    assert paper_keys([code, paper], "") == ("url:example.org/paper",)
    assert paper_keys([code, tweet], "") == ("url:github.com/example/ring", "x:1")


def test_a_title_names_a_paper_only_without_any_link() -> None:
    assert paper_keys([link("https://x.com/a/status/1")], "A Title") == ("x:1",)
    assert paper_keys([link("")], "A  Title, again!") == ("title:a-title-again",)
    assert paper_keys([], "") == ("title:untitled",)


def test_keys_are_sorted_by_their_strength() -> None:
    keys = ["title:a", "x:1", "url:b", "acl:c", "openreview:d", "doi:e", "arxiv:f"]
    assert sorted(keys, key=key_rank) == keys[::-1]


def test_every_key_in_a_text_is_found() -> None:
    text = (
        "See arXiv:2310.01889v2 and (https://arxiv.org/abs/2310.06114), doi 10.1145/3768165; "
        "also hf.co/papers/2401.00001."
    )
    assert set(find_keys(text)) == {
        RING,
        "arxiv:2310.06114",
        "doi:10.1145/3768165",
        "arxiv:2401.00001",
    }
    assert find_keys("attention is all you need") == ()


@pytest.mark.parametrize(
    ("label", "url", "kind"),
    [
        ("Tweet", "https://arxiv.org/abs/2409.11055", "paper"),
        ("Paper", "https://x.com/a/status/1", "post"),
        ("Paper", "https://arxiv.org/pdf/2409.11055", "pdf"),
        ("Paper", "https://example.org/paper.pdf", "paper"),
        ("", "https://example.org/paper.pdf", "pdf"),
        ("", "https://example.org/", "other"),
        ("Paper", "https://github.com/example/model/blob/main/paper.pdf", "paper"),
        ("Models", "https://github.com/example/model", "code"),
        ("Models", "https://huggingface.co/example", "other"),
        ("Code & Data", "https://example.org/code", "code"),
        ("Repo", "https://example.org/repo", "code"),
        ("Technical Report", "https://example.org/report", "paper"),
        ("System Card", "https://example.org/card", "paper"),
        ("Demo", "https://example.org/demo", "project"),
        ("Project", "https://example.org/", "project"),
        ("Blog", "https://example.org/", "blog"),
        ("Book", "https://example.org/", "book"),
        ("Notebook", "https://example.org/", "other"),
        ("논문", "https://example.org/", "paper"),
    ],
)
def test_the_address_decides_before_the_label(label: str, url: str, kind: str) -> None:
    assert link_kind(label, url) == kind


@pytest.mark.parametrize(
    "url",
    [
        "",
        "xxx",
        "/relative",
        "javascript:alert(1)",
        "data:text/html,hello",
        "ftp://example.org/a",
        "https://",
        "https://example.org/a b",
        "https://example.org/\u202egpj.exe",
        "https://example.org/\ud800",
        "https://known.org@example.org/",
        "https://:secret@example.org/",
        "https://[::1",
        "https://example.org:99999/",
        'https://example.org/"onclick=',
    ],
)
def test_what_is_no_plain_web_address_is_unsafe_and_has_no_key(url: str) -> None:
    assert not is_safe_url(url)
    assert key_from_url(url) is None


def test_tracking_is_taken_off_and_nothing_else() -> None:
    assert (
        strip_tracking("https://Example.org/a?b=1&utm_source=pytorchkr&ref=pytorchkr&s=20#c")
        == "https://Example.org/a?b=1&s=20#c"
    )
    assert strip_tracking("https://example.org/a?ref=x") == "https://example.org/a"


def test_a_slug_is_short_and_knows_every_script() -> None:
    assert slugify("  Ring-Attention: 링 어텐션!  ") == "ring-attention-링-어텐션"
    assert len(slugify("long " * 100)) <= 80
    assert slugify("?!") == "untitled"


@given(
    st.text() | st.text().map("https://example.org/".__add__) | st.text().map("https://".__add__)
)
@example("https://\u2100.com/")
@example("https://example.org/?a=\ud800")
def test_no_address_raises(url: str) -> None:
    key = key_from_url(url)
    assert (key is None) == (not is_safe_url(url))
    if key:
        link_kind("Paper", url)
        assert key_from_url(strip_tracking(url)) is not None
        assert paper_keys([link(url)], url)[0] == key
        key.encode()


@given(st.text())
def test_no_text_raises(text: str) -> None:
    find_keys(text)
    assert slugify(text)
