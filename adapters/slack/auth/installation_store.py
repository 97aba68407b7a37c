"""Keeps the tokens of the workspaces that let the bot in, renewed before they expire.

What Slack gives is stored, sealed, before it is used: a refresh token works once. Source:
https://docs.slack.dev/authentication/using-token-rotation.
"""

import asyncio
import json
import logging
import time
from collections import defaultdict
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
from bot.ports.errors import RefusalScope, Refused, StorageUnavailable, TryLater
from bot.ports.secrets import SecretStore, SecretUnreadable

WRONG_TOKEN_KEY = (
    "The tokens of the workspaces were sealed with another key; set PAPERBOY_SLACK_TOKEN_KEY to "
    "it again (after a comma, where a new one is to take over), or let Paperboy in anew."
)

_KEPT, _ORG = "installation ", "organisation of "
"""What names in the vault begin with; the rest is the id of a workspace or an organisation."""
_STATE = "state "
_STATE_LASTS = timedelta(minutes=10)
_MINUTES_BEFORE = 120
"""A token lasts for twelve hours; it is renewed when so many minutes are left."""

_LOG = logging.getLogger(__name__)


class InstallationStore(AsyncInstallationStore):
    """The token provider for every workspace that installed the app."""

    has_single_token = False

    def __init__(self, client: AsyncWebClient, client_id: str, client_secret: str) -> None:
        self._vault: SecretStore | None = None
        self._rotator = AsyncTokenRotator(
            client=client, client_id=client_id, client_secret=client_secret
        )
        self._renewing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unsaved: dict[str, Bot] = {}
        """What Slack gave and the vault did not take yet."""

    @property
    def vault(self) -> SecretStore:
        """Return where tokens are kept. Raises Refused where no key was set to seal them with."""
        if self._vault is None:
            raise Refused(TOKEN_KEY_MISSING, RefusalScope.ACCOUNT)
        return self._vault

    def use_secret_store(self, vault: SecretStore) -> None:
        """Keep tokens there."""
        self._vault = vault

    async def bot_token(self, workspace: str) -> str:
        """Return the token of a workspace; see `Tokens`. Raises TryLater as well."""
        name, bot = await self._find_bot(workspace)
        if not _is_expiring(bot) and name not in self._unsaved:
            return bot.bot_token
        async with self._renewing[name]:
            bot = await self._read(name) or bot  # somebody may have renewed it meanwhile
            if _is_expiring(bot) or name in self._unsaved:
                bot = await self._rotate(name, bot)
        return bot.bot_token

    async def bot(self, workspace: str, organisation: str = "") -> Bot | None:
        """Return who the bot is in a workspace; None where nobody let it in.

        In the workspaces of an organisation that let it in as a whole it is the same one; which
        organisation that is, is remembered for later.
        """
        found = await self._read(_KEPT + workspace)
        if found is None and organisation:
            found = await self._read(_KEPT + organisation)
            if found and await self._get(_ORG + workspace) != organisation:
                await self.vault.put(_ORG + workspace, organisation)
        return found

    async def workspaces(self) -> tuple[str, ...]:
        """Return the ids of the workspaces and organisations that let the bot in."""
        return tuple(name.removeprefix(_KEPT) for name in await self.vault.names(_KEPT))

    async def forget(self, workspace: str, organisation: str = "") -> None:
        """Forget a token that was revoked: the workspace's own, or else its organisation's."""
        for each in filter(None, (workspace, organisation)):
            is_unsaved = self._unsaved.pop(_KEPT + each, None) is not None
            if await self.vault.pop(_KEPT + each) is not None or is_unsaved:
                return

    async def async_save(self, installation: Installation) -> None:
        """Keep what a workspace gave when it let the bot in."""
        bot = installation.to_bot()
        bot.set_custom_value("installer", installation.user_id)
        whole = installation.enterprise_id if installation.is_enterprise_install else ""
        name = whole or installation.team_id or ""
        await self.vault.put(_KEPT + name, _serialize(bot))
        _LOG.info("the workspace %s let Paperboy in", name)

    async def close(self) -> None:
        """Let go of the file."""
        if self._vault:
            await self._vault.close()

    async def _find_bot(self, workspace: str) -> tuple[str, Bot]:
        for name in (workspace, await self._get(_ORG + workspace)):
            bot = await self._read(_KEPT + name) if name else None
            if bot:
                return _KEPT + str(name), bot
        raise Refused(NOT_INSTALLED, RefusalScope.CHANNEL)

    async def _read(self, name: str) -> Bot | None:
        if name in self._unsaved:
            return self._unsaved[name]
        text = await self._get(name)
        return Bot(**json.loads(text)) if text else None

    async def _get(self, name: str) -> str | None:
        try:
            return await self.vault.get(name)
        except SecretUnreadable:
            raise Refused(WRONG_TOKEN_KEY, RefusalScope.ACCOUNT) from None
        except StorageUnavailable as error:
            raise TryLater(None, str(error)) from error

    async def _rotate(self, name: str, bot: Bot) -> Bot:
        """Return the token, renewed; the old one where that fails and it still lasts."""
        if name not in self._unsaved:
            try:
                fresh = await self._rotator.perform_bot_token_rotation(
                    bot=bot, minutes_before_expiration=_MINUTES_BEFORE
                )
            except SlackTokenRotationError as error:
                return await self._after_failed_rotation(name, bot, error)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if _is_usable(bot):
                    return bot
                raise TryLater(None, "Slack cannot be reached.") from error
            if fresh is None:
                return bot
            self._unsaved[name] = fresh
        fresh = self._unsaved[name]
        try:
            await self.vault.put(name, _serialize(fresh))
        except StorageUnavailable as error:
            raise TryLater(None, str(error)) from error
        del self._unsaved[name]
        return fresh

    async def _after_failed_rotation(
        self, name: str, bot: Bot, error: SlackTokenRotationError
    ) -> Bot:
        """Return what another program renewed, or a token that still lasts. Raises Refused."""
        other = await self._read(name)
        if other and other.bot_token != bot.bot_token:
            return other
        _LOG.warning("a token was not renewed (%s): %s", name, error.api_error.response["error"])
        if _is_usable(bot):
            return bot
        raise Refused(NOT_INSTALLED, RefusalScope.CHANNEL) from error


class OAuthStateStore(AsyncOAuthStateStore):
    """Remembers who began to let the bot in: each state works once, for ten minutes."""

    def __init__(self, vault: SecretStore) -> None:
        self._vault = vault

    async def async_issue(self, *_args: object, **_kwargs: object) -> str:
        """Return a new state."""
        state = uuid4().hex
        until = datetime.now(UTC) + _STATE_LASTS
        await self._vault.put(_state(state), "begun", until)
        return state

    async def async_consume(self, state: str) -> bool:
        """Tell whether a state was issued and not used; from now on it is."""
        return await self._vault.pop(_state(state)) is not None


def _state(state: str) -> str:
    """Return the name of a state, by which nobody who reads the file can use it."""
    return _STATE + sha256(state.encode()).hexdigest()


def _is_expiring(bot: Bot) -> bool:
    return bot.bot_token_expires_at is not None and _seconds_left(bot) < _MINUTES_BEFORE * 60


def _is_usable(bot: Bot) -> bool:
    return _seconds_left(bot) > 0


def _seconds_left(bot: Bot) -> float:
    """Return the seconds until a token that expires does."""
    return (bot.bot_token_expires_at or 0) - time.time()


def _serialize(bot: Bot) -> str:
    times = {"bot_token_expires_at": bot.bot_token_expires_at, "installed_at": bot.installed_at}
    found: dict[str, Any] = bot.to_dict_for_copying() | times
    return json.dumps(found)
