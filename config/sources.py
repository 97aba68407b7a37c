"""Settings of sources, of when they are polled, and of the HTTP client."""

import re
from datetime import time
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from config.section import Interval, Section

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WebSettings(Section):
    """Settings of the HTTP client."""

    contact: str = Field(default="", max_length=200)
    """A URL or e-mail address of the operator, for the User-Agent header."""
    proxy: SecretStr = SecretStr("")
    """URL of an HTTP proxy; it may contain a name and a password."""
    private_hosts: frozenset[str] = frozenset()
    """Hosts that may be requested although their IP addresses are not public."""
    redirect_hosts: frozenset[str] = frozenset()
    """Hosts that other hosts may redirect to."""
    interval_seconds: Interval = 1
    """Minimum time between two requests to one host."""
    intervals: dict[str, Interval] = Field(default_factory=lambda: {"export.arxiv.org": 3.0})
    """Intervals that differ from it, in seconds, by host."""

    @field_validator("proxy")
    @classmethod
    def _is_an_address(cls, proxy: SecretStr) -> SecretStr:
        if not re.fullmatch(r"(https?://[^/\s]+/?)?", proxy.get_secret_value()):
            raise ValueError("the address has to begin with http:// or https://")
        return proxy

    @field_validator("contact")
    @classmethod
    def _is_a_line(cls, contact: str) -> str:
        if not contact.isascii() or not contact.isprintable() or set(contact) & set("()"):
            raise ValueError("write an address or a mail, in ASCII and without parentheses")
        return contact


class SourceSettings(Section):
    """A source of new weeks."""

    enabled: bool = True
    kind: Literal["dair", "discourse", "feed", "daily", "folder"]
    series: str = ""
    """The series that its weeks are stored under; empty for the one that they name."""
    language: Literal["ko", "en", ""] = ""
    """The language of a feed's texts."""
    url: str = ""
    path: Path = Path()
    tag: str = ""
    """Of a forum: only topics with this tag."""
    papers: int = Field(default=10, ge=1, le=50)
    """Of daily papers: the most of a week, those with the most votes or else the first."""
    closes: str = "sunday 18:00"
    """Of daily papers: when a week is closed, in UTC."""
    title: str = Field(default="", max_length=200)
    """Of daily papers: the title of each week."""

    @field_validator("closes")
    @classmethod
    def _is_a_moment(cls, moment: str) -> str:
        parse_week_time(moment)
        return moment

    @field_validator("series")
    @classmethod
    def _is_a_name(cls, series: str) -> str:
        if not re.fullmatch(r"[a-z0-9-]*", series):
            raise ValueError("write small letters, digits and hyphens, such as pytorch-kr")
        return series

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not re.fullmatch(r"(https?://[^/\s@]+(/\S*)?)?", url):
            raise ValueError(
                "the address has to begin with https://, without a name or password in it"
            )
        return url

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.kind == "folder" and self.path == Path():
            raise ValueError("a folder needs a path")
        if self.kind != "folder" and not self.url:
            raise ValueError("a url is needed that begins with https://")
        if self.kind == "daily" and not self.series:
            raise ValueError("daily papers need the name of a series, such as hf-daily")
        return self


DAIR_SOURCE = SourceSettings(
    kind="dair",
    series="dair",
    url="https://raw.githubusercontent.com/dair-ai/AI-Papers-of-the-Week/main/README.md",
)
"""The default source."""


def with_default_source(sources: object) -> object:
    """Return the sources of the settings with the default one added.

    The settings override its fields, so that it can be disabled alone.
    """
    if not isinstance(sources, dict):
        return sources
    own = sources.get("dair", {})
    if isinstance(own, dict):
        own = DAIR_SOURCE.model_dump() | own
    return {"dair": own, **{name: each for name, each in sources.items() if name != "dair"}}


class SyncSettings(Section):
    """When sources are polled."""

    enabled: bool = True
    """Whether the running bot polls them."""
    busy_minutes: float = Field(default=20, ge=1, le=24 * 60)
    """The interval in the busy time."""
    busy_from: str = "sunday 18:00"
    """The start of the busy time, in UTC."""
    busy_until: str = "wednesday 00:00"
    otherwise_hours: float = Field(default=6, gt=0, le=24)
    """The interval at other times."""

    @field_validator("busy_from", "busy_until")
    @classmethod
    def _are_moments(cls, moment: str) -> str:
        parse_week_time(moment)
        return moment


def parse_week_time(text: str) -> tuple[int, time]:
    """Parse a time of the week, such as `sunday 18:00`: the day (0 is Monday) and the time.

    Raises ValueError where it is none.
    """
    day, _, at = text.strip().casefold().partition(" ")
    try:
        return _DAYS.index(day), time.fromisoformat(at.strip())
    except ValueError:
        raise ValueError("write a day and a time in UTC, such as: sunday 18:00") from None
