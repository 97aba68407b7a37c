"""Reads and writes the project's own bundles, as YAML or JSON."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import yaml

from bot.lib.urls import is_safe_url
from bot.model.papers import (
    Entry,
    Issue,
    Link,
    Localized,
    Paper,
    ParseResult,
    Problem,
    Retraction,
)
from bot.model.weeks import Week
from bot.model.weeks import parse as parse_week
from bot.papers.identifiers import key_rank, link_kind, paper_keys

_ISSUE_KEYS = frozenset(
    {"series", "week", "start", "end", "title", "intro", "source_url", "machine_made", "papers"}
    | {"machine_texts", "retraction"}
)
_PAPER_KEYS = frozenset(
    {"position", "key", "title", "nickname", "summary", "abstract", "tags", "inferred_tags"}
    | {"aliases", "links", "machine_texts", "retraction"}
)


_YEARS = range(1980, 2101)


class _InvalidBundle(ValueError):
    """A part of a bundle is invalid; the message says which and why."""


def looks_like(value: Any) -> bool:
    """Return whether parsed JSON or YAML is a bundle."""
    return isinstance(value, dict) and isinstance(value.get("issues"), list)


def dump(issues: Iterable[Issue], form: str) -> str:
    """Return a bundle in 'json' or 'yaml', by series and week; `parse` gives the same issues."""
    ordered = sorted(issues, key=lambda issue: (issue.series, issue.week))
    value = {"issues": [_issue_value(issue) for issue in ordered]}
    if form == "json":
        return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    return yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
        default_flow_style=False,
    )


class _Dumper(yaml.SafeDumper):
    """Writes texts that a curator can edit, without aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's
        """Write everything out."""
        return True


def _issue_value(issue: Issue) -> dict[str, Any]:
    return _without_empty(
        {
            "series": issue.series,
            "week": str(issue.week),
            "start": issue.start.isoformat(),
            "end": issue.end.isoformat(),
            "title": dict(issue.titles),
            "intro": dict(issue.intros),
            "source_url": issue.source_url,
            "machine_made": issue.machine_made,
            "machine_texts": [text.facts() for text in issue.machine_texts],
            "retraction": _retraction_value(issue.retraction),
        }
    ) | {"papers": [_paper_value(entry) for entry in issue.entries]}


def _paper_value(entry: Entry) -> dict[str, Any]:
    paper = entry.paper
    return {"position": entry.position, "key": paper.key} | _without_empty(
        {
            "title": dict(paper.titles),
            "nickname": paper.nickname,
            "summary": dict(paper.summaries),
            "abstract": dict(paper.abstracts),
            "tags": list(paper.tags),
            "inferred_tags": list(paper.inferred_tags),
            "aliases": list(paper.aliases),
            "links": [
                {"kind": link.kind, "label": link.label, "url": link.url} for link in paper.links
            ],
            # Not among the texts: an import would take them for those of the source.
            "machine_texts": [text.facts() for text in paper.machine_texts],
            "retraction": _retraction_value(paper.retraction),
        }
    )


def _retraction_value(retraction: Retraction | None) -> dict[str, Any]:
    """Return a retraction, which a first import keeps; what is known already stays as it is."""
    if retraction is None:
        return {}
    return {"reason": retraction.reason, "on": retraction.on.isoformat()}


def _without_empty(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if each}


def parse(value: Mapping[str, Any]) -> ParseResult:
    """Return the issues of a parsed bundle; each error in it is a problem."""
    problems: list[Problem] = []
    issues = []
    for number, each in enumerate(value["issues"], start=1):
        try:
            issues.append(_issue(each, problems))
        except _InvalidBundle as error:
            problems.append(Problem(0, f"issue {number}: {error}", lost=True))
    if not value["issues"]:
        problems.append(Problem(0, "the bundle has no issues.", lost=True))
    return ParseResult(tuple(issues), tuple(problems))


def _issue(value: Any, problems: list[Problem]) -> Issue:
    fields = _mapping(value, "an issue")
    start, end = _day(fields, "start"), _day(fields, "end")
    if start.year not in _YEARS or end.year not in _YEARS:
        raise _InvalidBundle(f"it starts on {start}, a year that is not read.")
    week = Week.of(start)
    written = _text(fields, "week")
    if written and parse_week(written) != week:
        raise _InvalidBundle(
            f"its week is {written}, but an issue that starts on {start} is {week}."
        )
    if end < start:
        raise _InvalidBundle(f"it ends on {end}, before it starts.")
    series = _text(fields, "series")
    if not series:
        raise _InvalidBundle("it has no series.")
    _report_unknown_keys(fields, _ISSUE_KEYS, f"{week}", problems)
    machine_made = fields.get("machine_made", False)
    if not isinstance(machine_made, bool):
        raise _InvalidBundle("machine_made is neither true nor false.")
    url = _text(fields, "source_url")
    if url and not is_safe_url(url):
        problems.append(Problem(0, f"{week}: source_url is no web address.", lost=True, week=week))
        url = ""
    return Issue(
        series=series,
        week=week,
        start=start,
        end=end,
        titles=_localized(fields, "title"),
        intros=_localized(fields, "intro"),
        source_url=url,
        machine_made=machine_made,
        entries=_entries(fields.get("papers"), week, problems),
        retraction=_retraction(fields),
    )


def _entries(value: Any, week: Week, problems: list[Problem]) -> tuple[Entry, ...]:
    if not isinstance(value, list):
        raise _InvalidBundle("its papers are no list.")
    found: dict[int, Entry] = {}
    for number, each in enumerate(value, start=1):
        try:
            entry = _entry(each, week, number, problems)
        except _InvalidBundle as error:
            problems.append(Problem(0, f"{week}, paper {number}: {error}", lost=True, week=week))
            continue
        if entry.position in found:
            message = f"{week}, paper {number}: position {entry.position} is taken."
            problems.append(Problem(0, message, lost=True, week=week))
        found.setdefault(entry.position, entry)
    return tuple(found[position] for position in sorted(found))


def _entry(value: Any, week: Week, number: int, problems: list[Problem]) -> Entry:
    fields = _mapping(value, "a paper")
    _report_unknown_keys(fields, _PAPER_KEYS, f"{week}, paper {number}", problems)
    position = fields.get("position", number)
    if not isinstance(position, int) or isinstance(position, bool) or position < 1:
        raise _InvalidBundle("its position is no number from 1 on.")
    titles = _localized(fields, "title")
    links = _links(fields.get("links", []), week, number, problems)
    given = [_text(fields, "key"), *_texts(fields, "aliases")]
    if not (titles or links or any(given)):
        raise _InvalidBundle("it has no title, key or link.")
    keys = sorted(
        dict.fromkeys(key for key in given if key)
        or paper_keys(links, titles.get("en") or next(iter(titles.values()), "")),
        key=_strength,
    )
    return Entry(
        position,
        Paper(
            key=keys[0],
            aliases=tuple(keys[1:]),
            titles=titles,
            nickname=_text(fields, "nickname"),
            summaries=_localized(fields, "summary"),
            abstracts=_localized(fields, "abstract"),
            tags=_texts(fields, "tags"),
            inferred_tags=_texts(fields, "inferred_tags"),
            links=links,
            retraction=_retraction(fields),
        ),
    )


def _retraction(fields: Mapping[str, Any]) -> Retraction | None:
    value = _mapping(fields.get("retraction", {}), "retraction")
    reason = _text(value, "reason").strip()
    if not value:
        return None
    if not reason:
        raise _InvalidBundle("its retraction has no reason.")
    return Retraction(reason, _day(value, "on"))


def _strength(key: str) -> tuple[int, str]:
    try:
        return key_rank(key)
    except ValueError:
        raise _InvalidBundle(f"{key!r} is no key; write it like arxiv:2310.01889.") from None


def _links(value: Any, week: Week, number: int, problems: list[Problem]) -> tuple[Link, ...]:
    if not isinstance(value, list):
        raise _InvalidBundle("its links are no list.")
    found = []
    for each in value:
        fields = _mapping(each, "a link")
        url, label = _text(fields, "url"), _text(fields, "label")
        if not is_safe_url(url):
            message = f"{week}, paper {number}: a link is no web address: {url[:80]}"
            problems.append(Problem(0, message, lost=True, week=week))
            continue
        found.append(Link(_text(fields, "kind") or link_kind(label, url), label, url))
    return tuple(found)


def _report_unknown_keys(
    fields: Mapping[str, Any], known: frozenset[str], place: str, problems: list[Problem]
) -> None:
    problems += [
        Problem(0, f"{place}: {name!r} is no part of a bundle; it was passed over.")
        for name in fields.keys() - known
    ]


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise _InvalidBundle(f"{what} is no mapping of names to values.")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise _InvalidBundle(f"{name} is no text.")
    return value


def _texts(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _InvalidBundle(f"{name} is no list of texts.")
    return tuple(value)


def _localized(fields: Mapping[str, Any], name: str) -> Localized:
    value = _mapping(fields.get(name, {}), name)
    if not all(isinstance(text, str) for text in value.values()):
        raise _InvalidBundle(f"{name} has a language whose text is no text.")
    return {language: text for language, text in value.items() if text}


def _day(fields: Mapping[str, Any], name: str) -> date:
    value = fields.get(name)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _InvalidBundle(f"{name} is no day; write it like 2023-10-09.") from None
