"""What the sections of the settings have in common."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

DAY_SECONDS = 24 * 60 * 60

Seconds = Annotated[float, Field(gt=0, le=DAY_SECONDS)]
"""A time of more than nothing and at most a day."""
Interval = Annotated[float, Field(ge=0, le=DAY_SECONDS)]
"""The same, or none."""


class Section(BaseModel):
    """A section: no unknown settings, and numbers that are finite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def require_place(name: str) -> str:
    """Return the name of a channel or a whole workspace; raise ValueError for what is none."""
    if not re.fullmatch(r"\w+:[^/\s]+(/[^/\s]+)?", name):
        raise ValueError(
            f"{name!r} is no place; write it like discord:SERVER or slack:TEAM/CHANNEL"
        )
    return name
