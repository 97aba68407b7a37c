"""Stores machine-made texts, finds what is to be translated, and counts what it took."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.model.weeks import Week
from bot.ports.changes import Change
from bot.ports.translations import (
    CheckedText,
    FailedText,
    MachineTextCount,
    ModelUsage,
    PendingPaper,
    PendingText,
    TranslationScope,
)
from storage.archive.issue_rows import IssueRow, read_issues
from storage.archive.machine_texts import (
    MissingText,
    add_found_introductions,
    add_introductions,
    missing_introductions,
    missing_texts,
    source_hash,
)
from storage.archive.queries import load_issue
from storage.archive.row_mapping import load_papers
from storage.changes import announce
from storage.connections import chunks
from storage.reader import ConnectionReader
from storage.schema.archive import issues
from storage.schema.translations import machine_texts, model_calls

_Source = tuple[str, str]
"""The hash of a source, and a language that it lacks."""


def list_pending(
    connection: Connection, scope: TranslationScope, limit: int
) -> tuple[PendingPaper, ...]:
    """Return what papers and issues lack; see `bot.ports.translations.TranslationStore`."""
    seen: set[_Source] = set()
    found = (
        pending
        for row in _issues(connection, scope)
        for pending in _pending_of_issue(connection, row, scope, seen)
    )
    return tuple(islice(found, limit))


def list_untranslated(
    connection: Connection, scope: TranslationScope, series: str
) -> frozenset[Week]:
    """Return the weeks of a series whose issues lack a text that was not tried yet."""
    return frozenset(
        Week(row.year, row.number)
        for row in _issues(connection, scope)
        if row.series == series and any(_pending_of_issue(connection, row, scope, set()))
    )


def list_failed(connection: Connection, scope: TranslationScope) -> tuple[FailedText, ...]:
    """Return what failed the checks; see `bot.ports.translations.TranslationStore`."""
    found: list[FailedText] = []
    for row in _issues(connection, scope):
        issue = load_issue(ConnectionReader(connection), row)
        shown = add_introductions(ConnectionReader(connection), issue)
        wanted = scope.languages
        missing = [("", *each) for each in missing_introductions(shown, wanted)]
        for entry in issue.entries:
            own = entry.paper.without_machine_texts()
            missing += [(own.key, *each) for each in missing_texts(own, wanted)]
        faults = _faults(connection, [source_hash(each[3], each[4]) for each in missing])
        for key, field, language, source_language, source in missing:
            failed = faults.get((source_hash(source_language, source), language))
            if failed and language in scope.languages:
                week = Week(row.year, row.number)
                found.append(FailedText(row.series, week, key, field, language, *failed))
    return tuple(found)


def save_texts(
    connection: Connection, texts: Sequence[CheckedText], recipe: str, now: datetime
) -> None:
    """Save what was made, in place of what was made of the same texts before."""
    for text in texts:
        same = (
            machine_texts.c.source_hash == source_hash(text.source_language, text.source),
            machine_texts.c.language == text.language,
        )
        if text.fault:
            # What passed the checks once is better than nothing.
            kept = connection.execute(
                update(machine_texts)
                .where(*same, machine_texts.c.fault == "")
                .values(recipe=recipe)
            )
            if kept.rowcount:
                continue
        connection.execute(delete(machine_texts).where(*same))
        connection.execute(
            insert(machine_texts).values(
                source_hash=source_hash(text.source_language, text.source),
                language=text.language,
                text=text.text,
                fault=text.fault,
                model=text.model,
                made_at=now,
                recipe=recipe,
            )
        )
    # Digests wait for texts.
    announce(connection, Change.PLAN)


def count_texts(connection: Connection) -> tuple[MachineTextCount, ...]:
    """Return what each model made that passed the checks, the one of the newest text first."""
    newest = func.max(machine_texts.c.made_at)
    rows = connection.execute(
        select(machine_texts.c.model, func.count().label("texts"), newest.label("newest"))
        .where(machine_texts.c.fault == "")
        .group_by(machine_texts.c.model)
        .order_by(newest.desc(), machine_texts.c.model)
    )
    return tuple(MachineTextCount(row.model, row.texts, row.newest.date()) for row in rows)


def save_usage(connection: Connection, usage: ModelUsage, now: datetime) -> None:
    """Save what a request took."""
    connection.execute(
        insert(model_calls).values(
            made_at=now,
            model=usage.model,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            cost=usage.cost,
        )
    )


def usage_since(connection: Connection, since: datetime) -> ModelUsage:
    """Return what all requests from a moment on took together."""
    row = connection.execute(
        select(
            func.coalesce(func.sum(model_calls.c.prompt_tokens), 0),
            func.coalesce(func.sum(model_calls.c.completion_tokens), 0),
            func.coalesce(func.sum(model_calls.c.cost), 0.0),
        ).where(model_calls.c.made_at >= since)
    ).one()
    return ModelUsage("", int(row[0]), int(row[1]), float(row[2]))


def _issues(connection: Connection, scope: TranslationScope) -> Sequence[IssueRow]:
    """Return the issues of a scope, newest first."""
    rows = read_issues(ConnectionReader(connection), "ORDER BY start DESC, series")
    weeks = scope.weeks or _newest_weeks(connection, scope.newest)
    return [row for row in rows if row.week in weeks]


def _newest_weeks(connection: Connection, number: int) -> Collection[Week]:
    columns = (issues.c.year, issues.c.number)
    query = select(*columns).distinct().order_by(*(column.desc() for column in columns))
    return {Week(row.year, row.number) for row in connection.execute(query.limit(number))}


def _pending_of_issue(
    connection: Connection, row: IssueRow, scope: TranslationScope, seen: set[_Source]
) -> Iterator[PendingPaper]:
    """Yield what the papers of an issue lack, then its introduction; `seen` is extended.

    Of what is retracted no text is shown, so that none is wanted.
    """
    issue = load_issue(ConnectionReader(connection), row)
    if issue.retraction:
        return
    shown = [entry for entry in issue.entries if not entry.paper.retraction]
    loaded = load_papers(ConnectionReader(connection), [entry.paper.id for entry in shown])
    for entry in shown:
        number = entry.paper.id
        # The entry of an issue may have another wording than the paper as it is looked up.
        for paper in (entry.paper, loaded.paper(number)):
            missing = missing_texts(paper.without_machine_texts(), scope.languages)
            texts = _pending_texts(connection, missing, scope, seen)
            if texts:
                yield PendingPaper(number, texts)
    missing = missing_introductions(issue, scope.languages)
    texts = _pending_texts(connection, missing, scope, seen)
    if not texts and not any(issue.intros.values()):
        # What was written of the papers is the source of its translations.
        written = add_found_introductions(ConnectionReader(connection), issue)
        missing = missing_introductions(written, scope.languages)
        texts = _pending_texts(connection, missing, scope, seen)
    if texts:
        yield PendingPaper(0, texts, (row.series, Week(row.year, row.number)))


def _pending_texts(
    connection: Connection,
    missing: Iterable[MissingText],
    scope: TranslationScope,
    seen: set[_Source],
) -> tuple[PendingText, ...]:
    """Return the missing texts that are wanted, and neither tried nor seen before."""
    found = {
        (source_hash(source_language, source), language): PendingText(
            field, language, source_language, source
        )
        for field, language, source_language, source in missing
        # What an introduction is written in is the source of its translations.
        if language in scope.languages or language == source_language
    }
    wanted = found.keys() - seen
    wanted -= _made(connection, [hashed for hashed, _ in wanted], scope)
    seen |= wanted
    return tuple(text for place, text in found.items() if place in wanted)


def _made(connection: Connection, hashes: Sequence[str], scope: TranslationScope) -> set[_Source]:
    """Return what was made by the recipe; where it is made again, only what passed the checks."""
    found: set[_Source] = set()
    for part in chunks(hashes):
        query = select(machine_texts.c.source_hash, machine_texts.c.language).where(
            machine_texts.c.source_hash.in_(part), machine_texts.c.recipe == scope.recipe
        )
        if scope.again:
            query = query.where(machine_texts.c.fault == "")
        found.update((row.source_hash, row.language) for row in connection.execute(query))
    return found


def _faults(connection: Connection, hashes: Sequence[str]) -> dict[_Source, tuple[str, str]]:
    """Return the text and the fault of those that failed the checks."""
    found: dict[_Source, tuple[str, str]] = {}
    for part in chunks(hashes):
        query = select(machine_texts).where(
            machine_texts.c.source_hash.in_(part), machine_texts.c.fault != ""
        )
        for row in connection.execute(query):
            found[row.source_hash, row.language] = (row.text, row.fault)
    return found
