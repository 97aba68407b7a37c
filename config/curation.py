"""Settings of who corrects texts."""

import re
from typing import Literal

from pydantic import Field, field_validator

from config.section import Section


class CurationSettings(Section):
    """Who corrects texts, and how many mistakes a person may report."""

    curators: tuple[str, ...] = ()
    """Curators, such as `discord:123456789012345678`, beside roles of the platforms."""
    banned: tuple[str, ...] = ()
    """People whose reports are refused, written in the same way."""
    reports_per_hour: int = Field(default=5, ge=1, le=1000)
    """How many reports a person may make within an hour."""
    review: dict[str, Literal["required", "off"]] = Field(default_factory=dict)
    """Whether the new weeks of a series wait for a curator before they are posted; "off" if not
    named."""
    review_fallback: Literal["post", "hold"] = "post"
    """What becomes of a week about which no curator decides in time."""
    review_notice_hours: float = Field(default=4, ge=0, le=168)
    """How long curators have at least, where a week comes just before its slot or after it."""
    review_reminder_hours: float = Field(default=2, ge=0, le=168)
    """How long before the first slot that would miss a week curators are reminded of it."""

    @field_validator("curators", "banned")
    @classmethod
    def _are_people(cls, people: tuple[str, ...]) -> tuple[str, ...]:
        for name in people:
            if not re.fullmatch(r"\w+:[^/\s:]+", name):
                raise ValueError(f"{name!r} is no person; write it like discord:ID or slack:ID")
        return people
