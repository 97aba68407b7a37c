"""Files that go with replies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for the person who asked."""

    content: bytes
    name: str
    """The name of the file, such as `paperboy-data.json`."""
    media_type: str
