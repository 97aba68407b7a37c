"""Settings of the web pages."""

import re

from pydantic import Field, field_validator

from config.section import Section


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
