"""The card of an issue, as a digest posts it and /week answers with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from bot.cards import page_addresses
from bot.cards.blocks import (
    SEPARATOR,
    first_sentence,
    note,
    page_links,
    paper_url,
    substitute_label,
    tag_line,
)
from bot.cards.fit import truncate
from bot.cards.introduction import introduction_buttons, introduction_teaser, machine_introductions
from bot.cards.locale import Locale
from bot.cards.machine_notes import machine_note
from bot.cards.papers import other_titles, paper_selector
from bot.cards.retractions import retraction_blocks, retraction_runs
from bot.cards.series import series_name
from bot.model.card import (
    Action,
    Block,
    Bullets,
    Button,
    Card,
    Control,
    Divider,
    LinkButton,
    Paragraph,
    Run,
    Style,
)
from bot.model.papers import Issue, Paper

_MAX_GIST = 160
"""The maximal number of characters of a summary's first sentence in an overview."""

_MAX_NAMES = 2
"""How many papers a notification names."""
_MAX_NAME = 60
"""The maximal length of a title in a notification."""


@dataclass(frozen=True, slots=True)
class WeekTalk:
    """What a community says about the papers of a week."""

    lines: Mapping[int, str] = field(default_factory=dict)
    """How much is said about a paper, by its id."""
    favourite: str = ""
    """Which paper has the most votes; empty where none has one."""


def issue_card(
    locale: Locale,
    issue: Issue,
    controls: Sequence[Control] = (),
    posts: Mapping[int, str] | None = None,
    talk: WeekTalk | None = None,
) -> Card:
    """Return an issue: its introduction and all its papers.

    A title leads to the post of its paper, where `posts` has its address by position, or else to
    the paper.
    """
    if issue.retraction:
        return _withdrawn_card(locale, issue, controls)
    talk = talk or WeekTalk()
    blocks: list[Block] = [note(issue_label(locale, issue))]
    blocks += [note(talk.favourite)] if talk.favourite else []
    blocks += introduction_teaser(locale, issue)
    if issue.machine_made:
        blocks.append(
            note(locale.translate("A machine summarised these papers; check what matters to you."))
        )
    papers = [entry.paper for entry in issue.entries]
    introductions = machine_introductions(locale, issue)
    blocks += machine_note(locale, papers, ("title", "summary"), introductions)
    if papers:
        blocks += [
            Divider(),
            *_substitute_note(locale, papers),
            *_overview(locale, issue, posts or {}, talk.lines),
        ]
        controls = (
            paper_selector(locale, papers),
            *introduction_buttons(locale, issue),
            *controls,
        )
    else:
        blocks.append(Paragraph((Run(locale.translate("This week has no papers.")),)))
    source = (
        (LinkButton(locale.translate("Source"), issue.source_url),) if issue.source_url else ()
    )
    page = page_addresses.week(issue.series, issue.week)
    return Card(
        title=issue_title(locale, issue),
        url=issue.source_url,
        blocks=tuple(blocks),
        controls=(*controls, *source, *page_links(locale, page), *_report_button(locale, issue)),
        notification=_notification(locale, issue),
    )


def issue_title(locale: Locale, issue: Issue) -> str:
    """Return the title of an issue."""
    name = locale.translate("ML papers of the week")
    return f"{name}: {locale.format_date_range(issue.start, issue.end)}"


def issue_label(locale: Locale, issue: Issue) -> str:
    """Return an issue's week, series and number of papers, in one line."""
    return SEPARATOR.join(
        [str(issue.week), series_name(locale, issue.series), _paper_count(locale, issue)]
    )


def _withdrawn_card(locale: Locale, issue: Issue, controls: Sequence[Control]) -> Card:
    """Return a withdrawn issue: the reason stands in place of its papers."""
    label = SEPARATOR.join([str(issue.week), series_name(locale, issue.series)])
    page = page_addresses.week(issue.series, issue.week)
    return Card(
        title=issue_title(locale, issue),
        blocks=(note(label), *retraction_blocks(locale, issue.retraction)),
        controls=(*controls, *page_links(locale, page)),
    )


def _report_button(locale: Locale, issue: Issue) -> tuple[Button, ...]:
    """Return the button by which a mistake in a list is reported; none where nothing is listed."""
    if not issue.entries:
        return ()
    action = Action("report", f"{issue.week} {issue.series}")
    return (Button(locale.translate("Report a mistake"), action),)


def _paper_count(locale: Locale, issue: Issue) -> str:
    """Return the number of papers; where only those with some tags are shown, of how many."""
    number = len(issue.entries)
    if not issue.filtered_from:
        return locale.translate_plural("{number} paper", "{number} papers", number)
    return locale.translate_plural(
        "{number} of {total} papers: {tags}",
        "{number} of {total} papers: {tags}",
        number,
        total=locale.format_number(issue.filtered_from),
        tags=" ".join(f"#{tag}" for tag in issue.filter_tags),
    )


def _notification(locale: Locale, issue: Issue) -> str:
    """Return the names of the first papers and how many more there are, in one language."""
    locale = replace(locale, language_choice=locale.languages[0])
    standing = [entry.paper for entry in issue.entries if not entry.paper.retraction]
    names = [_short_name(locale, paper) for paper in standing]
    shown = ", ".join(names[:_MAX_NAMES])
    if len(names) <= _MAX_NAMES:
        return shown
    more = len(names) - _MAX_NAMES
    return locale.translate_plural(
        "{names} and {number} more", "{names} and {number} more", more, names=shown
    )


def _short_name(locale: Locale, paper: Paper) -> str:
    """Return what a paper is called in short: its nickname, or its title up to a colon."""
    title = locale.first_text(paper.titles) or paper.key
    return truncate(paper.nickname or title.partition(": ")[0], _MAX_NAME)


def _substitute_note(locale: Locale, papers: Sequence[Paper]) -> list[Block]:
    """Return the label of papers that are all in another language than the reader's."""
    shown = [text for paper in papers for text in locale.localized_texts(paper.titles)]
    if not shown or not all(text.is_substitute for text in shown):
        return []
    return [note(substitute_label(locale, shown[0]))]


def _overview(
    locale: Locale, issue: Issue, posts: Mapping[int, str], talk: Mapping[int, str]
) -> Iterator[Bullets]:
    """Yield the papers as lists with the numbers that they have in the issue."""
    for _, run in groupby(enumerate(issue.entries), key=lambda each: each[1].position - each[0]):
        entries = [entry for _, entry in run]
        yield Bullets(
            tuple(
                _line(
                    locale, each.paper, posts.get(each.position, ""), talk.get(each.paper.id, "")
                )
                for each in entries
            ),
            first=entries[0].position,
        )


def _line(locale: Locale, paper: Paper, post: str, talk: str) -> tuple[Run, ...]:
    title = locale.first_text(paper.titles) or paper.key
    runs = [Run(title, Style.STRONG, post or paper_url(paper))]
    runs += [Run("\n" + title, Style.SMALL) for title in other_titles(locale, paper)]
    if paper.retraction:
        return (*runs, *retraction_runs(locale, paper))
    gist, tags = first_sentence(locale.first_text(paper.summaries), _MAX_GIST), tag_line(paper)
    if gist:
        runs.append(Run("\n" + gist))
    if tags:
        runs.append(Run("\n" + tags, Style.SMALL))
    if talk:
        runs.append(Run("\n" + talk, Style.SMALL))
    return tuple(runs)
