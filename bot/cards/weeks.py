"""Cards that answer /week: a week with ways to its neighbours, a month, or what is missing."""

from collections.abc import Sequence

from bot.cards.blocks import SEPARATOR, quote_query
from bot.cards.issues import WeekTalk, issue_card, issue_label
from bot.cards.locale import Locale
from bot.cards.retractions import retraction_heading
from bot.cards.series import series_name
from bot.model.card import Action, Bullets, Button, Card, Control, Paragraph, Run, Style
from bot.model.papers import Issue, Retraction
from bot.model.weeks import Month, Week
from bot.ports.archive import IssueResult


def week_card(
    locale: Locale, found: IssueResult, issue: Issue, talk: WeekTalk | None = None
) -> Card:
    """Return an issue with buttons to the previous and the next one and to other series."""
    controls = [*_neighbours(locale, found)]
    controls += [
        Button(series_name(locale, series), Action("week", f"{issue.week} {series}"))
        for series in found.other_series
    ]
    return issue_card(locale, issue, controls, talk=talk)


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


def week_button(label: str, week: Week, series: str) -> Button:
    """Return a button that shows a week."""
    return Button(label, Action("week", f"{week} {series}"))


def _month_line(locale: Locale, issue: Issue) -> tuple[Run, ...]:
    if issue.retraction:
        return _withdrawn_month_line(locale, issue, issue.retraction)
    papers = [entry.paper for entry in issue.entries]
    names = "; ".join(
        paper.nickname or locale.first_text(paper.titles) or paper.key for paper in papers
    )
    return (
        Run(locale.format_date_range(issue.start, issue.end), Style.STRONG),
        Run(f"\n{issue_label(locale, issue)}", Style.SMALL),
        Run(f"\n{names}"),
    )


def _withdrawn_month_line(locale: Locale, issue: Issue, retraction: Retraction) -> tuple[Run, ...]:
    label = SEPARATOR.join([str(issue.week), series_name(locale, issue.series)])
    return (
        Run(locale.format_date_range(issue.start, issue.end), Style.STRONG),
        Run(f"\n{label}", Style.SMALL),
        Run(f"\n{retraction_heading(locale, retraction)}"),
    )


def _neighbours(locale: Locale, found: IssueResult) -> tuple[Control, ...]:
    ways: list[Control] = []
    if found.before:
        label = locale.translate("← {week}", week=found.before.week)
        ways.append(week_button(label, found.before.week, found.before.series))
    if found.after:
        label = locale.translate("{week} →", week=found.after.week)
        ways.append(week_button(label, found.after.week, found.after.series))
    return tuple(ways)
