"""Counts an issue against the earlier ones, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from bot.model.papers import IssueStats, TagCount
from bot.model.weeks import Week, thursday_of
from storage.archive.issue_rows import IssueRow
from storage.reader import Reader, question_marks

_COMPARED_WEEKS = 4
"""Number of earlier weeks that an issue is compared with."""

_EARLIER_TOTAL = "SELECT count(*) FROM issues WHERE series = ? AND start < ?"
_EARLIER = (
    "SELECT id, year, number FROM issues WHERE series = ? AND start < ? "
    "ORDER BY start DESC, id DESC LIMIT ?"
)
_TAGS = (
    "SELECT tag, issue_id = ? AS is_now, count(DISTINCT paper_tags.paper_id) FROM entries "
    "JOIN paper_tags ON paper_tags.paper_id = entries.paper_id WHERE issue_id IN ({marks}) "
    "GROUP BY tag, is_now"
)
_WAS_LISTED = (
    "EXISTS (SELECT 1 FROM entries AS listed JOIN issues ON issues.id = listed.issue_id "
    "WHERE listed.paper_id = {paper} AND series = ? AND start < ?)"
)
_PAPERS = (
    f"SELECT {_WAS_LISTED.format(paper='own.paper_id')} FROM "  # noqa: S608 - ours
    "(SELECT DISTINCT paper_id FROM entries WHERE issue_id = ?) AS own"
)
# A subquery per tag ends at its first paper; a join would read every paper of every tag.
_NEW_TAGS = (
    "WITH asked(tag) AS (VALUES {marks}) SELECT tag FROM asked WHERE NOT EXISTS "  # noqa: S608 - ours
    "(SELECT 1 FROM paper_tags WHERE paper_tags.tag = asked.tag "
    f"AND {_WAS_LISTED.format(paper='paper_tags.paper_id')})"
)


def count_issue(reader: Reader, issue: IssueRow) -> IssueStats:
    """Return the counts of a stored issue; a paper that is listed twice counts once."""
    before = (issue.series, issue.first)
    near = _weeks_before(issue.week)
    latest = reader.rows(_EARLIER, (*before, 2 * _COMPARED_WEEKS))
    compared = [number for number, year, week in latest if Week(year, week) in near]
    tags = _tags(reader, issue.id, compared)
    listed = reader.rows(_PAPERS, (*before, issue.id))
    return IssueStats(
        papers=len(listed),
        seen_before=sum(bool(each) for (each,) in listed),
        tags=tags,
        # What is in the weeks before is not new, and frequent: to look for it takes longest.
        new_tags=_new_tags(reader, [each.tag for each in tags if not each.previous], before),
        compared_issues=len(compared),
        earlier_issues=reader.rows(_EARLIER_TOTAL, before)[0][0],
    )


def _weeks_before(week: Week) -> frozenset[Week]:
    day: date = thursday_of(week)
    return frozenset(
        Week(*(day - timedelta(weeks=back)).isocalendar()[:2])
        for back in range(1, _COMPARED_WEEKS + 1)
    )


def _tags(reader: Reader, issue: int, compared: Sequence[int]) -> tuple[TagCount, ...]:
    asked = [issue, *compared]
    rows = reader.rows(_TAGS.format(marks=question_marks(len(asked))), (issue, *asked))
    found: dict[str, dict[bool, int]] = defaultdict(dict)
    for tag, now, papers in rows:
        found[tag][bool(now)] = papers
    counts = [
        TagCount(tag, each[True], each.get(False, 0))
        for tag, each in found.items()
        if True in each
    ]
    return tuple(sorted(counts, key=lambda each: (-each.current, each.tag)))


def _new_tags(reader: Reader, tags: Sequence[str], before: tuple[str, str]) -> tuple[str, ...]:
    """Return the tags that no paper of an earlier issue has, given its series and first day."""
    if not tags:
        return ()
    statement = _NEW_TAGS.format(marks=", ".join(["(?)"] * len(tags)))
    found = {tag for (tag,) in reader.rows(statement, (*tags, *before))}
    return tuple(tag for tag in tags if tag in found)
