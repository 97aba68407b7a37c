"""Stores the bot token of each workspace, encrypted, and rotates it before it expires.

A rotated token is stored before it is used, because a refresh token works once. Source:
https://docs.slack.dev/authentication/using-token-rotation.
"""

import asyncio
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import aiohttp
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api.errors import NOT_INSTALLED
from adapters.slack.auth.credentials import TOKEN_KEY_MISSING
from bot.lib.marker import _
from bot.ports.errors import RefusalScope, Refused, StorageUnavailable, TryLater
from bot.ports.secrets import SecretStore, SecretUnreadable

WRONG_TOKEN_KEY = (
    "The tokens of the workspaces were sealed with another key; set PAPERBOY_SLACK_TOKEN_KEY to "
    "it again (after a comma, where a new one is to take over), or let Paperboy in anew."
)

_NOT_RENEWED = _("Slack does not renew the token: {code}.")

_INSTALLATION_PREFIX, _ORGANISATION_PREFIX = "installation ", "organisation of "
"""Prefixes of names in the secret store; a workspace's or an organisation's id follows."""
_STATE_PREFIX = "state "
_STATE_TTL = timedelta(minutes=10)
_ROTATE_MINUTES_BEFORE = 120
"""A token lasts twelve hours; it is rotated when this many minutes are left."""

_RETRY_SECONDS = 60.0
_REJECTED_CODES = frozenset({
    "account_inactive", "invalid_grant", "invalid_refresh_token", "token_expired", "token_revoked",
})  # fmt: skip
"""Errors after which a refresh token will never work again."""

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
            if await self.secret_store.pop(_INSTALLATION_PREFIX + each) is not None or is_unsaved:
                return

    async def async_save(self, installation: Installation) -> None:
        """Store a new installation."""
        bot = installation.to_bot()
        bot.set_custom_value("installer", installation.user_id)
        whole = installation.enterprise_id if installation.is_enterprise_install else ""
        name = whole or installation.team_id or ""
        await self.secret_store.put(_INSTALLATION_PREFIX + name, _serialize(bot))
        _LOG.info("Installation stored", extra={"fields": {"workspace": name}})

    async def close(self) -> None:
        """Wait for rotations under way, so that their tokens are stored, and close the store."""
        if self._rotations:
            await asyncio.wait(self._rotations.values())
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
            return await self._rotator.perform_bot_token_rotation(
                bot=bot, minutes_before_expiration=_ROTATE_MINUTES_BEFORE
            )
        except SlackTokenRotationError as error:
            code = _error_code(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            code = type(error).__name__
        other = await self._read(name)
        if other and other.bot_token != bot.bot_token:
            return None  # another process was faster
        self._retry_at[name] = asyncio.get_running_loop().time() + _RETRY_SECONDS
        _LOG.error(
            "Failed to rotate token",
            extra={"fields": {"name": name, "error": code, "seconds_left": _seconds_left(bot)}},
        )
        if _is_usable(bot):
            return None
        if code in _REJECTED_CODES:
            raise Refused(NOT_INSTALLED, RefusalScope.WORKSPACE)
        raise TryLater(None, _NOT_RENEWED.format(code=code))

    def _end_rotation(self, name: str, task: "asyncio.Task[Bot]") -> None:
        del self._rotations[name]
        if not task.cancelled():
            task.exception()  # every caller may have timed out


class OAuthStateStore(AsyncOAuthStateStore):
    """OAuth states of installations that have begun: each is valid once, for ten minutes."""

    def __init__(self, store: SecretStore) -> None:
        self._secret_store = store

    async def async_issue(self, *_args: object, **_kwargs: object) -> str:
        """Return a new state."""
        state = uuid4().hex
        until = datetime.now(UTC) + _STATE_TTL
        await self._secret_store.put(_state(state), "begun", until)
        return state

    async def async_consume(self, state: str) -> bool:
        """Return whether a state was issued and not used yet, and mark it as used."""
        return await self._secret_store.pop(_state(state)) is not None


def _state(state: str) -> str:
    """Return the stored name of a state: a hash, so that the database gives no state away."""
    return _STATE_PREFIX + sha256(state.encode()).hexdigest()


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
