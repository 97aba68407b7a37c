"""Shows papers under their addresses, where people post these.

Source: https://docs.slack.dev/messaging/unfurling-links-in-messages.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from adapters.slack import limits
from adapters.slack.api.client import ApiClient
from adapters.slack.events.payloads import SharedLinks
from adapters.slack.options import NAME
from bot.model.card import Card
from bot.model.channels import Person
from bot.ports.conversation import CommandService, Request
from bot.ports.errors import Refused, TryLater, Unknown
from bot.ports.platform import Renderer

_MAX_WAITING = 100
"""Messages whose addresses wait to be shown; further ones stay bare."""
_CONCURRENT = 4
_MAX_ATTEMPTS, _MAX_WAIT = 3, 30.0
"""Attempts of a request that Slack asks to repeat later, and the maximum pause in seconds."""

_LOG = logging.getLogger(__name__)


class LinkUnfurler:
    """Answers `link_shared` events, a few at a time."""

    def __init__(self, api: ApiClient, service: CommandService, render: Renderer) -> None:
        self._api = api
        self._service = service
        self._render = render
        self._turns = asyncio.Semaphore(_CONCURRENT)
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, shared: SharedLinks) -> None:
        """Show what is behind addresses, unless too many wait already; returns at once."""
        if len(self._tasks) >= _MAX_WAITING:
            _LOG.warning("Link dropped", extra={"fields": {"workspace": shared.target.workspace}})
            return
        task = asyncio.create_task(self._unfurl(shared))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _unfurl(self, shared: SharedLinks) -> None:
        async with self._turns:
            try:
                language = await self._service.language_of(shared.target)
                urls = shared.urls[: limits.UNFURLS]
                found = await asyncio.gather(
                    *(self._blocks(shared, url, language) for url in urls)
                )
                unfurls = {
                    url: {"blocks": blocks}
                    for url, blocks in zip(urls, found, strict=True)
                    if blocks
                }
                if unfurls:
                    await self._send(shared, {**shared.place, "unfurls": unfurls})
            except (TryLater, Refused, Unknown) as error:
                # The message may be gone, or be one under which Slack shows nothing.
                _LOG.warning("Failed to show link", extra={"fields": {"error": str(error)}})
            except Exception:  # noqa: BLE001 - one address that fails stops no other
                _LOG.exception("Failed to handle link")

    async def _blocks(
        self, shared: SharedLinks, url: str, language: str
    ) -> Sequence[dict[str, Any]]:
        """Return what is shown under an address; nothing where it is no paper's."""
        person = Person(NAME, shared.person)
        reply = await self._service.answer(
            Request("links", url, person, shared.target, language=language)
        )
        if not reply.papers or not isinstance(reply.content, Card):
            return ()
        (first, *_) = self._render(reply.content)
        blocks = first["blocks"]
        return blocks if isinstance(blocks, list) else ()

    async def _send(self, shared: SharedLinks, body: dict[str, Any]) -> None:
        """Send it, again where Slack asks for that. Raises TryLater, Refused or Unknown."""
        for attempt in range(_MAX_ATTEMPTS):
            try:
                await self._api.write(
                    "chat.unfurl", shared.target.workspace, body, is_repeatable=True
                )
            except TryLater as error:
                if attempt == _MAX_ATTEMPTS - 1:
                    raise
                wait = error.retry_after.total_seconds() if error.retry_after else 1.0
                await asyncio.sleep(min(wait, _MAX_WAIT))
            else:
                return
