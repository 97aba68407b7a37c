"""Detects the format of a source by its content, and parses it."""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import yaml

from bot.model.papers import ParseResult
from bot.model.weeks import Week
from bot.sources.parsers import bundle
from bot.sources.parsers.dair import document
from bot.sources.parsers.discourse import plain_text, topic
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.lists import hugging_face, identifiers, markdown, references, table
from bot.sources.parsers.lists.forms import nearest_forms
from bot.sources.parsers.lists.listed import PaperList, build_issues
from bot.sources.parsers.sanitizer import sanitize

MAX_BYTES = 32 * 1024 * 1024
"""The largest source that is parsed, in bytes; the history of a list is a tenth of it."""

SUFFIXES = frozenset(
    {".md", ".txt", ".json", ".yaml", ".yml", ".html", ".csv", ".tsv", ".bib", ".ris"}
)
"""The suffixes of files that can be parsed."""

_DEEPEST_YAML = 30
_BINARY = b"\x00"


def parse_source(
    data: bytes, name: str, series: str | None = None, week: Week | None = None
) -> ParseResult:
    """Parse a source; `series` overrides the series that its format implies.

    `name`, its file name, helps only where the content is ambiguous, such as without a year;
    `week` is that of papers whose list does not say. Raises UnreadableSource if nothing can be
    used.
    """
    text = _text(data)
    parsed = _parsed(text, name)
    if parsed is None:
        listed = _list(text, name)
        if listed is None:
            raise UnreadableSource(f"it is in no known format. {nearest_forms(text)}")
        parsed = build_issues(listed, series, week)
    parsed = sanitize(parsed)
    if not parsed.issues:
        reasons = "; ".join(problem.message for problem in parsed.problems)
        raise UnreadableSource(reasons or "no week is in it.")
    if series:
        issues = tuple(replace(issue, series=series) for issue in parsed.issues)
        return replace(parsed, issues=issues)
    return parsed


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise UnreadableSource(f"it is larger than {MAX_BYTES // 1024**2} MiB; split it.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif _BINARY in data:
        raise UnreadableSource(
            "it is no text; name a file of Markdown, text, HTML, JSON, YAML or CSV."
        )
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableSource(
            "it is not written in UTF-8; save it as UTF-8 and try again."
        ) from None
    if not text.strip():
        raise UnreadableSource("it is empty.")
    return unicodedata.normalize("NFC", text)


def _parsed(text: str, name: str) -> ParseResult | None:
    """Parse weekly lists, posts and bundles; None if it is none of these."""
    if text.lstrip().startswith("{"):
        return _structured(_json(text))
    if topic.looks_like_page(text):
        return topic.parse_page(text)
    if document.looks_like(text):
        return document.parse(text, name)
    if plain_text.looks_like(text):
        post = plain_text.parse(text)
        # Another list may have days in brackets too.
        return post if post.issues or not _list(text, name) else None
    if "issues:" in text[:2000]:
        return _structured(_yaml(text))
    return None


def _list(text: str, name: str) -> PaperList | None:
    """Parse other lists of papers; None if it is none."""
    if text.lstrip().startswith("["):
        value = _json_list(text)
        if hugging_face.looks_like(value):
            return hugging_face.parse(value)
        if references.looks_like_csl(value):
            return references.parse_csl(value)
        if isinstance(value, list) and value:
            raise UnreadableSource("its JSON is neither a list of references nor of daily papers.")
    parsers: tuple[tuple[Callable[[str], bool], Callable[[str], PaperList]], ...] = (
        (references.looks_like_bibtex, references.parse_bibtex),
        (references.looks_like_ris, references.parse_ris),
        (table.looks_like, table.parse),
        (identifiers.looks_like, identifiers.parse),
        (markdown.looks_like, partial(markdown.parse, name=name)),
    )
    return next((parse(text) for looks_like, parse in parsers if looks_like(text)), None)


def _json_list(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None  # it may be Markdown that begins with a link


def _structured(value: Any) -> ParseResult:
    if bundle.looks_like(value):
        return bundle.parse(value)
    if topic.looks_like_topic(value):
        return topic.parse_topic(value)
    raise UnreadableSource("it is neither a bundle of Paperboy nor a topic of a forum.")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableSource(
            f"it is damaged or incomplete JSON (line {error.lineno}: {error.msg})."
        ) from None
    except RecursionError:
        raise UnreadableSource("its JSON is nested too deep to be a bundle.") from None
    except ValueError:
        raise UnreadableSource("its JSON holds a number that is too large.") from None


def _yaml(text: str) -> Any:
    try:
        _reject_yaml_bombs(text)
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - it is the safe loader, in C
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        raise UnreadableSource(f"it is damaged or incomplete YAML{line}.") from None
    except UnreadableSource:
        raise
    except (RecursionError, ValueError):
        raise UnreadableSource("its YAML holds a value that cannot be read.") from None


def _reject_yaml_bombs(text: str) -> None:
    """Refuse aliases, which can grow without bound, and depths that no bundle has."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableSource("its YAML uses aliases, which a bundle has not.")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST_YAML:
            raise UnreadableSource("its YAML is nested too deep to be a bundle.")


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
