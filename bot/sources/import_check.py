"""Checks an import against the archive, as a sync checks a page, before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.model.papers import Issue, ParseResult
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.source_state import PageState, SourceState
from bot.sources.crawlers.pages import PageBatch, PageResult
from bot.sources.loss_check import check_batch, rows_by_week


@dataclass(frozen=True, slots=True)
class CheckedImport:
    """What may be saved of an import unasked."""

    parsed: ParseResult
    """The parsed source with its accepted issues alone."""
    alarms: tuple[str, ...] = ()
    """Why the others are held back, a line each; empty if there are none."""


async def check_import(
    archive: Archive, parsed: ParseResult, today: date, given_week: Week | None = None
) -> CheckedImport:
    """Compare what was parsed with the weeks that the archive has, and with today.

    An issue with implausible dates, or with wholly other papers than the archive has under its
    week, is held back alone; a series that lost many rows or links is held back whole. Weeks that
    only the archive has are no loss. Of `given_week`, which a person gave, papers may be older.
    """
    accepted: list[Issue] = []
    alarms: list[str] = []
    for series in dict.fromkeys(issue.series for issue in parsed.issues):
        own = [issue for issue in parsed.issues if issue.series == series]
        page = PageState(series, weeks=await _stored_rows(archive, series, own))
        result = PageResult(page, replace(parsed, issues=tuple(own)))
        (verdict,) = check_batch(
            SourceState(series, pages={series: page}),
            PageBatch((result,)),
            today,
            given_week=given_week,
        )
        accepted += verdict.accepted_issues
        alarms += [line.removeprefix(f"{series}: ") for line in verdict.alarm]
    return CheckedImport(replace(parsed, issues=tuple(accepted)), tuple(alarms))


async def _stored_rows(
    archive: Archive, series: str, issues: Sequence[Issue]
) -> dict[str, tuple[str, ...]]:
    """Return the rows that the archive has of the weeks of these issues."""
    stored = [found for issue in issues async for found in archive.issues(series, issue.week)]
    return rows_by_week(stored)
