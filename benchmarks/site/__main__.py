"""Writes RESULTS.md: how fast pages are at 100,000 papers, beside a bare Starlette page.

Run as `make bench-site`. Pages that no one asked for yet are asked for one after another, and
pages that are cached on 32 connections at once, in turns with a bare page of the same size.
Ends with 1 where a page was not answered, is too large, or is too slow.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from benchmarks.machine import described, percentile
from benchmarks.site.archive import fill, issues, records, vocabulary
from benchmarks.site.client import Answer, ask_at_once, ask_in_turn
from bot.model.papers import Issue
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore

RESULTS = Path(__file__).with_name("RESULTS.md")
PAPERS = 100_000
COLD, HOT = 150, 200
"""Pages of each kind that are asked for once, and pages that are asked for again and again."""
FEW = 3
"""Pages of a kind that is not worth a p99."""
CONNECTIONS, SECONDS, ROUNDS = 32, 4.0, 3
PICTURES = frozenset({"chart", "preview"})
"""What is drawn in a thread of its own while pages are answered; its time is told, not judged."""
BARE_BYTES = 4_500
"""The size of the bare page: what pages of weeks, papers and tags have together, compressed."""
MOST_P99, LEAST_PER_SECOND, MOST_BYTES = 0.050, 1_000, 50_000


@dataclass
class Served:
    """A program that serves pages."""

    port: int
    process: asyncio.subprocess.Process
    cpu: float = 0.0
    memory: int = 0


@asynccontextmanager
async def served(*arguments: str) -> AsyncIterator[Served]:
    """Run a program of `benchmarks.site.program`, which says what it used when it ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.site.program", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert process.stdin
    found = Served(int(await process.stdout.readline()), process)
    yield found
    process.stdin.close()
    memory, cpu = (await process.stdout.readline()).split()
    found.memory, found.cpu = int(memory), float(cpu)
    await process.wait()


def paths_of(weeks: Sequence[Issue]) -> dict[str, list[str]]:
    """Return some pages of each kind, all of them different."""
    chance = random.Random(3)
    chosen = chance.sample(list(weeks), COLD)
    papers = [chance.choice(each.entries).paper for each in chosen]
    tags = [f"tag-{number:03}" for number in range(COLD)]
    sought = [chance.choice(each.entries).paper.titles["en"].split()[1:4] for each in chosen]
    languages = ("ko", "en")

    def spread(parts: Sequence[str]) -> list[str]:
        return [f"/{languages[place % 2]}/{part}" for place, part in enumerate(parts)]

    return {
        "home": ["/en/"],
        "year": spread([f"weeks/{year}/" for year in sorted({e.week.year for e in weeks})]),
        "week": spread([f"week/{each.series}/{each.week}/" for each in chosen]),
        "paper": spread([f"paper/{each.key.replace(':', '/', 1)}/" for each in papers]),
        "tag": spread([f"tag/{tag}/" for tag in tags[:120]]),
        "author": spread([f"author/Author_{chance.randrange(20_000)}/" for _ in range(COLD)]),
        "search": spread([f"search/?q={quote(' '.join(words))}" for words in sought]),
        "trend": spread([f"trend/{tag}/" for tag in tags[:120]]),
        "trends": spread(["trends/", "trends/"]),
        "tags": spread(["tags/", "tags/"]),
        "about": spread(["about/", "about/"]),
        "trend of words": spread([f"trend/?q={quote(words[0])}" for words in sought[:30]]),
        "feed": [
            f"/{language}/{each}"
            for name in ("", *(f"series/{each}/" for each in ("alpha", "beta", "gamma", "delta")))
            for each in (f"{name}feed.atom", f"{name}feed.json")
            for language in languages
        ],
        "feed of papers": spread(
            [f"tag/{tag}/feed.atom" for tag in tags[:30]]
            + [f"search/feed.json?q={quote(words[0])}" for words in sought[:30]]
        ),
        "other form": spread(
            [
                f"{place}index.{form}"
                for form in ("md", "bib", "json")
                for place in (
                    *(f"week/{each.series}/{each.week}/" for each in chosen[:20]),
                    *(f"tag/{tag}/" for tag in tags[:20]),
                )
            ]
        ),
        "as one types": spread(
            [
                f"search/index.json?q={quote(words[0][:end])}"
                for words in sought[:30]
                for end in (1, 2, 4)
            ]
        ),
        "interface": [
            *(f"/api/v1/{name}.json" for name in ("weeks", "weeks/page/5", "tags", "openapi")),
            *(f"/api/v1/weeks/{each.series}/{each.week}.json" for each in chosen[40:60]),
            *(f"/api/v1/tags/{tag}.json" for tag in tags[:20]),
            *(f"/api/v1/search.json?q={quote(words[0])}" for words in sought[30:60]),
        ],
        "sitemap": ["/sitemap.xml", *(f"/sitemap-{part}.xml" for part in range(1, 252, 10))],
        "chart": spread([f"trend/{tag}/chart.png" for tag in tags[:12]]),
        "preview": spread(
            [f"paper/{each.key.replace(':', '/', 1)}/preview.png" for each in papers[:12]]
        ),
    }


async def measure(path: Path) -> bool:
    """Measure and write the figures down; return whether they are good enough."""
    words = vocabulary()
    weeks = list(issues(PAPERS, words))
    if not path.exists():
        await fill(path, PAPERS, words)
        store = ArchiveStore.open(path)
        await store.save_records(records(PAPERS), datetime(2026, 1, 1, tzinfo=UTC))
        await store.close()
    SqliteDatabase(path).prepare()
    kinds = paths_of(weeks)
    # Names of months are read with the first pages of a kind, one in each language.
    many = [paths for paths in kinds.values() if len(paths) > FEW]
    warm = ["/ko/", "/en/trend/", *(paths.pop() for paths in many for _ in range(2))]
    async with served(str(path)) as ours, served("--bare", str(BARE_BYTES)) as bare:
        await ask_in_turn(ours.port, warm, ours.process.pid, bare.port)
        cold = {
            kind: await ask_in_turn(ours.port, paths, ours.process.pid, bare.port)
            for kind, paths in kinds.items()
        }
        hot = [path for kind in ("week", "paper", "tag") for path in kinds[kind]][:HOT]
        await ask_in_turn(ours.port, hot, ours.process.pid, bare.port)
        rounds = [
            (
                await ask_at_once(ours.port, hot, CONNECTIONS, SECONDS),
                await ask_at_once(bare.port, ["/"], CONNECTIONS, SECONDS),
            )
            for _ in range(ROUNDS)
        ]
    return report(cold, rounds, ours.memory)


Round = tuple[tuple[list[Answer], float], tuple[list[Answer], float]]


def report(cold: dict[str, list[Answer]], rounds: Sequence[Round], memory: int) -> bool:
    """Write RESULTS.md; return whether all is as it has to be."""
    lines = [
        "# Pages at 100,000 papers",
        "",
        (
            f"`make bench-site`, {described('starlette', 'uvicorn', 'jinja2')}, "
            f"load average {os.getloadavg()[0]:.1f} before."
        ),
        "",
        (
            "Pages that are not cached, asked for one after another, after two of each kind. The "
            "CPU is what a page takes on an idle core; the wait is what it took here, and after "
            "it stands what the bare page took right after each, on the same busy cores."
        ),
        "",
        (
            "| page | pages | CPU, median | p99 | wait, median | p99 | bare, median | p99 "
            "| largest, compressed |"
        ),
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    is_good = True
    for kind, answers in cold.items():
        waits = [each.seconds * 1000 for each in answers]
        times = [each.cpu * 1000 for each in answers]
        bare = [each.beside * 1000 for each in answers]
        worst, largest = percentile(times, 0.99), max(each.size for each in answers)
        bad = [each for each in answers if each.status not in {200, 404}]
        is_quick = worst < MOST_P99 * 1000 and largest < MOST_BYTES
        is_good = is_good and not bad and (is_quick or kind in PICTURES)
        lines.append(
            f"| {kind} | {len(answers)} | {percentile(times, 0.5):.1f} ms | {worst:.1f} ms | "
            f"{percentile(waits, 0.5):.1f} ms | {percentile(waits, 0.99):.1f} ms | "
            f"{percentile(bare, 0.5):.1f} ms | {percentile(bare, 0.99):.1f} ms | "
            f"{largest / 1000:.1f} KB |"
        )
    lines += [
        "",
        (
            f"{HOT} cached pages of weeks, papers and tags on {CONNECTIONS} connections for "
            f"{SECONDS:.0f} seconds, in turns with a bare Starlette page of the same size "
            f"({BARE_BYTES / 1000:.1f} KB); one process each, the client on the other core:"
        ),
        "",
        "| round | Paperboy | p99 | bare | p99 | ratio |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    best = 0.0
    for number, ((own, own_time), (others, other_time)) in enumerate(rounds, start=1):
        rate, others_rate = len(own) / own_time, len(others) / other_time
        slow = [percentile([each.seconds for each in found], 0.99) for found in (own, others)]
        best = max(best, rate)
        is_good = is_good and all(each.status == 200 for each in own)
        lines.append(
            f"| {number} | {rate:,.0f}/s | {slow[0] * 1000:.1f} ms | {others_rate:,.0f}/s | "
            f"{slow[1] * 1000:.1f} ms | {rate / others_rate:.0%} |"
        )
    lines += ["", f"The pages took {memory / 1024:.0f} MB of memory at most.", ""]
    RESULTS.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    return is_good and best >= LEAST_PER_SECOND


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--archive", type=Path, help="an archive of an earlier run, or a place")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = wanted.archive or Path(folder) / "archive.sqlite3"
        sys.exit(0 if asyncio.run(measure(path)) else 1)


if __name__ == "__main__":
    main()
