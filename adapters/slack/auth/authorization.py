"""Authorizers: one workspace with a configured token, or all that installed the app."""

import logging

from slack_bolt.authorization import AuthorizeResult

from adapters.slack.api.workspaces import WorkspaceCache
from adapters.slack.auth.installation_store import InstallationStore

_LOG = logging.getLogger(__name__)


class SingleWorkspaceAuthorizer:
    """Authorizer of the configured bot token; see `events.dispatcher.Authorizer`."""

    def __init__(self, workspaces: WorkspaceCache) -> None:
        self._workspaces = workspaces

    async def authenticate(self) -> str:
        """Call `auth.test` and return the workspace's address. Raises TryLater or Refused."""
        return (await self._workspaces.get("")).url

    async def workspaces(self) -> tuple[str, ...]:
        """Return the names that tokens are looked up by; the only token has an empty one."""
        return ("",)

    async def authorize(self, workspace: str, organisation: str) -> AuthorizeResult | None:
        bot = await self._workspaces.get("")
        return AuthorizeResult(
            enterprise_id=None, team_id=bot.id, bot_id=bot.bot_id, bot_user_id=bot.user_id
        )

    async def handle_revocation(self, workspace: str, organisation: str) -> None:
        _LOG.critical("Bot token revoked", extra={"fields": {"workspace": workspace}})


class MultiWorkspaceAuthorizer:
    """Authorizer of every workspace that installed the app; see above."""

    def __init__(self, installations: InstallationStore) -> None:
        self._installations = installations

    async def authenticate(self) -> str:
        """Check that every stored token can be decrypted, and return their number.

        Raises as above.
        """
        ids = await self.workspaces()
        for workspace in ids:
            await self._installations.find_bot(workspace)
        return f"{len(ids)} workspaces installed it"

    async def workspaces(self) -> tuple[str, ...]:
        """Return the ids of all workspaces that installed the app. Raises Refused."""
        return await self._installations.workspaces()

    async def authorize(self, workspace: str, organisation: str) -> AuthorizeResult | None:
        bot = await self._installations.find_bot(workspace, organisation)
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=organisation or None,
            team_id=workspace or None,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user_id,
        )

    async def handle_revocation(self, workspace: str, organisation: str) -> None:
        _LOG.warning("Installation revoked", extra={"fields": {"workspace": workspace}})
        await self._installations.forget(workspace, organisation)
