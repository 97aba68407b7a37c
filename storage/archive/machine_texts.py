"""Adds machine-made texts to papers, where neither a source nor a curator wrote one."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection, select

from bot.model.papers import LANGUAGES, Localized, MachineText, Paper
from storage.connections import chunks
from storage.schema.translations import machine_texts

FIELDS = {"title": "titles", "summary": "summaries", "abstract": "abstracts"}
"""Names of a paper's texts: of machine-made ones, and in `Paper`."""

MachineTexts = Mapping[tuple[str, str], MachineText]
"""Machine-made texts by the hash of their source and their language."""


def source_hash(language: str, text: str) -> str:
    """Return the hash that identifies a text of a language as the source of translations."""
    return hashlib.sha256(f"{language}\n{text}".encode()).hexdigest()[:32]


def missing_texts(paper: Paper) -> Iterator[tuple[str, str, str, str]]:
    """Yield what a paper lacks: field, language, and the language and text of its source."""
    for field, name in FIELDS.items():
        texts: Localized = getattr(paper, name)
        for language in LANGUAGES:
            if texts.get(language):
                continue
            source = next((one for one in LANGUAGES if texts.get(one)), None)
            if source:
                yield field, language, source, texts[source]


def load_machine_texts(connection: Connection, papers: Iterable[Paper]) -> MachineTexts:
    """Return the machine-made texts that these papers may show, in two statements at least."""
    # Most archives have none: their papers need no hash.
    if connection.execute(select(machine_texts.c.language).limit(1)).first() is None:
        return {}
    hashes = {
        source_hash(language, text)
        for paper in papers
        for name in FIELDS.values()
        for language, text in getattr(paper, name).items()
        if text
    }
    found: dict[tuple[str, str], MachineText] = {}
    for part in chunks(sorted(hashes)):
        query = select(machine_texts).where(
            machine_texts.c.source_hash.in_(part), machine_texts.c.fault == ""
        )
        for row in connection.execute(query):
            text = MachineText("", row.language, row.text, row.model, row.made_at.date())
            found[row.source_hash, row.language] = text
    return found


def add_machine_texts(
    paper: Paper, texts: MachineTexts, fields: Collection[str] = tuple(FIELDS)
) -> Paper:
    """Return a paper with the machine-made texts for what it lacks in these fields."""
    if not texts:
        return paper
    added: dict[str, dict[str, str]] = {}
    made: list[MachineText] = []
    for field, language, source_language, source in missing_texts(paper):
        text = texts.get((source_hash(source_language, source), language))
        if text and field in fields:
            added.setdefault(FIELDS[field], {})[language] = text.text
            made.append(replace(text, field=field))
    changes = {name: {**getattr(paper, name), **values} for name, values in added.items()}
    return replace(paper, machine_texts=tuple(made), **changes)  # type: ignore[arg-type]
