"""Stores the bot token of each workspace, encrypted, and rotates it before it expires.

A rotated token is stored before it is used, because a refresh token works once. Where the answer
of a rotation is lost, the same refresh token may work once more for a moment; Slack documents no
such time, but libraries that rotated twice at once were given two tokens. After that, only a new
installation helps, which the person who installed the app is told of while the old token works.
Sources: https://docs.slack.dev/authentication/using-token-rotation and
https://github.com/slackapi/node-slack-sdk/issues/2504.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.errors import NOT_INSTALLED
from adapters.slack.auth.credentials import TOKEN_KEY_MISSING
from bot.lib.marker import _
from bot.ports.errors import RefusalScope, Refused, StorageUnavailable, TryLater, Unknown
from bot.ports.secrets import SecretStore, SecretUnreadable

WRONG_TOKEN_KEY = (
    "The tokens of the workspaces were sealed with another key; set PAPERBOY_SLACK_TOKEN_KEY to "
    "it again (after a comma, where a new one is to take over), or let Paperboy in anew."
)

_NOT_RENEWED = _("Slack does not renew the token: {code}.")

_INSTALLATION_PREFIX, _ORGANISATION_PREFIX = "installation ", "organisation of "
"""Prefixes of names in the secret store; a workspace's or an organisation's id follows."""
_REFUSAL_PREFIX = "refused "
"""Prefix of the name under which is kept that Slack refused to rotate an installation's token."""
_ROTATE_MINUTES_BEFORE = 360
"""A token lasts twelve hours; it is rotated when this many minutes are left.

So much time is left to install the app again, where the answer of a rotation was lost.
"""
_LOST_ATTEMPTS = 2
"""How often a rotation whose answer is lost is tried in a row."""
_LOST_RETRY_SECONDS = 0.5
_RETRY_SECONDS = 60.0
_LOST = (aiohttp.ClientError, TimeoutError, OSError)
_REJECTED_CODES = frozenset({
    "account_inactive", "invalid_grant", "invalid_refresh_token", "token_expired", "token_revoked",
})  # fmt: skip
"""Errors after which a refresh token will never work again."""

RefusalHandler = Callable[[str, str, datetime], Awaitable[None]]
"""Tells the person who installed the app in a workspace when its token ends (UTC).

Raises as a platform does; it is called again then.
"""

_LOG = logging.getLogger(__name__)


class InstallationStore(AsyncInstallationStore):
    """The token provider for every workspace that installed the app."""

    has_single_token = False

    def __init__(self, client: AsyncWebClient, client_id: str, client_secret: str) -> None:
        self._secret_store: SecretStore | None = None
        self._rotator = AsyncTokenRotator(
            client=client, client_id=client_id, client_secret=client_secret
        )
        self._rotations: dict[str, asyncio.Task[Bot]] = {}
        """Those under way, by the names of their installations."""
        self._retry_at: dict[str, float] = {}
        """When a rotation that failed is tried again, in the event loop's seconds."""
        self._unsaved: dict[str, Bot] = {}
        """Rotated tokens that could not be stored yet, by their names in the store."""
        self.on_refusal: RefusalHandler | None = None
        """Called once for each installation whose token Slack refuses to rotate."""
        self._reports: set[asyncio.Task[None]] = set()

    @property
    def secret_store(self) -> SecretStore:
        """Return the secret store. Raises Refused if no key to encrypt with is configured."""
        if self._secret_store is None:
            raise Refused(TOKEN_KEY_MISSING, RefusalScope.ACCOUNT)
        return self._secret_store

    def use_secret_store(self, store: SecretStore) -> None:
        """Use this store for tokens."""
        self._secret_store = store

    async def bot_token(self, workspace: str) -> str:
        """Return the token of a workspace, rotated if it expires soon.

        Raises Refused if the app is not installed there, TryLater if that cannot be found out.
        """
        name, bot = await self._load_bot(workspace)
        if not _is_expiring(bot) and name not in self._unsaved:
            return bot.bot_token
        if name not in self._rotations:
            task = asyncio.create_task(self._renew(name, bot))
            self._rotations[name] = task
            task.add_done_callback(lambda done: self._end_rotation(name, done))
        # A caller that times out must not cancel it: the response holds the only valid token.
        return (await asyncio.shield(self._rotations[name])).bot_token

    async def find_bot(self, workspace: str, organisation: str = "") -> Bot | None:
        """Return the installation of a workspace; None if the app is not installed.

        An installation for a whole organisation covers all its workspaces; the organisation of a
        workspace is stored, as later requests name the workspace alone.
        """
        found = await self._read(_INSTALLATION_PREFIX + workspace)
        if found is None and organisation:
            found = await self._read(_INSTALLATION_PREFIX + organisation)
            if found and await self._get(_ORGANISATION_PREFIX + workspace) != organisation:
                await self.secret_store.put(_ORGANISATION_PREFIX + workspace, organisation)
        return found

    async def workspaces(self) -> tuple[str, ...]:
        """Return the ids of the workspaces and organisations with an installation."""
        return tuple(
            name.removeprefix(_INSTALLATION_PREFIX)
            for name in await self.secret_store.names(_INSTALLATION_PREFIX)
        )

    async def forget(self, workspace: str, organisation: str = "") -> None:
        """Delete a revoked installation: the workspace's own, or else its organisation's."""
        for each in filter(None, (workspace, organisation)):
            is_unsaved = self._unsaved.pop(_INSTALLATION_PREFIX + each, None) is not None
            await self.secret_store.pop(_REFUSAL_PREFIX + each)
            if await self.secret_store.pop(_INSTALLATION_PREFIX + each) is not None or is_unsaved:
                return

    async def refused(self) -> dict[str, datetime]:
        """Return when tokens end that Slack refuses to rotate, by workspace or organisation."""
        found = {}
        for name in await self.secret_store.names(_REFUSAL_PREFIX):
            until = await self._get(name)
            if until:
                found[name.removeprefix(_REFUSAL_PREFIX)] = datetime.fromisoformat(until)
        return found

    async def async_save(self, installation: Installation) -> None:
        """Store a new installation."""
        bot = installation.to_bot()
        bot.set_custom_value("installer", installation.user_id)
        whole = installation.enterprise_id if installation.is_enterprise_install else ""
        name = whole or installation.team_id or ""
        await self.secret_store.put(_INSTALLATION_PREFIX + name, _serialize(bot))
        await self.secret_store.pop(_REFUSAL_PREFIX + name)
        _LOG.info("Installation stored", extra={"fields": {"workspace": name}})

    async def close(self) -> None:
        """Wait for rotations under way, so that their tokens are stored, and close the store."""
        if self._rotations:
            await asyncio.wait(self._rotations.values())
        if self._reports:
            await asyncio.wait(self._reports)
        if self._secret_store:
            await self._secret_store.close()

    async def _load_bot(self, workspace: str) -> tuple[str, Bot]:
        for name in (workspace, await self._get(_ORGANISATION_PREFIX + workspace)):
            bot = await self._read(_INSTALLATION_PREFIX + name) if name else None
            if bot:
                return _INSTALLATION_PREFIX + str(name), bot
        raise Refused(NOT_INSTALLED, RefusalScope.WORKSPACE)

    async def _read(self, name: str) -> Bot | None:
        if name in self._unsaved:
            return self._unsaved[name]
        text = await self._get(name)
        return Bot(**json.loads(text)) if text else None

    async def _get(self, name: str) -> str | None:
        try:
            return await self.secret_store.get(name)
        except SecretUnreadable:
            raise Refused(WRONG_TOKEN_KEY, RefusalScope.ACCOUNT) from None
        except StorageUnavailable as error:
            raise TryLater(None, str(error)) from error

    async def _renew(self, name: str, bot: Bot) -> Bot:
        """Return a token that does not expire soon, or the one there is until it expires.

        Raises TryLater, or Refused if the app has to be installed again.
        """
        bot = await self._read(name) or bot  # another process may have rotated it meanwhile
        is_failing = asyncio.get_running_loop().time() < self._retry_at.get(name, 0)
        if (
            name not in self._unsaved
            and _is_expiring(bot)
            and not (is_failing and _is_usable(bot))
        ):
            rotated = await self._rotate(name, bot)
            if rotated is None:
                return await self._read(name) or bot
            self._unsaved[name] = rotated
        if name not in self._unsaved:
            return bot
        try:
            await self.secret_store.put(name, _serialize(self._unsaved[name]))
        except StorageUnavailable as error:
            raise TryLater(None, str(error)) from error
        return self._unsaved.pop(name)

    async def _rotate(self, name: str, bot: Bot) -> Bot | None:
        """Return the rotated token; None if that failed and there is another valid one."""
        try:
            rotated = await self._rotate_repeatedly(bot)
        except SlackTokenRotationError as error:
            code = _error_code(error)
        except _LOST as error:
            code = type(error).__name__
        else:
            await self._forget_refusal(name)
            return rotated
        other = await self._read(name)
        if other and other.bot_token != bot.bot_token:
            return None  # another process was faster
        self._retry_at[name] = asyncio.get_running_loop().time() + _RETRY_SECONDS
        _LOG.error(
            "Failed to rotate token",
            extra={"fields": {"name": name, "error": code, "seconds_left": _seconds_left(bot)}},
        )
        if _is_usable(bot):
            if code in _REJECTED_CODES:
                self._report_refusal(name, bot)
            return None
        if code in _REJECTED_CODES:
            raise Refused(NOT_INSTALLED, RefusalScope.WORKSPACE)
        raise TryLater(None, f"Slack does not renew the token: {code}.")

    async def _rotate_repeatedly(self, bot: Bot) -> Bot | None:
        """Rotate a token, again at once where the answer is lost."""
        for left in reversed(range(_LOST_ATTEMPTS)):
            try:
                return await self._rotator.perform_bot_token_rotation(
                    bot=bot, minutes_before_expiration=_ROTATE_MINUTES_BEFORE
                )
            except _LOST:
                if not left:
                    raise
                await asyncio.sleep(_LOST_RETRY_SECONDS)
        raise AssertionError

    async def _forget_refusal(self, name: str) -> None:
        try:
            await self.secret_store.pop(_REFUSAL_PREFIX + name.removeprefix(_INSTALLATION_PREFIX))
        except (StorageUnavailable, SecretUnreadable):
            _LOG.warning("Refused rotation not forgotten", extra={"fields": {"name": name}})

    def _report_refusal(self, name: str, bot: Bot) -> None:
        """Tell the person who installed the app, in a task: that needs the token itself."""
        task = asyncio.create_task(self._tell_installer(name, bot))
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    async def _tell_installer(self, name: str, bot: Bot) -> None:
        workspace = name.removeprefix(_INSTALLATION_PREFIX)
        ends_at = datetime.fromtimestamp(bot.bot_token_expires_at or 0, UTC)
        fields = {"name": name, "ends_at": str(ends_at)}
        try:
            if self.on_refusal is None or await self._get(_REFUSAL_PREFIX + workspace):
                return  # only the program that serves tells, and once
            await self.secret_store.put(_REFUSAL_PREFIX + workspace, str(ends_at))
            _LOG.critical("Installation ends", extra={"fields": fields})
            installer = bot.get_custom_value("installer")
            if installer:
                await self.on_refusal(workspace, installer, ends_at)
        except TryLater as error:
            # The next attempt of a rotation tells, a minute later.
            await self._forget_refusal(name)
            _LOG.warning("Installer not told", extra={"fields": {**fields, "error": str(error)}})
        except (Refused, Unknown, StorageUnavailable) as error:
            _LOG.warning("Installer not told", extra={"fields": {**fields, "error": str(error)}})

    def _end_rotation(self, name: str, task: "asyncio.Task[Bot]") -> None:
        del self._rotations[name]
        if not task.cancelled():
            task.exception()  # every caller may have timed out


def _error_code(error: SlackTokenRotationError) -> str:
    """Return Slack's error code, or the status of a response that is not Slack's JSON."""
    response = error.api_error.response
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else ""
    return str(code or getattr(response, "status", "") or getattr(response, "status_code", ""))


def _is_expiring(bot: Bot) -> bool:
    return (
        bot.bot_token_expires_at is not None and _seconds_left(bot) < _ROTATE_MINUTES_BEFORE * 60
    )


def _is_usable(bot: Bot) -> bool:
    return _seconds_left(bot) > 0


def _seconds_left(bot: Bot) -> float:
    """Return the seconds until a token expires."""
    return (bot.bot_token_expires_at or 0) - time.time()


def _serialize(bot: Bot) -> str:
    times = {"bot_token_expires_at": bot.bot_token_expires_at, "installed_at": bot.installed_at}
    found: dict[str, Any] = bot.to_dict_for_copying() | times
    return json.dumps(found)
