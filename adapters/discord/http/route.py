"""The routes of Discord's API, as its rate limits count them (pure)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; `{main}` stands for the id that Discord counts rates by."""

    method: str
    template: str
    main: str = ""
    """The id of the channel, the guild or the webhook."""
    rest: str = ""
    """What follows the template: further ids and the query."""
    is_thread: bool = False
    """Whether the channel is a thread, or a thread is opened in it."""

    @property
    def path(self) -> str:
        """Return the path with its query."""
        return self.template.replace("{main}", self.main) + self.rest
