"""No file hangs a parser, fills the memory or holds the event loop."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable

import pytest

from adapters.http import address_policy
from bot.commands.context import Context
from bot.ports.web import FetchRefused
from bot.sources.importer import import_source
from bot.sources.parser_process import MAX_INLINE_BYTES, run_parser
from bot.sources.parsers.detect import parse_source
from bot.sources.parsers.errors import UnreadableSource
from tests.generated_docs import ROOT
from tests.hostile_files import spin, swell

pytestmark = pytest.mark.slow

BIG = b"x" * (MAX_INLINE_BYTES + 1)


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_each_of_a_hundred_hostile_files_is_read_or_refused_within_the_limits() -> None:
    # In a small process of its own: a child counts the memory of the process that it began as.
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hostile_files", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await program.communicate()

    assert program.returncode == 0
    count, most = map(int, output.split())
    assert count >= 100
    assert most < 300 * 1024, "KiB; the CPU time of each is limited by the system"


@pytest.mark.parametrize("parser", [spin, swell])
async def test_a_parser_that_needs_too_much_is_given_up(
    parser: Callable[[bytes], object],
) -> None:
    with pytest.raises(UnreadableSource, match=r"too long|too much memory"):
        await run_parser(parser, BIG)


async def test_the_event_loop_goes_on_while_a_large_file_is_read() -> None:
    turns = 0
    reading = asyncio.create_task(run_parser(parse_source, b"# x\n" + BIG, "x.md"))
    while not reading.done():
        turns += 1
        await asyncio.sleep(0)

    with pytest.raises(UnreadableSource):
        await reading
    assert turns > 10


async def test_a_large_file_is_read_in_a_child_as_in_the_program() -> None:
    papers = [{"title": {"en": f"Paper {n}"}, "summary": {"en": "x" * 400}} for n in range(200)]
    issue = {"series": "s", "start": "2026-06-01", "end": "2026-06-07", "papers": papers}
    data = json.dumps({"issues": [issue]}).encode()

    assert len(data) > MAX_INLINE_BYTES
    assert await run_parser(parse_source, data, "x.json") == parse_source(data, "x.json")


def bundle(**fields: object) -> bytes:
    paper: dict[str, object] = {
        "title": {"en": "Paper"},
        "links": [{"url": "https://arxiv.org/abs/2606.00001"}],
    }
    paper |= {name: each for name, each in fields.items() if name not in {"start", "end"}}
    issue: dict[str, object] = {"series": "s", "start": "2026-06-01", "end": "2026-06-07"}
    issue["papers"] = [paper]
    issue |= {name: each for name, each in fields.items() if name in {"start", "end"}}
    return json.dumps({"issues": [issue]}).encode()


@pytest.mark.parametrize(
    "data",
    [
        bundle(title={"en": "A\ud800B\0C"}, tags=["\udfff"], summary={"en": "\ud83d"}),
        bundle(position=10**30),
        bundle(start="9999-12-30", end="9999-12-31"),
        bundle(start="0001-01-01", end="0001-01-02"),
        bundle(links=[{"url": "http://xn--a/"}, {"url": "https://a.example/\ud800"}]),
        b'{"issues": [' + b"9" * 5000 + b"]}",
        json.dumps(
            {
                "id": 10**40, "slug": "x", "title": "[9999/12/30 ~ 12/31] 논문",
                "post_stream": {"posts": [{"cooked": "<h2>가</h2><h3>논문 소개</h3>글"}]},
            }
        ).encode(),
    ],
)  # fmt: skip
async def test_values_that_cannot_be_stored_are_left_out_or_refused(
    context: Context, data: bytes
) -> None:
    with contextlib.suppress(UnreadableSource):
        await import_source(context.archive, context.vocabulary, data, "x.json")


def test_characters_that_cannot_be_stored_are_dropped() -> None:
    (issue,) = parse_source(bundle(title={"en": "A\ud800B\0C"}), "x.json").issues

    assert issue.entries[0].paper.titles == {"en": "ABC"}


def test_an_address_that_is_no_name_is_refused() -> None:
    with pytest.raises(FetchRefused):
        address_policy.parse_url("http://xn--a/")
