"""Feeds, their posts and the lists of forums are read or refused, whatever stands in them."""

import contextlib
import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.parsers.discourse import listing
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.feed import document, posts
from tests.discourse_server import title

FIRST = date(2026, 5, 4)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Weekly</title>{items}</feed>"""


def test_atom_and_old_rss_are_read() -> None:
    entry = (
        "<entry><title>T</title><id>urn:1</id><link rel='self' href='https://a.example/self'/>"
        "<link href='https://a.example/1'/><published>2026-06-16T00:00:00Z</published>"
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>a &lt; b "
        "<a href='https://b.example/?x=1&amp;y=2'>c</a></p></div></content></entry>"
    )
    (atom,) = document.parse(ATOM.format(items=entry).encode()).posts
    assert (atom.id, atom.url, atom.title) == ("urn:1", "https://a.example/1", "T")
    assert '<a href="https://b.example/?x=1&amp;y=2">c</a>' in atom.html
    old = (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        "xmlns='http://purl.org/rss/1.0/'><channel/><item><title>T</title>"
        "<link>https://a.example/1</link><description>d</description></item></rdf:RDF>"
    )
    (rdf,) = document.parse(old.encode()).posts
    assert (rdf.id, rdf.html) == ("https://a.example/1", "d")


def test_what_stands_between_signs_survives_in_every_form() -> None:
    words = "<p>1. Pause - A &lt;pause&gt; helps; a &lt; b.</p>"
    forms = (
        f"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{words}</div></content>",
        f"<content type='html'><![CDATA[{words}]]></content>",
    )
    title = "<title type='html'><![CDATA[Top AI Papers (June 8 &#8211; June 14)]]></title>"
    for form in forms:
        (post,) = document.parse(
            ATOM.format(items=f"<entry>{title}<id>1</id>{form}</entry>").encode()
        ).posts
        (found,) = posts.parse(replace(post, date="2026-06-15"), "x", "en").issues
        assert (found.start, found.end) == (date(2026, 6, 8), date(2026, 6, 14))
        assert found.titles == {"en": "Top AI Papers (June 8 – June 14)"}  # noqa: RUF001
        assert found.entries[0].paper.summaries == {"en": "A <pause> helps; a < b."}


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss><channel>&c;</channel></rss>'
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB, "document type"),
        ("\n<!doctype x [<!entity a 'b'>]><rss/>", "document type"),
        ("", "no feed"),
        ("\x00\x01", "no feed"),
        ("<html></html>", "no feed"),
        ("<rss>" + "<a>" * 5000, "too deep"),
    ],
)
def test_a_broken_or_hostile_feed_is_refused(body: str, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        document.parse(body.encode())


def rss(more: str = "", encoding: str = "") -> str:
    head = f"<?xml version='1.0' encoding='{encoding}'?>" if encoding else ""
    item = f"<item><title>주간</title><link>https://a.example/1</link>{more}</item>"
    return f"{head}<rss version='2.0'><channel>{item}</channel></rss>"


NETSCAPE = (
    b"<?xml version='1.0'?><!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' "
    b"'http://my.netscape.com/publish/formats/rss-0.91.dtd'>"
)


@pytest.mark.parametrize(
    ("body", "is_warned"),
    [
        (
            rss(encoding="euc-kr").encode("cp949"),
            False,
        ),
        (
            rss(encoding="cp949").encode("cp949"),
            False,
        ),
        (
            rss(encoding="ks_c_5601-1987").encode("cp949"),
            False,
        ),
        (rss("<description>R&D</description>").encode(), True),
        (
            rss("<description>a&nbsp;b</description>").encode(),
            True,
        ),
        (
            rss("<description>a\x08b</description>").encode(),
            False,
        ),
        (b"\n " + rss(encoding="utf-8").encode(), False),
        (NETSCAPE + rss().encode(), False),
        (rss("<description>cut").encode()[:-20], True),
    ],
)
def test_feeds_with_slips_are_read(body: bytes, is_warned: bool) -> None:  # noqa: FBT001
    feed = document.parse(body)

    assert [(post.title, post.url) for post in feed.posts] == [("주간", "https://a.example/1")]
    assert bool(feed.warning) == is_warned


def test_an_entry_that_was_only_updated_is_of_that_day() -> None:
    atom = (
        "<entry><title>Top papers of the week (October 9 - October 15)</title><id>urn:1</id>"
        "<updated>2023-10-16T00:00:00Z</updated><content type='html'>&lt;p>1. A - b&lt;/p>"
        "</content></entry>"
    )
    rdf = (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel/><item>"
        "<title>Top papers of the week (October 9 - October 15)</title>"
        "<link>https://a.example/1</link>"
        "<dc:date>2023-10-16T09:00:00+09:00</dc:date><description>1. A - b</description>"
        "</item></rdf:RDF>"
    )
    for body in (ATOM.format(items=atom), rdf):
        (post,) = document.parse(body.encode()).posts
        (found,) = posts.parse(post, "x", "en").issues
        assert str(found.week) == "2023-W41"


def test_days_without_any_year_are_told_and_not_guessed() -> None:
    post = document.Post("1", "Papers (May 4 - May 10)", "", "<p>1. A - b</p>", "")

    (problem,) = posts.parse(post, "x", "en").problems
    assert "year" in problem.message


def test_a_newsletter_has_its_days_in_its_subtitle_or_first_sentence() -> None:
    body = "<p>{}</p><h2>1. A</h2><p>Text.</p><p><a href='https://a.example/1'>Paper</a></p>"
    sentence = "The top AI papers of the week (June 7 - 14)"
    day = "2026-06-15T00:00:00+00:00"
    for post in (
        document.Post("1", "Top AI Papers of the Week", "", body.format("Hello."), day, sentence),
        document.Post("1", "🥇Top AI Papers of the Week", "", body.format(sentence), day),
    ):
        assert posts.is_weekly(post)
        (found,) = posts.parse(post, "x", "en").issues
        assert (found.start, found.end) == (
            FIRST.replace(month=6, day=7),
            FIRST.replace(month=6, day=14),
        )
        assert [entry.paper.titles["en"] for entry in found.entries] == ["A"]
    assert not posts.is_weekly(document.Post("1", "A new model", "", body.format(sentence), day))


KEYS = st.sampled_from(["topic_list", "topics", "id", "title", "tags", "more_topics_url"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_whatever_a_forum_lists_is_read_or_refused(value: object) -> None:
    with contextlib.suppress(UnreadableSource):
        listing.parse(json.dumps(value).encode())
    listed = {"topic_list": {"topics": [value, {"id": 1, "title": "x", "tags": value}]}}
    assert listing.parse(json.dumps(listed).encode()).topics[-1].id == 1


def mixed(*pieces: str) -> st.SearchStrategy[str]:
    """Return texts of these pieces and others, in any order."""
    parts = st.sampled_from(pieces) | st.text(max_size=6)
    return st.lists(parts, max_size=30).map("".join)


XML = mixed(
    "<rss>", "</rss>", "<item>", "</item>", "<title>", "</title>", "<![CDATA[", "]]>", "&amp;",
    "&x;",
    "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "</entry>", "<link/>",
)  # fmt: skip
MARKUP = mixed(
    "<p>", "</p>", "<h2>", "</h2>", "1. ", "2) ", "0. ", " - ", "<a href='https://a.example/x'>",
    "</a>",
    "<a href='javascript:x'>", "Paper", " | ", "<ul><li>", "</li></ul>", "<blockquote>",
)  # fmt: skip
TITLES = (
    title(FIRST), "Papers (May 4 - May 10)", "Papers (May 4 - May 10) - 2026", "Feb 30 - Feb 31",
    "(January 1 - December 30)", "Papers (Dec 28 - Jan 3)",
)  # fmt: skip


@given(XML | st.binary(max_size=99).map(lambda each: each.decode("latin-1")))
def test_whatever_a_feed_holds_is_read_or_refused(body: str) -> None:
    with contextlib.suppress(UnreadableSource):
        document.parse(body.encode("utf-8", "surrogatepass"))


@given(st.sampled_from(TITLES), MARKUP, st.sampled_from(["", "soon", "2026-05-12T00:00:00Z"]))
def test_whatever_a_weekly_post_holds_is_read_or_told(head: str, html: str, day: str) -> None:
    post = document.Post("1", head, "https://a.example/1", html, day)

    parsed = posts.parse(post, "weekly", "en")

    assert parsed.issues or parsed.problems
    for issue in parsed.issues:
        assert issue.series == "weekly"
        positions = [entry.position for entry in issue.entries]
        assert positions == sorted(set(positions))
        links = [link.url for entry in issue.entries for link in entry.paper.links]
        assert all(url.startswith("https://") for url in links)
