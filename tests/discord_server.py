"""A Discord on a real socket that remembers, judges every body, and fails as it is told.

It speaks the part of the HTTP API and of the gateway that Paperboy uses, as documented at
https://docs.discord.com/developers.
"""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests import discord_rules
from tests.app_runner import start_app
from tests.discord_gateway import APPLICATION, BOT, GUILD, Gateway
from tests.request_stages import RequestStage, StageHook
from tests.waiting import let_pending_in, wait_for, wait_until

TOKEN = "MTIz.loopback.token"
CHANNEL, FORUM = "200", "201"
_EPOCH_MS = 1_420_070_400_000
_ANNOUNCED = 5
"""The type of an answer that says that one is on its way."""
_PER_BUCKET, _BUCKET_SECONDS = 5, 0.5
_CONTENT_FLAG = 1 << 19
"""The flag of an application to which an operator allowed the texts."""
_ITSELF = {"id": BOT, "bot": True}
SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""What Discord signs interactions with, where they are requests."""

_APPLICATION = {
    "id": APPLICATION, "name": "Paperboy", "icon": None, "description": "", "bot_public": True,
    "bot_require_code_grant": False, "flags": 0, "summary": "", "team": None,
    "owner": {"id": "1", "username": "operator", "discriminator": "0", "avatar": None},
    "verify_key": SIGNING_KEY.public_key().public_bytes_raw().hex(),
}  # fmt: skip

_CHANNEL_FIELDS: dict[str, Any] = {
    "position": 0, "topic": None, "nsfw": False, "permission_overwrites": [],
    "last_message_id": None, "rate_limit_per_user": 0, "parent_id": None,
}  # fmt: skip

ForeignPicker = Callable[[str, str], tuple[int, str, str, dict[str, str]] | None]
"""Given method and path, returns status, content type, body and headers; None to let it pass."""

FaultPicker = Callable[[str, str], str]
"""Given method and path, says how a request fails: '', 'lost', 'dropped', or a status."""


@dataclass
class Server(Gateway):
    """One Discord with one server, a text channel and a forum."""

    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By channel or thread, oldest first."""
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    threads: dict[str, dict[str, Any]] = field(default_factory=dict)
    commands: list[dict[str, Any]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    """How often each method and path was asked."""
    refused: Counter[int] = field(default_factory=Counter)
    injected_faults: Counter[str] = field(default_factory=Counter)
    """How often requests failed as it was told."""
    pick_fault: FaultPicker = lambda _method, _path: ""
    replace: ForeignPicker | None = None
    """Answers in place of Discord, as what stands between does."""
    hold: StageHook | None = None
    """Is waited for at every point of every post; may raise ConnectionError to break it off."""
    supports_nonces: bool = True
    """Whether a nonce that it knows makes no second message; without it, doubles are seen."""
    clock_skew: timedelta = timedelta()
    """How far its clock is ahead of ours."""
    validates: bool = True
    """Whether bodies are judged, which takes longer than Discord does."""
    member_roles: dict[str, list[str]] = field(default_factory=dict)
    """The ids of the roles of each member."""
    may_make_tags: bool = False
    refuses_components: bool = False
    """Whether it refuses every response with components, as it does what breaks a rule."""
    has_commands: bool = True
    """Whether the server let the bot in with its commands."""
    per_second: int = 0
    """How many requests a second it takes, responses to interactions apart; 0 for any number."""
    bucket_seconds: float = _BUCKET_SECONDS
    """In which so many messages of a channel are taken: five."""
    endpoints: list[int] = field(default_factory=list)
    """The ports at which interactions are awaited, in turn; none: they go over the gateway."""
    endpoint_url: str = ""
    """What the application says of that."""
    pinned: set[str] = field(default_factory=set)
    crossposted: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """The files that came with messages, by name."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.channels[CHANNEL] = {"id": CHANNEL, "type": 0, "guild_id": GUILD, "name": "papers"}
        tags = [
            {"id": number, "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}
            for number, name in (("301", "LLM"), ("302", "long context"))
        ]
        self.channels[FORUM] = {
            "id": FORUM, "type": 15, "guild_id": GUILD, "name": "forum", "available_tags": tags,
        }  # fmt: skip
        self.roles = [{"id": GUILD, "permissions": str((1 << 10) | (1 << 11))}]
        self._last = 0
        self._times: deque[float] = deque()
        """When the requests of the last second came."""
        self._nonces: dict[str, dict[str, Any]] = {}
        self.posted_at: list[float] = []
        """When messages came, by a monotonic clock."""
        self._sent_at: dict[str, list[float]] = {}
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.followed: dict[str, list[dict[str, Any]]] = {}
        """What came for an interaction after its first answer, by its token."""
        self.deleted: set[str] = set()
        """The tokens of interactions whose first answer was deleted."""

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v10"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/gateway/", self._gateway)
        app.router.add_route("*", "/api/v10/{path:.*}", self._api)
        self._runner, self._port = await start_app(app)
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for socket in [*self._sockets.values()]:
            await socket.close()
        await self._session.close()
        await self._runner.cleanup()

    async def interact(self, kind: int, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Let a person do something; return the first answer."""
        number = self.snowflake()
        self._answers[number] = asyncio.get_running_loop().create_future()
        user = {"id": "500", "username": "reader", "discriminator": "0", "avatar": None}
        member = {
            "user": user, "roles": more.pop("roles", []), "permissions": more.pop("rights", "0"),
            "joined_at": "2023-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0,
        }  # fmt: skip
        channel = more.pop("channel", self.channels[CHANNEL])
        payload = {
            "id": number, "application_id": APPLICATION, "type": kind, "token": f"t{number}",
            "version": 1, "guild_id": GUILD, "channel_id": channel["id"],
            "channel": _CHANNEL_FIELDS | channel,
            "user": user, "member": member, "locale": "en-US", "entitlements": [], "data": data,
            "authorizing_integration_owners": {"0": GUILD}, "context": 0,
            "app_permissions": "309237730304",
            "attachment_size_limit": 1,
        } | more  # fmt: skip
        if self.endpoints:
            self.endpoints.append(self.endpoints.pop(0))
            assert (await self.request(self.endpoints[-1], payload))[0] == 202
        else:
            shard = (int(payload["guild_id"] or 0) >> 22) % self._shard_count
            await self._dispatch(shard, "INTERACTION_CREATE", payload)
        answer = await wait_for(self._answers[number])
        return answer | {"token": f"t{number}"}

    async def request(
        self, port: int, payload: dict[str, Any], *, at: float = 0, signature: str = ""
    ) -> tuple[int, bytes]:
        """Send an interaction to an address; return the status and the body of the answer."""
        body, stamp = json.dumps(payload).encode(), str(int(at or time.time()))
        headers = {
            "X-Signature-Timestamp": stamp,
            "X-Signature-Ed25519": signature or SIGNING_KEY.sign(stamp.encode() + body).hex(),
        }
        url = f"http://127.0.0.1:{port}/discord/interactions"
        async with self._session.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.read()

    async def settled(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return what an answer says in the end, where it was only announced at first."""
        if answer["type"] != _ANNOUNCED:
            return answer
        await self.wait_until(lambda: answer["token"] in self.followed)
        (said,) = self.followed[answer["token"]]
        flags = answer["data"].get("flags", 0) | said.get("flags", 0)
        return answer | {"data": said | {"flags": flags}}

    async def wait_until(self, is_there: Callable[[], bool]) -> None:
        """Return once something is there."""
        await wait_until(is_there)

    def text(self, place: str) -> str:
        """Return all that stands in a place."""
        every = self.messages.get(place, [])
        return "\n".join(text for each in every for text in discord_rules.texts(each))

    def delete_message(self, place: str, number: str) -> None:
        """Let a moderator delete a message; a thread that hangs under it stays."""
        self.messages[place] = [m for m in self.messages[place] if m["id"] != number]

    def delete_thread(self, number: str) -> None:
        """Let a moderator delete a thread; what it hung under stays."""
        del self.threads[number]
        self.messages.pop(number, None)

    def say(self, place: str, text: str, who: str = "500") -> dict[str, Any]:
        """Let a member say something; no event tells of it."""
        return self._keep(place, {"content": text}, self.snowflake(), {"id": who})

    async def reply(self, place: str, text: str, who: str = "500", times: int = 1) -> str:
        """Let a member say something, and tell of it as often; return its id."""
        said = self.say(place, text, who)
        for _ in range(times):
            # Without the privileged intent the text is empty.
            seen = {} if self._reads else {"content": ""}
            await self.tell("MESSAGE_CREATE", {**said, "guild_id": GUILD, **seen})
        return str(said["id"])

    async def delete(self, place: str, message: str) -> None:
        """Let a moderator delete a message."""
        self.messages[place] = [each for each in self.messages[place] if each["id"] != message]
        told = {"id": message, "channel_id": place, "guild_id": GUILD}
        await self.tell("MESSAGE_DELETE", told)

    async def react(
        self, place: str, message: str, emoji: str, who: str = "500", *, is_added: bool = True
    ) -> None:
        """Let a member react to a message, or take that back."""
        told = {
            "user_id": who, "channel_id": place, "message_id": message, "guild_id": GUILD,
            "emoji": {"id": None, "name": emoji}, "burst": False, "type": 0,
        }  # fmt: skip
        if is_added:
            told["member"] = {"user": {"id": who}}
        if self._hears_reactions and 0 in self._sockets:
            await self._dispatch(0, f"MESSAGE_REACTION_{'ADD' if is_added else 'REMOVE'}", told)

    def keys(self, place: str) -> list[str]:
        """Return the titles of what stands in a place, in order."""
        return [str(next(discord_rules.texts(each))) for each in self.messages.get(place, [])]

    def snowflake(self) -> str:
        now = (int(time.time() * 1000) - _EPOCH_MS) << 22
        self._last = max(self._last + 1, now)
        return str(self._last)

    async def _api(self, request: web.Request) -> web.Response:
        path, method = "/" + request.match_info["path"], request.method
        if method == "GET":
            await let_pending_in()
        self.asked[f"{method} {path}"] += 1
        foreign = self.replace(method, path) if self.replace else None
        if foreign:
            status, kind, text, headers = foreign
            return web.Response(status=status, content_type=kind, text=text, headers=headers)
        mood = self.pick_fault(method, path)
        self.injected_faults[mood] += 1
        refused = self._refuse(request, path, mood)
        if refused:
            return refused
        is_edit = method == "PATCH" and "/messages/" in path
        is_held = (method == "POST" or is_edit) and path.startswith("/channels/")
        if mood == "dropped" or (is_held and not await self._passes(RequestStage.ARRIVED)):
            return _cut(request, web.Response())
        body = await self._read_body(request)
        answer = await self._answer(method, path, dict(request.query), body)
        if answer.body:
            answer.headers["Content-Type"] = "application/json"  # as Discord says it
        answer.headers["Date"] = format_datetime(datetime.now(UTC) + self.clock_skew, usegmt=True)
        if mood == "lost":
            return _cut(request, answer)
        if is_held and self.hold:
            await self._passes(RequestStage.ACCEPTED)
            await answer.prepare(request)
            await answer.write_eof()
            await self._passes(RequestStage.ANSWERED)
        return answer

    async def _read_body(self, request: web.Request) -> Any:
        """Return the JSON of a body, also where a file comes with it, which is kept."""
        if not request.can_read_body:
            return None
        if request.content_type != "multipart/form-data":
            return await request.json()
        form = await request.post()
        file = form["files[0]"]
        assert isinstance(file, web.FileField)
        self.files[file.filename] = file.file.read()
        body = form["payload_json"]
        assert isinstance(body, bytes | bytearray)
        return json.loads(body)

    def _refuse(self, request: web.Request, path: str, mood: str) -> web.Response | None:
        is_callback = path.startswith(("/interactions/", "/webhooks/"))
        if self.per_second and not is_callback and not self._has_room():
            return self._error(429)
        if mood.isdecimal():
            return self._error(int(mood), *([50027] if path.startswith("/webhooks") else []))
        if not is_callback and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return self._error(401)
        return None

    def _has_room(self) -> bool:
        now = time.monotonic()
        while self._times and self._times[0] <= now - 1:
            self._times.popleft()
        if len(self._times) >= self.per_second:
            return False
        self._times.append(now)
        return True

    async def _passes(self, point: RequestStage) -> bool:
        """Call the hook of a stage; return False where it breaks the connection."""
        try:
            if self.hold:
                await self.hold(point)
        except ConnectionError:
            return False
        return True

    def _error(self, status: int, code: int = 0) -> web.Response:
        self.refused[status] += 1
        body: dict[str, Any] = {"code": code, "message": "no"}
        if status == 429:
            body |= {"retry_after": 0.05, "global": False}
        return web.json_response(body, status=status)

    async def _answer(  # noqa: C901, PLR0911, PLR0912, PLR0915 - a table of what there is
        self, method: str, path: str, query: dict[str, str], body: Any
    ) -> web.Response:
        match [method, *path.strip("/").split("/")]:
            case ["GET", "users", "@me"]:
                return web.json_response(
                    {"id": BOT, "username": "paperboy", "discriminator": "0", "avatar": None}
                )
            case ["GET", *_, "applications", "@me"]:
                flags = _CONTENT_FLAG if self.may_read else 0
                more = {"flags": flags, "interactions_endpoint_url": self.endpoint_url or None}
                return web.json_response(_APPLICATION | more)
            case ["GET", "gateway", "bot"]:
                limit = {"total": 9, "remaining": 9, "reset_after": 0, "max_concurrency": 1}
                told = {
                    "url": self.gateway_url, "shards": self.shards, "session_start_limit": limit,
                }  # fmt: skip
                return web.json_response(told)
            case ["GET", "applications", _, "guilds", _, "commands"] if not self.has_commands:
                return self._error(403, 50001)
            case ["GET", "applications", _, *_, "commands"]:
                return web.json_response(self.commands)
            case ["PUT", "applications", _, *_, "commands"]:
                for each in body:
                    self._judge("ApplicationCommandUpdateRequest", each)
                extra = {"application_id": APPLICATION, "version": "1", "nsfw": False}
                self.commands = [
                    {"id": self.snowflake(), "description": "", **extra, **each} for each in body
                ]
                return web.json_response(self.commands)
            case ["GET", "channels", number] if number in self.channels | self.threads:
                told = (self.channels | self.threads)[number]
                own = [m for m in self.messages.get(number, []) if m["id"] != number]
                return web.json_response({**told, "message_count": len(own)})
            case ["PATCH", "channels", number] if number in self.channels:
                self._judge("UpdateGuildChannelRequestPartial", body)
                if not self.may_make_tags:
                    return self._error(403, 50013)
                names = {tag["name"] for tag in body["available_tags"]}
                assert len(names) == len(body["available_tags"]) <= 20
                self.channels[number]["available_tags"] = [
                    {"id": self.snowflake(), **tag} for tag in body["available_tags"]
                ]
                return web.json_response(self.channels[number])
            case ["PATCH", "channels", number] if number in self.threads:
                self._judge("UpdateThreadRequestPartial", body)
                told = dict(body)
                if "archived" in told:
                    state = self.threads[number]["thread_metadata"]
                    state["archived"] = told.pop("archived")
                self.threads[number] |= told
                return web.json_response(self.threads[number])
            case ["GET", "channels", number, "messages"] if self._is_there(number):
                return web.json_response(self._page(number, query))
            case ["POST", "channels", number, "messages"] if self._is_there(number):
                return self._post(number, body)
            case ["PATCH", "channels", number, "messages", message]:
                self._judge("MessageEditRequestPartial", body, is_message=True)
                if not self._is_there(number):
                    return self._error(404, 10003)
                if self.threads.get(number, {}).get("thread_metadata", {}).get("archived"):
                    return self._error(400, 50083)
                kept = next((m for m in self.messages[number] if m["id"] == message), None)
                if kept is None:
                    return self._error(404, 10008)
                kept |= body
                kept["edits"] = kept.get("edits", 0) + 1
                return web.json_response(kept)
            case ["POST", "channels", number, "messages", message, "crosspost"]:
                return self._crosspost(number, message)
            case ["PUT" | "DELETE", "channels", _, "messages", "pins", message]:
                (self.pinned.add if method == "PUT" else self.pinned.discard)(message)
                return web.Response(status=204)
            case ["POST", "channels", number, "messages", message, "threads"]:
                if message in self.threads:
                    return self._error(400, 160004)
                self._judge("CreateTextThreadWithMessageRequest", body)
                return web.json_response(self._thread(number, message, body["name"]))
            case ["POST", "channels", number, "threads"]:
                self._judge("CreateForumThreadRequest", body)
                known = {tag["id"] for tag in self.channels[number]["available_tags"]}
                if not known >= set(body.get("applied_tags", [])):
                    return self._error(400, 10087)
                made = self.snowflake()
                self._thread(number, made, body["name"], body.get("applied_tags", []))
                self._keep(made, body["message"], made)
                return web.json_response(self.threads[made])
            case ["GET", "guilds", _, "threads", "active"]:
                found = [t for t in self.threads.values() if not t["thread_metadata"]["archived"]]
                return web.json_response({"threads": found, "members": []})
            case ["GET", "channels", number, "threads", "archived", "public"]:
                found = [
                    t for t in self.threads.values()
                    if t["thread_metadata"]["archived"] and t["parent_id"] == number
                ]  # fmt: skip
                return web.json_response({"threads": found, "members": [], "has_more": False})
            case ["POST", "users", "@me", "channels"]:
                number = f"7{body['recipient_id']}"
                self.channels[number] = {"id": number, "type": 1}
                return web.json_response(self.channels[number])
            case ["GET", "guilds", _, "members", user]:
                return web.json_response({"roles": self.member_roles.get(user, [])})
            case ["GET", "guilds", number]:
                return web.json_response({"id": number, "owner_id": "1"})
            case ["GET", "guilds", _, "roles"]:
                return web.json_response(self.roles)
            case ["POST", "interactions", number, _, "callback"]:
                self._judge_answer(body)
                if self._answers[number].done():
                    return self._error(400, 40060)
                if self.refuses_components and "components" in body.get("data", {}):
                    return self._error(400, 50035)
                self._answers[number].set_result(body)
                return web.Response(status=204)
            case ["DELETE", "webhooks", _, token, "messages", "@original"]:
                self.deleted.add(token)
                return web.Response(status=204)
            case ["PATCH" | "POST", "webhooks", _, token, *_]:
                self._judge("IncomingWebhookUpdateRequestPartial", body, is_message=True)
                if self.refuses_components and "components" in body:
                    return self._error(400, 50035)
                self.followed.setdefault(token, []).append(body)
                return web.json_response({"id": self.snowflake()})
            case _:
                pass
        return self._error(404, 10003)

    def _crosspost(self, number: str, message: str) -> web.Response:
        kept = next((m for m in self.messages.get(number, []) if m["id"] == message), None)
        if kept is None:
            return self._error(404, 10008)
        if self.channels[number]["type"] != 5:
            return self._error(400, 50024)
        if message in self.crossposted:
            return self._error(400, 40033)
        if len(self.crossposted) >= 10:
            return self._error(429)
        self.crossposted.append(message)
        return web.json_response(kept)

    def _is_there(self, number: str) -> bool:
        return number in self.channels | self.threads

    def _page(self, number: str, query: dict[str, str]) -> list[dict[str, Any]]:
        limit, every = int(query.get("limit", 50)), self.messages.get(number, [])
        if "after" in query:
            return [m for m in every if int(m["id"]) > int(query["after"])][:limit][::-1]
        before = int(query.get("before", 1 << 63))
        return [m for m in every if int(m["id"]) < before][-limit:][::-1]

    def _post(self, number: str, body: dict[str, Any]) -> web.Response:
        if self.channels.get(number, {}).get("type") == 15:
            return self._error(400, 40058)
        now = time.monotonic()
        recent = [at for at in self._sent_at.get(number, []) if now - at < self.bucket_seconds]
        if len(recent) >= _PER_BUCKET:
            return self._error(429)
        self._sent_at[number] = [*recent, now]
        self._judge("MessageCreateRequest", body, is_message=True)
        headers = {
            "X-RateLimit-Bucket": "posts",
            "X-RateLimit-Remaining": str(_PER_BUCKET - len(recent) - 1),
            "X-RateLimit-Reset-After": str(
                self.bucket_seconds - (now - recent[0] if recent else 0)
            ),
        }
        nonce = str(body.get("nonce", ""))
        is_known = self.supports_nonces and nonce in self._nonces
        if nonce and body.get("enforce_nonce") and is_known:
            return web.json_response(self._nonces[nonce], headers=headers)
        made = self._keep(number, body, self.snowflake())
        if nonce:
            self._nonces[nonce] = made
        return web.json_response(made, headers=headers)

    def _keep(
        self, number: str, body: dict[str, Any], made: str, author: dict[str, Any] = _ITSELF
    ) -> dict[str, Any]:
        message = {**body, "id": made, "channel_id": number, "author": author, "type": 0}
        self.posted_at.append(time.monotonic())
        self.messages.setdefault(number, []).append(message)
        if number in self.threads:
            self.threads[number]["last_message_id"] = made
        return message

    def _thread(
        self, parent: str, number: str, name: str, tags: list[str] | None = None
    ) -> dict[str, Any]:
        self.threads[number] = {
            "id": number, "type": 11, "guild_id": GUILD, "parent_id": parent, "name": name,
            "applied_tags": tags or [], "last_message_id": None, "owner_id": BOT,
            "thread_metadata": {
                "archived": False, "archive_timestamp": "2023-10-09T00:00:00+00:00",
                "auto_archive_duration": 10080, "locked": False,
            },
        }  # fmt: skip
        return self.threads[number]

    def _judge_answer(self, body: dict[str, Any]) -> None:
        names = {
            4: "CreateMessageInteractionCallbackRequest",
            5: "CreateMessageInteractionCallbackRequest",
            7: "UpdateMessageInteractionCallbackRequest",
            8: "ApplicationCommandAutocompleteCallbackRequest",
            9: "ModalInteractionCallbackRequest",
        }
        self._judge(names[body["type"]], body)
        if body["type"] in {4, 7}:
            self._judge("", body["data"], is_message=True)

    def _judge(self, schema: str, body: Any, *, is_message: bool = False) -> None:
        if not self.validates:
            return
        try:
            if schema:
                discord_rules.check(schema, body)
            if is_message:
                discord_rules.check_message(body)
        except AssertionError as error:
            self.wrong.append(str(error)[:500])


def _cut(request: web.Request, answer: web.Response) -> web.Response:
    """End the connection, so that the answer does not arrive."""
    if request.transport:
        request.transport.close()
    return answer
