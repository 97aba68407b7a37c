"""What every response carries, and how many one client may ask for."""

import asyncio

from cachetools import TTLCache
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_MINUTE = 60
_MAX_CLIENTS = 100_000


class SecurityHeaders:
    """Adds headers that let a browser load nothing from elsewhere, and run nothing inline."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class ClientLimit:
    """Answers 429 to a client address that asked too often within a minute."""

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._per_minute = per_minute
        self._counts: TTLCache[str, int] = TTLCache(
            _MAX_CLIENTS, _MINUTE, timer=lambda: asyncio.get_running_loop().time()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        client = (scope.get("client") or ("",))[0]
        window = f"{client} {int(asyncio.get_running_loop().time()) // _MINUTE}"
        count = self._counts[window] = self._counts.get(window, 0) + 1
        if count > self._per_minute:
            refusal = PlainTextResponse(
                "Too many requests. Please wait a minute.\n", 429, {"Retry-After": str(_MINUTE)}
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)
