"""Sends the responses to interactions, and repeats them while that is safe."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from adapters.discord.gateway.payloads import Interaction
from adapters.discord.http.client import RestClient, Upload
from adapters.discord.http.errors import (
    ErrorResponse,
    ForeignResponse,
    NotSent,
    ResponseLost,
    to_exception,
)
from adapters.discord.http.route import Route
from adapters.discord.render.plain_text import plain_messages
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.ports.errors import TryLater
from bot.ports.platform import NativeMessage

MESSAGE, DEFERRED, UPDATE, CHOICES, MODAL = 4, 5, 7, 8, 9
"""Types of callbacks."""
EPHEMERAL = 1 << 6

CALLBACK_SECONDS = 2.9
"""An interaction is void 3 seconds after it was created, unless a callback arrived."""
_RETRY_SECONDS = 60.0
"""For how long a response that follows the callback is repeated; its token lives 15 minutes."""
_BACKOFF = BackoffPolicy(timedelta(seconds=0.25), timedelta(seconds=5))
"""Between two attempts."""
_ALREADY_ACKNOWLEDGED = 40060

Message = Mapping[str, Any] | Upload
"""A message, with a file where it shows one."""

_LOG = logging.getLogger(__name__)


class Responder:
    """The responses of an application to interactions."""

    def __init__(self, rest: RestClient, application: str) -> None:
        self._rest = rest
        self._application = application

    async def acknowledge(
        self, interaction: Interaction, kind: int, data: Message, until: float
    ) -> None:
        """Send the callback, repeated until then (in the loop's seconds). Raises as `_send`.

        Repeating it is safe: of several callbacks Discord takes one.
        """
        path = f"/{interaction.token}/callback"
        route = Route("POST", "/interactions/{main}", interaction.id, path)
        body: object = {"type": kind, "data": _without_file(data)}
        if isinstance(data, Upload):
            body = replace(data, body=body)
        found = await self._send(route, body, until=until, is_repeatable=True)
        if found is None or found.code == _ALREADY_ACKNOWLEDGED:
            return
        if found.status != HTTPStatus.BAD_REQUEST or kind not in {MESSAGE, UPDATE}:
            raise to_exception(found, is_repeatable=True)
        # A message with components cannot become one without: it is a new one.
        first, *others = self._plain(data, found)
        body = {"type": MESSAGE, "data": first}
        _raise_refused(await self._send(route, body, until=until, is_repeatable=True))
        for message in others:
            await self.follow_up(interaction, message)

    async def edit_original(self, interaction: Interaction, message: Message) -> None:
        """Replace the message of the callback, such as a deferred one. Raises as `_send`."""
        route = self._original("PATCH", interaction)
        found = await self._send(route, message, until=_retry_until(), is_repeatable=True)
        if found is None:
            return
        if found.status != HTTPStatus.BAD_REQUEST:
            raise to_exception(found, is_repeatable=True)
        first, *others = self._plain(message, found)
        _raise_refused(await self._send(route, first, until=_retry_until(), is_repeatable=True))
        for each in others:
            await self.follow_up(interaction, each)

    async def delete_original(self, interaction: Interaction) -> None:
        """Delete the message of the callback. Raises as `_send`."""
        route = self._original("DELETE", interaction)
        _raise_refused(await self._send(route, None, until=_retry_until(), is_repeatable=True))

    async def follow_up(self, interaction: Interaction, message: Message) -> None:
        """Send a further message. Raises as `_send`.

        It is repeated where Discord says that it failed, but not where its response got lost,
        which leaves open whether the message is there.
        """
        route = self._webhook("POST", interaction)
        found = await self._send(route, message, until=_retry_until(), is_repeatable=False)
        if found is None:
            return
        if found.status != HTTPStatus.BAD_REQUEST:
            raise to_exception(found, is_repeatable=False)
        for each in self._plain(message, found):
            _raise_refused(
                await self._send(route, each, until=_retry_until(), is_repeatable=False)
            )

    async def _send(
        self, route: Route, body: object, *, until: float, is_repeatable: bool
    ) -> ErrorResponse | None:
        """Send until it is taken or refused; return the refusal, or None.

        Raises TryLater where that does not happen in time, Unknown where the response to a
        request that must not be repeated got lost, and Refused where the account is refused.
        """
        backoff = Backoff(_BACKOFF)
        while True:
            failure = await self._attempt(route, body)
            if failure is None:
                return None
            # What Discord answered with a server error is repeated: it says that it failed.
            is_safe = is_repeatable or not isinstance(failure, ResponseLost) or failure.status > 0
            error = (
                failure
                if isinstance(failure, TryLater)
                else to_exception(failure, is_repeatable=is_safe)
            )
            if not isinstance(error, TryLater):
                if isinstance(failure, ErrorResponse):
                    return failure
                raise error
            wait = backoff.next_delay(minimum=error.retry_after).total_seconds()
            if _now() + wait > until:
                raise error
            _LOG.info("Retrying response", extra={"fields": {"error": str(error)}})
            await asyncio.sleep(wait)

    async def _attempt(
        self, route: Route, body: object
    ) -> ErrorResponse | ForeignResponse | NotSent | ResponseLost | TryLater | None:
        """Send once; return what failed, or None."""
        try:
            outcome = await self._rest.attempt(route, body)
        except (NotSent, ResponseLost, TryLater) as error:
            return error
        return outcome if isinstance(outcome, ErrorResponse | ForeignResponse) else None

    def _plain(self, message: Message, refusal: ErrorResponse) -> list[NativeMessage]:
        """Return a refused message as plain ones. Raises its refusal where it has no text."""
        message = _without_file(message)
        found = plain_messages(message)
        if not found:
            raise to_exception(refusal, is_repeatable=True)
        fields = {"code": refusal.code, "error": refusal.message}
        _LOG.error("Response refused, sending plain text", extra={"fields": fields})
        flags = int(str(message.get("flags", 0))) & EPHEMERAL
        return [{**each, "flags": int(str(each["flags"])) | flags} for each in found]

    def _original(self, method: str, interaction: Interaction) -> Route:
        return self._webhook(method, interaction, "/messages/@original")

    def _webhook(self, method: str, interaction: Interaction, rest: str = "") -> Route:
        return Route(method, "/webhooks/{main}", f"{self._application}/{interaction.token}", rest)


def _without_file(message: Message) -> Mapping[str, Any]:
    return message.body if isinstance(message, Upload) else message


def _raise_refused(found: ErrorResponse | None) -> None:
    if found is not None:
        raise to_exception(found, is_repeatable=True)


def _retry_until() -> float:
    return _now() + _RETRY_SECONDS


def _now() -> float:
    return asyncio.get_running_loop().time()
