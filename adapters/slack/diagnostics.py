"""Checks tokens, scopes, the clock and channels, and says how to fix what is wrong."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from adapters.slack.api.client import ApiClient
from adapters.slack.api.errors import ErrorResponse
from adapters.slack.auth import credentials
from adapters.slack.auth.scopes import SCOPES, scopes_for
from adapters.slack.options import Options
from bot.lib import clock
from bot.lib.marker import _
from bot.model.channels import Target
from bot.ports.errors import Refused, TryLater

_OTHER_WORKSPACE = _("The token is of the workspace {other}, not {wanted}.")

ListWorkspaces = Callable[[], Awaitable[Iterable[str]]]
"""Returns the workspaces with an installation; an empty name means the only token."""


class Diagnostics:
    """Checks that `paperboy doctor` and subscribing run."""

    def __init__(self, api: ApiClient, options: Options) -> None:
        self._api = api
        self._options = options

    async def check_account(self, workspaces: ListWorkspaces) -> tuple[str, ...]:
        """Return problems of the tokens, of each workspace's scopes, or of the clock."""
        if problem := credentials.find_problem(self._options):
            return (problem,)
        try:
            problems = [
                each
                for name in await workspaces()
                for each in await self._workspace_problems(name)
            ]
            if self._options.mode == "socket":
                problems += await self._app_token_problems()
        except (Refused, TryLater) as error:
            return (str(error),)
        return (
            *dict.fromkeys(problems),
            *clock.clock_skew_problems(self._api.clock_skew, "Slack"),
        )

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        """Return problems of a channel."""
        try:
            identity = await self._api.write("auth.test", target.workspace, {}, is_repeatable=True)
            if target.workspace not in ("", identity["team_id"]):
                other, wanted = identity["team_id"], target.workspace
                return (_OTHER_WORKSPACE.format(other=other, wanted=wanted),)
            response = await self._api.read(
                "conversations.info", target.workspace, channel=target.channel
            )
        except (Refused, TryLater) as error:
            return (str(error),)
        return _channel_problems(response["channel"])

    async def _workspace_problems(self, workspace: str) -> list[str]:
        wanted = scopes_for(self._options)
        missing = await self._missing(workspace, wanted)
        problems = [
            f"The scope {scope} is missing: Paperboy cannot {wanted[scope]}. Add it on the page "
            "OAuth & Permissions of the app, and install the app again."
            for scope in missing
        ]
        return problems or await self._group_problems(workspace)

    async def _group_problems(self, workspace: str) -> list[str]:
        """Return which user groups of curators cannot be read."""
        problems = []
        for group in self._options.curator_groups:
            try:
                await self._api.read("usergroups.users.list", workspace, usergroup=group)
            except Refused as error:
                problems.append(
                    f"The user group {group} of slack.curator_groups cannot be read: "
                    f"{error.reason}"
                )
        return problems

    async def missing_scopes(self, workspace: str) -> tuple[str, ...]:
        """Return the scopes for posting that a token lacks. Raises TryLater or Refused."""
        return await self._missing(workspace, SCOPES)

    async def _missing(self, workspace: str, wanted: Iterable[str]) -> tuple[str, ...]:
        await self._api.write("auth.test", workspace, {}, is_repeatable=True)
        granted = await self._api.scopes(workspace)
        return tuple(scope for scope in wanted if scope not in granted)

    async def _app_token_problems(self) -> list[str]:
        response = await self._api.try_write_with_token(
            self._options.app_token.get_secret_value(),
            "apps.connections.open",
            {},
            is_repeatable=True,
        )
        is_refused = isinstance(response, ErrorResponse) and not response.is_retryable
        return [credentials.APP_TOKEN_REFUSED] if is_refused else []


def _channel_problems(channel: dict[str, Any]) -> tuple[str, ...]:
    if channel.get("is_archived"):
        return (_("The channel is archived; choose another one, or unarchive it."),)
    if not channel.get("is_member") and not channel.get("is_im"):
        return (_("Paperboy is not in the channel; say /invite @paperboy there."),)
    return ()
