"""What members see on Discord, in a simulated one: its permissions and its client's rules hold.

simcord plays Discord for discord.py inside this process; what Paperboy sends itself is handed to
it in place of a socket. How sockets fail is tested in test_discord_platform.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import discord
import pytest
import simcord

from adapters.discord import platform, render
from adapters.discord.gateway.command_registration import FIND_HERE, CommandRegistrar
from adapters.discord.gateway.connection import create_client
from adapters.discord.gateway.interactions import InteractionHandler, Roles
from adapters.discord.gateway.responder import Responder
from adapters.discord.http.client import RestClient
from adapters.discord.http.errors import ErrorResponse
from adapters.discord.http.route import Route
from adapters.discord.options import Options
from bot.commands.context import Context
from bot.commands.service import command_service
from bot.model.card import Card
from bot.model.channels import Target
from bot.ports.errors import RefusalScope, Refused
from bot.ports.platform import OutgoingMessage
from tests import discord_rules, samples

OPTIONS = Options.model_validate(
    {"token": "token", "timeout_seconds": 5, "api_url": "http://simulated"}
)


class Handed(RestClient):
    """Hands to simcord what would go over a socket."""

    def __init__(self, http: Any) -> None:
        super().__init__(OPTIONS.token.get_secret_value(), OPTIONS.api_url, timedelta(seconds=5))
        self._http = http

    async def _request(self, route: Route, body: object, until: float | None = None) -> Any:
        path, _, query = route.path.partition("?")
        way = discord.http.Route(route.method, path)
        try:
            return await self._http.request(way, json=body, params=dict(parse_qsl(query)))
        except discord.HTTPException as error:
            return ErrorResponse(error.status, error.code, error.text)


@dataclass
class Scene:
    """A server with a channel, a member, and a manager of it."""

    channel: Any
    member: Any
    manager: Any
    posting: platform.Discord

    @property
    def target(self) -> Target:
        return Target("discord", str(self.channel.guild.id), str(self.channel.id))


@pytest.fixture
def heard() -> list[InteractionHandler]:
    """Return where the one that answers is put, once it is there."""
    return []


@pytest.fixture
def simcord_bot(heard: list[InteractionHandler]) -> discord.Client:
    """Return what simcord runs as its bot: the client of the gateway."""

    async def hear(payload: dict[str, Any]) -> None:
        await heard[0].handle(payload)

    return create_client(1, hear)


@pytest.fixture
async def scene(
    simcord_env: simcord.Env,
    heard: list[InteractionHandler],
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    await context.archive.save([samples.issue()])
    context = replace(context, platforms=frozenset({"discord"}), series=("dair",))
    desk = command_service(context)
    client = simcord_env.bot
    rest, me = Handed(client.http), str(client.application_id)
    heard.append(InteractionHandler(Responder(rest, me), desk, render.messages, Roles()))
    assert await CommandRegistrar(rest, me, "").sync(desk.catalogues)
    assert not await CommandRegistrar(rest, me, "").sync(desk.catalogues)
    monkeypatch.setattr(platform, "RestClient", lambda *_: rest)
    guild = simcord_env.create_guild()
    channel = guild.create_text_channel("papers")
    role = guild.create_role("managers", permissions=discord.Permissions(manage_channels=True))
    manager = guild.add_member(simcord_env.create_user("manager"), roles=[role])
    member = guild.add_member(simcord_env.create_user("member"))
    return Scene(channel, member, manager, platform.Discord(OPTIONS))


def shown(result: Any) -> str:
    body = {"components": result.response.components}
    return "\n".join(discord_rules.texts(body))


async def test_members_are_offered_every_command(scene: Scene) -> None:
    offered = scene.member.available_commands(scene.channel)
    assert {"paper", "week", "tag", "find", "help", "digest subscribe"} <= set(offered)


async def test_a_paper_is_found_while_it_is_typed_and_shown_to_everyone(scene: Scene) -> None:
    choices = await scene.member.autocomplete(scene.channel, "paper", "name", "ring at")
    answer = await scene.member.slash(scene.channel, "paper", name=choices[0]["value"])
    assert "Ring Attention" in shown(answer)
    assert not answer.ephemeral


async def test_a_paper_is_chosen_from_a_week_by_the_chooser_alone(scene: Scene) -> None:
    week = await scene.member.slash(scene.channel, "week", day="2023-10-09")
    (menu,) = [
        each
        for each in discord_rules.components({"components": week.response.components})
        if each["type"] == 3
    ]
    value = menu["options"][0]["value"]
    paper = await scene.member.select(week.response.message, [value])
    assert paper.ephemeral
    assert "Ring Attention" in shown(paper)


async def test_what_is_not_found_is_said_to_the_asker_alone(scene: Scene) -> None:
    answer = await scene.member.slash(scene.channel, "paper", name="xyzzy")
    assert answer.ephemeral
    assert "No paper is called" in shown(answer)


async def test_a_message_is_searched_for_its_paper(scene: Scene) -> None:
    said = await scene.member.send(scene.channel, "https://arxiv.org/abs/2310.01889 anyone?")
    answer = await scene.manager.context_menu(scene.channel, FIND_HERE, said)
    assert "Ring Attention" in shown(answer)


async def test_digests_are_for_those_who_manage_the_channel(scene: Scene) -> None:
    refused = await scene.member.slash(scene.channel, "digest subscribe")
    done = await scene.manager.slash(scene.channel, "digest subscribe", time="10:00")
    form = await scene.manager.slash(scene.channel, "digest settings")
    changed = await scene.manager.submit_modal(form, {"day": ["friday"]})
    assert refused.ephemeral
    assert "every Monday at 10:00" in shown(done)
    assert "every Friday at 10:00" in shown(changed)


async def test_a_message_is_posted_and_its_thread_opened_once(scene: Scene) -> None:
    (message,) = scene.posting.render(Card("Ring Attention"))
    root = await scene.posting.post(scene.target, OutgoingMessage(message, "k1"))
    thread = await scene.posting.open_thread(root, "Ring Attention")
    assert await scene.posting.open_thread(root, "Ring Attention") == thread


async def test_where_it_may_not_post_the_channel_is_refused(scene: Scene) -> None:
    guild = scene.channel.guild
    silent = {guild.default_role: discord.PermissionOverwrite(send_messages=False)}
    closed = guild.create_text_channel("closed", overwrites=silent)
    (message,) = scene.posting.render(Card("Ring Attention"))
    with pytest.raises(Refused, match="lacks the permission Send Messages") as error:
        await scene.posting.post(
            replace(scene.target, channel=str(closed.id)), OutgoingMessage(message, "k1")
        )
    assert error.value.scope is RefusalScope.CHANNEL
