"""How much a community reads, asks and discusses: numbers alone, nothing about persons."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.weeks import Month

SITE = "site"
"""Stands for the platform where pages on the web are read."""
PAGE = "page"
"""What is counted there."""


@dataclass(frozen=True, slots=True, order=True)
class UsageKey:
    """What is counted together."""

    month: Month
    platform: str
    workspace: str
    """The server or team; empty for direct messages and for pages."""
    name: str
    """The command or action that was asked, or `PAGE`."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The counts of one community."""

    asked: Mapping[tuple[Month, str], int] = field(default_factory=dict)
    """By month and command or action."""
    pages: Mapping[Month, int] = field(default_factory=dict)
    """Pages that were read on the web, by all communities."""
    digests: Mapping[Month, int] = field(default_factory=dict)
    """Weeks that were posted to channels."""
    discussions: Mapping[Month, int] = field(default_factory=dict)
    """Discussions of papers that were opened."""
    replies: int = 0
    """What people wrote in them, as it was counted last."""
