"""What members do on a loopback Slack, told over Socket Mode or by signed requests."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.commands.context import Context
from bot.commands.service import command_service, context_of
from bot.ports.platform import Platform
from tests import slack_rules
from tests.slack_bot import SECRET, platform
from tests.slack_server import Server
from tests.slack_workspace import ADMIN, APP, BOT_USER, CHANNEL, READER, TEAM
from tests.waiting import GUARD

Payload = dict[str, Any]


class Transport(Protocol):
    """How Slack tells what people do."""

    async def deliver(self, kind: str, payload: Payload) -> Payload:
        """Deliver something; return what it was acknowledged with."""
        ...


@dataclass
class HttpTransport:
    """Slack's requests to an address of ours."""

    port: int

    async def deliver(self, kind: str, payload: Payload) -> Payload:
        status, text = await self.post(*_body(kind, payload))
        assert status == 200, text
        return json.loads(text) if text.startswith("{") else {}

    async def post(
        self, body: str, content_type: str, *, at: int = 0, secret: str = SECRET
    ) -> tuple[int, str]:
        """Send a signed request; return the status and the body of the answer."""
        return await self.send(body, signed(body, content_type, at=at, secret=secret))

    async def send(self, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """Send a request as it is."""
        url = f"http://127.0.0.1:{self.port}/slack/events"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body.encode(), headers=headers) as answer,
        ):
            return answer.status, await answer.text()


def signed(body: str, content_type: str, *, at: int = 0, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a request as Slack signs it."""
    stamp = str(at or int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
    }


def _body(kind: str, payload: Payload) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    if kind == "slash_commands":
        return urlencode(payload), form
    if kind == "interactive":
        return urlencode({"payload": json.dumps(payload)}), form
    return json.dumps(payload), "application/json"


@dataclass
class SlackUser:
    """A conversation with Paperboy."""

    server: Server
    transport: Transport

    async def slash(self, text: str, **more: Any) -> Payload:
        """Write a slash command; return the first answer to it."""
        url = await self.begin(text, **more)
        return await self.wait_for_answer(url)

    async def begin(self, text: str, **more: Any) -> str:
        """Write a slash command; return the address that answers are sent to."""
        command, _, words = text.partition(" ")
        user, channel = more.get("user", READER), more.get("channel", CHANNEL)
        url = self.server.response_url(channel, user)
        await self.transport.deliver("slash_commands", {
            "token": "old", "team_id": TEAM, "team_domain": "readers", "channel_id": channel,
            "channel_name": "papers", "user_id": user, "user_name": "reader", "command": command,
            "text": words, "api_app_id": APP, "is_enterprise_install": "false",
            "response_url": url, "trigger_id": self.server.trigger(),
        })  # fmt: skip
        return url

    async def wait_for_answer(self, url: str) -> Payload:
        """Return the first answer that an address took."""
        await self.server.wait_until(lambda: bool(self.server.responded(url)))
        return self.server.responded(url)[0]

    async def form(self, text: str, **more: Any) -> Payload:
        """Write a slash command; return the view that it opens."""
        before = len(self.server.here.views)
        await self.begin(text, **more)
        return await self.view(before)

    async def view(self, before: int) -> Payload:
        """Return the newest view once there are more than before."""
        await self.server.wait_until(lambda: len(self.server.here.views) > before)
        return self.server.here.views[-1]

    async def mention(self, text: str, *, thread: str = "", event: str = "") -> str:
        """Mention Paperboy in the channel; return the time of the message."""
        ts = self.server.here.say(CHANNEL, text, thread)
        said = {"type": "app_mention", "user": READER, "text": f"<@{BOT_USER}> {text}", "ts": ts,
                "team": TEAM, "channel": CHANNEL, "event_ts": ts}  # fmt: skip
        await self.event(said | ({"thread_ts": thread} if thread else {}), event)
        return ts

    async def direct_message(self, text: str, *, event: str = "", **more: Any) -> None:
        """Write Paperboy a direct message."""
        ts = self.server.here.say("D0001", text)
        said = {"type": "message", "user": READER, "text": text, "ts": ts, "team": TEAM,
                "channel": "D0001", "channel_type": "im", "event_ts": ts}  # fmt: skip
        await self.event(said | more, event)

    async def react(
        self, ts: str, name: str, who: str = READER, *, is_added: bool = True, event: str = ""
    ) -> None:
        """React to a message, or take that back."""
        await self.event({
            "type": "reaction_added" if is_added else "reaction_removed", "user": who,
            "reaction": name, "item": {"type": "message", "channel": CHANNEL, "ts": ts},
            "event_ts": ts,
        }, event)  # fmt: skip

    async def share(self, text: str, *urls: str, event: str = "", **more: Any) -> str:
        """Post a message with addresses; return its time."""
        ts = self.server.here.say(CHANNEL, text)
        links = [{"domain": url.split("/")[2], "url": url} for url in urls]
        await self.event({
            "type": "link_shared", "user": READER, "channel": CHANNEL, "message_ts": ts,
            "event_ts": ts, "links": links, "is_bot_user_member": True,
        } | more, event)  # fmt: skip
        return ts

    async def event(self, event: Payload, number: str = "") -> None:
        """Tell of an event."""
        whose = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True,
                 "is_enterprise_install": False}  # fmt: skip
        await self.transport.deliver("events_api", {
            "token": "old", "team_id": TEAM, "api_app_id": APP, "event": event,
            "type": "event_callback", "event_id": number or f"Ev{uuid4().hex}",
            "event_time": int(time.time()), "authorizations": [whose],
        })  # fmt: skip

    async def click(self, element: Payload, value: str = "", **where: Any) -> str:
        """Use a control on a message; return the address that answers are sent to.

        `where`: user, channel, thread, message, is_ephemeral, the message with the unfurl, or the
        view that it stands in.
        """
        url = "" if "view" in where else self.server.response_url(where.get("channel", CHANNEL))
        payload = self._interaction("block_actions", where) | {"actions": [_used(element, value)]}
        if url:
            payload |= {"response_url": url}
        await self.transport.deliver("interactive", payload)
        return url

    async def shortcut(self, message: Payload, name: str = "find_here") -> str:
        """Use a shortcut of a message; return the address that answers are sent to."""
        url = self.server.response_url()
        payload = self._interaction("message_action", {}) | {
            "callback_id": name, "message": message, "response_url": url,
        }  # fmt: skip
        await self.transport.deliver("interactive", payload)
        return url

    async def submit(self, view: Payload, **answers: Payload) -> Payload:
        """Send a form with answers, each as Slack keeps it; return the acknowledgement."""
        values = {
            block["block_id"]: {block["element"]["action_id"]: _initial(block["element"])}
            for block in view["blocks"]
            if block["type"] == "input"
        }
        for name, answer in answers.items():
            (action_id,) = values[name]
            values[name][action_id] |= answer
        user = {"user": view.get("user", ADMIN)}
        sent = {name: kept for name, kept in view.items() if name != "user"}
        payload = self._interaction("view_submission", user) | {
            "view": sent | {"state": {"values": values}}
        }
        return await self.transport.deliver("interactive", payload)

    async def type_ahead(self, action_id: str, value: str, **where: Any) -> list[Payload]:
        """Type into a select; return what is offered."""
        payload = self._interaction("block_suggestion", where) | {
            "action_id": action_id, "block_id": "b", "value": value,
        }  # fmt: skip
        found: list[Payload] = (await self.transport.deliver("interactive", payload))["options"]
        return found

    def _interaction(self, kind: str, where: Mapping[str, Any]) -> Payload:
        channel, thread = where.get("channel", CHANNEL), where.get("thread", "")
        payload: Payload = {
            "type": kind, "token": "old", "api_app_id": APP, "trigger_id": self.server.trigger(),
            "team": {"id": TEAM, "domain": "readers"}, "enterprise": None,
            "is_enterprise_install": False,
            "user": {"id": where.get("user", READER), "team_id": TEAM},
        }  # fmt: skip
        if "view" in where:
            view = where["view"]
            return payload | {
                "view": view, "container": {"type": "view", "view_id": view.get("id", "VH1")},
            }  # fmt: skip
        if kind == "view_submission":
            return payload
        if "unfurl" in where:  # under an address; the message does not come with it
            container = {
                "type": "message_attachment", "message_ts": where["unfurl"], "attachment_id": 1,
                "channel_id": channel, "is_ephemeral": False, "is_app_unfurl": True,
            }  # fmt: skip
            return payload | {
                "channel": {"id": channel, "name": "papers"}, "container": container,
            }  # fmt: skip
        shown = where.get("message") or {"ts": "1.1"}
        message = {**shown, **({"thread_ts": thread} if thread else {})}
        container = {
            "type": "message", "message_ts": message["ts"], "channel_id": channel,
            "is_ephemeral": where.get("is_ephemeral", False),
        }  # fmt: skip
        return payload | {
            "channel": {"id": channel, "name": "papers"}, "message": message,
            "container": container,
        }  # fmt: skip


@asynccontextmanager
async def connect_user(
    server: Server, context: Context, mode: str, **more: Any
) -> AsyncIterator[SlackUser]:
    """Answer people, whichever way Slack tells what they do."""
    port = free_port()
    here = platform(server, mode=mode, http_port=port, **more)
    async with run_service(server, context, here):
        if mode == "http":
            await wait_for_port(port)
            yield SlackUser(server, HttpTransport(port))
        else:
            await server.sockets.connected()
            yield SlackUser(server, server.sockets)


@asynccontextmanager
async def run_service(server: Server, context: Context, here: Platform) -> AsyncIterator[None]:
    """Let a platform answer."""
    service = command_service(context_of(context, here))
    talking = asyncio.create_task(here.serve(service))
    try:
        yield
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        await here.close()
        server.sockets.forget()


def free_port() -> int:
    """Return a port that is free."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def wait_for_port(port: int) -> None:
    """Wait until a server listens at a port."""
    async with asyncio.timeout(GUARD):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return


def visible_text(body: Mapping[str, Any]) -> str:
    """Return all that a reader sees in a message or a view."""
    return "\n".join(slack_rules.visible_texts(body))


def find_control(body: Mapping[str, Any], word: str) -> Payload:
    """Return the first control of a message or view with a word in what it says.

    What is folded into a menu is returned as the menu, with what was chosen in it.
    """
    for each in slack_rules.elements(body):
        if word in _says(each):
            return dict(each)
        for option in each.get("options", ()) if each["type"] == "overflow" else ():
            if word in _says(option):
                return dict(each) | {"chosen": option["value"]}
    raise AssertionError(f"no control says {word}")


def is_private(body: Mapping[str, Any]) -> bool:
    """Tell whether an answer is for the asker alone."""
    return bool(body["response_type"] == "ephemeral")


def _says(element: Mapping[str, Any]) -> str:
    return str((element.get("text") or element.get("placeholder") or {}).get("text", ""))


def _used(element: Mapping[str, Any], value: str) -> Payload:
    """Return a control as Slack tells of its use."""
    used = {"type": element["type"], "action_id": element["action_id"], "block_id": "b"}
    if element["type"] == "button":
        return used | ({"value": element["value"]} if "value" in element else {})
    return used | {"selected_option": {"value": element.get("chosen", value), "text": {}}}


def _initial(element: Mapping[str, Any]) -> Payload:
    """Return what a field of a form holds when it was not changed."""
    found = {
        "value": element.get("initial_value"),
        "selected_time": element.get("initial_time"),
        "selected_option": element.get("initial_option"),
        "selected_options": element.get("initial_options", []),
        "selected_conversation": element.get("initial_conversation"),
    }
    return {"type": element["type"], **{name: each for name, each in found.items() if each}}
