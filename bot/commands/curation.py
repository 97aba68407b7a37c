"""Resolves what curators write, papers by name or key and weeks, to what the archive has."""

import re
from collections.abc import Sequence

from bot.commands.context import Context
from bot.lib.urls import is_safe_url
from bot.model.curation import CorrectLinks, CorrectTags, CorrectText, CurationRequest
from bot.model.papers import SAMPLE_SERIES, Appearance, Issue, Link, Paper
from bot.model.week_phrases import parse_week_phrase
from bot.model.weeks import Month, Week
from bot.papers import tagging
from bot.papers.identifiers import find_keys, paper_keys
from bot.papers.links import links_in, make_link
from bot.ports.archive import SeriesPreference
from bot.ports.curation import CurationRefused
from bot.search.lookup import look_up

_MAX_CHOICES = 5


async def find_paper(context: Context, text: str) -> Paper:
    """Return the paper of a key, an address, an id or a name.

    Raises CurationRefused where there is none, or where several may be meant.
    """
    keys = (*find_keys(text), text.strip())
    numbers = await context.archive.query_index(lambda index: index.find_by_keys(keys))
    if numbers:
        return (await context.archive.papers(numbers[:1]))[0]
    found = await context.archive.query_index(
        lambda index: look_up(index, text.strip(), _MAX_CHOICES, context.thesaurus)
    )
    near = found.hits or found.suggestions
    papers = await context.archive.papers([hit.paper_id for hit in near])
    if found.is_sure:
        return papers[0]
    choices = "; ".join(f"{paper_name(paper)} ({paper.key})" for paper in papers)
    if found.hits:
        raise CurationRefused(f"“{text}” may be several papers: {choices}. Name one by its key.")
    hint = f" The nearest: {choices}." if choices else ""
    raise CurationRefused(f"No paper is known as “{text}”.{hint}")


def paper_name(paper: Paper) -> str:
    """Return the title of a paper, or its key where it has none."""
    return next(iter(paper.titles.values()), paper.key)


def new_paper(address: str, title: str = "") -> Paper:
    """Return the paper of an address, arXiv id or DOI, to be added.

    Raises CurationRefused for a text without any.
    """
    links = links_in(address)
    if not links:
        raise CurationRefused(f"“{address}” is no address, arXiv id or DOI of a paper.")
    key, *aliases = paper_keys(links, title)
    titles = {"ko" if any("가" <= c <= "힣" for c in title) else "en": title} if title else {}
    return Paper(key=key, aliases=tuple(aliases), titles=titles, links=links)


def current_text(paper: Paper, field: str, language: str) -> str:
    """Return a text of a paper as people write it in a form: tags and links line by line."""
    match field:
        case "title":
            return paper.titles.get(language, "")
        case "summary":
            return paper.summaries.get(language, "")
        case "abstract":
            return paper.abstracts.get(language, "")
        case "tags":
            return ", ".join(paper.all_tags)
        case "links":
            lines = (
                f"{link.label}={link.url}" if link.label else link.url for link in paper.links
            )
            return "\n".join(lines)
        case _:
            return ""


def correction_of(
    context: Context, paper: Paper, field: str, language: str, text: str
) -> CurationRequest:
    """Return the correction that gives a paper a text, as `current_text` writes it.

    Raises CurationRefused for links that are none.
    """
    if field == "tags":
        return correct_tags(context, paper, re.split(r"[,\s]+", text.strip()))
    if field == "links":
        return CorrectLinks(paper.key, tuple(map(parse_link, text.split())))
    return CorrectText(paper.key, field, language, text.strip())


def restoration_of(paper: Paper, field: str, language: str) -> CurationRequest:
    """Return the correction after which a text of a paper is the sources' own again."""
    if field == "links":
        return CorrectLinks(paper.key, None)
    return CorrectText(paper.key, field, language, None)


def correct_tags(context: Context, paper: Paper, words: Sequence[str]) -> CorrectTags:
    """Return the correction after which a paper has these tags and no others."""
    wanted = [tag_slug(context, word) for word in words if word.strip("#")]
    refused = [tag for tag in paper.all_tags if tag not in wanted]
    return CorrectTags(paper.key, dict.fromkeys(wanted, True) | dict.fromkeys(refused, False))


def tag_slug(context: Context, tag: str) -> str:
    """Return the slug of a tag of the vocabulary, or of a word of its own."""
    word = tag.lstrip("#")
    return tagging.resolve_tag(context.vocabulary, word) or word.casefold().replace(" ", "-")


def parse_link(word: str) -> Link:
    """Return the link of an address, or of a label and an address, `Code=https://…`.

    Raises CurationRefused.
    """
    label, _, url = word.partition("=") if "://" in word.partition("=")[2] else ("", "", word)
    if not is_safe_url(url):
        raise CurationRefused(
            f"{word!r} is no link; write an address, or a label and an address: Code=https://…"
        )
    return make_link(url, label)


async def find_week(context: Context, text: str, series: str) -> tuple[str, Week]:
    """Return the series and week that are meant; the week need not be stored.

    Without a series, it is the only one with this week, or else the archive's only one. Raises
    CurationRefused for what is no week, and where several series may be meant.
    """
    phrase = parse_week_phrase(text, context.today())
    reference = None if phrase is None or isinstance(phrase, Month) else phrase
    if reference is None:
        raise CurationRefused(f"“{text}” is no week. Write it like 2026-W26 or 2026-06-22.")
    if not isinstance(reference, Week):
        wanted = SeriesPreference(context.series, only=series or None)
        issue: Issue | None = (
            await context.archive.find_issue(reference, context.today(), wanted)
        ).issue
        if issue is None:
            raise CurationRefused(f"No week is stored for “{text}”. Write it like 2026-W26.")
        return issue.series, issue.week
    if series:
        return series, reference
    stored = [each.series async for each in context.archive.issues(None, reference)]
    names = stored or [name for name, *_ in (await context.archive.totals()).series]
    own = [name for name in names if name != SAMPLE_SERIES] or names
    if len(own) != 1:
        there = f" There are: {', '.join(own)}." if own else ""
        raise CurationRefused(f"Which series is meant? Name it with --series.{there}")
    return own[0], reference


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
    if not places:
        raise CurationRefused(f"{paper_name(paper)} is not there; it is in {listed or 'no week'}.")
    raise CurationRefused(
        f"{paper_name(paper)} is in {listed}. Say which is meant, with --week and --series."
    )
