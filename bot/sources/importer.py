"""Imports a source into the archive: parse, tag, save."""

import asyncio
from dataclasses import dataclass, replace

from bot.model.papers import Entry, Issue, ParseResult, Problem
from bot.papers.tagging import Vocabulary, infer_tags
from bot.ports.archive import Archive, SaveResult
from bot.sources.parser_process import run_parser
from bot.sources.parsers.detect import parse_source


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The outcome of an import."""

    issues: int
    entries: int
    saved: SaveResult
    problems: tuple[Problem, ...]


async def import_source(
    archive: Archive, vocabulary: Vocabulary, data: bytes, name: str, series: str | None = None
) -> ImportResult:
    """Parse a source and save its weeks in one transaction.

    `name` is its file name, `series` overrides the series that its format implies. Raises
    `bot.sources.parsers.errors.UnreadableSource` if nothing in it can be used; the archive is
    unchanged then.
    """
    parsed: ParseResult = await run_parser(parse_source, data, name, series)
    return await save_parsed(archive, vocabulary, parsed)


async def save_parsed(
    archive: Archive, vocabulary: Vocabulary, parsed: ParseResult
) -> ImportResult:
    """Save what was parsed of a source in one transaction."""
    issues = [
        await asyncio.to_thread(with_inferred_tags, issue, vocabulary) for issue in parsed.issues
    ]
    saved = await archive.save(issues)
    return ImportResult(
        issues=len(issues),
        entries=sum(len(issue.entries) for issue in issues),
        saved=saved,
        problems=(*parsed.problems, *saved.problems),
    )


def with_inferred_tags(issue: Issue, vocabulary: Vocabulary) -> Issue:
    """Return the issue with tags inferred from its papers' texts."""
    return replace(
        issue,
        entries=tuple(
            Entry(
                entry.position,
                replace(entry.paper, inferred_tags=infer_tags(vocabulary, entry.paper)),
            )
            for entry in issue.entries
        ),
    )
