"""Names what is asked of Discord's API (pure)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; `{main}` stands for what Discord counts rates by."""

    method: str
    template: str
    main: str = ""
    """The id of the channel, the guild or the webhook."""
    rest: str = ""
    """What follows the template: further ids and the query."""

    @property
    def path(self) -> str:
        """Return the path."""
        return self.template.replace("{main}", self.main) + self.rest
