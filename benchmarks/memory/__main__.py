"""Measures the memory of a bot in 2,000 servers, without gateway intents and with `guilds`.

Run as `make bench-memory`. The client is the one of the adapter; the gateway is a loopback one
that sends every server, as Discord does with the intent `guilds` alone. After that an interaction
has to arrive.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord
from aiohttp import WSMsgType, web
from discord.gateway import DiscordWebSocket
from yarl import URL

from adapters.discord.gateway.connection import create_client
from benchmarks.machine import described
from tests.app_runner import start_app

RESULTS = Path(__file__).with_name("RESULTS.md")
GUILDS, CHANNELS, ROLES = 2_000, 40, 20
_KB = 1024
_CHOICES: dict[str, discord.Intents] = {
    "none": discord.Intents.none(),
    "guilds": discord.Intents(guilds=True),
}


def _guild(number: int) -> dict[str, Any]:
    """Return a server of an ordinary size, as GUILD_CREATE has it."""
    first = number * 1_000
    own = {"permission_overwrites": [{"id": str(first), "type": 0, "allow": "0", "deny": "1024"}]}
    channels = [
        {"id": str(first + 100 + n), "type": 0, "name": f"channel-{n}", "position": n,
         "topic": "What this channel is for, in a sentence or two.", "nsfw": False,
         "parent_id": None, "last_message_id": None, "rate_limit_per_user": 0, **own}
        for n in range(CHANNELS)
    ]  # fmt: skip
    roles = [
        {"id": str(first + n), "name": f"role-{n}", "color": 0, "colors": {"primary_color": 0},
         "hoist": False, "position": n, "permissions": "104324673", "managed": False,
         "mentionable": False, "flags": 0}
        for n in range(ROLES)
    ]  # fmt: skip
    return {
        "id": str(first), "name": f"Server {number}", "owner_id": "1", "member_count": 200,
        "channels": channels, "roles": roles, "emojis": [], "stickers": [], "threads": [],
        "members": [], "voice_states": [], "presences": [], "stage_instances": [],
        "guild_scheduled_events": [], "soundboard_sounds": [], "features": [], "large": False,
        "unavailable": False, "verification_level": 1, "default_message_notifications": 1,
        "explicit_content_filter": 0, "mfa_level": 0, "nsfw_level": 0, "premium_tier": 0,
        "preferred_locale": "en-US", "afk_timeout": 300, "system_channel_flags": 0,
        "premium_progress_bar_enabled": False,
    }  # fmt: skip


async def _gateway(request: web.Request) -> web.StreamResponse:
    """Be a gateway that sends what the intents ask for, and then an interaction."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None})
    sequence = 0

    async def tell(name: str, data: Any) -> None:
        nonlocal sequence
        sequence += 1
        await socket.send_json({"op": 0, "t": name, "s": sequence, "d": data})

    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        said = json.loads(message.data)
        if said["op"] == 1:
            await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
        elif said["op"] == 2:  # IDENTIFY
            unavailable = [
                {"id": str(n * 1_000), "unavailable": True} for n in range(1, GUILDS + 1)
            ]
            user = {"id": "1", "username": "paperboy", "discriminator": "0", "avatar": None}
            await tell("READY", {
                "v": 10, "user": user, "guilds": unavailable, "session_id": "1",
                "resume_gateway_url": str(request.url.with_scheme("ws").with_path("/gateway")),
                "application": {"id": "1", "flags": 0},
            })  # fmt: skip
            if said["d"]["intents"] & 1:
                for number in range(1, GUILDS + 1):
                    await tell("GUILD_CREATE", _guild(number))
            await tell("INTERACTION_CREATE", {"id": "5", "type": 2, "token": "t"})
    return socket


async def _stay(choice: str, api: str, gateway: str) -> None:
    """Connect as the adapter does, and print the memory in KiB before and after."""
    discord.http.Route.BASE = api
    DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)
    came = asyncio.Event()

    async def take(_payload: dict[str, Any]) -> None:
        came.set()

    client = create_client(1, take)
    client._connection._intents = _CHOICES[choice]  # noqa: SLF001 - the adapter offers no choice
    before = _resident()
    running = asyncio.create_task(client.start("token"))
    arriving = asyncio.create_task(came.wait())
    await asyncio.wait({running, arriving}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    await asyncio.sleep(1)
    print(before, _resident(), len(client.guilds), flush=True)
    running.cancel()
    await client.close()


def _resident() -> int:
    """Return the resident memory of this process in KiB; see proc(5)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


async def _measure(choice: str, port: int) -> Sequence[int]:
    """Return the memory before and after, and the servers that are known, of a new process."""
    addresses = (f"http://127.0.0.1:{port}/api", f"ws://127.0.0.1:{port}/gateway")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.memory", choice, *addresses,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, _ = await process.communicate()
    return [int(each) for each in told.split()]


async def main() -> None:
    """Measure both and write the figures down."""
    app = web.Application()
    app.router.add_get("/gateway", _gateway)
    app.router.add_get("/gateway/", _gateway)

    async def answer(request: web.Request) -> web.Response:
        told: dict[str, Any] = {
            "id": "1", "name": "paperboy", "flags": 0, "icon": None, "description": "",
            "bot_public": True, "bot_require_code_grant": False, "verify_key": "", "summary": "",
            "team": None,
            "owner": {"id": "2", "username": "o", "discriminator": "0", "avatar": None},
        }  # fmt: skip
        if request.path.endswith("/users/@me"):
            told |= {"username": "paperboy", "discriminator": "0", "avatar": None, "bot": True}
        # The library takes a content type with a charset for text.
        body = json.dumps(told).encode()
        return web.Response(body=body, content_type="application/json")

    app.router.add_get("/api/{path:.*}", answer)
    runner, port = await start_app(app)
    rows = []
    for choice in _CHOICES:
        before, after, known = await _measure(choice, port)
        rows.append(f"| {choice} | {known:,} | {before // _KB} | {after // _KB} |")
    await runner.cleanup()
    text = TEXT.format(
        rows="\n".join(rows), guilds=GUILDS, channels=CHANNELS, roles=ROLES,
        machine=described("discord.py"),
    )  # fmt: skip
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


TEXT = """# What a connection to Discord keeps in memory

Written by `make bench-memory`: the adapter's client at a loopback gateway with {guilds:,} servers
of {channels} channels and {roles} roles, once as it is, without intents, and once with the intent
`guilds`; an interaction arrived both times. {machine}.

| intents | servers known | MiB before | MiB after |
| --- | ---: | ---: | ---: |
{rows}
"""


if __name__ == "__main__":
    asyncio.run(_stay(*sys.argv[1:]) if len(sys.argv) > 1 else main())
