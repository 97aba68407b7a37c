"""Writes RESULTS.md: how well the tags that are inferred agree with those that people gave.

Run as `make bench-tags`; PAPERBOY_REFERENCE_DATA names the reference data.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from benchmarks.machine import described
from benchmarks.tags.labels import HELD_OUT, Labelled, quality, read
from bot.papers.tag_scores import TagWeights
from bot.papers.tagging import Vocabulary, infer_tags
from config import vocabulary

RESULTS = Path(__file__).with_name("RESULTS.md")
ROUNDS = 5
SHOWN = 12
WIDTH = 100
ABOUT = """
papers were labelled by hand from their titles and summaries (`tests/labels.toml`), since the
fifth set as `GUIDELINE.md` beside this page says, each set before any tagger had seen it. The
eighth set, 15 papers of each year, is held out and never used for tuning; vocabulary and weights
are tuned on all others. Counted over all tags together; `make bench-tags` writes this page, and
`python -m benchmarks.tags.train` fits the weights; with `--folds` it prints what they reach on
papers of the tuning sets that they were not fitted on.
""".strip()
JUDGED = """
Each of these was judged once, before its set was used for tuning: the third reached precision 0.76
and recall 0.70 by the labels of its time, the fifth 0.75 and 0.76, the sixth 0.78 and 0.67, the
eighth 0.78 and 0.73. The aim, 0.78 and 0.70, is reached on the eighth; with 60 papers, either
figure may be three points off. After the third set, `llm` was labelled anew by the guideline in
56 papers of the older sets, and narrower tags were given their broader ones.
"""


def main() -> None:
    """Measure and write."""
    reference = os.environ.get("PAPERBOY_REFERENCE_DATA")
    if not reference:
        sys.exit("PAPERBOY_REFERENCE_DATA does not name the reference data; nothing measured.")
    labelled = read(Path(reference))
    plain = Vocabulary.of(vocabulary.load())
    words = Vocabulary.of(vocabulary.load(), TagWeights.of(vocabulary.load_weights()))
    lines = [
        "# Tags",
        "",
        fill(f"{len(labelled)} {ABOUT} Measured on {described()}.", WIDTH, break_on_hyphens=False),
        "",
        "| papers | precision, vocabulary alone | recall, vocabulary alone | precision | recall |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in dict.fromkeys(one.set for one in labelled):
        papers = [one for one in labelled if one.set == name]
        figures = [
            f"{value:.2f}"
            for tagger in (plain, words)
            for value in quality([(infer_tags(tagger, one.paper), one.tags) for one in papers])
        ]
        kind = "held out" if name == HELD_OUT else "for tuning"
        lines.append(f"| {name} set, {len(papers)}, {kind} | {' | '.join(figures)} |")
    lines += [
        "",
        fill(JUDGED.strip(), WIDTH),
    ]
    lines += ["", *_mistakes(words, [one for one in labelled if one.set == HELD_OUT])]
    lines += ["", f"Inferring the tags of a paper takes {_duration(words, labelled):.2f} ms.", ""]
    lines.append(
        "Tags that a source or a curator gave are shown before inferred ones and never replaced."
    )
    RESULTS.write_text("\n".join([*lines, ""]), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def _mistakes(words: Vocabulary, papers: Sequence[Labelled]) -> list[str]:
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for one in papers:
        found = set(infer_tags(words, one.paper))
        wrong.update(found - one.tags)
        missed.update(one.tags - found)
    return [
        "The tags that are most often wrong or missed on the held-out papers:",
        "",
        "| tag | given, and not labelled | labelled, and not given |",
        "| --- | --- | --- |",
        *(
            f"| {tag} | {wrong[tag]} | {missed[tag]} |"
            for tag, _ in sorted((wrong + missed).most_common(SHOWN))
        ),
    ]


def _duration(words: Vocabulary, papers: Sequence[Labelled]) -> float:
    started = time.process_time()
    for _ in range(ROUNDS):
        for one in papers:
            infer_tags(words, one.paper)
    return (time.process_time() - started) * 1000 / (ROUNDS * len(papers))


if __name__ == "__main__":
    main()
