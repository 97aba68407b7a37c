"""The page for operators: the state of the bot, and buttons to pause, resume and post again.

It is open to the loopback interface alone, or to who knows the token. It sets no cookie: the token
comes by HTTP's Basic authentication, and every form holds a key that only this page gives out.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.site.markup import Reader, render_template
from bot.cards.sanitize import clean_card
from bot.cards.subscription_status import SubscriptionStatus, subscription_card
from bot.commands.administration import Administration
from bot.model.card import Card, Form
from bot.model.subscriptions import Subscription

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_NO_STORE = {"Cache-Control": "no-store"}
_MAX_PAGE = 10_000
_MAX_FORM, _MAX_FIELDS = 10_000, 10
"""Bytes and fields of a form."""

MakeReader = Callable[[Request], Reader]


@dataclass(frozen=True, slots=True)
class Admin:
    """What the admin's page shows, and the token that opens it."""

    administration: Administration
    token: str = ""
    """Empty: the page is open to the loopback interface alone."""


class AdminPages:
    """The admin's page, for the routes of a site."""

    def __init__(self, admin: Admin, reader: MakeReader) -> None:
        self._administration = admin.administration
        self._token = admin.token
        self._reader = reader
        # A form of an earlier process is refused: what it was about may have changed.
        self._key = secrets.token_bytes(32)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/admin/", self._guarded(self._show), methods=["GET"]),
            Route("/admin/", self._guarded(self._act), methods=["POST"]),
            Route("/admin", lambda _: RedirectResponse("admin/", 307), methods=["GET"]),
        ]

    def _guarded(
        self, handle: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return a handler that answers only who may see the page."""

        async def guard(request: Request) -> Response:
            if self._token:
                if not _knows(request, self._token):
                    asked = {"WWW-Authenticate": 'Basic realm="Paperboy", charset="UTF-8"'}
                    return Response("The token is needed.\n", 401, {**asked, **_NO_STORE})
            elif not _is_local(request):
                raise HTTPException(404)
            return await handle(request)

        return guard

    async def _show(self, request: Request) -> Response:
        text = request.query_params.get("page", "1")
        page = int(text) if text.isascii() and text.isdecimal() else 1
        if not 1 <= page <= _MAX_PAGE:
            raise HTTPException(404)
        return await self._render(request, page, None)

    async def _act(self, request: Request) -> Response:
        if not _is_same_origin(request):
            raise HTTPException(403)
        given = await _read_form(request)
        if not hmac.compare_digest(given.get("key", "").encode(), self._form_key().encode()):
            raise HTTPException(403)
        number = given.get("subscription", "")
        language = self._reader(request).language
        done = (
            await self._administration.act(int(number), given.get("action", ""), language)
            if number.isascii() and number.isdecimal() and len(number) < 10  # noqa: PLR2004
            else None
        )
        if done is None:
            raise HTTPException(400)
        return await self._render(request, 1, done)

    async def _render(self, request: Request, page: int, done: Card | Form | None) -> Response:
        reader = self._reader(request)
        overview = await self._administration.overview(reader.language, page)
        values = {
            "overview": overview,
            "done": done if isinstance(done, Card) else None,
            "key": self._form_key(),
            "cards": [_row(reader, each) for each in overview.subscriptions],
        }
        return HTMLResponse(render_template("admin.html", reader, values), headers=_NO_STORE)

    def _form_key(self) -> str:
        return hmac.new(self._key, b"admin", hashlib.sha256).hexdigest()


async def _read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form. Raises HTTPException where it is none, or too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=_MAX_FIELDS))
    except ValueError:
        raise HTTPException(400) from None


def _row(reader: Reader, status: SubscriptionStatus) -> tuple[str, Subscription, Card]:
    """Return what stands of a subscription: its channel, itself, and its state as a card."""
    subscription = status.report.subscription
    target = subscription.target
    place = "/".join(filter(None, (target.workspace, target.channel)))
    card = clean_card(subscription_card(reader.locale, status, ""))
    return f"{target.platform}:{place}", subscription, card


def _knows(request: Request, token: str) -> bool:
    """Tell whether a request has the token as its password, with any name."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        _, _, password = b64decode(encoded, validate=True).partition(b":")
    except (Base64Error, ValueError):
        return False
    return hmac.compare_digest(password, token.encode())


def _is_local(request: Request) -> bool:
    """Tell whether a browser on this machine asks, without a proxy or a foreign name between."""
    client = request.client.host if request.client else ""
    try:
        is_loopback = ip_address(client).is_loopback
    except ValueError:
        return False
    named = urlsplit(f"//{request.headers.get('host', '')}").hostname
    is_direct = not any(name in request.headers for name in _PROXY_HEADERS)
    return is_loopback and is_direct and named in _LOOPBACK_NAMES


def _is_same_origin(request: Request) -> bool:
    """Tell whether a form was sent from a page of this address, as far as the browser says it."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "")
    return site == "same-origin" and (
        not origin or urlsplit(origin).netloc == request.headers.get("host", "")
    )
