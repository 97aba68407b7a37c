"""What the operator decides about Slack."""

from dataclasses import dataclass

NAME = "slack"
"""What the platform is called wherever a channel or a person is named."""


@dataclass(frozen=True, slots=True)
class Options:
    """Every setting of the platform."""

    bot_token: str
    """Of the one workspace; empty where several install the app."""
    app_token: str
    signing_secret: str
    mode: str
    """`socket` or `http`."""
    command_prefix: str
    managers: tuple[str, ...]
    """Ids of people who may manage, beside admins and whoever made the channel."""
    timeout_seconds: float
    """The longest that a request may take, with what has to be asked before it."""
    api_url: str
    http_host: str
    http_port: int
    """0: any that is free."""
    public_url: str
    """How the internet reaches that address; empty where it need not."""
    client_id: str
    client_secret: str
    token_key: str
    """What tokens are sealed with; several with commas between them."""
