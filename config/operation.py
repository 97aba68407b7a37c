"""Settings of the log, and of the endpoint that tells how the bot is."""

from typing import Any, Literal

from pydantic import Field, field_validator

from config.section import Section


class LogSettings(Section):
    """The log."""

    level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    """The least severe events that are logged."""
    format: Literal["auto", "text", "json"] = "auto"
    """`auto`: sentences at a terminal, JSON elsewhere."""

    @field_validator("*", mode="before")
    @classmethod
    def _ignores_case(cls, value: Any) -> Any:
        return value.casefold() if isinstance(value, str) else value


class MonitoringSettings(Section):
    """The endpoint with `/healthz`, `/readyz` and `/metrics`."""

    enabled: bool = False
    """Whether `paperboy run` serves it."""
    host: str = "127.0.0.1"
    """The address that is listened on; it needs no password, so let no stranger reach it."""
    port: int = Field(default=9464, ge=0, le=65535)
    """The port; 0 for any free one."""
