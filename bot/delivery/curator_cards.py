"""Composes what curators are shown in their channel, as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.cards.conflicts import conflict_card
from bot.cards.locale import Catalogues, Locale
from bot.cards.reports import outcome_card, report_card
from bot.cards.reviews import reminder_card, review_card
from bot.digests.deliveries import load_issue
from bot.model.card import Card
from bot.model.deliveries import DuePart, Purpose
from bot.model.reports import Report
from bot.model.review_rules import ReviewRules
from bot.model.reviews import Review
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.conflicts import ConflictStore
from bot.ports.reports import ReportStore
from bot.ports.reviews import ReviewStore


@dataclass(frozen=True, slots=True)
class CuratorCards:
    """Composes reports and what became of them, weeks that wait for approval, and conflicts."""

    archive: Archive
    reports: ReportStore
    reviews: ReviewStore
    conflicts: ConflictStore
    catalogues: Catalogues
    public_url: str = ""
    zone: str = "UTC"
    """The time zone in which curators are told times."""
    rules: ReviewRules = field(default_factory=ReviewRules)

    async def card(self, due_part: DuePart) -> Card | None:
        """Return what a message in a curators' channel shows; None where it is gone."""
        purpose, number = due_part.delivery.purpose, due_part.delivery.paper
        chosen = await self.reports.curator_channel(due_part.subscription.target)
        language = chosen.language if chosen else due_part.subscription.language
        locale = Locale(self.catalogues, language, self.public_url)
        if purpose is Purpose.REPORT:
            report = await self.reports.report(number)
            papers = await self.archive.papers([report.new.paper]) if report else ()
            return report_card(locale, report, papers[0] if papers else None) if report else None
        if purpose is Purpose.CONFLICT:
            conflict = await self.conflicts.conflict(number)
            if conflict is None:
                return None
            papers = await self.archive.papers([conflict.paper])
            return conflict_card(locale, conflict, papers[0] if papers else None)
        review = await self.reviews.review(number)
        if review is None:
            return None
        if purpose is Purpose.REVIEW_REMINDER:
            return reminder_card(locale, review, self.rules, self.zone)
        issue = await load_issue(self.archive, review.series, review.week)
        return review_card(locale, review, issue, self.rules, self.zone)

    async def outcome_card(self, report: Report) -> Card:
        """Return what a member is told of a report."""
        papers = await self.archive.papers([report.new.paper])
        locale = Locale(self.catalogues, report.new.language, self.public_url)
        return outcome_card(locale, report, papers[0] if papers else None)

    async def reviews_of(self, series: str, week: Week) -> Sequence[Review]:
        """Return the reviews of a week of a series that is reviewed."""
        if series not in self.rules.series:
            return ()
        return await self.reviews.reviews_of(series, week)
