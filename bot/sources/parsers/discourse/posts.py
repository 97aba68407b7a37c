"""Builds the issue of a weekly forum post from its pieces, in any form."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from bot.lib.urls import is_safe_url, strip_tracking
from bot.model.papers import Entry, Issue, Link, Paper, ParseResult, Problem
from bot.model.weeks import Week
from bot.papers.identifiers import link_kind, paper_keys
from bot.sources.parsers.discourse.titles import has_dates, parse_title, split_title
from bot.sources.parsers.languages import language_of
from bot.sources.parsers.short_names import nickname_of

SERIES = "pytorch-kr"


class PieceKind(Enum):
    """The kind of a piece of a post."""

    HEADING = "heading"
    """A heading that may begin a paper."""
    SECTION = "section"
    """A heading inside a paper."""
    TEXT = "text"
    QUOTE = "quote"
    LINK = "link"
    TAG = "tag"
    RULE = "rule"
    """A horizontal rule, which ends a paper."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a post, in the order of reading."""

    kind: PieceKind
    text: str = ""
    """The words; of a link the address, of a tag its slug."""
    line: int = 0
    label: str = ""
    """Of a link: what it is called, where the source says so."""


_MACHINE = re.compile(r"GPT|자동(?:으로)?\s*(?:요약|번역|정리)|기계\s*(?:요약|번역)")
_TAGS = re.compile(r"(?<=[.!?\u3002])\s+([a-z][a-z0-9-]*(?:\s+[a-z][a-z0-9-]*)*)\s*$")
_SUMMARY = re.compile(r"^논문\s*소개$")
_ABSTRACT = re.compile(r"^(?:논문\s*)?초록(?:\s*\(Abstract\))?$|^Abstract$", re.IGNORECASE)
_LINKS = re.compile(
    r"^(?:(?:논문|원문|관련|참고|코드|논문\s*및\s*코드)?\s*(?:링크|바로\s*가기|주소)|더\s*읽어\s*보기|"
    r"(?:Paper\s+|Related\s+)?Links?|Further\s+reading|Read\s+more)$",
    re.IGNORECASE,
)
_INTRO = re.compile(r"^소개$")
_HIGHLIGHTS = re.compile(r"^논문별\s*핵심\s*요약$")
"""A sentence for each paper; it repeats what the papers' own parts say in full."""

_KNOWN = (_SUMMARY, _ABSTRACT, _LINKS, _INTRO, _HIGHLIGHTS)


def is_section(text: str) -> bool:
    """Return whether a line is the name of a part of a weekly post."""
    return any(pattern.match(text.strip()) for pattern in _KNOWN)


def is_summary_section(text: str) -> bool:
    """Return whether a line is the name of the part that every paper begins with."""
    return bool(_SUMMARY.match(text.strip()))


@dataclass(slots=True)
class _Draft:
    """A paper that is being parsed."""

    title: str
    line: int
    summaries: dict[str, list[str]] = field(default_factory=dict)
    abstracts: dict[str, list[str]] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    other_links: list[Link] = field(default_factory=list)
    """Previews of links outside of a section of links, used if there is no such section."""
    has_parts: bool = False


def build_issue(title: str, pieces: Iterable[Piece], source_url: str = "") -> ParseResult:
    """Build the issue of a post; a post whose title has no days has a problem instead."""
    dated = parse_title(title)
    if dated is None:
        return ParseResult(
            problems=(
                Problem(1, "the title has no days such as [2023/10/09 ~ 10/15].", lost=True),
            )
        )
    start, end, titles = dated
    reader = _Reader(Week.of(start))
    for piece in pieces:
        reader.read(piece)
    entries = tuple(
        Entry(position, _paper(draft)) for position, draft in enumerate(reader.papers(), start=1)
    )
    if not entries:
        nothing = Problem(0, "no paper is in it.", lost=True, week=reader.week)
        return ParseResult(problems=(*reader.problems, nothing))
    intro = "\n\n".join(reader.intro)
    issue = Issue(
        series=SERIES,
        week=reader.week,
        start=start,
        end=end,
        titles=titles,
        intros={language_of(intro): intro} if intro else {},
        source_url=source_url,
        machine_made=reader.machine_made,
        entries=entries,
    )
    return ParseResult((issue,), tuple(reader.problems))


class _Reader:
    """Reads pieces in order, and assigns them to papers and their parts."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.intro: list[str] = []
        self.machine_made = False
        self.problems: list[Problem] = []
        self._drafts: list[_Draft] = []
        self._paper: _Draft | None = None
        self._part: re.Pattern[str] | None = _INTRO

    def papers(self) -> list[_Draft]:
        """Return the papers; a heading without parts of a paper below it is none."""
        for draft in self._drafts:
            if not draft.title:
                message = "a heading has no words; its paper was left out."
                self.problems.append(Problem(draft.line, message, lost=True, week=self.week))
            elif not draft.has_parts:
                self.problems.append(
                    Problem(
                        draft.line, f"“{draft.title[:80]}” has no parts of a paper.", lost=True,
                        week=self.week,
                    )
                )  # fmt: skip
            elif not (draft.links or draft.other_links):
                message = f"“{draft.title[:80]}” has no link; it is known by its title alone."
                self.problems.append(Problem(draft.line, message, week=self.week))
        return [draft for draft in self._drafts if draft.title and draft.has_parts]

    def read(self, piece: Piece) -> None:
        """Take the next piece."""
        match piece.kind:
            case PieceKind.RULE:
                self._paper = self._part = None
            case PieceKind.HEADING | PieceKind.SECTION:
                self._head(piece)
            case PieceKind.TEXT | PieceKind.QUOTE:
                self._text(piece)
            case PieceKind.TAG:
                if self._paper:
                    self._paper.tags.append(piece.text)
            case PieceKind.LINK:
                self._link(piece)

    def _head(self, piece: Piece) -> None:
        part = next((each for each in _KNOWN if each.match(piece.text)), None)
        if part in (_INTRO, _HIGHLIGHTS):
            self._paper, self._part = None, part
            if part is _INTRO:
                self._note()
        elif part is not None and self._paper:
            self._part, self._paper.has_parts = part, True
        elif piece.kind is PieceKind.HEADING and not has_dates(piece.text):
            self._paper, self._part = _Draft(piece.text, piece.line), None
            self._drafts.append(self._paper)

    def _text(self, piece: Piece) -> None:
        if self._paper is None:
            if self._part is _INTRO:
                self._preamble(piece)
            return
        if self._part is _SUMMARY:
            text = self._without_tags(piece)
            language = "en" if piece.kind is PieceKind.QUOTE else language_of(text)
            self._paper.summaries.setdefault(language, []).append(text)
        elif self._part is _ABSTRACT:
            language = "en" if piece.kind is PieceKind.QUOTE else language_of(piece.text)
            self._paper.abstracts.setdefault(language, []).append(piece.text)

    def _preamble(self, piece: Piece) -> None:
        if self._drafts:
            return
        self.intro.append(piece.text)

    def _note(self) -> None:
        """Take the text before the introduction's heading for notices."""
        self.machine_made = any(map(_MACHINE.search, self.intro))
        self.intro = []

    def _without_tags(self, piece: Piece) -> str:
        """Return a summary without the tags after its last full stop."""
        found = _TAGS.search(piece.text) if language_of(piece.text) == "ko" else None
        if found is None or self._paper is None:
            return piece.text
        self._paper.tags += found[1].split()
        return piece.text[: found.start()]

    def _link(self, piece: Piece) -> None:
        is_listed = self._part is _LINKS
        # Where a section is renamed, the addresses that stand alone are the paper's links.
        if self._paper is None or not (is_listed or not piece.label):
            return
        if not is_safe_url(piece.text):
            self.problems.append(
                Problem(
                    piece.line,
                    f"a link was left out, as it is no web address: {piece.text[:80]}",
                    lost=True,
                    week=self.week,
                )
            )
            return
        url = strip_tracking(piece.text)
        kind = link_kind(piece.label, url)
        links = self._paper.links if is_listed else self._paper.other_links
        links.append(Link(kind, piece.label or _label(url), url))


def _paper(draft: _Draft) -> Paper:
    titles = split_title(draft.title)
    found = draft.links or draft.other_links
    links = tuple({link.url: link for link in reversed(found)}.values())[::-1]
    name = titles.get("en") or titles["ko"]
    key, *aliases = paper_keys(links, name)
    return Paper(
        key=key,
        aliases=tuple(aliases),
        titles=titles,
        nickname=nickname_of(name) or nickname_of(titles.get("ko", "")),
        summaries=_join_paragraphs(draft.summaries),
        abstracts=_join_paragraphs(draft.abstracts),
        tags=tuple(dict.fromkeys(draft.tags)),
        links=links,
    )


def _join_paragraphs(texts: dict[str, list[str]]) -> dict[str, str]:
    """Return paragraphs with an empty line between them, items of a list without."""
    found = {}
    for language in sorted(texts, reverse=True):
        text = texts[language][0]
        for before, after in zip(texts[language], texts[language][1:], strict=False):
            is_list = before.startswith("●") and after.startswith("●")
            text += ("\n" if is_list else "\n\n") + after
        found[language] = text
    return found


def _label(url: str) -> str:
    names = {"paper": "Paper", "pdf": "PDF", "code": "Code", "post": "X"}
    return names.get(link_kind("", url)) or url.split("/")[2].removeprefix("www.")
