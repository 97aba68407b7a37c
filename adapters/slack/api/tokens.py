"""Where the client has the bot tokens of workspaces from."""

from dataclasses import dataclass
from typing import Protocol


class TokenProvider(Protocol):
    """Source of the bot tokens of workspaces."""

    @property
    def has_single_token(self) -> bool:
        """Whether one token serves everything, so that its refusal concerns the account."""
        ...

    async def bot_token(self, workspace: str) -> str:
        """Return the token of a workspace. Raises Refused if it has none."""
        ...


@dataclass(frozen=True, slots=True)
class SingleToken:
    """Token provider of a bot that serves one workspace; see `TokenProvider`."""

    token: str
    has_single_token: bool = True

    async def bot_token(self, workspace: str) -> str:
        return self.token
