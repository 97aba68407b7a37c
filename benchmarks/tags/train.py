"""Fits the weights of the tags on the labels that are for tuning, and writes them.

Run as `python -m benchmarks.tags.train`; it needs scikit-learn, which the program does not, and
PAPERBOY_REFERENCE_DATA names the reference data. With `--folds` it only prints what a fit on four
fifths of these labels reaches on the fifth, at several thresholds.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from benchmarks.tags.labels import HELD_OUT, Labelled, quality, read
from bot.model.papers import MAX_TAGS
from bot.papers.tag_scores import shared_features, strong_tags, tag_features, word_features
from bot.papers.tagging import Vocabulary, gather_evidence, with_broader
from config import vocabulary

WEIGHTS = Path(vocabulary.__file__).with_name("tag-weights.json")
MIN_PAPERS = 3
"""Labelled papers that a word, and that a tag, must have for weights of its own."""

THRESHOLD = -0.6
"""Where the weights that were fitted without the fifth set had 0.79 and 0.73 on it."""

SMALLEST = 0.1
"""Weights of words below this are left out."""

PENALTY = 1.0
"""Inverse strength of the penalty on large weights."""

FOLDS = 5
COMMON = frozenset(
    {
        "it",
        "and",
        "more",
        "this",
        "are",
        "from",
        "be",
        "or",
        "not",
        "while",
        "than",
        "for",
        "on",
        "how",
        "the",
        "which",
        "by",
        "that",
        "can",
        "we",
        "an",
        "of",
        "into",
        "is",
        "a",
        "at",
        "using",
        "in",
        "with",
        "as",
        "its",
        "their",
        "to",
    }
)


def main() -> None:
    """Fit and write, or print what the folds reach."""
    labelled = read(Path(os.environ["PAPERBOY_REFERENCE_DATA"]))
    tuning = [one for one in labelled if one.set != HELD_OUT]
    words = Vocabulary.of(vocabulary.load())
    tags = list(words.thresholds)
    features = [dict(_features(words, one)) for one in tuning]
    if "--folds" in sys.argv:
        _print_folds(words, tuning, features)
        return
    weights = _fit(tuning, features, tags)
    WEIGHTS.write_text(_as_text(weights), encoding="utf-8")


Features = Mapping[str, Mapping[str, float]]
"""Values of the features of each tag, by the feature's name."""


def _features(words: Vocabulary, one: Labelled) -> Iterator[tuple[str, dict[str, float]]]:
    evidence = gather_evidence(words, one.paper)
    strong = strong_tags(evidence)
    said = {word: v for word, v in word_features(one.paper).items() if word not in COMMON}
    for tag, found in evidence.items():
        row = {f"shared {name}": value for name, value in shared_features(found).items()}
        row |= {f"tag {tag} {name}": v for name, v in tag_features(tag, evidence, strong).items()}
        row |= {f"word {tag} {word}": value for word, value in said.items()}
        yield tag, row


def _fit(
    papers: Sequence[Labelled], features: Sequence[Features], tags: Sequence[str]
) -> dict[str, float]:
    counts = Counter(tag for one in papers for tag in one.tags)
    spread = Counter(
        name.split(" ", 2)[2]
        for each in features
        for name in each[tags[0]]
        if name.startswith("word ")
    )
    names: dict[str, int] = {}
    rows, columns, values = [], [], []
    for number, each in enumerate(features):
        for place, tag in enumerate(tags):
            for name, value in each[tag].items():
                kind, _, rest = name.partition(" ")
                last = rest.partition(" ")[2]
                rare = counts[tag] < MIN_PAPERS and last != "bias"
                if kind == "word" and (rare or spread[last] < MIN_PAPERS):
                    continue
                if kind == "tag" and rare:
                    continue
                rows.append(number * len(tags) + place)
                columns.append(names.setdefault(name, len(names)))
                values.append(value)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(papers) * len(tags), len(names)))
    wanted = np.array([tag in one.tags for one in papers for tag in tags])
    model = LogisticRegression(C=PENALTY, solver="liblinear", fit_intercept=False)
    model.fit(matrix, wanted)
    return {name: float(model.coef_[0][place]) for name, place in names.items()}


def _print_folds(
    words: Vocabulary, papers: Sequence[Labelled], features: Sequence[Features]
) -> None:
    tags = list(words.thresholds)
    folds = np.random.RandomState(0).permutation(len(papers)) % FOLDS
    scores: list[Mapping[str, float]] = [{}] * len(papers)
    for fold in range(FOLDS):
        taught = [number for number in range(len(papers)) if folds[number] != fold]
        weights = _fit([papers[n] for n in taught], [features[n] for n in taught], tags)
        for number in range(len(papers)):
            if folds[number] == fold:
                scores[number] = with_broader(words, _score(features[number], weights))
    print("fit on", len(papers), "papers")
    for threshold in np.arange(-1.25, 0.51, 0.125):
        line = f"{threshold:6.3f}"
        for chosen in ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", ""):
            pairs = [
                (_best(scores[n], threshold), papers[n].tags)
                for n in range(len(papers))
                if not chosen or papers[n].set == chosen
            ]
            line += "  {:.3f} {:.3f}".format(*quality(pairs))
        print(line)


def _score(features: Features, weights: Mapping[str, float]) -> dict[str, float]:
    return {
        tag: sum(value * weights.get(name, 0.0) for name, value in each.items())
        for tag, each in features.items()
    }


def _best(scores: Mapping[str, float], threshold: float) -> list[str]:
    order = sorted(scores, key=lambda tag: -scores[tag])[:MAX_TAGS]
    return [tag for tag in order if scores[tag] >= threshold]


def _as_text(weights: Mapping[str, float]) -> str:
    """Return the weights as JSON with a line for each tag."""
    parts: dict[str, dict[str, Any]] = {"shared": {}, "tags": {}, "words": {}}
    for name, weight in weights.items():
        kind, _, rest = name.partition(" ")
        if kind == "shared":
            parts["shared"][rest] = round(weight, 3)
            continue
        tag, _, last = rest.partition(" ")
        if abs(weight) >= SMALLEST:
            parts[f"{kind}s"].setdefault(tag, {})[last] = round(weight, 2)
    lines = [f'"threshold": {THRESHOLD}', f'"shared": {json.dumps(parts["shared"])}']
    for part in ("tags", "words"):
        inner = ",\n".join(
            f"{json.dumps(tag)}: {json.dumps(dict(sorted(values.items())))}"
            for tag, values in sorted(parts[part].items())
        )
        lines.append(f'"{part}": {{\n{inner}\n}}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
