"""Files of one megabyte that are made to hang a parser or to fill the memory.

`python -m tests.hostile_files` parses them all, and prints how many there are and the most memory,
in KiB, that one of them took.
"""

import contextlib
import json
import os
import pickle
import resource
import sys
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile

from bot.sources import parser_worker
from bot.sources.parsers.detect import parse_source
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.feed import document

_SIZE = 1_000_000
_TITLE = "[2023/10/09 ~ 10/15] 이번 주의 논문"
_HEADING = "## Top AI Papers of the Week (June 21 - June 28) - 2026\n"


def _fill(part: str) -> str:
    return part * (_SIZE // len(part.encode()))


_MARKUP = (
    "<div>",
    "<ul><li>x",
    "<blockquote>",
    "<table><tr><td>",
    "<p>",
    "<a href=x>",
    "<b>",
    "<font c=1>",
    "<li>x",
    "<aside>",
    "<aside data-onebox-src=https://a.example/>",
    "<svg><g>",
    "<select><option>",
    "<!--",
    "<a ",
    "<",
    "</div>",
    "&amp;",
    "&#x41;",
    "<img class=emoji alt=x>",
    '<p title="',
    "<br>",
    "<h2>가 / A</h2><h3>논문 소개</h3>x",
    "<button><p>",
    "x\n",
    "x",
    "가 / ",
    "<template>",
    "<math><mi>",
    "<ul><li>x</li></ul>",
    "<blockquote><ul><li><p>x",
    "<pre>",
    "<dl><dt><dd>",
    "<form><input>",
)
_LINES = (
    "| 1) **A** - b | [Paper](https://arxiv.org/abs/2606.00001) |\n",
    "[",
    "[a](",
    "[a](b",
    "(((",
    "*",
    "**a",
    "| ",
    "\\",
    "<br>",
    "1) ",
    "| x",
    "`",
    "https://a.example/",
    "[[a](https://a.example)",
    "\n",
    "| 1) x | [a](((",
    "- Top AI Papers of the Week (June 21 - June 28)\n",
    _HEADING,
    "&#",
    "\u3000",
    "\\_",
)
_XML = (
    "<item>",
    "<a>",
    "&amp;",
    "&x;",
    "<![CDATA[",
    "<item><title>x</title></item>",
    "<!--",
    "<?x",
    "<x a='",
    "<title>",
    "]]>",
)
_DATA = (
    '{"a":',
    "[",
    "[1,",
    '"a',
    "1",
    "- ",
    "a: ",
    "- a: &x [",
    "? ",
    "{",
    "!!str ",
    "|\n",
    "'",
)


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Yield a name and the content of each file: HTML, Markdown, feeds, JSON and YAML."""
    for part in _MARKUP:
        yield f"page-{part}.html", f"<html><h1>{_TITLE}</h1>{_fill(part)}</html>".encode()
    for part in _MARKUP[:8]:
        topic = {"title": _TITLE, "post_stream": {"posts": [{"cooked": _fill(part)}]}}
        yield f"topic-{part}.json", json.dumps(topic).encode()
    for part in _LINES:
        yield f"list-{part}.md", (_HEADING + "| 1) x | y |\n" + _fill(part)).encode()
    for part in _LINES[:10]:
        yield f"post-{part}.txt", f"{_TITLE}\n가 / A\n논문 소개\n{_fill(part)}".encode()
    for part in _XML:
        yield f"feed-{part}.xml", f"<rss><channel>{_fill(part)}</channel></rss>".encode()
    for part in _DATA:
        yield f"data-{part}.json", f'{{"issues": {_fill(part)}'.encode()
        yield f"data-{part}.yaml", f"issues:\n{_fill(part)}".encode()


def spin(_: bytes) -> None:
    """Never end, as a parser with a bug."""
    while True:
        pass


def swell(data: bytes) -> list[bytes]:
    """Ask for more memory than a parser may have."""
    return [data * 2_000 for _ in range(50)]


def parse_all() -> int:
    """Parse every file, as an import does; return how many there are."""
    count = 0
    for name, data in hostile_files():
        count += 1
        with contextlib.suppress(UnreadableSource):
            if name.startswith("feed"):
                _parse(document.parse, data)
            else:
                _parse(parse_source, data, name[:4])
    return count


def _parse(parser: Callable[..., object], data: bytes, *names: str) -> object:
    """Return or raise what `run_parser` does, from a fork of this process, which is a small one.

    `run_parser` starts an interpreter for each file; most are read in a fraction of that time.
    """
    with TemporaryFile() as request, TemporaryFile() as answer:
        pickle.dump((parser, (data, *names)), request)
        request.seek(0)
        child = os.fork()
        if not child:
            os.dup2(request.fileno(), 0)
            os.dup2(answer.fileno(), 1)
            sys.argv = ["parser_worker", str(len(data) + sum(map(len, names)))]
            try:
                parser_worker.main()
                sys.stdout.flush()
                os._exit(0)
            finally:
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            raise UnreadableSource("it was given up")
        answer.seek(0)
        is_result, value = pickle.load(answer)  # noqa: S301 - written by our own code
        if is_result:
            return value
        raise value


if __name__ == "__main__":
    parsed = parse_all()
    sys.stdout.write(f"{parsed} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}\n")
