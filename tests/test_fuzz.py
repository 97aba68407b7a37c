"""Whatever a file holds, it is read or refused in words; generated from pieces of every format."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from bot.model.weeks import Week
from bot.sources.parsers import daily
from bot.sources.parsers.detect import parse_source
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.feed import document, posts

PIECES = (
    "\n",
    "\n\n",
    " ",
    "  ",
    "\t",
    ",",
    ";",
    "|",
    "- ",
    "* ",
    "1. ",
    "# ",
    "## ",
    "> ",
    "`",
    "**",
    "[",
    "](",
    ")",
    "<",
    ">",
    "&",
    '"',
    "'",
    "{",
    "}",
    "@",
    "=",
    ":",
    "\\",
    "\u00a0",
    "\u3000",
    "\ud800",
    "\0",
    "가",
    "2310.01889",
    "https://arxiv.org/abs/2310.01889",
    "10.1000/182",
    "arxiv:",
    "doi:",
    "http://xn--a/",
    "title,link,week\n",
    "Title\tURL\n",
    "제목,링크\n",
    "2026-W26",
    "2026-06-22",
    "9999-12-31",
    "0000-00-00",
    "@article{a,\n",
    "title = {A},",
    "eprint = {2310.01889}",
    "TY  - JOUR\n",
    "TI  - A\n",
    "ER  - \n",
    "UR  - https://a.example/1\n",
    "| Title | Link |\n|---|---|\n",
    "| A | https://a.example/1 |\n",
    "## Top AI Papers of the Week (June 21 - June 28) - 2026\n",
    "(December 28 - January 3) - 2026",
    "| 1) **A** - b | [Paper](https://a.example/1) |\n",
    "[2026/06/21 ~ 06/28] 논문\n",
    "논문 소개\n",
    "논문 링크\n",
    "가 / A\n",
    '[{"type": "article", "title": "A"}]',
    '[{"paper": {"id": "2310.01889"}}]',
    '[{"paper": {"id": "2310.01889", "upvotes": "many", "submittedOnDailyAt": "0000-00"}}]',
    '{"issues": [',
    '"start": "2026-06-01"',
    '{"post_stream": {"posts": [{"cooked": "',
    "issues:\n- series: s\n",
    "<html>",
    "<h1>",
    "<h2>",
    "<h3>논문 소개</h3>",
    "<li>",
    "<ul>",
    "<blockquote>",
    "<p>",
    "<a href='x'>",
    "<hr>",
    "<rss>",
    "<channel>",
    "<item>",
    "<title>",
    "<feed xmlns='http://www.w3.org/2005/Atom'>",
    "<entry>",
    "</item>",
    "</title>",
    "<![CDATA[",
    "]]>",
    "<updated>2026-06-22T00:00:00Z</updated>",
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join)
NAMES = st.sampled_from(["", "2026.md", "x.csv", "x.json"])


@given(TEXTS, NAMES, st.sampled_from([None, Week(2026, 26)]))
def test_whatever_a_file_holds_is_read_or_refused(text: str, name: str, week: Week | None) -> None:
    with contextlib.suppress(UnreadableSource):
        parsed = parse_source(text.encode("utf-8", "surrogatepass"), name, "ours", week)
        assert parsed.issues
        for issue in parsed.issues:
            positions = [entry.position for entry in issue.entries]
            assert positions == sorted(set(positions))
            assert all(entry.paper.key for entry in issue.entries)


@given(TEXTS)
def test_whatever_a_feed_holds_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UnreadableSource):
        for post in document.parse(text.encode("utf-8", "surrogatepass")).posts:
            posts.is_weekly(post)
            posts.parse(post, "ours", "en")


@given(TEXTS)
def test_whatever_a_list_of_daily_papers_holds_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UnreadableSource):
        for paper in daily.parse(text.encode("utf-8", "surrogatepass")).papers:
            assert paper.links
