"""Stores machine-made texts, finds what is to be translated, and counts what it took."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from bot.model.papers import Paper
from bot.model.weeks import Week
from bot.ports.translations import (
    CheckedText,
    ModelUsage,
    PendingPaper,
    PendingText,
    TranslationScope,
)
from storage.archive.curation import reindex_papers
from storage.archive.machine_texts import FIELDS, missing_texts, source_hash
from storage.archive.row_mapping import load_papers
from storage.archive.save import IndexUpdater
from storage.connections import chunks
from storage.deliveries import message_edits
from storage.schema.archive import entries, issues
from storage.schema.translations import machine_texts, model_calls


def list_pending(
    connection: Connection, scope: TranslationScope, limit: int
) -> tuple[PendingPaper, ...]:
    """Return papers with missing texts; see `bot.ports.translations.TranslationStore`."""
    found: list[PendingPaper] = []
    seen: set[int] = set()
    for issue in _issues(connection, scope):
        numbers = connection.execute(
            select(entries.c.paper_id)
            .where(entries.c.issue_id == issue)
            .order_by(entries.c.position)
        ).scalars()
        wanted = [number for number in numbers if number not in seen]
        seen.update(wanted)
        loaded = load_papers(connection, wanted)
        for number in wanted:
            texts = _pending_texts(connection, loaded.paper(number), scope)
            if texts:
                found.append(PendingPaper(number, texts))
                if len(found) == limit:
                    return tuple(found)
    return tuple(found)


def save_texts(
    connection: Connection,
    paper_id: int,
    texts: Sequence[CheckedText],
    now: datetime,
    index: IndexUpdater,
) -> None:
    """Save what was made for a paper, in place of what was made of the same texts before."""
    for text in texts:
        hashed = source_hash(text.source_language, text.source)
        connection.execute(
            delete(machine_texts).where(
                machine_texts.c.source_hash == hashed, machine_texts.c.language == text.language
            )
        )
        connection.execute(
            insert(machine_texts).values(
                source_hash=hashed,
                language=text.language,
                text=text.text,
                fault=text.fault,
                model=text.model,
                made_at=now,
            )
        )
    reindex_papers(connection, [paper_id], index)
    if any(not text.fault for text in texts):
        # Messages that show the other language in its place are edited.
        message_edits.request_for_papers(connection, [paper_id], now)


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


def _issues(connection: Connection, scope: TranslationScope) -> Sequence[int]:
    query = select(issues.c.id).order_by(issues.c.start.desc(), issues.c.series)
    if not scope.weeks:
        return connection.execute(query.limit(scope.newest)).scalars().all()
    rows = connection.execute(query.add_columns(issues.c.year, issues.c.number)).all()
    return [row.id for row in rows if Week(row.year, row.number) in scope.weeks]


def _pending_texts(
    connection: Connection, paper: Paper, scope: TranslationScope
) -> tuple[PendingText, ...]:
    wanted = [
        PendingText(field, language, source_language, source)
        for field, language, source_language, source in missing_texts(paper)
        if language in scope.languages and field in FIELDS
    ]
    if scope.again or not wanted:
        return tuple(wanted)
    tried: set[tuple[str, str]] = set()
    hashes = [source_hash(each.source_language, each.source) for each in wanted]
    for part in chunks(hashes):
        query = select(machine_texts.c.source_hash, machine_texts.c.language).where(
            machine_texts.c.source_hash.in_(part)
        )
        tried.update((row.source_hash, row.language) for row in connection.execute(query))
    return tuple(
        each
        for each, hashed in zip(wanted, hashes, strict=True)
        if (hashed, each.language) not in tried
    )
