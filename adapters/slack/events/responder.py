"""Sends replies, each message once: to the response_url of the interaction, or as a post.

A response_url accepts five messages within thirty minutes. Source:
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient
from slack_sdk.webhook.webhook_response import WebhookResponse

from adapters.slack.api.client import ApiClient
from adapters.slack.api.direct_channels import DirectChannels
from adapters.slack.api.errors import BLOCKS_CODES, ErrorResponse
from adapters.slack.api.files import upload
from adapters.slack.places import Origin
from adapters.slack.render.fallback_text import simpler
from adapters.slack.render.picture import add_picture, has_picture
from bot.lib.clean import one_line
from bot.model.attachment import Attachment
from bot.model.picture import Picture
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.platform import NativeMessage

_MAX_RESPONSES = 5
_TIMEOUT_SECONDS = 10
_MAX_ATTEMPTS, _MAX_WAIT = 4, 10.0
"""Attempts of a post that Slack asks to repeat later, and the maximum pause in seconds."""

_PROCESSING_SECONDS = 1.5
"""Within which Slack has usually read an uploaded picture; before, it refuses its block."""

_RETRYABLE_STATUSES = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""Statuses of a response_url that did not take the message yet."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ResponseTarget:
    """Where a reply is sent."""

    origin: Origin
    response_url: str = ""
    """The response_url; empty if the reply is to be posted."""
    replaces_original: bool = False
    """Whether the first message replaces the one whose control was used."""


class Responder:
    """Sends replies."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._direct_channels = DirectChannels(api)
        self._session: aiohttp.ClientSession | None = None

    async def add_picture(
        self, origin: Origin, messages: Sequence[NativeMessage], picture: Picture
    ) -> list[NativeMessage]:
        """Return messages with an uploaded picture in the first one, or without where it failed.

        What the picture shows stands in the messages too.
        """
        first, *others = messages
        try:
            file = await upload(self._api, self._connected(), origin.workspace, picture)
        except (TryLater, Refused, Unknown) as error:
            _LOG.warning("Failed to upload picture", extra={"fields": {"error": str(error)}})
            return [first, *others]
        return [add_picture(first, file, picture.description), *others]

    async def send_file(self, origin: Origin, file: Attachment) -> None:
        """Send a file to the person as a direct message. Raises TryLater, Refused or Unknown."""
        channel = await self._direct_channels.get(origin.workspace, origin.person)
        await upload(self._api, self._connected(), origin.workspace, file, channel)

    async def respond(
        self, target: ResponseTarget, messages: Sequence[NativeMessage], *, is_private: bool
    ) -> None:
        """Send messages in order, to the person alone or to everyone.

        What the response_url does not accept is posted. Raises TryLater, Refused or Unknown.
        """
        for number, message in enumerate(messages):
            replaces = target.replaces_original and not number
            has_use = bool(target.response_url) and number < _MAX_RESPONSES
            body = _without_previews(message) | {
                "response_type": "ephemeral" if is_private else "in_channel",
                "replace_original": replaces,
            }
            if target.origin.thread and not replaces:
                body["thread_ts"] = target.origin.thread
            if not (has_use and await self._respond(target.response_url, body)):
                await self._post(target.origin, message, is_private=is_private)

    async def send_direct(self, origin: Origin, messages: Sequence[NativeMessage]) -> None:
        """Send direct messages to the person. Raises TryLater, Refused or Unknown."""
        channel = await self._direct_channels.get(origin.workspace, origin.person)
        for message in messages:
            body = _without_previews(message) | {"channel": channel}
            await self._write("chat.postMessage", origin, body)

    async def close(self) -> None:
        """Close the HTTP session."""
        if self._session:
            await self._session.close()

    async def _respond(self, url: str, body: dict[str, Any]) -> bool:
        """Send to a response_url, without a picture or as plain text if Slack refuses the blocks.

        Return False if Slack did not accept it; True also where that cannot be known.
        """
        was_picture_refused = False
        for attempt in range(_MAX_ATTEMPTS):
            try:
                response = await self._send(url, body)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError):
                    return False  # nothing was sent
                fields = {"error": type(error).__name__}
                _LOG.warning("Response in doubt", extra={"fields": fields})
                return True
            if response.status_code == HTTPStatus.OK:
                return True
            fields = {"status": str(response.status_code), "body": one_line(response.body)}
            _LOG.warning("Response rejected", extra={"fields": fields})
            if "blocks" in body and any(code in response.body for code in BLOCKS_CODES):
                if has_picture(body) and not was_picture_refused:
                    was_picture_refused = True
                    await asyncio.sleep(_PROCESSING_SECONDS)
                else:
                    body = simpler(body)
            elif response.status_code not in _RETRYABLE_STATUSES or attempt == _MAX_ATTEMPTS - 1:
                return False
            else:
                await asyncio.sleep(_retry_after(response.headers))
        return False

    async def _send(self, url: str, body: dict[str, Any]) -> WebhookResponse:
        # By default the library repeats a request when the connection breaks.
        client = AsyncWebhookClient(
            url,
            timeout=_TIMEOUT_SECONDS,
            proxy=self._api.proxy,
            session=self._connected(),
            retry_handlers=[],
        )
        return await client.send_dict(body)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def _post(self, origin: Origin, message: NativeMessage, *, is_private: bool) -> None:
        body: dict[str, Any] = _without_previews(message) | {"channel": origin.channel}
        if origin.thread:
            body["thread_ts"] = origin.thread
        if not is_private:
            await self._write("chat.postMessage", origin, body)
            return
        try:
            if origin.is_direct:
                await self._write("chat.postMessage", origin, body)
            else:
                body = {name: body[name] for name in body if not name.startswith("unfurl")}
                await self._write("chat.postEphemeral", origin, body | {"user": origin.person})
        except Refused:
            # The bot may not be in the channel; the person still gets the reply.
            await self.send_direct(origin, [message])

    async def _write(self, method: str, origin: Origin, body: dict[str, Any]) -> None:
        for attempt in range(_MAX_ATTEMPTS):
            try:
                await self._api.post_message(origin.workspace, body, method=method)
            except TryLater as error:
                if attempt == _MAX_ATTEMPTS - 1:
                    raise
                wait = error.retry_after.total_seconds() if error.retry_after else 1.0
                await asyncio.sleep(min(wait, _MAX_WAIT))
            else:
                return


class ViewClient:
    """Opens and updates views."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    async def open(self, origin: Origin, trigger_id: str, view: dict[str, Any]) -> bool:
        """Open a modal; False if Slack did not, as after the trigger expired.

        A trigger_id is valid for three seconds. Raises Refused or Unknown.
        """
        return await self._show("views.open", origin, trigger_id, view)

    async def push(self, origin: Origin, trigger_id: str, view: dict[str, Any]) -> bool:
        """Open a modal on top of another one; otherwise as `open`."""
        return await self._show("views.push", origin, trigger_id, view)

    async def _show(
        self, method: str, origin: Origin, trigger_id: str, view: dict[str, Any]
    ) -> bool:
        body = {"trigger_id": trigger_id, "view": view}
        try:
            response = await self._api.try_write(
                method, origin.workspace, body, is_repeatable=False
            )
        except TryLater:
            return False  # nothing was sent, and the trigger does not last
        return not self._is_refused(response)

    async def update(self, origin: Origin, view_id: str, view: dict[str, Any]) -> bool:
        """Replace the view with this id; False if it was closed."""
        body = {"view_id": view_id, "view": view}
        response = await self._api.try_write(
            "views.update", origin.workspace, body, is_repeatable=True
        )
        return not self._is_refused(response)

    async def publish(self, origin: Origin, view: dict[str, Any]) -> None:
        """Publish a person's App Home. Raises TryLater or Refused."""
        body = {"user_id": origin.person, "view": view}
        await self._api.write("views.publish", origin.workspace, body, is_repeatable=True)

    @staticmethod
    def _is_refused(response: dict[str, Any] | ErrorResponse) -> bool:
        if isinstance(response, ErrorResponse):
            _LOG.warning(
                "View rejected",
                extra={"fields": {"status": response.status, "error": response.code}},
            )
            return True
        return False


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait before the next attempt."""
    try:
        return min(max(float(headers.get("Retry-After", 1)), 0), _MAX_WAIT)
    except ValueError:
        return 1.0


def _without_previews(message: NativeMessage) -> dict[str, Any]:
    """Return the body of a message, without link previews."""
    return dict(message) | {"unfurl_links": False, "unfurl_media": False}
