"""Decides which changes of a source are shown in messages that were posted."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.model.source_edits import SourceEdits
from storage.archive.diff import IssueChange, entry_columns, issue_columns
from storage.archive.import_plan import ImportPlan
from storage.deliveries import message_edits

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ENTRY_TEXTS = ("nickname", "titles", "summaries", "abstracts")
_ISSUE_TEXTS = ("titles", "intros")


def request_edits(
    connection: Connection, plan: ImportPlan, wanted: SourceEdits, now: datetime
) -> None:
    """Request edits of messages that show what an import changed, as far as that is wanted."""
    if wanted is SourceEdits.NOTHING:
        return
    papers: set[int] = set()
    for change in plan.changes:
        if change.stored is None:
            continue
        if _is_shown_anew(change, wanted):
            message_edits.request_for_issue(
                connection, change.issue.series, change.issue.week, now
            )
        papers |= {
            old.paper_id
            for old, new in change.updated
            if wanted is SourceEdits.EVERYTHING
            or _is_link_or_number(old.values, entry_columns(new.paper), _ENTRY_TEXTS, "links")
        }
    message_edits.request_for_papers(connection, papers, now)


def _is_shown_anew(change: IssueChange, wanted: SourceEdits) -> bool:
    if wanted is SourceEdits.EVERYTHING:
        return change.issue_changed or bool(change.added or change.removed)
    stored = change.stored.values if change.stored else {}
    new = issue_columns(change.issue)
    return change.issue_changed and _is_link_or_number(stored, new, _ISSUE_TEXTS, "source_url")


def _is_link_or_number(
    old: Mapping[str, Any], new: Mapping[str, Any], texts: tuple[str, ...], links: str
) -> bool:
    """Return whether links differ, or texts in nothing but numbers."""
    if old[links] != new[links]:
        return True
    before, after = ([values[name] for name in texts] for values in (old, new))
    return before != after and _without_numbers(before) == _without_numbers(after)


def _without_numbers(value: Any) -> Any:
    match value:
        case str():
            return _NUMBER.sub("0", value)
        case dict():
            return {name: _without_numbers(each) for name, each in value.items()}
        case list():
            return [_without_numbers(each) for each in value]
        case _:
            return value
