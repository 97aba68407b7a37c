"""Reports of mistakes, as the core asks storage for them."""

from datetime import datetime
from typing import Protocol

from bot.model.channels import Target
from bot.model.curation import Attribution, CurationRequest
from bot.model.reports import CuratorChannel, NewReport, Report, ReportLimit, ReportPage


class ReportLimitReached(Exception):
    """The person has made as many reports as is allowed for now; nothing was stored."""


class ReportStore(Protocol):
    """Storage of reports. Every method may raise StorageUnavailable."""

    async def submit_report(self, new: NewReport, limit: ReportLimit | None) -> Report:
        """Store a report, and let the curators of its community be shown it.

        Raises ReportLimitReached.
        """
        ...

    async def report(self, number: int) -> Report | None:
        """Return a report."""
        ...

    async def open_reports(self, place: Target | None, limit: int, offset: int) -> ReportPage:
        """Return the open reports of a platform and workspace, or of all, oldest first."""
        ...

    async def accept_report(
        self, number: int, request: CurationRequest | None, by: Attribution
    ) -> Report:
        """Make the edit that a report asks for, and close the report, both or neither.

        Without a request nothing is edited. Raises CurationRefused where the report was decided
        before, also at the same moment, and where the edit cannot be made.
        """
        ...

    async def dismiss_report(self, number: int, by: Attribution) -> Report:
        """Close a report for the reason that is attributed. Raises CurationRefused as above."""
        ...

    async def choose_curator_channel(self, channel: CuratorChannel) -> None:
        """Let the reports of a channel's community be shown there, also those still open."""
        ...

    async def curator_channel(self, place: Target) -> CuratorChannel | None:
        """Return where the reports of a community are shown; None for nowhere."""
        ...

    async def untold_reports(self, platform: str, now: datetime, limit: int) -> tuple[Report, ...]:
        """Return decided reports whose members are to be told by now."""
        ...

    async def record_told(self, number: int, retry_at: datetime | None) -> None:
        """Record that a member was told, or is to be told then."""
        ...
