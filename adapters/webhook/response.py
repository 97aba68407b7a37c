"""Reads a receiver's response within bounds, and the message that it names."""

import json
from typing import Any

import httpx2

from adapters.webhook import limits
from bot.lib.marker import _
from bot.lib.urls import is_safe_url
from bot.model.channels import MessageRef, Target
from bot.ports.errors import Unknown

HEADERS = {"Accept-Encoding": "identity"}
"""A compressed response could be a thousand times larger than what is received of it."""
_NO_ID = _("The webhook answered {status} without the message's id.")
_KEPT_HEADERS = ("Retry-After",)


async def read_bounded(response: httpx2.Response) -> httpx2.Response:
    """Return a streamed response with its body, without one that exceeds `RESPONSE_BYTES`.

    A body with a content encoding is left out as well, as none was asked for. Raises httpx2's
    errors if the connection breaks.
    """
    body = bytearray()
    is_encoded = response.headers.get("Content-Encoding", "identity").strip().lower() != "identity"
    async for chunk in response.aiter_raw(limits.RESPONSE_BYTES):
        body += chunk
        if is_encoded or len(body) > limits.RESPONSE_BYTES:
            body.clear()
            break
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return httpx2.Response(response.status_code, headers=headers, content=bytes(body))


def parse_ref(target: Target, response: httpx2.Response) -> MessageRef:
    """Return the message that a response names. Raises Unknown if it names none."""
    body = _parse_object(response.content)
    number = _text(body, "id")
    if not number.strip("."):
        raise Unknown(_NO_ID.format(status=response.status_code))
    url = _text(body, "url")
    return MessageRef(target, number, _text(body, "thread"), url if is_safe_url(url) else "")


def _parse_object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _text(body: dict[str, Any], name: str) -> str:
    """Return a text of a response; empty if it is none, too long, or cannot be stored."""
    value = body.get(name)
    if not isinstance(value, str) or len(value) > limits.ID_CHARACTERS:
        return ""
    return value if value.isprintable() else ""
