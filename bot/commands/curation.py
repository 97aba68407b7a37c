"""Resolves what curators write, papers by name or key and weeks, to what the archive has."""

import re
from collections.abc import Sequence

from bot.cards.series import series_id
from bot.commands.context import Context
from bot.lib.marker import _
from bot.lib.urls import is_safe_url
from bot.model.conflicts import Conflict
from bot.model.curation import (
    CorrectIntroduction,
    CorrectLinks,
    CorrectTags,
    CorrectText,
    CurationRequest,
)
from bot.model.papers import SAMPLE_SERIES, Appearance, Issue, Link, Paper
from bot.model.week_phrases import parse_week_phrase
from bot.model.weeks import Month, Week
from bot.papers import tagging
from bot.papers.identifiers import find_keys, paper_keys
from bot.papers.links import links_in, make_link
from bot.ports.archive import SeriesPreference
from bot.ports.curation import CurationRefused
from bot.ports.search_index import SearchIndex
from bot.search.lookup import LookupResult, look_up

_MAX_CHOICES = 5


async def find_paper(context: Context, text: str) -> Paper:
    """Return the paper of a key, an address, an id or a name.

    Raises CurationRefused where there is none, or where several may be meant.
    """
    keys = (*find_keys(text), text.strip())

    def read(index: SearchIndex) -> tuple[LookupResult | None, tuple[Paper, ...]]:
        if numbers := index.find_by_keys(keys):
            return None, index.papers(numbers[:1])
        found = look_up(index, text.strip(), _MAX_CHOICES, context.thesaurus)
        near = found.hits or found.suggestions
        return found, index.papers([hit.paper_id for hit in near])

    found, papers = await context.archive.query_index(read)
    if found is None or found.is_sure:
        return papers[0]
    choices = "; ".join(f"{paper_name(paper)} ({paper.key})" for paper in papers)
    if found.hits:
        sentence = _("“{text}” may be several papers: {choices}. Name one by its key.")
        raise CurationRefused(sentence, text=text, choices=choices)
    if choices:
        sentence = _("No paper is known as “{text}”. The nearest: {choices}.")
        raise CurationRefused(sentence, text=text, choices=choices)
    raise CurationRefused(_("No paper is known as “{text}”."), text=text)


def paper_name(paper: Paper) -> str:
    """Return the title of a paper, or its key where it has none."""
    return next(iter(paper.titles.values()), paper.key)


def new_paper(address: str, title: str = "") -> Paper:
    """Return the paper of an address, arXiv id or DOI, to be added.

    Raises CurationRefused for a text without any.
    """
    links = links_in(address)
    if not links:
        sentence = _("“{text}” is no address, arXiv id or DOI of a paper.")
        raise CurationRefused(sentence, text=address)
    key, *aliases = paper_keys(links, title)
    titles = {"ko" if any("가" <= c <= "힣" for c in title) else "en": title} if title else {}
    return Paper(key=key, aliases=tuple(aliases), titles=titles, links=links)


def parse_position(text: str) -> int | None:
    """Return a position from 1, or None for an empty text: the end. Raises CurationRefused."""
    if not text.strip():
        return None
    if not re.fullmatch("[1-9][0-9]{0,3}", text.strip()):
        raise CurationRefused(_("“{text}” is no position; write a number from 1."), text=text)
    return int(text)


def correction_of(
    context: Context, paper: Paper, field: str, language: str, text: str
) -> CorrectText | CorrectTags | CorrectLinks:
    """Return the correction that gives a paper a text, as `paper_text` writes it.

    An empty text returns to the sources' own. Raises CurationRefused for links that are none.
    """
    if field == "tags":
        words = [word for word in re.split(r"[,\s]+", text.strip()) if word]
        return correct_tags(context, paper, words) if words else CorrectTags(paper.key, {})
    if field == "links":
        return CorrectLinks(paper.key, parse_links(text) or None)
    return CorrectText(paper.key, field, language, text.strip() or None)


def settlement_of(
    context: Context, conflict: Conflict, paper: Paper | None, text: str = ""
) -> CurationRequest | None:
    """Return the correction that settles a conflict with a text; empty takes the source's.

    None where its paper is gone. Raises CurationRefused as `correction_of`.
    """
    if conflict.issue is not None:
        return CorrectIntroduction(*conflict.issue, {conflict.language: text.strip() or None})
    if paper is None:
        return None
    return correction_of(context, paper, conflict.field, conflict.language, text)


def correct_tags(context: Context, paper: Paper, words: Sequence[str]) -> CorrectTags:
    """Return the correction after which a paper has these tags and no others."""
    wanted = [tag_slug(context, word) for word in words if word.strip("#")]
    refused = [tag for tag in paper.all_tags if tag not in wanted]
    return CorrectTags(paper.key, dict.fromkeys(wanted, True) | dict.fromkeys(refused, False))


def tag_slug(context: Context, tag: str) -> str:
    """Return the slug of a tag of the vocabulary, or of a word of its own."""
    word = tag.lstrip("#")
    return tagging.resolve_tag(context.vocabulary, word) or word.casefold().replace(" ", "-")


def parse_links(text: str) -> tuple[Link, ...]:
    """Return the links of a text, several in a line or one; a label may have blanks.

    Raises CurationRefused.
    """
    found = []
    for line in text.split("\n"):
        words: list[str] = []
        for word in line.split():
            words.append(word)
            if "://" in word:
                found.append(parse_link(" ".join(words)))
                words = []
        if words:
            found.append(parse_link(" ".join(words)))
    return tuple(found)


def parse_link(word: str) -> Link:
    """Return the link of an address, or of a label and an address, `Code=https://…`.

    Raises CurationRefused.
    """
    label, equals, url = word.partition("=")
    if not equals or "://" in label or "://" not in url:
        label, url = "", word
    if not is_safe_url(url):
        sentence = _("“{text}” is no link; write an address, or a label and it: Code=https://…")
        raise CurationRefused(sentence, text=word)
    return make_link(url, label)


async def find_week(context: Context, text: str, series: str) -> tuple[str, Week]:
    """Return the series and week that are meant; the week need not be stored.

    Without a series, it is the only one with this week, or else the archive's only one. Raises
    CurationRefused for what is no week, and where several series may be meant.
    """
    phrase = parse_week_phrase(text, context.today())
    reference = None if phrase is None or isinstance(phrase, Month) else phrase
    if reference is None:
        sentence = _("“{text}” is no week. Write it like 2026-W26 or 2026-06-22.")
        raise CurationRefused(sentence, text=text)
    if not isinstance(reference, Week):
        wanted = SeriesPreference(context.series, only=series or None)
        issue: Issue | None = (
            await context.archive.find_issue(reference, context.today(), wanted)
        ).issue
        if issue is None:
            sentence = _("No week is stored for “{text}”. Write it like 2026-W26.")
            raise CurationRefused(sentence, text=text)
        return issue.series, issue.week
    if series:
        return series, reference
    stored = [each.series async for each in context.archive.issues(None, reference)]
    names = stored or [name for name, *_ in (await context.archive.totals()).series]
    own = [name for name in names if name != SAMPLE_SERIES] or names
    if len(own) != 1:
        if not own:
            raise CurationRefused(_("Which series is meant? None is stored yet."))
        sentence = _("Which series is meant? There are: {names}.")
        raise CurationRefused(sentence, names=", ".join(own))
    return own[0], reference


async def known_series(context: Context, name: str) -> str:
    """Return the series of a name that a person wrote. Raises CurationRefused where none is."""
    stored = [each for each, *_ in (await context.archive.totals()).series]
    found = series_id(name, stored)
    if found is None:
        sentence = _("There is no series “{text}”. There are: {names}.")
        raise CurationRefused(sentence, text=name, names=", ".join(stored) or "-")
    return found


async def find_named_issue(context: Context, argument: str) -> Issue | None:
    """Return the issue of an argument such as `2023-W41 dair`; None for any other."""
    named, _blank, series = argument.strip().partition(" ")
    phrase = parse_week_phrase(named, context.today()) if series else None
    if phrase is None or isinstance(phrase, Month):
        return None
    wanted = SeriesPreference(only=series)
    found = (await context.archive.find_issue(phrase, context.today(), wanted)).issue
    return found if found is not None and found.series == series else None


async def find_appearance(context: Context, paper: Paper, week: str, series: str) -> Appearance:
    """Return where a paper is listed, of a week and series if they are named.

    Raises CurationRefused where that is no single place.
    """
    places = [
        place
        for place in paper.appearances
        if place.series == (series or place.series)
        and (not week or (await find_week(context, week, place.series))[1] == place.week)
    ]
    if len(places) == 1:
        return places[0]
    listed = ", ".join(f"{place.series} {place.week}" for place in paper.appearances)
    if not paper.appearances:
        raise CurationRefused(_("{title} is in no week."), title=paper_name(paper))
    if not places:
        sentence = _("{title} is not there; it is in {weeks}.")
        raise CurationRefused(sentence, title=paper_name(paper), weeks=listed)
    sentence = _("{title} is in {weeks}. Say which week and series is meant.")
    raise CurationRefused(sentence, title=paper_name(paper), weeks=listed)
