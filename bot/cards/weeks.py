"""Cards about a week: the answer to /week, and the messages of a digest."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.blocks import (
    first_sentence,
    localized_blocks,
    note,
    paper_url,
    quote_query,
    tag_line,
)
from bot.cards.locale import Locale
from bot.cards.papers import other_titles, paper_card, paper_selector
from bot.cards.week_statistics import introduction
from bot.lib.normalise import letters
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
from bot.model.papers import SAMPLE_SERIES, Issue, Paper
from bot.model.weeks import Month, Week
from bot.ports.archive import IssueResult

_MAX_GIST = 160
"""The maximal number of characters of a summary's first sentence in an overview."""

SERIES_NAMES = {"dair": "DAIR.AI", "pytorch-kr": "PyTorch Korea"}
"""The proper names of the known series."""


def issue_card(locale: Locale, issue: Issue, controls: Sequence[Control] = ()) -> Card:
    """Return an issue: its introduction and all its papers."""
    blocks: list[Block] = [note(_label(locale, issue))]
    blocks += _introduction(locale, issue)
    if issue.machine_made:
        blocks.append(
            note(locale.translate("A machine summarised these papers; check what matters to you."))
        )
    papers = [entry.paper for entry in issue.entries]
    if papers:
        blocks += [Divider(), _overview(locale, issue)]
        controls = (paper_selector(locale, papers), *controls)
    else:
        blocks.append(Paragraph((Run(locale.translate("This week has no papers.")),)))
    source = (
        (LinkButton(locale.translate("Source"), issue.source_url),) if issue.source_url else ()
    )
    return Card(
        title=issue_title(locale, issue),
        url=issue.source_url,
        blocks=tuple(blocks),
        controls=(*controls, *source),
    )


def week_card(locale: Locale, found: IssueResult, issue: Issue) -> Card:
    """Return an issue with buttons to the previous and the next one and to other series."""
    controls = [*_neighbours(locale, found)]
    controls += [
        Button(series_name(locale, series), Action("week", f"{issue.week} {series}"))
        for series in found.other_series
    ]
    return issue_card(locale, issue, controls)


def month_card(locale: Locale, month: Month, issues: Sequence[Issue]) -> Card:
    """Return the weeks of a month with the names of their papers, and ways to each week."""
    name = locale.translate("ML papers of the month")
    return Card(
        title=f"{name}: {locale.format_month(month)}",
        blocks=(Bullets(tuple(_month_line(locale, issue) for issue in issues)),),
        controls=tuple(week_button(str(issue.week), issue.week, issue.series) for issue in issues),
    )


def missing_series_card(locale: Locale, asked: str, known: Sequence[str]) -> Card:
    """Say that there is no such series, and which ones there are."""
    items = tuple(
        (Run(each, Style.STRONG), Run(f" {series_name(locale, each)}")) for each in known
    )
    return Card(
        locale.translate("There is no series “{asked}”", asked=quote_query(asked)),
        blocks=(
            Paragraph((Run(locale.translate("The archive has these series:")),)),
            Bullets(items),
        ),
    )


def missing_week_card(locale: Locale, asked: str, found: IssueResult) -> Card:
    """Return that there is no such week, with the nearest ones."""
    near = [issue for issue in (found.before, found.after) if issue]
    if not near:
        return empty_archive_card(locale)
    items = tuple(
        (
            Run(str(issue.week), Style.STRONG),
            Run(" " + locale.format_date_range(issue.start, issue.end)),
        )
        for issue in near
    )
    return Card(
        title=locale.translate("There is no week for “{asked}”", asked=quote_query(asked)),
        blocks=(Paragraph((Run(locale.translate("The nearest ones are:")),)), Bullets(items)),
        controls=_neighbours(locale, found),
    )


def empty_archive_card(locale: Locale) -> Card:
    """Return that the archive is empty."""
    sentence = locale.translate("The archive is empty; an operator can fill it: paperboy sync.")
    return Card(locale.translate("There are no weeks yet"), blocks=(Paragraph((Run(sentence),)),))


def invalid_week_card(locale: Locale, asked: str) -> Card:
    """Return how a week is written."""
    examples = locale.translate("2023-10-09, Oct 9, 2023-W41, October 2023, last week, latest, -1")
    return Card(
        locale.translate("“{asked}” is not a week", asked=quote_query(asked)),
        blocks=(Paragraph((Run(locale.translate("Write it like one of these: ") + examples),)),),
    )


def entry_card(locale: Locale, position: int, paper: Paper) -> Card:
    """Return one paper of a digest, with its number, as a message of its own."""
    card = paper_card(locale, paper)
    return replace(card, title=f"{position}. {card.title}")


def issue_title(locale: Locale, issue: Issue) -> str:
    """Return the title of an issue."""
    name = locale.translate("ML papers of the week")
    return f"{name}: {locale.format_date_range(issue.start, issue.end)}"


def series_name(locale: Locale, series: str) -> str:
    """Return the name of a series."""
    if series == SAMPLE_SERIES:
        return locale.translate("Sample")
    return SERIES_NAMES.get(series, series)


def series_id(name: str, stored: Sequence[str]) -> str | None:
    """Return the stored series with this id or display name, or None."""
    names = {letters(SERIES_NAMES.get(each, each)): each for each in stored}
    return (names | {letters(each): each for each in stored}).get(letters(name))


def week_button(label: str, week: Week, series: str) -> Button:
    """Return a button that shows a week."""
    return Button(label, Action("week", f"{week} {series}"))


def _month_line(locale: Locale, issue: Issue) -> tuple[Run, ...]:
    papers = [entry.paper for entry in issue.entries]
    names = "; ".join(
        paper.nickname or locale.first_text(paper.titles) or paper.key for paper in papers
    )
    return (
        Run(locale.format_date_range(issue.start, issue.end), Style.STRONG),
        Run(f"\n{_label(locale, issue)}", Style.SMALL),
        Run(f"\n{names}"),
    )


def _label(locale: Locale, issue: Issue) -> str:
    papers = locale.translate_plural("{number} paper", "{number} papers", len(issue.entries))
    return " · ".join([str(issue.week), series_name(locale, issue.series), papers])


def _introduction(locale: Locale, issue: Issue) -> tuple[Block, ...]:
    """Return the introduction of the source, or else one from the statistics."""
    if any(issue.intros.values()) or issue.counts is None:
        return localized_blocks(locale, issue.intros)
    counted = localized_blocks(locale, introduction(locale.catalogues, issue.counts))
    said = locale.translate("Counted from the archive by Paperboy; nobody wrote it.")
    return (*counted, note(said)) if counted else ()


def _overview(locale: Locale, issue: Issue) -> Bullets:
    return Bullets(
        tuple(_line(locale, entry.paper) for entry in issue.entries),
        more=locale.translate("… and {count} more", count="{count}"),
        first=1,
    )


def _line(locale: Locale, paper: Paper) -> tuple[Run, ...]:
    runs = [Run(locale.first_text(paper.titles) or paper.key, Style.STRONG, paper_url(paper))]
    runs += [Run("\n" + title, Style.SMALL) for title in other_titles(locale, paper.titles)]
    gist, tags = first_sentence(locale.first_text(paper.summaries), _MAX_GIST), tag_line(paper)
    if gist:
        runs.append(Run("\n" + gist))
    if tags:
        runs.append(Run("\n" + tags, Style.SMALL))
    return tuple(runs)


def _neighbours(locale: Locale, found: IssueResult) -> tuple[Control, ...]:
    ways: list[Control] = []
    if found.before:
        label = locale.translate("← {week}", week=found.before.week)
        ways.append(week_button(label, found.before.week, found.before.series))
    if found.after:
        label = locale.translate("{week} →", week=found.after.week)
        ways.append(week_button(label, found.after.week, found.after.series))
    return tuple(ways)
