"""Settings of the web pages."""

import re

from pydantic import Field, SecretStr, field_validator

from config.section import Section, require_place

_LEAST_TOKEN = 16


class SiteSettings(Section):
    """The archive as web pages."""

    enabled: bool = False
    """Whether `paperboy run` serves the pages."""
    host: str = "127.0.0.1"
    """The address that is listened on; put a proxy with TLS before it."""
    port: int = Field(default=8080, ge=0, le=65535)
    """The port; 0 for any free one."""
    public_url: str = ""
    """How the internet reaches the pages, such as `https://papers.example.org`."""
    per_minute: int = Field(default=300, ge=1, le=1_000_000)
    """The most pages that one address may ask for in a minute."""

    public_channels: tuple[str, ...] = ()
    """The channels that anyone may read, whose discussions the pages of papers link to:
    `discord:SERVER` for all channels of a server or workspace, `slack:TEAM/CHANNEL` for one."""

    admin_token: SecretStr = SecretStr("")
    """What opens the admin's page from elsewhere than this machine; empty: nothing does."""

    @field_validator("public_channels")
    @classmethod
    def _are_places(cls, places: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(require_place, places))

    @field_validator("admin_token")
    @classmethod
    def _is_long(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < _LEAST_TOKEN:
            raise ValueError(
                f"the token needs {_LEAST_TOKEN} characters; try: openssl rand -hex 24"
            )
        return token

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^/\s?#]+(?:/[^\s?#]*)?", url):
            raise ValueError("the address has to begin with https:// and has no ? or #")
        return url.rstrip("/") + "/" if url else ""

    @property
    def base_url(self) -> str:
        """Return the address of the pages, with a slash at its end."""
        return self.public_url or f"http://{self.host}:{self.port}/"
