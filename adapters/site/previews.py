"""Says what the picture of a page shows on other sites (pure)."""

from adapters.site.page import Page
from bot.cards.blocks import appearance_label
from bot.cards.issues import issue_title
from bot.cards.locale import Locale
from bot.cards.retractions import retraction_heading
from bot.cards.series import series_name
from bot.model.papers import Issue, Paper
from bot.model.picture import PreviewImage

_MAX_TITLES = 3


def preview_of(page: Page, locale: Locale) -> PreviewImage:
    """Return what the picture of a page shows: of an issue, or else of its first paper.

    A picture has no room to say that a machine wrote a text, and shows none.
    """
    if page.issue:
        return _issue(page.issue.without_machine_texts(), locale)
    return _paper(page.papers[0].without_machine_texts(), locale)


def _paper(paper: Paper, locale: Locale) -> PreviewImage:
    title = locale.first_text(paper.titles) or paper.key
    newest = next(iter(paper.appearances), None)
    kicker = ""
    if newest:
        kicker = f"{series_name(locale, newest.series)} · {appearance_label(locale, newest)}"
    others = [text for text in paper.titles.values() if text and text != title]
    if paper.retraction:
        return PreviewImage(kicker, title, retraction_heading(locale, paper.retraction), ())
    tags = tuple(f"#{tag}" for tag in paper.all_tags)
    return PreviewImage(kicker, title, next(iter(others), ""), tags)


def _issue(issue: Issue, locale: Locale) -> PreviewImage:
    papers = [entry.paper for entry in issue.entries]
    titles = [
        paper.nickname or locale.first_text(paper.titles) or paper.key
        for paper in papers[:_MAX_TITLES]
    ]
    count = locale.translate_plural("{number} paper", "{number} papers", len(papers))
    kicker = f"{series_name(locale, issue.series)} · {issue.week}"
    if issue.retraction:
        said = retraction_heading(locale, issue.retraction)
        return PreviewImage(kicker, issue_title(locale, issue), said, ())
    return PreviewImage(kicker, issue_title(locale, issue), " · ".join(titles), (count,))
