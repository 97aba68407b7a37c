"""Writes RESULTS.md: how well papers are found, and how fast at 1,810, 100,000 and 1,000,000.

Run as `make bench-lookup`; PAPERBOY_REFERENCE_DATA names the reference data. The largest size is
measured with `--largest`; it takes a quarter of an hour and some gigabytes.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters import sentence_encoder
from benchmarks.lookup import baselines, quality, speed
from benchmarks.lookup.quality import DescriptionScore, Score
from benchmarks.lookup.speed import Speed
from benchmarks.lookup.synthetic import words_of
from benchmarks.machine import described
from bot.app.archive import build_context as make_library
from bot.lib.clock import SystemClock
from bot.model.papers import Paper
from bot.papers.tagging import Vocabulary
from bot.search.thesaurus import Thesaurus
from bot.search.vectorizer import Vectorizer
from bot.sources.parsers.detect import parse_source
from config import glossary, vocabulary
from config.settings import Settings
from storage.search.sqlite import SqliteIndex
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore

RESULTS = Path(__file__).with_name("RESULTS.md")
SMALL, LARGE, LARGEST = 1_810, 100_000, 1_000_000
DESCRIPTIONS = (
    "Papers as members describe them, sure answers and guesses together, by words alone and with",
    "the extra `meaning`. The stages were tuned on every second query of members.tsv. Of the last",
    "127 of them, written before the glossary grew and asked before anything was changed, 57.5 %",
    "came first and 70.1 % among five by words; those in the half that nothing was tuned on then",
    "60.9 % and 81.2 %. members-judged.tsv was written before the tuning and asked once after it:",
    "56.9 % and 78.4 % by words, 62.7 % and 84.3 % with meaning; 0 of 12 that match nothing were",
    "answered surely. Its misses were looked at afterwards. members-judged-2.tsv was written when",
    "words and meaning were fused by their scores as well, and asked once then: 55.0 % and 63.3 %",
    "by words, 68.3 % and 80.0 % with meaning; 0 of 8 that match nothing got a sure answer. Then",
    "texts were scored by BM25F, and glossary and synonyms grew; members-judged-3.tsv was written",
    "for 60 papers drawn at random, and asked once: 66.7 % and 78.3 % by words, 66.7 % and 80.0 %",
    "with meaning; 0 of 10. After more words, which its misses showed to be wanting, and a fusion",
    "that trusts words more, members-judged-4.tsv was written for 60 other papers and asked once:",
    "80.3 % and 85.2 % by words, and the same with meaning; 0 of 10. Then the glossary grew by",
    "900 general Korean words, papers that words find got their cosine too, and meaning counted",
    "more, tuned on all of these and on members-2.tsv; members-judged-5.tsv was written for 60",
    "others and asked once: 76.7 % and 90.0 % by words, 80.0 % and 93.3 % with meaning; 0 of 10.",
    "Floors: 60 % and 75 % by words, 68 % and 86 % with meaning.",
)
"""How the queries came about, and what was measured before anybody looked at them."""

DAMAGED = 600
ASKED = 60


def main() -> None:
    """Measure and write."""
    reference = os.environ.get("PAPERBOY_REFERENCE_DATA")
    if not reference:
        sys.exit("PAPERBOY_REFERENCE_DATA does not name the reference data; nothing measured.")
    sizes = [SMALL, LARGE, *([LARGEST] if "--largest" in sys.argv else [])]
    with tempfile.TemporaryDirectory() as scratch:
        lines = asyncio.run(_real(Path(reference), Path(scratch)))
        texts = [p.read_text("utf-8") for p in sorted(Path(reference).glob("dair/years/*.md"))]
        vocabulary = words_of(texts)
        measured = []
        for size in sizes:
            measured.append(speed.measure(Path(scratch), size, vocabulary))
            (Path(scratch) / f"{size}.sqlite3").unlink()
    lines += _speed(measured)
    RESULTS.write_text("\n".join([*lines, ""]), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


async def _real(reference: Path, scratch: Path) -> list[str]:
    path = scratch / "archive.sqlite3"
    SqliteDatabase(path).prepare()
    store = ArchiveStore.open(path)
    files = [
        *sorted(reference.glob("dair/years/*.md")),
        *sorted(reference.glob("seed/*.txt")),
        *sorted(reference.glob("discourse/*.html")),
    ]
    entered: list[Paper] = []
    for file in files:
        await store.save(parse_source(file.read_bytes(), file.name).issues)
    async for issue in store.issues(None, None):
        entered += [entry.paper for entry in issue.entries]
    papers = await store.papers(list({paper.id: None for paper in entered}))
    index = SqliteIndex.open(path)
    listed = quality.measure(index, quality.read(quality.QUERIES, [*papers, *entered]))
    unseen = quality.measure(index, quality.damaged(papers, DAMAGED, seed=5))
    index.close()
    described = await _descriptions(store, [*papers, *entered])
    titles = [paper.titles["en"] for paper in papers if "en" in paper.titles][:: SMALL // ASKED]
    whole = await speed.whole_path(make_library(Settings(), store), titles)
    await store.close()
    return [*_quality(listed, unseen), *described, *_whole(whole)]


async def _descriptions(store: ArchiveStore, papers: Sequence[Paper]) -> list[str]:
    embedder = sentence_encoder.connect()
    if embedder is not None:
        await Vectorizer(store, embedder, SystemClock()).run_to_completion()
    words = Vocabulary.of(vocabulary.load())
    thesaurus = Thesaurus.of(glossary.load(), words, glossary.load_synonyms())
    members = quality.read(quality.MEMBER_QUERIES, papers)
    judged = quality.read(quality.JUDGED_QUERIES, papers)
    later = [quality.read(path, papers) for path in quality.LATER_JUDGED_QUERIES]
    described = [query for query in members if query.kind != "none"]
    sets = {
        "tuned on": quality.half(described, tuned=True),
        "other half": quality.half(described, tuned=False),
        "tuned on, 2": quality.read(quality.LATER_MEMBER_QUERIES, papers),
        "judged": [query for query in judged if query.kind != "none"],
    }
    for number, queries in enumerate(later, start=2):
        sets[f"judged, {number}"] = [query for query in queries if query.kind != "none"]
    asked = [*members, *judged, *(query for queries in later for query in queries)]
    nothing = [query for query in asked if query.kind == "none"]
    lines = [
        "## Descriptions",
        "",
        *DESCRIPTIONS,
        "",
        "| queries | kind | number | words, first / five | and meaning, first / five | sure |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    index = SqliteIndex.open(store.path)
    for name, queries in sets.items():
        plain = quality.measure_descriptions(index, queries, thesaurus)
        meant = quality.measure_descriptions(index, queries, thesaurus, embedder)
        lines += [_description_row(name, kind, [plain[kind]], [meant[kind]]) for kind in plain]
        both = (list(plain.values()), list(meant.values()))
        lines.append(_description_row(f"**{name}**", "**all**", *both))
    none = quality.measure_descriptions(index, nothing, thesaurus, embedder)["none"]
    index.close()
    lines += ["", "Other engines on the same queries, first / among five:", ""]
    lines += ["| engine | " + " | ".join(sets) + " |", "| --- " * (1 + len(sets)) + "|"]
    distinct = list({paper.id: paper for paper in papers}.values())
    for name, ask in baselines.engines(distinct).items():
        shares = [quality.measure_engine(ask, queries) for queries in sets.values()]
        lines.append(f"| {name} | " + " | ".join(f"{a:.1%} / {b:.1%}" for a, b in shares) + " |")
    return [
        *lines,
        "",
        f"Of {none.asked} queries that match nothing, {none.sure} got a sure answer (floor 2 %).",
        "",
    ]


def _description_row(
    name: str, kind: str, plain: Sequence[DescriptionScore], meant: Sequence[DescriptionScore]
) -> str:
    asked = sum(score.asked for score in plain)
    cells = [
        f"{sum(score.first for score in scores) / asked:.1%} / "
        f"{sum(score.among_five for score in scores) / asked:.1%}"
        for scores in (plain, meant)
    ]
    sure = sum(score.sure for score in plain)
    return f"| {name} | {kind} | {asked} | {cells[0]} | {cells[1]} | {sure} |"


def _quality(listed: Mapping[str, Score], unseen: Mapping[str, Score]) -> list[str]:
    found = {kind: score for kind, score in listed.items() if kind != "none"}
    nothing = listed["none"]
    return [
        "# The look-up",
        "",
        f"{described('sqlalchemy', 'aiosqlite', 'rapidfuzz')}.",
        "",
        "## Quality",
        "",
        "The real archive: 181 weeks, the week of 2023-10-09 and that of 2026-06-08. Above the",
        "line: the queries of queries.tsv. Below it: titles damaged at random, which nothing was",
        "tuned on. Floors: 98 % first, 99.5 % among five, 3 % of those that match nothing.",
        "",
        "| kind | queries | first | among five | not first |",
        "| --- | --- | --- | --- | --- |",
        *(_score(kind, score) for kind, score in sorted(found.items())),
        _score("**all of the list**", quality.total(found.values())),
        *(_score(kind, score) for kind, score in sorted(unseen.items())),
        _score("**all damaged titles**", quality.total(unseen.values())),
        "",
        (
            f"Of {nothing.asked} queries that match nothing, {len(nothing.wrong)} were answered "
            "with a paper."
        ),
        "",
    ]


def _score(kind: str, score: Score) -> str:
    missed = ", ".join(f"`{text}`" for text in score.wrong[:3])
    return (
        f"| {kind} | {score.asked} | {score.first / score.asked:.1%} "
        f"| {score.among_five / score.asked:.1%} | {missed} |"
    )


def _whole(measured: tuple[Sequence[float], Sequence[float], float]) -> list[str]:
    answered, alone, held = measured
    ours, theirs = speed.summary(list(answered)), speed.summary(list(alone))
    return [
        "## Speed",
        "",
        (
            f"`/paper TITLE` on the real archive, the whole `answer()`: p50 {ours[0]:.2f} ms, p99 "
            f"{ours[1]:.2f} ms; its own statements through SQLAlchemy alone: p50 "
            f"{theirs[0]:.2f} ms. That is {ours[0] / theirs[0]:.1f} times (goal: at most 3). The "
            f"event loop was held for {held:.1f} ms at most (goal: 10)."
        ),
        "",
    ]


def _speed(measured: Sequence[Speed]) -> list[str]:
    kinds = list(measured[0].ours)
    lines = [
        "Look-up alone, milliseconds as p50 / p99, against a LIKE scan through SQLAlchemy on the",
        "same rows; papers made by recombining real words. Last column: how many times faster.",
        "",
        "| papers | query | ours | LIKE | faster |",
        "| --- | --- | --- | --- | --- |",
    ]
    for each in measured:
        for kind in kinds:
            ours = speed.summary(each.ours[kind])
            cells = [f"{each.papers:,}", kind, f"{ours[0]:.2f} / {ours[1]:.2f}"]
            if kind in each.like:
                like = speed.summary(each.like[kind])
                cells += [f"{like[0]:.1f} / {like[1]:.1f}", f"{like[0] / ours[0]:.0f}"]
            else:
                cells += ["", ""]
            lines.append("| " + " | ".join(cells) + " |")
        fts = speed.summary(each.fts)
        lines.append(
            f"| {each.papers:,} | bare FTS5, exact words | {fts[0]:.2f} / {fts[1]:.2f} | | |"
        )
    lines += [
        "",
        "| papers | rows, MB | index, MB | times | built, s |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {each.papers:,} | {each.rows / 1e6:.1f} | {each.index / 1e6:.1f} "
        f"| {each.index / each.rows:.1f} | {each.built:.0f} |"
        for each in measured
    ]
    first, last = measured[0], measured[-1]
    growth = ", ".join(
        f"{kind} {speed.summary(last.ours[kind])[0] / speed.summary(first.ours[kind])[0]:.1f}"
        for kind in kinds
    )
    return [
        *lines,
        "",
        f"Growth of p50 from {first.papers:,} to {last.papers:,} papers, times: {growth}.",
    ]


if __name__ == "__main__":
    main()
