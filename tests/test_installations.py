"""The tokens of workspaces: kept sealed, found again, renewed in time, gone when revoked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ports import Locked
from storage import database
from storage.vault import Vault

KEY, OTHER_KEY = "k" * 44, "o" * 44
TOKEN = "xoxb-1-the-token-of-a-workspace"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "archive.sqlite3"
    database.prepare(found)
    return found


@pytest.fixture
async def vault(path: Path) -> AsyncIterator[Vault]:
    opened = Vault.open(path, "slack", [KEY])
    yield opened
    await opened.close()


async def test_nothing_stands_in_the_file_in_clear(vault: Vault, path: Path) -> None:
    await vault.put("T1", TOKEN)
    assert await vault.get("T1") == TOKEN
    for file in path.parent.glob(f"{path.name}*"):
        assert TOKEN.encode() not in file.read_bytes()


async def test_a_secret_is_replaced_taken_once_and_over_when_its_time_is(vault: Vault) -> None:
    now = datetime.now(UTC)
    await vault.put("T1", "old")
    await vault.put("T1", TOKEN)
    await vault.put("T2", TOKEN, now + timedelta(hours=1))
    await vault.put("T3", TOKEN, now - timedelta(seconds=1))
    assert await vault.names("T") == ("T1", "T2")
    assert await vault.get("T3") is None
    assert await vault.take("T2") == TOKEN
    assert await vault.take("T2") is None
    assert await vault.names("") == ("T1",)


async def test_a_platform_sees_its_own_secrets_alone(vault: Vault, path: Path) -> None:
    other = Vault.open(path, "other", [KEY])
    await vault.put("T1", TOKEN)
    assert await other.get("T1") is None
    assert await other.take("T1") is None
    assert await vault.get("T1") == TOKEN
    await other.close()


async def test_a_new_key_takes_over_from_an_old_one(vault: Vault, path: Path) -> None:
    await vault.put("T1", TOKEN)
    both = Vault.open(path, "slack", [OTHER_KEY, KEY])
    assert await both.get("T1") == TOKEN
    await both.close()
    newer = Vault.open(path, "slack", [OTHER_KEY])
    assert await newer.get("T1") == TOKEN
    await newer.close()
    with pytest.raises(Locked):
        await vault.get("T1")
