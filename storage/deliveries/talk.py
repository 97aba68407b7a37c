"""Reads what communities say about papers: replies in threads, and votes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from bot.model.channels import MessageRef, Target
from bot.model.discussions import Community, PaperTalk, PaperThread, ThreadCounts
from storage.reader import Reader, format_moment, parse_moment, question_marks

# A paper may have been merged into another one since: `joined` is that one.
_TALK = (
    "SELECT coalesce(forwards.paper_id, paper) AS joined, sum(replies), sum(people), "
    "CAST(max(last_reply_at) AS TEXT) FROM thread_counts "
    "LEFT JOIN forwards ON forwards.id = paper WHERE replies > 0 AND {conditions} "
    "GROUP BY joined {latest} "
    "ORDER BY sum(replies) DESC, sum(people) DESC, joined DESC LIMIT ?"
)
_THREADS = (
    "SELECT coalesce(forwards.paper_id, paper) AS joined, platform, workspace, channel, message, "
    "thread, url, replies, people, CAST(last_reply_at AS TEXT), CAST(counted_at AS TEXT) "
    "FROM thread_counts LEFT JOIN forwards ON forwards.id = paper "
    "WHERE replies > 0 AND {conditions} ORDER BY replies DESC, thread"
)
_VOTES = (
    "SELECT coalesce(forwards.paper_id, paper) AS joined, count(*) FROM votes "
    "LEFT JOIN forwards ON forwards.id = paper WHERE {conditions} "
    "GROUP BY joined ORDER BY count(*) DESC, joined"
)


def sum_up(
    reader: Reader,
    community: Community,
    limit: int,
    *,
    papers: Sequence[int] | None = None,
    since: datetime | None = None,
) -> tuple[PaperTalk, ...]:
    """Return what is said about papers in a community; see `DiscussionLedger.paper_talk`."""
    conditions, values = _conditions(community, papers)
    latest = ""
    if since is not None:
        latest = "HAVING max(last_reply_at) >= ?"
        values.append(format_moment(since))
    statement = _TALK.format(conditions=conditions, latest=latest)
    rows = reader.rows(statement, (*values, limit))
    threads = _threads_of(reader, community, [row[0] for row in rows])
    return tuple(
        PaperTalk(paper, ThreadCounts(replies, people, _moment(last)), tuple(threads[paper]))
        for paper, replies, people, last in rows
    )


def count_votes(
    reader: Reader,
    community: Community,
    *,
    papers: Sequence[int] | None = None,
    since: datetime | None = None,
) -> dict[int, int]:
    """Return the numbers of votes by paper, the favourite first."""
    conditions, values = _conditions(community, papers)
    if since is not None:
        conditions += " AND voted_at >= ?"
        values.append(format_moment(since))
    return dict(reader.rows(_VOTES.format(conditions=conditions), values))


def _threads_of(
    reader: Reader, community: Community, papers: Sequence[int]
) -> dict[int, list[PaperThread]]:
    """Return the threads of papers that have replies, the liveliest first."""
    found: dict[int, list[PaperThread]] = defaultdict(list)
    if not papers:
        return found
    conditions, values = _conditions(community, papers)
    for paper, *place, message, thread, url, replies, people, last, counted in reader.rows(
        _THREADS.format(conditions=conditions), values
    ):
        ref = MessageRef(Target(*place), message, thread, url)
        counts = ThreadCounts(replies, people, _moment(last))
        found[paper].append(
            PaperThread(paper, ref, counts=counts, counted_at=parse_moment(counted))
        )
    return found


def _conditions(community: Community, papers: Sequence[int] | None) -> tuple[str, list[object]]:
    """Return what rows of a community about some papers fulfil, and the values of its marks."""
    values: list[object] = []
    places = []
    for place in community.places:
        places.append("platform = ? AND workspace = ?" + " AND channel = ?" * bool(place.channel))
        values += [place.platform, place.workspace, *filter(None, [place.channel])]
    found = f"({' OR '.join(places)})"
    if papers is None:
        return found, values
    if not papers:
        return "1 = 0", []
    marks = question_marks(len(papers))
    merged = f"SELECT id FROM forwards WHERE paper_id IN ({marks})"  # noqa: S608 - marks
    about = f"(paper IN ({marks}) OR paper IN ({merged}))"
    return f"{found} AND {about}", [*values, *papers, *papers]


def _moment(text: str | None) -> datetime | None:
    return parse_moment(text) if text else None
