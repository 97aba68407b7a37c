"""Bare bots that answer with a LIKE: the reference for what an answer costs.

Each is what the tutorial of its library makes, with a query of the archive and without deferral,
cards, permissions, languages or limits.
"""

import asyncio
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

_QUERY = "SELECT titles FROM entries WHERE titles LIKE ? ORDER BY id DESC LIMIT 10"


def _answer(path: Path, words: str) -> str:
    """Return what is found of some words."""
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute(_QUERY, (f"%{words.strip()}%",)).fetchall()
    finally:
        connection.close()
    return "\n".join(row[0] for row in rows)[:1900] or "Nothing was found."


async def _discord(path: Path) -> None:
    import discord  # noqa: PLC0415 - the other bot runs without it
    from discord import app_commands  # noqa: PLC0415
    from discord.gateway import DiscordWebSocket  # noqa: PLC0415
    from yarl import URL  # noqa: PLC0415

    discord.http.Route.BASE = os.environ["PAPERBOY_DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["PAPERBOY_DISCORD_GATEWAY_URL"])
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)

    async def say(interaction: discord.Interaction, words: str) -> None:
        await interaction.response.send_message(_answer(path, words))

    @tree.command(name="help", description="Help")
    async def _help(interaction: discord.Interaction) -> None:
        await say(interaction, "attention")

    @tree.command(name="paper", description="A paper")
    async def _paper(interaction: discord.Interaction, name: str) -> None:
        await say(interaction, name)

    @tree.command(name="week", description="A week")
    async def _week(interaction: discord.Interaction, day: str) -> None:
        await say(interaction, day)

    @tree.command(name="tag", description="A tag")
    async def _tag(interaction: discord.Interaction, name: str) -> None:
        await say(interaction, name)

    @tree.command(name="find", description="Papers")
    async def _find(interaction: discord.Interaction, words: str) -> None:
        await say(interaction, words)

    await client.start(os.environ["PAPERBOY_DISCORD_TOKEN"])


async def _slack(path: Path) -> None:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler  # noqa: PLC0415
    from slack_bolt.async_app import AsyncApp  # noqa: PLC0415
    from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415

    token = os.environ["PAPERBOY_SLACK_BOT_TOKEN"]
    web = AsyncWebClient(token=token, base_url=os.environ["PAPERBOY_SLACK_API_URL"])
    app = AsyncApp(client=web)

    async def say(ack: Any, respond: Any, command: Any) -> None:
        await ack()
        await respond(_answer(path, command["text"]))

    for name in ("/help", "/paper", "/week", "/tag", "/find"):
        app.command(name)(say)
    handler = AsyncSocketModeHandler(app, os.environ["PAPERBOY_SLACK_APP_TOKEN"], web_client=web)
    await handler.start_async()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    bots = {"discord": _discord, "slack": _slack}
    asyncio.run(bots[sys.argv[1]](Path(sys.argv[2])))
