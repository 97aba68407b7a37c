"""The labelled papers, with their texts from the reference data."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.model.papers import Paper
from bot.sources.parsers.dair import document

LABELS = Path(__file__).parents[2] / "tests" / "labels.toml"
HELD_OUT = "eighth"
"""The set that is never used for tuning."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A paper with the tags that a person gave it."""

    paper: Paper
    tags: frozenset[str]
    set: str


def read(reference: Path) -> Sequence[Labelled]:
    """Return the labelled papers that are in the reference data, in the order of the labels."""
    papers: dict[str, Paper] = {}
    for path in sorted((reference / "dair" / "years").glob("*.md")):
        for issue in document.parse(path.read_text(encoding="utf-8"), path.name).issues:
            for entry in issue.entries:
                for key in (entry.paper.key, *entry.paper.aliases):
                    papers.setdefault(key, entry.paper)
    labels = tomllib.loads(LABELS.read_text(encoding="utf-8"))["paper"]
    return [
        Labelled(papers[each["key"]], frozenset(each["tags"]), each["set"])
        for each in labels
        if each["key"] in papers
    ]


def quality(pairs: Sequence[tuple[Iterable[str], Iterable[str]]]) -> tuple[float, float]:
    """Return precision and recall over all tags together, of pairs of found and wanted tags."""
    right = sum(len(set(found) & set(wanted)) for found, wanted in pairs)
    found_all = sum(len(set(found)) for found, _ in pairs)
    wanted_all = sum(len(set(wanted)) for _, wanted in pairs)
    return right / max(found_all, 1), right / max(wanted_all, 1)
