"""Edits of messages that were posted: what is to be edited, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.deliveries import DuePart


@dataclass(frozen=True, slots=True)
class DueEdit:
    """A posted message that is to show what the archive has now."""

    due_part: DuePart
    requested_at: datetime
    """UTC: when what it shows changed last; the archive has to be read after that."""
    attempts: int = 0
    """How often it was claimed."""
    first_tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FinishedEdit:
    """An edit that needs no further request, with what the ledger keeps of it."""

    edit: DueEdit
    content: str = ""
    """What the message shows now, as `OutgoingMessage.content`; empty where it stayed."""
    edited_at: datetime | None = None
    """UTC: when the text of the message was edited; None where it was not."""
    messages: int = 0
    """How many messages the whole card takes now; those that are not there yet follow."""
    is_deleted: bool = False
    """Whether the message turned out to be deleted; it is never edited again."""


@dataclass(frozen=True, slots=True)
class EditBatch:
    """Which due edits are wanted: of a platform, and of one workspace where that is given."""

    platform: str
    limit: int
    workspace: str | None = None
    """None for those of every workspace."""
