"""Adds machine-made texts to papers and issues, where neither a source nor a curator wrote one."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from bot.model.languages import OTHER_LANGUAGES
from bot.model.papers import LANGUAGES, Issue, Localized, MachineText, Paper
from bot.papers.overview import overview_source
from storage.reader import Reader, parse_moment, rows_among

FIELDS = {"title": "titles", "summary": "summaries", "abstract": "abstracts"}
"""Names of a paper's texts: of machine-made ones, and in `Paper`."""

INTRODUCTION = "introduction"
"""The name of an issue's introduction among machine-made texts."""

MachineTexts = Mapping[tuple[str, str], MachineText]
"""Machine-made texts by the hash of their source and their language."""

_OF_SOURCES = (
    "SELECT source_hash, language, text, model, CAST(made_at AS TEXT) FROM machine_texts "
    "WHERE source_hash IN ({marks}) AND fault = ''"
)
_ALL = (*LANGUAGES, *OTHER_LANGUAGES)

MissingText = tuple[str, str, str, str]
"""What is missing: field, language, and the language and text of its source."""


def source_hash(language: str, text: str) -> str:
    """Return the hash that identifies a text of a language as the source of machine-made ones."""
    return hashlib.sha256(f"{language}\n{text}".encode()).hexdigest()[:32]


def missing_texts(paper: Paper, languages: Collection[str] = LANGUAGES) -> Iterator[MissingText]:
    """Yield what a paper lacks in these languages.

    The English abstract of its record counts as one of its own.
    """
    for field, name in FIELDS.items():
        texts: Localized = getattr(paper, name)
        if field == "abstract" and paper.record and not texts.get("en"):
            texts = {**texts, "en": paper.record.abstract}
        yield from _missing(field, texts, languages)


def missing_introductions(
    issue: Issue, languages: Collection[str] = LANGUAGES
) -> Iterator[MissingText]:
    """Yield which introductions an issue lacks in these languages.

    What its source wrote is to be translated. Where it wrote nothing, an introduction has to be
    written of the papers first, in their language: then both languages are the same.
    """
    if any(issue.intros.values()):
        yield from _missing(INTRODUCTION, issue.intros, languages)
        return
    language, source = overview_source(issue)
    if source:
        yield INTRODUCTION, language, language, source


def load_machine_texts(reader: Reader, papers: Iterable[Paper]) -> MachineTexts:
    """Return the machine-made texts that these papers may show, in two statements at least."""
    # Most archives have none: their papers need no hash.
    if is_empty(reader):
        return {}
    hashes = {
        source_hash(language, text)
        for paper in papers
        for name in FIELDS.values()
        for language, text in getattr(paper, name).items()
        if text
    }
    hashes |= {
        source_hash("en", paper.record.abstract)
        for paper in papers
        if paper.record and paper.record.abstract
    }
    return load_by_hash(reader, hashes)


def is_empty(reader: Reader) -> bool:
    """Return whether there is no machine-made text at all."""
    return not reader.rows("SELECT 1 FROM machine_texts LIMIT 1")


def load_by_hash(reader: Reader, hashes: Collection[str]) -> MachineTexts:
    """Return the machine-made texts of sources with these hashes that passed the checks."""
    found: dict[tuple[str, str], MachineText] = {}
    rows = rows_among(reader, _OF_SOURCES, sorted(hashes))
    for source, language, text, model, made_at in rows:
        made = MachineText("", language, text, model, parse_moment(made_at).date())
        found[source, language] = made
    return found


def add_machine_texts(
    paper: Paper, texts: MachineTexts, fields: Collection[str] = tuple(FIELDS)
) -> Paper:
    """Return a paper with the machine-made texts for what it lacks in these fields."""
    if not texts:
        return paper
    added: dict[str, dict[str, str]] = {}
    made: list[MachineText] = []
    languages = _with_korean_and_english(language for _, language in texts)
    for field, language, source_language, source in missing_texts(paper, languages):
        text = texts.get((source_hash(source_language, source), language))
        if text and field in fields:
            added.setdefault(FIELDS[field], {})[language] = text.text
            made.append(replace(text, field=field))
    changes = {name: {**getattr(paper, name), **values} for name, values in added.items()}
    return replace(paper, machine_texts=tuple(made), **changes)  # type: ignore[arg-type]


def add_introductions(reader: Reader, issue: Issue) -> Issue:
    """Return an issue with the machine-made introductions that it lacks."""
    if is_empty(reader):
        return issue
    # What was written of the papers is the source of its translations.
    return add_found_introductions(reader, add_found_introductions(reader, issue))


def add_found_introductions(reader: Reader, issue: Issue) -> Issue:
    """Return an issue with the introductions that are made of what it has."""
    # Of one source come all languages, so what two lack names it.
    sources = {source_hash(each[2], each[3]) for each in missing_introductions(issue, _ALL)}
    texts = load_by_hash(reader, sources)
    languages = _with_korean_and_english(language for _, language in texts)
    missing = list(missing_introductions(issue, languages))
    found = [
        replace(text, field=field)
        for field, language, source_language, source in missing
        if (text := texts.get((source_hash(source_language, source), language)))
    ]
    return replace(
        issue,
        intros={**issue.intros, **{text.language: text.text for text in found}},
        machine_texts=(*issue.machine_texts, *found),
    )


def _with_korean_and_english(languages: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*LANGUAGES, *languages)))


def _missing(field: str, texts: Localized, languages: Collection[str]) -> Iterator[MissingText]:
    for language in languages:
        # Most papers are written in English, so other languages are made of that where it is.
        sources = LANGUAGES if language in LANGUAGES else reversed(LANGUAGES)
        source = next((one for one in sources if texts.get(one)), None)
        if source and not texts.get(language):
            yield field, language, source, texts[source]
