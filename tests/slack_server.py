"""A Slack on a real socket that remembers, judges every body, and fails as it is told.

It speaks the part of the Web API and of Socket Mode that Paperboy uses, as documented at
https://docs.slack.dev; what a person does is delivered by `sockets`.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from math import ceil
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from aiohttp import web

from tests import slack_rules
from tests.app_runner import start_app
from tests.request_stages import RequestStage, StageHook
from tests.slack_methods import METHODS, ApiResponse, Method, is_permitted
from tests.slack_oauth import OAuth
from tests.slack_socket import Sockets
from tests.slack_workspace import (
    APP,
    APP_TOKEN,
    BOT,
    BOT_USER,
    CHANNEL,
    READER,
    ApiError,
    Workspace,
)
from tests.waiting import let_pending_in, wait_until

_USES, _SECONDS = 5, 1800.0
"""How often and for how long a response_url works."""

FaultPicker = Callable[[str], str]
"""Given a method, says how a request fails: '', 'lost', 'dropped', a status, or an error."""


@dataclass
class ResponseUrl:
    """What a response_url was used for."""

    channel: str
    user: str
    until: float
    bodies: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Server:
    """One Slack with one workspace."""

    here: Workspace = field(default_factory=Workspace)
    sockets: Sockets = field(default_factory=Sockets)
    oauth: OAuth = field(default_factory=OAuth)
    app_token: str = APP_TOKEN
    responses: dict[str, ResponseUrl] = field(default_factory=dict)
    """By the identifier in the response_url."""
    asked: Counter[str] = field(default_factory=Counter)
    """How often each method was asked."""
    refused: Counter[str] = field(default_factory=Counter)
    """How often each error was answered."""
    injected_faults: Counter[str] = field(default_factory=Counter)
    """How often requests failed as it was told."""
    pick_fault: FaultPicker = lambda _method: ""
    pick_response_fault: Callable[[Mapping[str, Any]], str] = lambda _body: ""
    """Given what is sent to a response_url, says how it fails: '', a status, or an error."""
    hold: StageHook | None = None
    """Is waited for at every point of every post; may raise ConnectionError to break it off."""
    hold_rotation: tuple[asyncio.Event, asyncio.Event] | None = None
    """Set when a token is asked for, and waited for before it is given."""
    clock_skew: timedelta = timedelta()
    """How far its clock is ahead of ours."""

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/"

    @property
    def messages(self) -> dict[str, list[dict[str, Any]]]:
        return self.here.messages

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/socket", self.sockets.connect)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/respond/{number}", self._respond)
        app.router.add_post("/upload/{number}", self._upload)
        self._runner, self._port = await start_app(app)
        self.here.upload_url = f"http://127.0.0.1:{self._port}/upload/"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.sockets.close()
        await self._runner.cleanup()

    async def wait_until(self, is_there: Callable[[], bool]) -> None:
        """Return once something is there."""
        await wait_until(is_there)

    def trigger(self) -> str:
        """Return what lets a view be opened."""
        number = str(uuid4())
        self.here.triggers.add(number)
        return number

    def response_url(self, channel: str = CHANNEL, user: str = READER) -> str:
        """Return an address that takes five messages within half an hour."""
        number = str(uuid4())
        self.responses[number] = ResponseUrl(channel, user, time.monotonic() + _SECONDS)
        return f"http://127.0.0.1:{self._port}/respond/{number}"

    def responded(self, url: str) -> list[dict[str, Any]]:
        """Return what a response_url took, in order."""
        return self.responses[url.rpartition("/")[2]].bodies

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if method in {"conversations.history", "conversations.replies"}:
            await let_pending_in()
        self.asked[method] += 1
        mood = self.pick_fault(method)
        self.injected_faults[mood] += 1
        is_held = method in {"chat.postMessage", "chat.update"}
        if method == "oauth.v2.access" and self.hold_rotation:
            arrived, go = self.hold_rotation
            arrived.set()
            await go.wait()
        if mood == "dropped" or (is_held and not await self._passes(RequestStage.ARRIVED)):
            return _cut(request)
        answer = await self._answer(request, method, mood)
        answer.headers["Date"] = format_datetime(datetime.now(UTC) + self.clock_skew, usegmt=True)
        if mood == "lost":
            return _cut(request)
        if is_held and self.hold:
            await self._passes(RequestStage.ACCEPTED)
            await answer.prepare(request)
            await answer.write_eof()
            await self._passes(RequestStage.ANSWERED)
        return answer

    async def _answer(self, request: web.Request, method: str, mood: str) -> web.Response:
        if mood == "429":
            return self._too_early(0.2)
        if mood.isdecimal():
            return web.Response(status=int(mood), text="upstream error", content_type="text/html")
        if mood and mood != "lost":
            return self._no(mood)
        args = await _arguments(request, METHODS.get(method))
        wait = self.here.rate_limit_wait(method, args)
        if wait:
            return self._too_early(wait)
        try:
            found = self._called(request, method, args)
        except ApiError as error:
            return self._no(str(error), **_needed(METHODS.get(method), str(error)))
        scopes = {"x-oauth-scopes": ",".join(sorted(self.here.scopes))}
        return web.json_response({"ok": True, **found}, headers=scopes)

    def _called(self, request: web.Request, method: str, args: Mapping[str, Any]) -> ApiResponse:
        header = request.headers.get("Authorization", "")
        if method == "oauth.v2.access":
            return self.oauth.exchange(self.here, args, header)
        token = header.removeprefix("Bearer ")
        if not token:
            raise ApiError("not_authed")
        if method == "apps.connections.open":
            return self._connection(token)
        known = METHODS.get(method)
        if known is None:
            raise ApiError("unknown_method")
        if token == self.app_token:
            raise ApiError("not_allowed_token_type")
        if token not in {self.here.token, *self.oauth.replaced}:
            raise ApiError("invalid_auth")
        if not is_permitted(self.here, known.scopes, args):
            raise ApiError("missing_scope")
        return known.run(self.here, args)

    def _connection(self, token: str) -> ApiResponse:
        if token != self.app_token:
            raise ApiError(
                "not_allowed_token_type" if token == self.here.token else "invalid_auth"
            )
        ticket = str(uuid4())
        self.sockets.tickets.add(ticket)
        return {"url": f"ws://127.0.0.1:{self._port}/socket?ticket={ticket}"}

    async def _respond(self, request: web.Request) -> web.Response:
        """Take what is said to a response_url."""
        response = self.responses.get(request.match_info["number"])
        if response is None or time.monotonic() > response.until:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        if len(response.bodies) >= _USES:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        body = await request.json()
        if mood := self.pick_response_fault(body):
            return _failed_response(mood)
        faults = list(slack_rules.message_faults(body)) if self.here.validates else []
        self.here.wrong += faults
        if faults or not self.here.files.issuperset(slack_rules.shown_files(body)):
            return web.json_response({"ok": False, "error": "invalid_blocks"}, status=400)
        if "response_type" not in body and not body.get("replace_original"):
            self.here.wrong.append("a response without response_type")
        response.bodies.append(body)
        if body.get("response_type") == "in_channel" and not body.get("replace_original"):
            whose = {"user": BOT_USER, "bot_id": BOT, "app_id": APP}
            said = {name: body[name] for name in ("text", "blocks") if name in body}
            self.here.keep(response.channel, said | whose, body.get("thread_ts", ""))
        elif not body.get("replace_original"):
            self.here.ephemeral.append({"user": response.user, **body})
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        """Take the content of a file that was announced."""
        self.here.uploads[request.match_info["number"]] = await request.read()
        return web.Response(text="OK")

    def _no(self, error: str, **more: str) -> web.Response:
        self.refused[error] += 1
        return web.json_response({"ok": False, "error": error, **more})

    def _too_early(self, wait: float) -> web.Response:
        self.refused["ratelimited"] += 1
        body = {"ok": False, "error": "ratelimited"}
        return web.json_response(body, status=429, headers={"Retry-After": str(ceil(wait))})

    async def _passes(self, point: RequestStage) -> bool:
        """Let a test hold a post here; False where the post is broken off."""
        try:
            if self.hold:
                await self.hold(point)
        except ConnectionError:
            return False
        return True


async def _arguments(request: web.Request, method: Method | None) -> dict[str, Any]:
    """Return the arguments of a call; JSON only where the method takes it."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        if method is None or method.takes_json:
            found |= await request.json()
    elif request.can_read_body:
        form = {name: str(value) for name, value in (await request.post()).items()}
        for name in {"blocks", "metadata", "view"} & form.keys():
            form[name] = json.loads(form[name])
        found |= form
    return found


def _failed_response(mood: str) -> web.Response:
    """Fail as a response_url does: with a status, or with an error."""
    if mood.isdecimal():
        return web.Response(status=int(mood), text="busy", headers={"Retry-After": "0"})
    return web.json_response({"ok": False, "error": mood}, status=400)


def _needed(method: Method | None, error: str) -> dict[str, str]:
    if error != "missing_scope" or method is None:
        return {}
    return {"needed": ",".join(sorted(method.scopes)), "provided": ""}


def _cut(request: web.Request) -> web.Response:
    """End the connection, so that no answer arrives."""
    if request.transport:
        request.transport.close()
    return web.Response()
