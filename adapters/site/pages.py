"""Collects what the pages of issues and papers show, from the archive; neither HTML nor HTTP.

Every function returns None where there is no such page.
"""

from dataclasses import dataclass

from adapters.site.page import PREVIEW, Page
from bot.cards import page_addresses as addresses
from bot.cards.blocks import appearance_label, first_sentence, text_blocks
from bot.cards.introduction import introduction_texts, machine_introductions
from bot.cards.issues import issue_title
from bot.cards.locale import Locale
from bot.cards.machine_notes import machine_note, machine_text_note
from bot.cards.retractions import retraction_blocks, retraction_heading, retraction_line
from bot.cards.series import series_name
from bot.cards.talk import counts_line
from bot.commands.library import Library
from bot.model.card import Block
from bot.model.papers import Issue, Localized, Paper
from bot.model.weeks import Week

_MAX_DESCRIPTION = 200
_MAX_RELATED = 5
_MAX_DISCUSSIONS = 10


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text in one language."""

    language: str
    blocks: tuple[Block, ...]


async def home(library: Library, locale: Locale) -> Page:
    """Return the first page: the newest issue, and the years that have some."""
    found = await library.newest_issue()
    return Page(
        "home.html",
        locale.translate("ML papers of the week"),
        addresses.home(),
        {
            "years": await library.years(),
            "issue": found.issue,
            "entries": _entries(locale, found.issue) if found.issue else (),
            "retraction": retraction_blocks(locale, found.issue.retraction) if found.issue else (),
            "issue_title": issue_title(locale, found.issue) if found.issue else "",
            "machine_note": machine_note(locale, _papers_of(found.issue), ("title",)),
        },
        locale.translate("Every week's machine-learning papers, with summaries and links."),
        _papers_of(found.issue),
        found.issue,
        image=_week_image(found.issue) if found.issue else "",
    )


async def year(library: Library, locale: Locale, number: int) -> Page | None:
    """Return the issues of a year, newest first."""
    issues = await library.issues(year=number)
    if not issues:
        return None
    shown = [
        (
            each,
            locale.format_date_range(each.start, each.end),
            series_name(locale, each.series),
            retraction_heading(locale, each.retraction) if each.retraction else "",
        )
        for each in issues
    ]
    title = locale.translate("ML papers of the week: {year}", year=number)
    return Page("year.html", title, addresses.year(number), {"issues": shown, "year": number})


async def week(library: Library, locale: Locale, series: str, number: Week) -> Page | None:
    """Return an issue with its papers."""
    found = await library.issue(series, number)
    issue = found.issue
    if issue is None:
        return None
    retraction = retraction_blocks(locale, issue.retraction)
    intro = () if retraction else _text_parts(locale, introduction_texts(locale, issue))
    papers = _papers_of(issue)
    others = [(each, series_name(locale, each)) for each in found.other_series]
    return Page(
        "week.html",
        issue_title(locale, issue),
        addresses.week(series, number),
        {
            "issue": issue,
            "series_name": series_name(locale, series),
            "intro": intro,
            "retraction": retraction,
            "machine_note": ()
            if retraction
            else machine_note(
                locale, papers, ("title", "summary"), machine_introductions(locale, issue)
            ),
            "entries": _entries(locale, issue),
            "before": found.before,
            "after": found.after,
            "others": others,
        },
        retraction_heading(locale, issue.retraction)
        if issue.retraction
        else ", ".join(locale.first_text(each.titles) for each in papers[:3]),
        papers,
        issue,
        has_forms=True,
        image=_week_image(issue),
    )


async def paper(library: Library, locale: Locale, key: str) -> Page | None:
    """Return a paper in both languages; its address is that of its present key."""
    found = await library.paper(key)
    if found is None:
        return None
    retraction = retraction_blocks(locale, found.retraction)
    summaries, abstracts = ((), ()) if retraction else _in_all_languages(locale, found)
    related = await library.related(found, _MAX_RELATED)
    discussions = [
        (
            each.thread.url,
            each.thread.target.platform.capitalize(),
            counts_line(locale, each.counts),
        )
        for each in await library.discussions(found, _MAX_DISCUSSIONS)
    ]
    appearances = [
        (each, appearance_label(locale, each), series_name(locale, each.series))
        for each in found.appearances
    ]
    title = locale.first_text(found.titles) or found.key
    return Page(
        "paper.html",
        title,
        addresses.paper(found.key),
        {
            "paper": found,
            "other_titles": [
                (language, text)
                for language, text in found.titles.items()
                if text and text != title
            ],
            "retraction": retraction,
            "summaries": summaries,
            "abstracts": abstracts,
            # The page shows every language.
            "machine_note": machine_text_note(locale, found.machine_texts),
            "appearances": appearances,
            "tag_names": tag_names(library, locale, found),
            "discussions": discussions,
            "related": [each.without_machine_texts() for each in related],
            "citation": library.citations([found]).strip(),
        },
        summary_lead(locale, found),
        (found,),
        has_forms=True,
        image=addresses.paper(found.key) + PREVIEW,
    )


def _in_all_languages(
    locale: Locale, paper: Paper
) -> tuple[tuple[TextPart, ...], tuple[TextPart, ...]]:
    """Return summaries and abstracts, the language of the page first."""
    abstracts = dict(paper.abstracts)
    if paper.record and paper.record.abstract and not abstracts.get("en"):
        abstracts["en"] = paper.record.abstract
    return _text_parts(locale, paper.summaries), _text_parts(locale, abstracts)


def _text_parts(locale: Locale, texts: Localized) -> tuple[TextPart, ...]:
    first = locale.languages[0]
    ordered = sorted(texts.items(), key=lambda each: each[0] != first)
    return tuple(TextPart(language, text_blocks(text)) for language, text in ordered if text)


async def about(library: Library, locale: Locale) -> Page:
    """Return where the texts come from."""
    card = await library.about(locale)
    title = locale.translate("About")
    return Page("about.html", title, addresses.about(), {"card": card})


def tag_names(library: Library, locale: Locale, paper: Paper) -> list[tuple[str, str]]:
    """Return the tags of a paper with their names."""
    return [(each, library.tag_name(each, locale.languages[0])) for each in paper.all_tags]


def summary_lead(locale: Locale, paper: Paper) -> str:
    """Return the first sentence of a paper's summary, or that it was retracted."""
    lead = first_sentence(locale.first_text(paper.summaries), _MAX_DESCRIPTION)
    return retraction_line(locale, paper) or lead


def _entries(locale: Locale, issue: Issue) -> list[tuple[int, Paper, tuple[TextPart, ...]]]:
    """Return the papers of an issue with their summaries in the language of the page."""
    if issue.retraction:
        return []
    return [
        (entry.position, entry.paper, _entry_parts(locale, entry.paper)) for entry in issue.entries
    ]


def _entry_parts(locale: Locale, paper: Paper) -> tuple[TextPart, ...]:
    retraction = retraction_blocks(locale, paper.retraction)
    if retraction:
        return (TextPart(locale.languages[0], retraction),)
    shown = locale.localized_texts(paper.summaries)
    return tuple(TextPart(each.language, text_blocks(each.text)) for each in shown)


def _week_image(issue: Issue) -> str:
    return addresses.week(issue.series, issue.week) + PREVIEW


def _papers_of(issue: Issue | None) -> tuple[Paper, ...]:
    """Return the papers that the page of an issue lists; none of one that was withdrawn."""
    return tuple(entry.paper for entry in issue.entries) if issue and not issue.retraction else ()
