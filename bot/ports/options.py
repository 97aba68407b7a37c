"""What every platform's settings have in common, whatever their names."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, field_validator


def _check_proxy(proxy: SecretStr) -> SecretStr:
    if not re.fullmatch(r"(https?://[^/\s]+/?)?", proxy.get_secret_value()):
        raise ValueError("the address has to begin with http:// or https://")
    return proxy


ProxyUrl = Annotated[SecretStr, AfterValidator(_check_proxy)]
"""The address of an HTTP proxy, with a name and a password perhaps; empty for none."""


class PlatformOptions(BaseModel):
    """The settings of one platform: a section of the settings file, with its defaults.

    A platform's `options.py` derives its `Options` from it. Its folder's name is the section's
    name, and begins the environment variables: `token` of `adapters/discord` is `[discord]
    token` and PAPERBOY_DISCORD_TOKEN. Secrets are fields of the type SecretStr; they are never
    logged. A field is invalid where its validator raises ValueError, whose words are shown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    token_pattern: ClassVar[str] = ""
    """A regular expression of what the platform's tokens look like, so that logs hide those that
    are in no setting; empty where they look like nothing special."""

    enabled_by: ClassVar[str]
    """The field that switches the platform on; what is said where no platform is set up."""

    @property
    def is_configured(self) -> bool:
        """Whether enough is set for the platform to run."""
        return bool(getattr(self, self.enabled_by))

    @field_validator("*", mode="before")
    @classmethod
    def _strip(cls, value: Any) -> Any:
        # A token that was copied often has a blank or a line's end after it.
        return value.strip() if isinstance(value, str) else value
