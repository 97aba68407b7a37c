"""Finds out what keeps Paperboy from its work on Slack, and how it is mended."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import ErrorResponse
from adapters.slack.auth import credentials
from adapters.slack.auth.scopes import SCOPES
from adapters.slack.options import Options
from bot.lib import clock
from bot.model.channels import Target
from bot.ports.errors import Refused, TryLater

ListWorkspaces = Callable[[], Awaitable[Iterable[str]]]
"""Tells which workspaces let the bot in; an empty name is the one of the only token."""


class Diagnostics:
    """Asks Slack about tokens and about channels."""

    def __init__(self, api: ApiClient, options: Options) -> None:
        self._api = api
        self._options = options

    async def account(self, workspaces: ListWorkspaces) -> tuple[str, ...]:
        """Return what is wrong with the tokens, the scopes in each workspace, or the clock."""
        if trouble := credentials.find_problem(self._options):
            return (trouble,)
        try:
            found = [
                each
                for name in await workspaces()
                for each in await self._workspace_problems(name)
            ]
            if self._options.mode == "socket":
                found += await self._app_token_problems()
        except (Refused, TryLater) as error:
            return (str(error),)
        return (*dict.fromkeys(found), *clock.clock_skew_problems(self._api.clock_skew, "Slack"))

    async def channel(self, target: Target) -> tuple[str, ...]:
        """Return what is missing in a channel."""
        try:
            me = await self._api.write("auth.test", target.workspace, {}, is_repeatable=True)
            if target.workspace not in ("", me["team_id"]):
                other = f"The token is of the workspace {me['team_id']}, not {target.workspace}."
                return (other,)
            found = await self._api.read(
                "conversations.info", target.workspace, channel=target.channel
            )
        except (Refused, TryLater) as error:
            return (str(error),)
        return _channel_problems(found["channel"])

    async def _workspace_problems(self, workspace: str) -> list[str]:
        await self._api.write("auth.test", workspace, {}, is_repeatable=True)
        return [
            f"The scope {scope} is missing: Paperboy cannot {ability}. Add it on the page "
            "OAuth & Permissions of the app, and install the app again."
            for scope, ability in SCOPES.items()
            if scope not in self._api.scopes
        ]

    async def _app_token_problems(self) -> list[str]:
        found = await self._api.try_write_with_token(
            self._options.app_token.get_secret_value(),
            "apps.connections.open",
            {},
            is_repeatable=True,
        )
        is_refused = isinstance(found, ErrorResponse) and not found.is_too_early
        return [credentials.APP_TOKEN_REFUSED] if is_refused else []


def _channel_problems(channel: dict[str, Any]) -> tuple[str, ...]:
    if channel.get("is_archived"):
        return ("The channel is archived; choose another one, or unarchive it.",)
    if not channel.get("is_member") and not channel.get("is_im"):
        return ("Paperboy is not in the channel; say /invite @paperboy there.",)
    return ()
