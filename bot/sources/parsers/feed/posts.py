"""Parses a weekly post of a feed: one like the forum's, or a list of numbered papers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.lib.urls import is_safe_url, strip_tracking
from bot.model.papers import Entry, Issue, Link, Paper, ParseResult, Problem
from bot.model.weeks import Week
from bot.papers.identifiers import link_kind, paper_keys
from bot.sources.parsers.dair import weeks
from bot.sources.parsers.dair.weeks import Span
from bot.sources.parsers.discourse import html, posts
from bot.sources.parsers.discourse.posts import Piece, PieceKind
from bot.sources.parsers.discourse.titles import has_dates
from bot.sources.parsers.feed.document import Post
from bot.sources.parsers.link_labels import strip_link_labels
from bot.sources.parsers.short_names import nickname_of

_NUMBERED = re.compile(r"^\s*(\d{1,2})\s*[.)]+\s*(\S.*)$", re.DOTALL)
_WEEKLY = re.compile(r"\bweek(?:ly)?\b|주간|이번\s*주|한\s*주", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_FIRST_WORDS = 600
"""Characters of a post in which its days may stand."""

_LONGEST_TITLE = 300
_LONGEST = timedelta(days=14)


def is_weekly(post: Post) -> bool:
    """Return whether a post has the days of a week, in its title, subtitle or first words."""
    return has_dates(post.title) or _span(post) is not None


def parse(post: Post, series: str, language: str) -> ParseResult:
    """Parse the week of a post; `language` is that of a numbered list's texts."""
    pieces = html.iter_pieces(post.html)
    url = post.url if is_safe_url(post.url) else ""
    if has_dates(post.title):
        parsed = posts.build_issue(post.title, pieces, url)
        issues = tuple(replace(i, series=series or i.series) for i in parsed.issues)
        return replace(parsed, issues=issues)
    days = _days(post)
    if days is None:
        return ParseResult(
            problems=(
                Problem(
                    0,
                    "its days are no days of a calendar, or nothing tells their year.",
                    lost=True,
                ),
            )
        )
    entries = tuple(
        Entry(draft.number, _paper(draft, language)) for draft in _parse_drafts(pieces)
    )
    if not entries:
        return ParseResult(problems=(Problem(0, "no numbered paper is in it.", lost=True),))
    start, end = days
    title = {language: post.title}
    issue = Issue(
        series or "feed", Week.of(start), start, end, title, source_url=url, entries=entries
    )
    return ParseResult((issue,))


@dataclass(slots=True)
class _Draft:
    """A paper that is being parsed."""

    number: int
    title: str
    summary: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def _parse_drafts(pieces: Iterable[Piece]) -> list[_Draft]:
    """Return the papers, each of which begins with a number of its own."""
    found: dict[int, _Draft] = {}
    current: _Draft | None = None
    links: list[Link] = []
    for piece in pieces:
        if piece.kind is PieceKind.LINK:
            # The links of a paragraph come before its words: they may belong to the next paper.
            if is_safe_url(piece.text):
                url = strip_tracking(piece.text)
                links.append(Link(link_kind(piece.label, url), piece.label, url))
            continue
        current, rest = _start_draft(piece, found) or (current, piece.text)
        if current is None:
            links = []
            continue
        current.links += links
        text = strip_link_labels(rest, [link.label for link in links])
        links = []
        if text and piece.kind in (PieceKind.TEXT, PieceKind.QUOTE):
            current.summary.append(text)
    if current is not None:
        current.links += links
    return [found[number] for number in sorted(found)]


def _start_draft(piece: Piece, found: dict[int, _Draft]) -> tuple[_Draft, str] | None:
    """Return the paper that a piece begins, and the rest of the piece; None if it begins none."""
    match = _NUMBERED.match(piece.text.removeprefix("● "))
    if match is None or int(match[1]) in found or int(match[1]) == 0:
        return None
    title, rest = match[2].strip(), ""
    if piece.kind in (PieceKind.TEXT, PieceKind.QUOTE):
        title, _, rest = re.sub(r"\s+[-–—]\s+", "\n", title, count=1).partition("\n")  # noqa: RUF001
    if len(title) > _LONGEST_TITLE:
        return None
    draft = found[int(match[1])] = _Draft(int(match[1]), title.strip())
    return draft, rest


def _paper(draft: _Draft, language: str) -> Paper:
    links = tuple({link.url: link for link in draft.links}.values())
    key, *aliases = paper_keys(links, draft.title)
    return Paper(
        key=key,
        aliases=tuple(aliases),
        titles={language: draft.title},
        nickname=nickname_of(draft.title),
        summaries={language: "\n\n".join(draft.summary)} if draft.summary else {},
        links=links,
    )


def _days(post: Post) -> tuple[date, date] | None:
    """Return the first and last day; a year that is not written is the nearest to the post's."""
    span, published = _span(post), _published(post.date)
    if span is None or not (span.year or published):
        return None
    near = published or date(span.year or 1, 1, 1)
    years = [span.year] if span.year else [near.year + n for n in (0, -1, 1)]
    ends = [end for year in years if (end := _day(year, span.last))]
    if not ends:
        return None
    end = min(ends, key=lambda day: abs(day - near))
    start = _day(end.year - (span.first > span.last), span.first)
    return (start, end) if start and timedelta() <= end - start <= _LONGEST else None


def _day(year: int, day: tuple[int, int]) -> date | None:
    try:
        return date(year, *day)
    except ValueError:
        return None


def _span(post: Post) -> Span | None:
    """Return the days that a post names.

    A newsletter may have them in its subtitle or first sentence instead of its title, which then
    says that it is a weekly one.
    """
    found = weeks.parse_span(post.title)
    if found or not _WEEKLY.search(post.title):
        return found
    for text in (post.subtitle, _TAG.sub(" ", post.html[: 2 * _FIRST_WORDS])):
        sentence = text[:_FIRST_WORDS]
        if _WEEKLY.search(sentence) and (found := weeks.parse_span(sentence)):
            return found
    return None


def _published(text: str) -> date | None:
    """Return the day of a feed's date; None if it has none."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
