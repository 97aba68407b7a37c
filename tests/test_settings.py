"""Settings: a file, the environment above it, and plain words where one is wrong."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from adapters.slack.options import Options as SlackOptions
from bot.app.platforms import load_settings, platform_options, settings_type
from config import settings
from config.environment import InvalidSettings
from config.sources import DAIR_SOURCE, SourceSettings, SyncSettings

EXAMPLE = Path(settings.__file__).with_name("paperboy.example.toml")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "paperboy.toml"


def test_without_anything_the_defaults_hold(file: Path) -> None:
    found = load_settings()

    assert found.language == "both"
    assert found.database_url.endswith("paperboy.sqlite3")


def test_the_environment_stands_above_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('language = "ko"\nzone = "Europe/Berlin"\n[slack]\napp_token = "a"\n')
    monkeypatch.setenv("PAPERBOY_LANGUAGE", "en")
    monkeypatch.setenv("PAPERBOY_SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("PAPERBOY_DATABASE_URL", "sqlite:///mine.db")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///hosts.db")

    found = load_settings()

    assert (found.language, found.zone) == ("en", "Europe/Berlin")
    assert found.database_url == "sqlite:///mine.db"
    slack = platform_options(found)["slack"]
    assert isinstance(slack, SlackOptions)
    assert slack.bot_token.get_secret_value() == "xoxb-1"
    assert slack.app_token.get_secret_value() == "a"


def test_a_hosts_name_for_the_database_is_understood(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///hosts.db")

    assert load_settings().database_url == "sqlite:///hosts.db"


def test_a_file_is_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "other.toml"
    monkeypatch.setenv("PAPERBOY_SETTINGS", str(named))
    with pytest.raises(InvalidSettings, match="no settings file"):
        load_settings()

    named.write_text('language = "ko"')

    assert load_settings().language == "ko"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('langauge = "ko"', "langauge.*no such setting"),
        ('language = "fr"', "PAPERBOY_LANGUAGE"),
        ('zone = "Mars/Olympus"', "no such time zone"),
        ("language = ", "cannot be read as TOML"),
        ('[discord]\ntokn = "secret-word"', "discord.tokn"),
        ('[answers.channels]\n"discrod:1/2" = []', "answers.channels: 'discrod:1/2' is on no"),
    ],
)
def test_a_wrong_setting_is_told_in_words_without_its_value(
    file: Path, text: str, word: str
) -> None:
    file.write_text(text)

    with pytest.raises(InvalidSettings, match=word) as caught:
        load_settings()

    assert "secret-word" not in str(caught.value)


def test_a_secret_is_not_shown() -> None:
    found = settings_type().model_validate({"discord": {"token": "secret-word"}})

    assert "secret-word" not in repr(found)


def names(model: type[BaseModel], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= names(kind, f"{prefix}{name}.")
        else:
            found.add(prefix + name)
    return found


def test_the_example_explains_every_setting_with_its_default() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = tomllib.loads(text.replace("#database_url", "database_url"))
    flat = {
        f"{section}.{name}": value
        for section, values in shown.items()
        if isinstance(values, dict)
        for name, value in values.items()
    } | {name: value for name, value in shown.items() if not isinstance(value, dict)}

    assert set(flat) - {"sources.dair"} == names(settings_type()) - {
        "sources", "communities",
    }  # fmt: skip
    assert shown["communities"] == {}
    assert set(flat["sources.dair"]) == set(SourceSettings.model_fields)
    del shown["database_url"]
    kind = settings_type()
    assert kind.model_validate(shown) == kind(sync=SyncSettings())


def test_the_list_of_dair_is_a_source_beside_others_and_can_be_switched_off(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    assert load_settings().sources == {"dair": DAIR_SOURCE}
    file.write_text(
        '[sources.forum]\nkind = "discourse"\nurl = "https://forum.example/c/news/14"\n'
        "[sources.dair]\nenabled = false\n"
    )

    found = load_settings(file).sources

    assert found["dair"] == DAIR_SOURCE.model_copy(update={"enabled": False})
    assert found["forum"].url == "https://forum.example/c/news/14"
    file.write_text("")
    monkeypatch.setenv("PAPERBOY_SOURCES_DAIR", '{"enabled": false}')
    assert not load_settings(file).sources["dair"].enabled


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ('[sources.x]\nkind = "folder"', "a folder needs a path"),
        ('[sources.x]\nkind = "feed"', "a url is needed"),
        ('[sources.x]\nkind = "feed"\nurl = "ftp://x"', r"sources.x.url .* begin with https://"),
        (
            '[sources.x]\nkind = "feed"\nurl = "https://me:secret@x.example/"',
            "without a name or password",
        ),
        ('[sources.dair]\nseries = "DAIR"', "small letters, digits and hyphens"),
        ('[sources.x]\nkind = "list"', "sources.x.kind"),
        ('[sync]\nbusy_from = "someday"', "a day and a time"),
        ('[web]\ncontact = "me (here)"', "without parentheses"),
        ('[web]\nproxy = "me:secret@office"', "has to begin with http://"),
    ],
)
def test_a_wrong_source_is_told_in_words(file: Path, said: str, reason: str) -> None:
    file.write_text(said)

    with pytest.raises(InvalidSettings, match=reason) as caught:
        load_settings(file)

    assert "secret" not in str(caught.value)
