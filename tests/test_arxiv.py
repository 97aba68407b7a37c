"""What arXiv and Hugging Face answer is read, whatever it is."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enrichment import arxiv, hugging_face
from bot.enrichment.arxiv import InvalidResponse, RateExceeded
from bot.model.papers import MetadataProvider, Record
from tests.arxiv_server import RATE_EXCEEDED, KnownPaper, entry, error, feed

RING = KnownPaper("2310.01889")


def test_a_paper_is_read_whole() -> None:
    held = KnownPaper(
        "2310.01889",
        categories=("cs.CL", "cs.LG", "I.2.7", "68T07"),
        doi="10.1038/s41586-023-06415-8",
        journal="Nature 620\n (2023) 972-980",
        comment="Code: https://github.com/lhao499/RingAttention.",
    )

    answer = arxiv.parse_response(feed(entry(held)), ["2310.01889"])

    assert answer.records == {
        "2310.01889": Record(
            origin=MetadataProvider.ARXIV,
            title="Ring Attention with Blockwise Transformers for Near-Infinite Context",
            abstract="Transformers are limited by memory.\n\nBlocks travel around a ring.",
            authors=("Hao Liu", "Matei Zaharia", "Pieter Abbeel"),
            published=date(2023, 10, 3),
            updated=date(2023, 11, 27),
            category="cs.CL",
            categories=("cs.CL", "cs.LG"),
            doi="10.1038/s41586-023-06415-8",
            journal="Nature 620 (2023) 972-980",
            comment="Code: https://github.com/lhao499/RingAttention.",
            pdf="https://arxiv.org/pdf/2310.01889",
            repository="https://github.com/lhao499/RingAttention",
        )
    }


@pytest.mark.parametrize("asked", ["math.GT/0309136", "math/0309136"])
def test_an_old_id_is_known_with_its_subject_class_and_without(asked: str) -> None:
    held = KnownPaper("math/0309136", categories=("math.GT",), version=1)

    answer = arxiv.parse_response(feed(entry(held)), [asked])

    assert list(answer.records) == [asked]
    assert answer.records[asked].pdf == "https://arxiv.org/pdf/math/0309136"


def test_ids_that_arxiv_does_not_know_are_left_out_and_strangers_also() -> None:
    answer = arxiv.parse_response(
        feed(entry(RING), entry(KnownPaper("2310.99999"))), ["2310.01889", "2310.00001"]
    )

    assert list(answer.records) == ["2310.01889"]


def test_an_error_entry_is_no_paper() -> None:
    answer = arxiv.parse_response(feed(error("2313.99999")), ["2313.99999", "2310.01889"])

    assert answer.records == {}
    assert answer.errors == ("incorrect id format for 2313.99999",)


def test_too_much_to_do_is_told_from_a_feed_though_both_have_status_200() -> None:
    for body in (RATE_EXCEEDED, b"\n rate exceeded.\n"):
        with pytest.raises(RateExceeded):
            arxiv.parse_response(body, ["2310.01889"])


BOMB = b"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>"""
FILE = b'<!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed>&a;</feed>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>503</body></html>",
        b"<feed>",
        b"\xff\xfe",
        BOMB,
        BOMB.decode().encode("utf-16"),
        FILE,
        feed(entry(RING))[:-40],
    ],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidResponse):
        arxiv.parse_response(body, ["2310.01889"])


def test_punctuation_is_no_author_and_a_withdrawn_paper_has_no_pdf() -> None:
    held = KnownPaper("2501.12948", authors=("DeepSeek-AI", ":", "Daya Guo", ""), has_pdf=False)

    record = arxiv.parse_response(feed(entry(held)), ["2501.12948"]).records["2501.12948"]

    assert record.authors == ("DeepSeek-AI", "Daya Guo")
    assert record.pdf == ""


def test_a_day_that_is_none_is_not_known() -> None:
    held = KnownPaper("2310.01889", published="soon", categories=())

    record = arxiv.parse_response(feed(entry(held)), ["2310.01889"]).records["2310.01889"]

    assert (record.published, record.category) == (None, "")


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"], codec="utf-8"), max_size=60).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text
)


@given(title=WORDS, abstract=WORDS, authors=st.lists(WORDS, max_size=4), comment=WORDS)
def test_whatever_a_paper_says_is_read_as_it_stands(
    title: str, abstract: str, authors: list[str], comment: str
) -> None:
    held = KnownPaper("2310.01889", title, abstract, authors, comment=comment)

    record = arxiv.parse_response(feed(entry(held)), ["2310.01889"]).records["2310.01889"]

    assert record.title == " ".join(title.split())
    assert record.abstract.split() == abstract.split()
    assert record.comment == " ".join(comment.split())
    assert record.authors == tuple(
        " ".join(name.split()) for name in authors if any(map(str.isalpha, name))
    )


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_nothing_that_is_answered_is_a_traceback(body: bytes) -> None:
    for junk in (body, feed(entry(RING))[: len(body) * 5] + body):
        with suppress(RateExceeded, InvalidResponse):
            arxiv.parse_response(junk, ["2310.01889"])
        with suppress(hugging_face.InvalidResponse):
            hugging_face.parse_repository_url(junk)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("See (https://github.com/a/b).", "https://github.com/a/b"),
        ("https://github.com", ""),
        ("https://github.com/a and https://gitlab.com/c/d/", "https://gitlab.com/c/d/"),
        ("https://example.com/a/b", ""),
        (r"\url{https://github.com/a/b}", "https://github.com/a/b"),
    ],
)
def test_code_is_found_where_authors_say_it_is(text: str, url: str) -> None:
    assert arxiv.find_repository_url(["no code here", text]) == url


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (b'{"id": "1", "githubRepo": "https://github.com/a/b"}', "https://github.com/a/b"),
        (b'{"id": "1"}', ""),
        (b'{"githubRepo": null}', ""),
        (b'{"githubRepo": "javascript:alert(1)"}', ""),
        (b'{"githubRepo": "https://evil.example/a/b"}', ""),
    ],
)
def test_hugging_face_names_a_repository_or_none(body: bytes, url: str) -> None:
    assert hugging_face.parse_repository_url(body) == url


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"[" * 100_000, b"\xff"])
def test_what_hugging_face_never_answers_is_refused(body: bytes) -> None:
    with pytest.raises(hugging_face.InvalidResponse):
        hugging_face.parse_repository_url(body)
