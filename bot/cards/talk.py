"""Says how much papers are talked about: a line under a paper, and the list of the liveliest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum

from bot.cards.blocks import SEPARATOR, heading, note, paper_url
from bot.cards.locale import Locale
from bot.cards.papers import paper_selector
from bot.cards.retractions import retraction_runs
from bot.cards.votes import favourite_line
from bot.model.card import (
    Action,
    Block,
    Bullets,
    Button,
    Card,
    Control,
    Divider,
    IdKind,
    Paragraph,
    Run,
    Style,
)
from bot.model.channels import Target
from bot.model.discussions import PaperTalk, Recap, RecapItem, ThreadCounts
from bot.model.papers import Paper

MOST_SHOWN = 10
"""Papers in the list of the liveliest."""


class Period(Enum):
    """From when on replies count for the list of the liveliest."""

    WEEK = "week"
    MONTH = "month"
    ALL = "all"


def counts_line(locale: Locale, counts: ThreadCounts, now: datetime | None = None) -> str:
    """Return `12 replies, 5 people`, and with `now` also `last 2 hours ago`."""
    return " / ".join(
        dict.fromkeys(_counts_line(each, counts, now) for each in locale.by_language())
    )


def with_talk(locale: Locale, card: Card, talk: PaperTalk | None, now: datetime) -> Card:
    """Return the card of a paper with the numbers of its threads, where it has replies."""
    if talk is None:
        return card
    lines = dict.fromkeys(
        each.translate("Discussion: {counts}", counts=_counts_line(each, talk.counts, now))
        for each in locale.by_language()
    )
    return replace(card, blocks=(*card.blocks, *map(note, lines)))


def liveliest_card(
    locale: Locale,
    period: Period,
    talks: Sequence[tuple[Paper, PaperTalk]],
    here: Target,
    now: datetime,
) -> Card:
    """Return the papers that are talked about most in a community, with ways to their threads."""
    controls = _periods(locale, period)
    if not talks:
        hint = locale.translate("Press Discuss under a paper to begin: /paper finds one.")
        return Card(
            _title(locale, period, is_empty=True), "", (Paragraph((Run(hint),)),), controls
        )
    items = tuple(_item(locale, paper, talk, here, now) for paper, talk in talks)
    return Card(
        _title(locale, period, is_empty=False),
        blocks=(Bullets(items, first=1),),
        controls=(paper_selector(locale, [paper for paper, _ in talks]), *controls),
    )


def with_recap(locale: Locale, card: Card, recap: Recap, papers: Sequence[Paper]) -> Card:
    """Return the overview of a digest with last week's discussions at its head.

    `papers` are those that the recap names; one that is gone is left out.
    """
    known = {paper.id: paper for paper in papers}
    items = tuple(
        _recap_item(locale, known[item.paper], item) for item in recap.items if item.paper in known
    )
    if not items:
        return card
    blocks: list[Block] = [heading(locale.translate("Discussed last week")), Bullets(items)]
    if recap.favourite in known:
        blocks.append(note(favourite_line(
            locale, [known[recap.favourite]], {recap.favourite: recap.votes}
        )))  # fmt: skip
    single = replace(locale, language_choice=locale.languages[0])
    notification = single.translate(
        "{names}, after last week's discussions", names=card.notification
    )
    return replace(
        card,
        blocks=(*blocks, Divider(), *card.blocks),
        notification=notification if card.notification else "",
    )


def _recap_item(locale: Locale, paper: Paper, item: RecapItem) -> tuple[Run, ...]:
    title = locale.first_text(paper.titles) or paper.key
    counts = counts_line(locale, ThreadCounts(item.replies, item.people))
    return (
        Run(title, Style.STRONG, item.url or paper_url(paper)),
        Run("\n" + counts, Style.SMALL),
        *retraction_runs(locale, paper),
    )


def unknown_period_card(locale: Locale, asked: str) -> Card:
    """Return which periods there are."""
    hint = locale.translate("Write /discussions week, /discussions month or /discussions all.")
    title = locale.translate("“{asked}” is not a period", asked=asked)
    return Card(title, "", (Paragraph((Run(hint),)),), _periods(locale, None))


def _counts_line(locale: Locale, counts: ThreadCounts, now: datetime | None) -> str:
    parts = [
        locale.translate_plural("{number} reply", "{number} replies", counts.replies),
        locale.translate_plural("{number} person", "{number} people", counts.people),
    ]
    if now is not None and counts.last_reply_at is not None:
        ago = locale.format_ago(now - counts.last_reply_at)
        parts.append(locale.translate("last {ago}", ago=ago))
    return ", ".join(parts)


def _title(locale: Locale, period: Period, *, is_empty: bool) -> str:
    match period:
        case Period.WEEK if is_empty:
            return locale.translate("No paper was discussed here in the last 7 days")
        case Period.MONTH if is_empty:
            return locale.translate("No paper was discussed here in the last 30 days")
        case Period.ALL if is_empty:
            return locale.translate("No paper was discussed here yet")
        case Period.WEEK:
            return locale.translate("The liveliest discussions of the last 7 days")
        case Period.MONTH:
            return locale.translate("The liveliest discussions of the last 30 days")
        case Period.ALL:
            return locale.translate("The liveliest discussions so far")


def _item(
    locale: Locale, paper: Paper, talk: PaperTalk, here: Target, now: datetime
) -> tuple[Run, ...]:
    threads = sorted(talk.threads, key=lambda each: each.thread.target != here)
    url = threads[0].thread.url if threads else ""
    title = Run(
        locale.first_text(paper.titles) or paper.key, Style.STRONG, url or paper_url(paper)
    )
    runs = [
        title,
        *retraction_runs(locale, paper),
        Run("\n" + counts_line(locale, talk.counts, now), Style.SMALL),
    ]
    elsewhere = [
        each.thread
        for each in threads
        if each.thread.target != here
        and (each.thread.target.platform, each.thread.target.workspace)
        == (here.platform, here.workspace)
    ]
    for thread in elsewhere:
        runs.append(Run(SEPARATOR, Style.SMALL))
        runs.append(Run(thread.target.channel, Style.SMALL, thread.url, IdKind.CHANNEL))
    return tuple(runs)


def _periods(locale: Locale, shown: Period | None) -> tuple[Control, ...]:
    """Return buttons to the other periods."""
    labels = {
        Period.WEEK: locale.translate("7 days"),
        Period.MONTH: locale.translate("30 days"),
        Period.ALL: locale.translate("All time"),
    }
    return tuple(
        Button(label, Action("discussions", period.value))
        for period, label in labels.items()
        if period is not shown
    )
