"""Cards and forms of weeks that wait for a curator before they are posted."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.cards.blocks import note
from bot.cards.corrections import removed_week_card
from bot.cards.issues import issue_card
from bot.cards.locale import Locale
from bot.cards.series import series_name
from bot.model.card import (
    Action,
    Block,
    Button,
    Card,
    Choice,
    Control,
    Divider,
    Paragraph,
    Run,
    Style,
)
from bot.model.papers import Issue
from bot.model.review_rules import ReviewFallback, ReviewRules
from bot.model.reviews import Review, ReviewOutcome, ReviewState


def review_card(
    locale: Locale, review: Review, issue: Issue | None, rules: ReviewRules, zone: str
) -> Card:
    """Return a week as members will see it, and what curators can decide about it."""
    shown = issue_card(locale, issue) if issue else removed_week_card(locale)
    blocks: list[Block] = [note(line) for line in _state_lines(locale, review, rules, zone)]
    if review.state is ReviewState.PENDING:
        blocks.append(note(locale.translate("This is what members will see:")))
    title = Run(shown.title, Style.STRONG, issue.source_url if issue else "")
    blocks += [Divider(), Paragraph((title,)), *shown.blocks]
    selectors = tuple(each for each in shown.controls if isinstance(each, Choice))
    return Card(
        _title(locale, review),
        blocks=tuple(blocks),
        controls=(*selectors, *_controls(locale, review, can_edit=bool(issue and issue.entries))),
    )


def reminder_card(locale: Locale, review: Review, rules: ReviewRules, zone: str) -> Card:
    """Return that a week still waits, or what was decided about it since."""
    blocks = tuple(note(line) for line in _state_lines(locale, review, rules, zone))
    return Card(
        _title(locale, review),
        blocks=blocks,
        controls=_controls(locale, review, can_edit=False, can_show=True),
    )


def review_list_card(locale: Locale, reviews: Sequence[Review]) -> Card:
    """Return the weeks that wait in a community."""
    if not reviews:
        return Card(locale.translate("No week waits for approval"))
    return Card(
        locale.translate("Weeks that wait for approval"),
        blocks=tuple(Paragraph((Run(_title(locale, each)),)) for each in reviews),
        controls=tuple(
            Button(
                locale.translate("Show {week}", week=each.week),
                Action("show_review", str(each.id)),
            )
            for each in reviews
        ),
    )


def reviewed_card(locale: Locale, outcome: ReviewOutcome) -> Card:
    """Return to a curator what was decided."""
    review = outcome.review
    if review.state is ReviewState.APPROVED:
        said = [locale.translate("It is posted in each channel at its time.")]
    else:
        said = [locale.translate("It is posted nowhere until it is approved.")]
        if outcome.posted:
            said.append(
                locale.translate_plural(
                    "In {number} channel it was posted before; there it stays.",
                    "In {number} channels it was posted before; there it stays.",
                    outcome.posted,
                )
            )
    return Card(_title(locale, review), blocks=(Paragraph((Run(" ".join(said)),)),))


def stale_review_card(locale: Locale, review: Review) -> Card:
    """Return that another curator has decided meanwhile."""
    said = _decision(locale, review)
    return Card(locale.translate("Nothing was changed"), blocks=(Paragraph((Run(said),)),))


def review_waits_card(locale: Locale, issue: Issue) -> Card:
    """Return that a week cannot be posted now, as it waits for a curator."""
    said = locale.translate(
        "{week} of {series} waits for the approval of a curator.",
        week=issue.week, series=series_name(locale, issue.series),
    )  # fmt: skip
    return Card(locale.translate("Nothing was posted"), blocks=(Paragraph((Run(said),)),))


def with_review_note(locale: Locale, card: Card) -> Card:
    """Return an overview that says that no curator has reviewed it."""
    said = locale.translate("The curators have not reviewed this week yet.")
    return replace(card, blocks=(note(said), *card.blocks))


def _title(locale: Locale, review: Review) -> str:
    names = {"week": str(review.week), "series": series_name(locale, review.series)}
    match review.state:
        case ReviewState.PENDING:
            return locale.translate("{week} of {series} waits for approval", **names)
        case ReviewState.APPROVED:
            return locale.translate("{week} of {series} is approved", **names)
        case ReviewState.HELD:
            return locale.translate("{week} of {series} is held", **names)


def _state_lines(locale: Locale, review: Review, rules: ReviewRules, zone: str) -> list[str]:
    """Return what was decided, or what happens where no one decides."""
    if review.state is ReviewState.APPROVED:
        return [_decision(locale, review)]
    if review.state is ReviewState.HELD:
        waits = locale.translate("It is posted nowhere until it is approved.")
        return [_decision(locale, review), waits]
    moment = (
        locale.format_datetime(review.due_at.astimezone(ZoneInfo(zone))) if review.due_at else ""
    )
    if not moment:
        return [locale.translate("No digest of it is due yet.")]
    if rules.fallback is ReviewFallback.POST:
        said = locale.translate(
            "The first digest is due on {moment} ({zone}). If nobody decides by then, it is "
            "posted all the same, and says that it was not reviewed.",
            moment=moment, zone=zone,
        )  # fmt: skip
    else:
        said = locale.translate(
            "The first digest is due on {moment} ({zone}). If nobody decides by then, it waits.",
            moment=moment, zone=zone,
        )  # fmt: skip
    return [said]


def _decision(locale: Locale, review: Review) -> str:
    day = locale.format_date(review.decided_at.date()) if review.decided_at else ""
    facts = {"day": day, "person": review.decided_by}
    if review.state is ReviewState.APPROVED:
        return locale.translate("Approved on {day} by {person}.", **facts)
    if review.reason:
        return locale.translate(
            "Held on {day} by {person}: {reason}", **facts, reason=review.reason
        )
    return locale.translate("Held on {day} by {person}.", **facts)


def _controls(
    locale: Locale, review: Review, *, can_edit: bool, can_show: bool = False
) -> tuple[Control, ...]:
    number = str(review.id)
    seen = f"{number} {review.state.value}"
    found: list[Control] = []
    if review.state is not ReviewState.APPROVED:
        found.append(Button(locale.translate("Approve"), Action("approve_review", seen)))
    if can_edit:
        found.append(
            Button(
                locale.translate("Edit a text"), Action("curate", f"{review.week} {review.series}")
            )
        )
    if review.state is not ReviewState.HELD:
        found.append(Button(locale.translate("Hold"), Action("hold_review", seen)))
    if can_show:
        found.append(Button(locale.translate("Show the week"), Action("show_review", number)))
    return tuple(found)
