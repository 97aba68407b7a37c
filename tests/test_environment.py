"""The environment: `.env`, secrets in files, and plain words for a variable that is wrong."""

import os
from pathlib import Path

import pytest

from bot.app.platforms import load_settings, settings_type
from config import loader
from config.environment import InvalidSettings

TOKEN = "DISCORD_TOKEN"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, without any setting."""
    monkeypatch.chdir(tmp_path)
    for name in tuple(os.environ):
        if name.startswith("PAPERBOY_"):
            monkeypatch.delenv(name)
    return tmp_path


def token() -> str:
    """Return the token that Discord would be given."""
    found = load_settings().platforms["discord"]
    return str(found.token.get_secret_value())  # type: ignore[attr-defined]


def test_an_env_file_stands_below_the_environment_and_above_the_settings_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "paperboy.toml").write_text('language = "en"\nzone = "UTC"\n')
    (folder / ".env").write_text(
        "# ours\nexport PAPERBOY_LANGUAGE=ko\nPAPERBOY_DISCORD_TOKEN='from-file'\nOTHER=1\n",
        encoding="utf-8-sig",
    )

    found = load_settings()

    assert (found.language, found.zone, token()) == ("ko", "UTC", "from-file")
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", "from-environment")
    assert token() == "from-environment"


def test_the_env_file_names_the_settings_file_and_the_hosts_database(folder: Path) -> None:
    (folder / "other.toml").write_text('language = "ko"')
    (folder / ".env").write_text("PAPERBOY_SETTINGS=other.toml\nDATABASE_URL=sqlite:///x.db\n")

    found = load_settings()

    assert (found.language, found.database_url) == ("ko", "sqlite:///x.db")


def test_the_env_file_can_be_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("PAPERBOY_LANGUAGE=ko\n")
    (folder / "other.env").write_text("PAPERBOY_LANGUAGE=en\n")
    monkeypatch.setenv("PAPERBOY_ENV_FILE", "other.env")
    assert load_settings().language == "en"
    monkeypatch.setenv("PAPERBOY_ENV_FILE", os.devnull)
    assert load_settings().language == "both"
    monkeypatch.setenv("PAPERBOY_ENV_FILE", "none.env")
    with pytest.raises(InvalidSettings, match=r"PAPERBOY_ENV_FILE: there is no file none\.env"):
        load_settings()


def test_a_secret_is_read_from_the_file_that_its_variable_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "token").write_text("in-a-file\n", encoding="utf-8-sig")
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN_FILE", str(folder / "token"))
    (folder / "database").write_text("sqlite:///secret.db\n")
    monkeypatch.setenv("PAPERBOY_DATABASE_URL_FILE", "database")

    assert token() == "in-a-file"
    assert load_settings().database_url == "sqlite:///secret.db"


@pytest.mark.parametrize(
    ("content", "more", "reason"),
    [
        (None, {}, "cannot be read: No such file"),
        (b" \n", {}, "is empty"),
        (b"\xff\xfe\x00", {}, "not in UTF-8"),
        (b"x" * 100_000, {}, "too large"),
        (b"word", {"PAPERBOY_DISCORD_TOKEN": "other"}, "Both PAPERBOY_DISCORD_TOKEN and"),
    ],
)
def test_a_file_that_holds_no_secret_is_told(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
    more: dict[str, str],
    reason: str,
) -> None:
    if content is not None:
        (folder / "token").write_bytes(content)
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN_FILE", "token")
    for name, value in more.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(InvalidSettings, match=f"PAPERBOY_DISCORD_TOKEN_FILE.*{reason}|{reason}"):
        load_settings()


def test_empty_variables_are_unset_and_blanks_around_values_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "paperboy.toml").write_text('[slack]\nbot_token = " xoxb-1\\n"\n')
    for name in ("LANGUAGE", "SERIES", "DISCORD_SHARD_COUNT", "WEBHOOK_CHANNELS", "SETTINGS"):
        monkeypatch.setenv(f"PAPERBOY_{name}", " ")
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", "  word\n")
    monkeypatch.setenv("DATABASE_URL", "")

    found = load_settings()

    assert (found.language, found.series) == ("both", ("pytorch-kr", "dair"))
    assert token() == "word"
    assert found.database_url.endswith("paperboy.sqlite3")
    assert "xoxb-1" in found.secrets()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("PAPERBOY_LANGAUGE", "PAPERBOY_LANGUAGE"),
        ("PAPERBOY_DISCORD_TOKN", "PAPERBOY_DISCORD_TOKEN"),
        ("PAPERBOY_DISCORD_BOT_TOKEN", "PAPERBOY_DISCORD_TOKEN"),
        ("PAPERBOY_DATABASE", "PAPERBOY_DATABASE_URL"),
        ("PAPERBOY_DISCORD__TOKEN", "PAPERBOY_DISCORD_TOKEN"),
    ],
)
def test_a_misspelt_variable_is_told_with_the_nearest_one(
    monkeypatch: pytest.MonkeyPatch, name: str, near: str
) -> None:
    monkeypatch.setenv(name, "secret-word")

    with pytest.raises(InvalidSettings, match=f"{name}.*no such setting.*{near}") as caught:
        load_settings()

    assert "secret-word" not in str(caught.value)


def test_a_misspelt_setting_of_a_file_is_told_with_the_nearest_one(folder: Path) -> None:
    (folder / "paperboy.toml").write_text('[discord]\ntokn = "x"\n')

    with pytest.raises(InvalidSettings, match=r"discord\.tokn.*PAPERBOY_DISCORD_TOKEN"):
        load_settings()


def test_variables_that_hosts_set_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAPERBOY_SERVICE_HOST", "PAPERBOY_PORT_80_TCP", "PAPERBOY_SOURCES_FORUM"):
        monkeypatch.setenv(name, '{"kind": "feed", "url": "https://x.example/feed"}')

    assert "forum" in load_settings().sources
    assert loader.unknown_variables(settings_type()) == (
        "PAPERBOY_PORT_80_TCP",
        "PAPERBOY_SERVICE_HOST",
    )


def test_a_service_of_kubernetes_that_has_our_name_is_no_misspelt_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ["PORT", "PORT_8080_TCP_ADDR", "SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP"]
    for name in names:
        monkeypatch.setenv(f"PAPERBOY_{name}", "10.0.0.11")

    load_settings()

    assert loader.unknown_variables(settings_type()) == tuple(f"PAPERBOY_{name}" for name in names)


def test_variables_without_the_prefix_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISCORD_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SOMETHING_ELSE", "HOME_TOKEN"):
        monkeypatch.setenv(name, "x")

    assert loader.misnamed_variables(settings_type()) == {
        "DISCORD_BOT_TOKEN": "PAPERBOY_DISCORD_TOKEN",
        "SLACK_APP_TOKEN": "PAPERBOY_SLACK_APP_TOKEN",
    }


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SERIES", "dair,secret-word", 'has to be JSON, such as ."one", "two".'),
        ("WEBHOOK_CHANNELS", '{"a": secret-word}', "wrong at character 7"),
        ("SLACK_MANAGERS", "[", "has to be JSON"),
        ("SOURCES_DAIR", "{enabled: false}", "PAPERBOY_SOURCES_DAIR has to be JSON"),
        ("SOURCES", "[" * 200_000, "too large"),
        ("DISCORD", '{"token": "secret-word"', "PAPERBOY_DISCORD has to be JSON"),
        ("SERIES", '{"a": 1}', "PAPERBOY_SERIES"),
        ("WEB_INTERVALS", '{"a": NaN}', "finite number"),
        ("DELIVERY_TICK_SECONDS", "inf", "PAPERBOY_DELIVERY_TICK_SECONDS.*finite number"),
        ("DELIVERY_TICK_SECONDS", "nan", "finite number"),
        ("DELIVERY_GIVE_UP_HOURS", "1e300", "less than or equal"),
        ("DISCORD_TIMEOUT_SECONDS", "inf", "finite number"),
        ("WEBHOOK_PER_SECOND", "inf", "finite number"),
        ("SYNC_BUSY_MINUTES", "nan", "finite number"),
        ("DISCORD_SHARD_COUNT", "9" * 5000, "PAPERBOY_DISCORD_SHARD_COUNT"),
    ],
)
def test_a_value_that_cannot_be_is_told_in_words_without_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"PAPERBOY_{name}", value)

    with pytest.raises(InvalidSettings, match=reason) as caught:
        load_settings()

    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[delivery]\ntick_seconds = inf\n", "delivery.tick_seconds .*finite number"),
        (b"[delivery]\npoll_seconds = nan\n", "finite number"),
        ('language = "ko"'.encode("utf-16"), "not in UTF-8"),
        ('zone = "서울"'.encode("cp949"), "not in UTF-8"),
        (b"a = " + b"[" * 100_000, "cannot be read as TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(folder: Path, data: bytes, reason: str) -> None:
    (folder / "paperboy.toml").write_bytes(data)

    with pytest.raises(InvalidSettings, match=reason):
        load_settings()


def test_a_byte_order_mark_does_no_harm(folder: Path) -> None:
    (folder / "paperboy.toml").write_text('language = "ko"', encoding="utf-8-sig")

    assert load_settings().language == "ko"


def test_an_env_file_that_cannot_be_read_is_told_with_its_line(folder: Path) -> None:
    (folder / ".env").write_text('PAPERBOY_LANGUAGE=ko\nPAPERBOY_ZONE="UTC\n')

    with pytest.raises(InvalidSettings, match=r"\.env, line 2: write NAME=value"):
        load_settings()
