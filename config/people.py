"""Settings of how long what is people's own is kept."""

from pydantic import Field

from config.section import Section


class PeopleSettings(Section):
    """How long saved papers, follows and reminders are kept, and copies of the database."""

    retention_days: int = Field(default=730, ge=0, le=36500)
    """After so many days in which a person used nothing of it, it is deleted; 0 for never."""
    copy_days: int = Field(default=30, ge=0, le=36500)
    """After so many days the copies are deleted that upgrades and restores left beside the
    database; 0 for never."""
