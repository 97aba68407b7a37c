"""Translates and introduces the reference archive through a loopback endpoint; writes RESULTS.md.

Run as `make bench-translation`; PAPERBOY_REFERENCE_DATA names the reference data. The endpoint is
a process of its own, which keeps all that the checks look at and answers at once: what is measured
is the program's part. Tokens are counted as a quarter of the characters that are sent, and half of
those that are answered, as most are Korean; tokenisers differ.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from adapters.openai import connect
from benchmarks.machine import described
from bot.app.archive import build_context
from bot.commands.context import Context
from bot.enrichment.translation.budget import Budget
from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.run import TranslationResult
from bot.enrichment.translation.translator import Translator
from bot.lib.clock import SystemClock
from bot.model.papers import Issue
from bot.ports.translations import TranslationScope
from bot.sources.importer import with_inferred_tags
from bot.sources.parsers.detect import parse_source
from config import terms
from config.settings import Settings
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests.model_server import ModelServer

RESULTS = Path(__file__).with_name("RESULTS.md")
PRICES = Budget(prompt_price=0.15, completion_price=0.60)
"""Of the example in docs/translation.md."""

WEEKS_OF_A_YEAR = 52
ABSTRACT = 1_300
"""Characters of an abstract on arXiv, on average of the weeks of the forum."""


def main() -> None:
    """Measure and write."""
    folder = os.environ.get("PAPERBOY_REFERENCE_DATA")
    if not folder:
        sys.exit("PAPERBOY_REFERENCE_DATA does not name the reference data; nothing measured.")
    processes = get_context("fork")
    ours, theirs = processes.Pipe()
    endpoint = processes.Process(target=_serve, args=(theirs,), daemon=True)
    endpoint.start()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            files = sorted((Path(folder) / "dair" / "years").glob("*.md"))
            lines = asyncio.run(_measure(files, Path(scratch), ours))
    finally:
        endpoint.kill()
    RESULTS.write_text("\n".join([*lines, ""]), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def _serve(told: Connection) -> None:
    """Serve the endpoint; answer each question about it with the number of requests."""
    with ModelServer() as server:
        told.send(server.url)
        while True:
            told.recv()
            told.send((len(server.asked), sum(each.is_introduction for each in server.asked)))


async def _measure(files: list[Path], scratch: Path, endpoint: Connection) -> list[str]:
    path = scratch / "archive.sqlite3"
    SqliteDatabase(path).prepare()
    store = ArchiveStore.open(path)
    context = build_context(Settings(), store)
    issues = await _import(files, context)
    url = endpoint.recv()
    wall, cpu = time.perf_counter(), time.process_time()
    found = await _translate(context, url)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    again = time.perf_counter()
    nothing = await _translate(context, url)
    again = time.perf_counter() - again
    assert nothing.kept == 0
    endpoint.send(None)
    requests, introductions = endpoint.recv()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    await store.close()
    return [
        *_report(issues, found, requests, introductions),
        "",
        (
            f"{wall:.0f} s ({cpu:.0f} s of CPU); again with nothing to do {again:.1f} s. "
            f"Most memory: {memory:.0f} MB."
        ),
    ]


async def _import(files: list[Path], context: Context) -> list[Issue]:
    parsed = [
        issue for path in files for issue in parse_source(path.read_bytes(), path.name).issues
    ]
    issues = [with_inferred_tags(issue, context.vocabulary) for issue in parsed]
    await context.archive.save(issues)
    return issues


async def _translate(context: Context, url: str) -> TranslationResult:
    model = connect(url, "loopback", "", timedelta(seconds=60))
    try:
        translator = Translator(
            context.translations, model, Glossary.of(terms.load()), PRICES, SystemClock()
        )
        return await translator.run_once(TranslationScope(("ko", "en"), newest=10_000))
    finally:
        await model.close()


def _report(
    issues: list[Issue], found: TranslationResult, requests: int, introductions: int
) -> list[str]:
    usage = found.usage
    share = WEEKS_OF_A_YEAR / len(issues)
    return [
        "# Translation",
        "",
        f"{described('openai', 'sqlalchemy')}. The reference archive: {len(issues)} issues.",
        "",
        "| what | all | a year of 52 weeks |",
        "| --- | --- | --- |",
        _row("texts kept", found.kept, share),
        _row("texts that failed the checks", found.failed, share),
        _row("requests", requests, share),
        _row("of these to write an introduction", introductions, share),
        _row("tokens sent", usage.prompt_tokens, share),
        _row("tokens answered", usage.completion_tokens, share),
        (
            "| cost at 0.15 and 0.60 for a million tokens "
            f"| {usage.cost:.2f} | {usage.cost * share:.2f} |"
        ),
        _row("tokens more where arXiv's abstracts are translated too", _abstracts(issues), share),
    ]


def _row(name: str, number: int, share: float) -> str:
    return f"| {name} | {number:,} | {number * share:,.0f} |"


def _abstracts(issues: list[Issue]) -> int:
    papers = {entry.paper.key for issue in issues for entry in issue.entries}
    known = sum(key.startswith("arxiv:") for key in papers)
    return known * (ABSTRACT // 4 + ABSTRACT * 45 // 200)


if __name__ == "__main__":
    main()
