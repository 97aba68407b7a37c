"""The settings of webhooks."""

import re
from typing import ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.ports.options import PlatformOptions, ProxyUrl

NAME = "webhook"
"""What the platform is called wherever a channel is named."""


class Options(PlatformOptions):
    """Every setting of the platform; it runs where a channel is named."""

    enabled_by: ClassVar = "channels"

    channels: dict[str, str] = Field(default_factory=dict)
    """The address of each channel, by the channel's name."""
    secret: SecretStr = SecretStr("")
    """What requests are signed with; the receivers know it too."""
    per_second: float = Field(default=10, gt=0, le=1_000_000)
    """The most requests a second, over all channels."""
    per_channel_seconds: float = Field(default=1, ge=0, le=3600)
    """The least time between two messages in one channel."""
    timeout_seconds: float = Field(default=10, gt=0, le=3600)
    """The longest that a request may take, from its beginning to the end of its answer."""

    proxy: ProxyUrl = SecretStr("")
    """The proxy through which all of it goes; empty for none."""

    @model_validator(mode="after")
    def _has_secret(self) -> Self:
        if self.channels and not self.secret.get_secret_value():
            raise ValueError("a secret is needed, so that receivers know who posts")
        return self

    @field_validator("channels")
    @classmethod
    def _are_addresses(cls, channels: dict[str, str]) -> dict[str, str]:
        for name, url in channels.items():
            if not re.match(r"https?://[^/\s]+", url):
                raise ValueError(f"the address of {name!r} has to begin with https://")
        return channels
