"""The settings of the notebook."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from bot.ports.options import PlatformOptions

NAME = "notebook"


class Options(PlatformOptions):
    """Every setting of the platform; it runs where a folder is set."""

    enabled_by: ClassVar = "folder"
    token_pattern: ClassVar = r"pencil-\w+"

    folder: Path | None = None
    """Where the channels' files are."""
    password: SecretStr = SecretStr("")
    """What invitations carry."""
    per_second: float = Field(default=1000, gt=0, le=1_000_000)

    @field_validator("folder")
    @classmethod
    def _is_absolute(cls, folder: Path | None) -> Path | None:
        if folder and not folder.is_absolute():
            raise ValueError("the folder has to begin with /")
        return folder
