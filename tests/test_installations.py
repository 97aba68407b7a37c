"""The tokens of workspaces: kept sealed, found again, renewed in time, gone when revoked."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.auth import installation_store
from adapters.slack.auth.installation_store import InstallationStore
from adapters.slack.auth.scopes import SCOPES
from adapters.slack.platform import Slack
from bot.app.platforms import connect_platforms, settings_type
from bot.commands.context import Context
from bot.commands.service import command_service
from bot.model.channels import Target
from bot.ports.errors import RefusalScope, Refused, StorageUnavailable, TryLater
from bot.ports.platform import OutgoingMessage
from bot.ports.secrets import SecretUnreadable
from storage.secrets.vault import EncryptedSecretStore
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import samples
from tests.slack_bot import platform, strict_server
from tests.slack_oauth import CLIENT_ID, CLIENT_SECRET
from tests.slack_server import Server
from tests.slack_user import (
    HttpTransport,
    SlackUser,
    free_port,
    run_service,
    visible_text,
    wait_for_port,
)
from tests.slack_workspace import ADMIN, BOT, BOT_TOKEN, BOT_USER, CHANNEL, TEAM

pytestmark = pytest.mark.slow

HERE = Target("slack", TEAM, CHANNEL)
MESSAGE = {"text": "A week", "blocks": [{"type": "divider"}]}
KEY, OTHER_KEY = "k" * 44, "o" * 44
TOKEN = "xoxb-1-the-token-of-a-workspace"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "archive.sqlite3"
    SqliteDatabase(found).prepare()
    return found


@pytest.fixture
async def vault(path: Path) -> AsyncIterator[EncryptedSecretStore]:
    opened = EncryptedSecretStore.open(path, "slack", [KEY])
    yield opened
    await opened.close()


async def test_nothing_stands_in_the_file_in_clear(
    vault: EncryptedSecretStore, path: Path
) -> None:
    await vault.put("T1", TOKEN)
    assert await vault.get("T1") == TOKEN
    for file in path.parent.glob(f"{path.name}*"):
        assert TOKEN.encode() not in file.read_bytes()


async def test_a_secret_is_replaced_taken_once_and_over_when_its_time_is(
    vault: EncryptedSecretStore,
) -> None:
    now = datetime.now(UTC)
    await vault.put("T1", "old")
    await vault.put("T1", TOKEN)
    await vault.put("T2", TOKEN, now + timedelta(hours=1))
    await vault.put("T3", TOKEN, now - timedelta(seconds=1))
    assert await vault.names("T") == ("T1", "T2")
    assert await vault.get("T3") is None
    assert await vault.pop("T2") == TOKEN
    assert await vault.pop("T2") is None
    assert await vault.names("") == ("T1",)


async def test_a_platform_sees_its_own_secrets_alone(
    vault: EncryptedSecretStore, path: Path
) -> None:
    other = EncryptedSecretStore.open(path, "other", [KEY])
    await vault.put("T1", TOKEN)
    assert await other.get("T1") is None
    assert await other.pop("T1") is None
    assert await vault.get("T1") == TOKEN
    await other.close()


async def test_a_new_key_takes_over_from_an_old_one(
    vault: EncryptedSecretStore, path: Path
) -> None:
    await vault.put("T1", TOKEN)
    both = EncryptedSecretStore.open(path, "slack", [OTHER_KEY, KEY])
    assert await both.get("T1") == TOKEN
    await both.close()
    newer = EncryptedSecretStore.open(path, "slack", [OTHER_KEY])
    assert await newer.get("T1") == TOKEN
    await newer.close()
    with pytest.raises(SecretUnreadable):
        await vault.get("T1")


SETTINGS = {
    "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token_key": KEY, "bot_token": "",
    "public_url": "https://paperboy.example",
}  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as running:
        running.here.per_second = 10_000
        yield running


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"slack"}), series=("dair",))


@pytest.fixture
async def slack(server: Server, vault: EncryptedSecretStore) -> AsyncIterator[Slack]:
    found = platform(server, **SETTINGS)
    found.use_secret_store(vault)
    yield found
    await found.close()


@asynccontextmanager
async def open_to_all(server: Server, context: Context, path: Path) -> AsyncIterator[SlackUser]:
    """Answer people of every workspace, and let further ones in, at the address of the talk."""
    port = free_port()
    here = platform(server, mode="http", http_port=port, **SETTINGS)
    here.use_secret_store(EncryptedSecretStore.open(path, "slack", [KEY]))
    async with run_service(server, context, here):
        await wait_for_port(port)
        yield SlackUser(server, HttpTransport(port))


async def visit(url: str, cookie: str = "") -> tuple[int, str, Mapping[str, str]]:
    """Open a page as a browser does; return its status, text and headers."""
    headers = {"Cookie": cookie} if cookie else {}
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.text(), dict(answer.headers)


async def let_in(port: int, code: str = "a-code") -> tuple[int, str, str, str]:
    """Go through Slack's pages; return status and text at the end, the way back, the cookie."""
    base = f"http://127.0.0.1:{port}/slack"
    _, _, headers = await visit(f"{base}/install")
    there = parse_qs(urlsplit(headers["Location"]).query)
    assert set(there["scope"][0].split(",")) == set(SCOPES)
    cookie = headers["Set-Cookie"].partition(";")[0]
    back = f"{base}/oauth_redirect?code={code}&state={there['state'][0]}"
    status, text, _ = await visit(back, cookie)
    return status, text, back, cookie


def port_of(talk: SlackUser) -> int:
    assert isinstance(talk.transport, HttpTransport)
    return talk.transport.port


def stands_in_clear(path: Path, secrets: Sequence[str]) -> bool:
    files = [file.read_bytes() for file in path.parent.glob(f"{path.name}*")]
    assert files
    return any(secret.encode() in file for secret in secrets for file in files)


async def test_a_workspace_lets_the_bot_in_and_is_answered(
    server: Server, context: Context
) -> None:
    path = file_of(context)
    async with open_to_all(server, context, path) as talk:
        asked = await talk.begin("/paper ringattention")
        status, text, back, cookie = await let_in(port_of(talk))
        assert status == 200
        assert "Thank you" in text
        assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))
        assert (await visit(back, cookie))[0] == 401
        assert not stands_in_clear(path, server.oauth.issued)
        assert not stands_in_clear(path, [parse_qs(urlsplit(back).query)["state"][0]])
        assert "Ring Attention" in visible_text(await talk.wait_for_answer(asked))
    async with open_to_all(server, context, path) as talk:
        assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))
        await talk.event({"type": "app_uninstalled"})
        await server.wait_until(lambda: not tokens_in(path))


def file_of(context: Context) -> Path:
    assert isinstance(context.archive, ArchiveStore)
    return context.archive.path


def tokens_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM secrets").fetchone()
    return int(count)


async def test_who_did_not_begin_cannot_let_the_bot_in(server: Server, context: Context) -> None:
    path = file_of(context)
    async with open_to_all(server, context, path) as talk:
        _, _, back, cookie = await let_in(port_of(talk), "a-wrong-code")
        other = back.replace("state=", "state=0")
        assert (await visit(other, cookie))[0] == 400
        assert (await visit(back))[0] == 400
        assert (await visit(other, cookie.replace("=", "=0")))[0] == 401
    assert tokens_in(path) == 0


class Full(EncryptedSecretStore):
    """A vault that takes nothing."""

    async def put(self, name: str, secret: str, until: datetime | None = None) -> None:
        raise StorageUnavailable("the disk is full")


async def installed(server: Server, vault: EncryptedSecretStore, *, expires_in: int) -> None:
    """Keep an installation whose token expires in so many seconds."""
    server.oauth.expires_in = 43_200
    token, refresh = "xoxe.xoxb-1-first", "xoxe-1-first"
    server.here.token = token
    server.oauth.refreshes.add(refresh)
    installations = InstallationStore(AsyncWebClient(), CLIENT_ID, CLIENT_SECRET)
    installations.use_secret_store(vault)
    await installations.async_save(Installation(
        team_id=TEAM, user_id=ADMIN, bot_token=token, bot_id=BOT, bot_user_id=BOT_USER,
        bot_refresh_token=refresh, bot_token_expires_in=expires_in,
    ))  # fmt: skip


async def test_a_token_is_renewed_once_before_it_expires(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    await installed(server, vault, expires_in=3600)
    assert set(await asyncio.gather(*(slack.check_channel(HERE) for _ in range(20)))) == {()}
    assert server.asked["oauth.v2.access"] == 1
    kept = json.loads(await vault.get(f"installation {TEAM}") or "")
    assert kept["bot_token"] == server.here.token
    assert kept["custom_values"] == {"installer": ADMIN}


async def test_a_token_that_lasts_is_used_as_it_is(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    await installed(server, vault, expires_in=30_000)
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    assert server.asked["oauth.v2.access"] == 0


async def test_what_slack_gave_is_kept_before_it_is_used(
    server: Server, slack: Slack, vault: EncryptedSecretStore, path: Path
) -> None:
    await installed(server, vault, expires_in=3600)
    full = Full.open(path, "slack", [KEY])
    slack.use_secret_store(full)
    with pytest.raises(TryLater, match="disk is full"):
        await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    await full.close()
    assert server.messages == {}
    slack.use_secret_store(vault)
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    assert server.asked["oauth.v2.access"] == 1
    assert server.here.token in str(await vault.get(f"installation {TEAM}"))


async def test_a_renewal_that_fails_does_not_end_a_token_that_lasts(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    await installed(server, vault, expires_in=3600)
    server.oauth.refreshes.clear()
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    server.pick_fault = lambda method: "dropped" if method == "oauth.v2.access" else ""
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k2"))
    assert len(server.messages[CHANNEL]) == 2


async def test_a_token_that_is_over_pauses_the_channels_of_its_workspace_alone(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    await installed(server, vault, expires_in=-5)
    server.pick_fault = lambda method: "dropped" if method == "oauth.v2.access" else ""
    with pytest.raises(TryLater):
        await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    server.pick_fault = lambda _method: ""
    server.oauth.refreshes.clear()
    for target in (HERE, replace(HERE, workspace="T9")):
        with pytest.raises(Refused) as error:
            await slack.post(target, OutgoingMessage(MESSAGE, "k1"))
        assert error.value.scope is RefusalScope.WORKSPACE
        assert "install it again" in error.value.reason


async def test_a_token_that_was_revoked_is_refused_alike_each_time(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    await installed(server, vault, expires_in=30_000)
    server.pick_fault = lambda _method: "token_revoked"
    for _ in range(2):
        with pytest.raises(Refused) as error:
            await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
        assert error.value.scope is RefusalScope.WORKSPACE
        assert "install it again" in error.value.reason
    assert server.asked.total() == 1


async def test_of_two_programs_one_renews_and_the_other_takes_what_it_kept(
    server: Server, slack: Slack, vault: EncryptedSecretStore, path: Path
) -> None:
    await installed(server, vault, expires_in=3600)
    other = platform(server, **SETTINGS)
    other.use_secret_store(EncryptedSecretStore.open(path, "slack", [KEY]))
    assert set(await asyncio.gather(slack.check_channel(HERE), other.check_channel(HERE))) == {()}
    server.oauth.replaced.clear()
    assert set(await asyncio.gather(slack.check_channel(HERE), other.check_channel(HERE))) == {()}
    await other.close()
    assert len(server.oauth.issued) == 2


async def test_a_wrong_key_is_told_in_one_sentence(
    server: Server, vault: EncryptedSecretStore, path: Path, context: Context
) -> None:
    await installed(server, vault, expires_in=30_000)
    wrong = platform(server, **SETTINGS)
    wrong.use_secret_store(EncryptedSecretStore.open(path, "slack", [OTHER_KEY]))
    assert "sealed with another key" in (await wrong.diagnose())[0]
    with pytest.raises(Refused, match="PAPERBOY_SLACK_TOKEN_KEY"):
        await wrong.serve(command_service(context))
    await wrong.close()


async def test_every_workspace_is_examined(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    assert await slack.diagnose() == ()
    await installed(server, vault, expires_in=30_000)
    server.here.scopes -= {"groups:history"}
    assert "groups:history is missing" in (await slack.diagnose())[0]
    server.here.token = "another"
    assert "install it again" in (await slack.diagnose())[0]


async def test_an_organisation_lets_the_bot_into_all_its_workspaces(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    installations = InstallationStore(AsyncWebClient(), CLIENT_ID, CLIENT_SECRET)
    installations.use_secret_store(vault)
    await installations.async_save(Installation(
        enterprise_id="E1", is_enterprise_install=True, user_id=ADMIN, bot_token=BOT_TOKEN,
        bot_id=BOT, bot_user_id=BOT_USER,
    ))  # fmt: skip
    with pytest.raises(Refused):
        await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    assert await installations.find_bot(TEAM, "E2") is None
    assert await installations.find_bot(TEAM, "E1")
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    assert await installations.workspaces() == ("E1",)
    await installed(server, vault, expires_in=30_000)
    await installations.forget(TEAM, "E1")
    assert await installations.workspaces() == ("E1",)
    await installations.forget(TEAM, "E1")
    assert await installations.workspaces() == ()


async def test_the_program_keeps_tokens_in_its_own_database(server: Server, path: Path) -> None:
    slack = SETTINGS | {"mode": "http", "signing_secret": "s", "api_url": server.api_url}
    settings = settings_type().model_validate({"database_url": str(path), "slack": slack})
    (found,) = connect_platforms(settings)
    assert await found.diagnose() == ()
    await found.close()
    assert stands_in_clear(path, [KEY]) is False
    sections = {"database_url": str(path), "slack": slack | {"token_key": ""}}
    (found,) = connect_platforms(settings_type().model_validate(sections))
    assert "PAPERBOY_SLACK_TOKEN_KEY" in (await found.diagnose())[0]
    await found.close()


@pytest.mark.parametrize("mood", ["503", "429", "internal_error"])
async def test_a_rotation_that_slack_puts_off_does_not_end_an_installation(
    server: Server, slack: Slack, vault: EncryptedSecretStore, mood: str
) -> None:
    await installed(server, vault, expires_in=-5)
    server.pick_fault = lambda method: mood if method == "oauth.v2.access" else ""
    with pytest.raises(TryLater):
        await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    server.pick_fault = lambda _method: ""
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    assert server.here.token in str(await vault.get(f"installation {TEAM}"))


async def test_a_caller_that_gives_up_does_not_lose_the_rotated_token(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    await installed(server, vault, expires_in=3600)
    arrived, go = asyncio.Event(), asyncio.Event()
    server.hold_rotation = (arrived, go)
    asking = asyncio.create_task(slack.check_channel(HERE))
    await arrived.wait()
    asking.cancel()
    go.set()
    await asyncio.gather(asking, return_exceptions=True)
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    assert server.asked["oauth.v2.access"] == 1
    assert server.here.token in str(await vault.get(f"installation {TEAM}"))


async def test_a_lost_answer_of_a_rotation_leaves_the_token_that_there_is(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    await installed(server, vault, expires_in=3600)
    server.pick_fault = lambda method: "lost" if method == "oauth.v2.access" else ""
    for key in ("k1", "k2", "k3"):
        await slack.post(HERE, OutgoingMessage(MESSAGE, key))
    assert len(server.messages[CHANNEL]) == 3
    assert server.asked["oauth.v2.access"] <= 2  # with one retry of the library's own
    assert await vault.names("installation ") == (f"installation {TEAM}",)
    server.oauth.codes.add("again")
    await installed(server, vault, expires_in=30_000)  # it is installed anew, and goes on
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k4"))


async def test_a_rotation_whose_answer_is_lost_is_tried_again_at_once(
    server: Server, slack: Slack, vault: EncryptedSecretStore
) -> None:
    await installed(server, vault, expires_in=3600)
    server.oauth.forgives = True
    moods = iter(["lost"])
    server.pick_fault = lambda method: next(moods, "") if method == "oauth.v2.access" else ""
    await slack.post(HERE, OutgoingMessage(MESSAGE, "k1"))
    assert server.asked["oauth.v2.access"] == 2
    assert server.here.token in str(await vault.get(f"installation {TEAM}"))
    assert not any("refuses to renew" in problem for problem in await slack.diagnose())


async def test_who_installed_the_app_is_asked_to_do_so_again_while_the_token_works(
    server: Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation_store, "_RETRY_SECONDS", 0.0)
    path = file_of(context)
    vault = EncryptedSecretStore.open(path, "slack", [KEY])
    other = platform(server, **SETTINGS)  # a command beside the program that serves
    other.use_secret_store(vault)
    moods = iter(["lost"])
    server.pick_fault = lambda method: next(moods, "") if method == "oauth.v2.access" else ""
    await installed(server, vault, expires_in=7300)
    personal = f"D{ADMIN[1:]}"
    for _ in range(2):  # a program that is started again tells nothing twice
        async with open_to_all(server, context, path) as talk:
            assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))
            await server.wait_until(lambda: bool(server.messages.get(personal)))
            for _ in range(3):
                assert await other.check_channel(HERE) == ()
    (told,) = server.messages[personal]
    assert "In 2 hr" in server.here.text(personal) + json.dumps(told)
    assert "https://paperboy.example/slack/install" in json.dumps(told)
    (problem,) = await other.diagnose()
    assert "refuses to renew the token of the workspace T0001" in problem
    await installed(server, vault, expires_in=30_000)
    assert await other.diagnose() == ()
    await other.close()
