"""Stores the states of OAuth installations that have begun."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.ports.secrets import SecretStore

_STATE_PREFIX = "state "
_STATE_TTL = timedelta(minutes=10)


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
