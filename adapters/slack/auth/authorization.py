"""Who lets the bot in: one workspace, whose token was set, or each that installed the app."""

import logging

from slack_bolt.authorization import AuthorizeResult

from adapters.slack.api.workspaces import WorkspaceCache
from adapters.slack.auth.installation_store import InstallationStore

_LOG = logging.getLogger(__name__)


class SingleWorkspaceAuthorizer:
    """The workspace of the bot token; fulfils `adapters.slack.events.dispatcher.Authorizer`."""

    def __init__(self, workspaces: WorkspaceCache) -> None:
        self._workspaces = workspaces

    async def authenticate(self) -> str:
        """Ask Slack who we are, and return where. Raises TryLater or Refused."""
        return (await self._workspaces.get("")).url

    async def workspaces(self) -> tuple[str, ...]:
        """Return what a workspace is named by when its token is asked for."""
        return ("",)

    async def identity(self, workspace: str, organisation: str) -> AuthorizeResult | None:
        me = await self._workspaces.get("")
        return AuthorizeResult(
            enterprise_id=None, team_id=me.id, bot_id=me.bot, bot_user_id=me.user
        )

    async def handle_revocation(self, workspace: str, organisation: str) -> None:
        _LOG.critical("The workspace has let Paperboy go: its bot token was revoked.")


class MultiWorkspaceAuthorizer:
    """Every workspace that installed the app; fulfils the same."""

    def __init__(self, installations: InstallationStore) -> None:
        self._installations = installations

    async def authenticate(self) -> str:
        """Return how many there are, all of them known by the newest key. Raises as above."""
        found = await self.workspaces()
        for each in found:
            await self._installations.bot(each)
        return f"{len(found)} workspaces installed it"

    async def workspaces(self) -> tuple[str, ...]:
        """Return the ids of all that installed it. Raises Refused."""
        return await self._installations.workspaces()

    async def identity(self, workspace: str, organisation: str) -> AuthorizeResult | None:
        bot = await self._installations.bot(workspace, organisation)
        if bot is None:
            return None
        return AuthorizeResult(
            enterprise_id=organisation or None,
            team_id=workspace or None,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user_id,
        )

    async def handle_revocation(self, workspace: str, organisation: str) -> None:
        _LOG.warning("the workspace %s has let Paperboy go", workspace)
        await self._installations.forget(workspace, organisation)
