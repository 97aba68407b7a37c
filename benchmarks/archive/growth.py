"""Asks archives of several sizes the same, and writes GROWTH.md: what answers cost in large ones.

Run as `python -m benchmarks.archive.growth`, with `--largest` up to a million papers, which takes
half an hour to make; `--folder FOLDER` keeps the archives there, and takes those that are there.
PAPERBOY_REFERENCE_DATA names the reference data, whose words the papers have.
"""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from string import ascii_lowercase

from benchmarks.lookup.synthetic import build, words_of
from benchmarks.machine import described, percentile
from bot.__main__ import COLLECTED_AFTER
from bot.app import words
from bot.app.archive import build_context
from bot.cards.locale import Locale
from bot.commands.autocomplete import complete
from bot.commands.dispatcher import dispatch
from bot.model.channels import Person, Target
from bot.ports.conversation import Request
from config.settings import Settings
from storage.store import ArchiveStore

RESULTS = Path(__file__).with_name("GROWTH.md")
SIZES, LARGEST = (1_810, 100_000), 1_000_000
ROUNDS = 20
GOALS = {"completion of one letter": 3, "/find": 5, "/week": 2, "/tag": 2, "/paper": None}


def main() -> None:
    """Measure and write."""
    reference = os.environ.get("PAPERBOY_REFERENCE_DATA")
    if not reference:
        sys.exit("PAPERBOY_REFERENCE_DATA does not name the reference data; nothing measured.")
    texts = [file.read_text("utf-8") for file in sorted(Path(reference).glob("dair/years/*.md"))]
    options = argparse.ArgumentParser()
    options.add_argument("--largest", action="store_true")
    options.add_argument("--folder", type=Path)
    given = options.parse_args()
    sizes = (*SIZES, LARGEST) if given.largest else SIZES
    gc.set_threshold(COLLECTED_AFTER)  # as the program does
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        measured = [_measure(folder, size, words_of(texts)) for size in sizes]
    RESULTS.write_text("\n".join([*_table(sizes, measured), ""]), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def _measure(folder: Path, size: int, vocabulary: Sequence[str]) -> Mapping[str, float]:
    path = folder / f"{size}.sqlite3"
    if not path.exists():
        made = path.with_suffix(".new")
        build(made, size, vocabulary)
        made.rename(path)
    return asyncio.run(_ask(path, vocabulary))


async def _ask(path: Path, vocabulary: Sequence[str]) -> Mapping[str, float]:
    """Return the milliseconds of each kind of answer: the half of the answers take less."""
    store = ArchiveStore.open(path)
    context = build_context(Settings(), store)
    words.load_all()
    common = vocabulary[:10]
    asked = {
        "/find": [f"{first} {second}" for first in common for second in common if first != second],
        "/week": ["latest", "2024-10-07", "2020-03-02", "2015-05-04"],
        "/tag": ["llm", "agents", "survey"],
        "/paper": [" ".join(vocabulary[place : place + 3]) for place in range(200, 230, 3)],
    }
    locale, found = Locale(context.catalogues, "en"), {}
    letters = [partial(complete, context, locale, "paper", letter) for letter in ascii_lowercase]
    found["completion of one letter"] = await _half(letters)
    for command, arguments in asked.items():
        requests = [
            Request(
                command.removeprefix("/"), argument, Person("c", "", "en"), Target("c", "", "")
            )
            for argument in arguments
        ]
        found[command] = await _half([partial(dispatch, context, each) for each in requests])
    await store.close()
    return found


async def _half(answers: Sequence[Callable[[], Awaitable[object]]]) -> float:
    times = []
    for answer in [*answers, *answers * (ROUNDS // len(answers) + 1)]:
        start = time.perf_counter()
        await answer()
        times.append((time.perf_counter() - start) * 1000)
    return percentile(times[len(answers) :], 0.5)  # the first ones read the file


def _table(sizes: Sequence[int], measured: Sequence[Mapping[str, float]]) -> list[str]:
    heads = [f"{size:,} papers" for size in sizes]
    lines = [
        "# Answers in large archives",
        "",
        (
            "Written by `python -m benchmarks.archive.growth`. Half of the answers take so many "
            "milliseconds; papers made by recombining real words, ten a week. `/find` asks for "
            f"two of the ten most frequent words. {described()}."
        ),
        "",
        f"| answer | {' | '.join(heads)} | times, of the last to the first | goal |",
        "| --- |" + " ---: |" * (len(sizes) + 2),
    ]
    for kind, goal in GOALS.items():
        times = [each[kind] for each in measured]
        cells = [f"{each:.2f}" for each in times]
        growth = f"{times[-1] / times[0]:.1f}"
        lines.append(f"| {kind} | {' | '.join(cells)} | {growth} | {goal or ''} |")
    return lines


if __name__ == "__main__":
    main()
