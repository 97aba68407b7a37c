"""Detects the format of a source by its content, and parses it."""

import json
import unicodedata
from dataclasses import replace
from typing import Any

import yaml

from bot.model.papers import ParseResult
from bot.sources.parsers import bundle
from bot.sources.parsers.dair import document
from bot.sources.parsers.discourse import plain_text, topic
from bot.sources.parsers.errors import UnreadableSource
from bot.sources.parsers.sanitizer import sanitize

MAX_BYTES = 32 * 1024 * 1024
"""The largest source that is parsed, in bytes; the history of a list is a tenth of it."""

SUFFIXES = frozenset({".md", ".txt", ".json", ".yaml", ".yml", ".html"})
"""The suffixes of files that can be parsed."""

_DEEPEST_YAML = 30
_BINARY = b"\x00"


def parse_source(data: bytes, name: str, series: str | None = None) -> ParseResult:
    """Parse a source; `series` overrides the series that its format implies.

    `name`, its file name, helps only where the content is ambiguous, such as without a year.
    Raises UnreadableSource if nothing can be used.
    """
    parsed = sanitize(_parsed(_text(data), name))
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
        raise UnreadableSource("it is no text; name a file of Markdown, text, HTML, JSON or YAML.")
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


def _parsed(text: str, name: str) -> ParseResult:
    if text.lstrip().startswith("{"):
        return _structured(_json(text))
    if topic.looks_like_page(text):
        return topic.parse_page(text)
    if document.looks_like(text):
        return document.parse(text, name)
    if plain_text.looks_like(text):
        return plain_text.parse(text)
    if "issues:" in text[:2000]:
        return _structured(_yaml(text))
    raise UnreadableSource(
        "it is none of the known kinds: the DAIR list, a weekly post (text, JSON or page) or a "
        "bundle of Paperboy."
    )


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
