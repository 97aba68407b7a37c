"""The manifest of the Slack app, and the way into a workspace, as the command line prints them."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jsonschema_rs import Draft7, Draft7Validator, Registry

from adapters.slack.auth.scopes import SCOPES
from adapters.slack.platform import Slack
from adapters.slack.slash_commands import find_command, format_slash_command
from bot.app.platforms import connect_platform, settings_type
from bot.commands.registry import COMMANDS
from bot.ports.errors import Refused
from config import catalogues
from tests.command_line import CommandLine
from tests.slack_workspace import SCOPES as USED

_DESCRIPTION = "https://raw.githubusercontent.com/slackapi/manifest-schema/v0.5.0/schemas/"
HTTP = {"mode": "http", "public_url": "https://paperboy.example/"}
MANY = {"client_id": "1.2", "public_url": "https://paperboy.example"}


def slack(**settings: Any) -> Slack:
    """Return the platform with settings, as the command line makes it."""
    found = connect_platform(settings_type().model_validate({"slack": settings}), "slack")
    assert isinstance(found, Slack)
    return found


def manifest_of(language: str = "en", **settings: Any) -> Any:
    return slack(**settings).manifest(catalogues.load(), language)


def described(folder: Path) -> Draft7Validator:
    """Return Slack's own description of manifests."""
    files = sorted((folder / "slack").glob("manifest.schema*.json"))
    if not files:
        pytest.skip("skipped: PAPERBOY_REFERENCE_DATA has no slack/manifest.schema*.json")
    contents = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in files}
    named = [(_DESCRIPTION + name, each) for name, each in contents.items()]
    registry = Registry(named, draft=Draft7)
    return Draft7Validator(contents["manifest.schema.json"], registry=registry)


@pytest.mark.parametrize("settings", [{}, HTTP, MANY, {"command_prefix": "a" * 20}])
@pytest.mark.parametrize("language", ["ko", "en", "both"])
def test_slack_takes_the_manifest(
    reference_data: Path, settings: dict[str, str], language: str
) -> None:
    found = manifest_of(language, **settings)
    assert [each.message for each in described(reference_data).iter_errors(found)] == []


def test_it_declares_every_command_and_no_more_rights_than_are_used() -> None:
    manifest = manifest_of()
    commands = manifest["features"]["slash_commands"]
    assert [each["command"] for each in commands] == [
        "/paper", "/cite", "/similar", "/week", "/tag", "/find", "/discussions", "/trend",
        "/trends", "/digest", "/paperboy-stats", "/report", "/reports", "/curators", "/curate",
        "/save", "/saved", "/follow", "/unfollow", "/following", "/paperboy-remind",
        "/paperboy-reminders", "/privacy", "/forget-me", "/paperboy-help", "/paperboy-about",
    ]  # fmt: skip
    assert commands[0]["usage_hint"] == "NAME"
    assert "subscribe | status" in commands[9]["usage_hint"]
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    with_groups = manifest_of(curator_groups=("S0123456789",))["oauth_config"]["scopes"]["bot"]
    assert set(with_groups) - set(SCOPES) == {"usergroups:read"}
    # Overviews are pinned in forums alone, and Slack has none.
    assert set(SCOPES) == USED - {"pins:write"}
    assert manifest["settings"]["socket_mode_enabled"]
    assert not manifest["settings"]["token_rotation_enabled"]
    assert "url" not in commands[0]
    assert "request_url" not in manifest["settings"]["interactivity"]
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == {
        "app_home_opened", "app_mention", "app_uninstalled", "link_shared", "message.channels",
        "message.groups", "message.im", "reaction_added", "reaction_removed", "tokens_revoked",
    }  # fmt: skip


def test_names_are_as_slack_wants_them_and_lead_back() -> None:
    for prefix in ("", "pb-", "a" * 20):
        for row in COMMANDS:
            name = format_slash_command(row, prefix)
            assert re.fullmatch(r"/[a-z0-9_-]{1,31}", name)
            assert find_command(name, prefix) is row
            assert find_command(row.korean_name, prefix) is row
    names = manifest_of(command_prefix="pb-")["features"]["slash_commands"]
    assert {each["command"] for each in names} >= {"/pb-paper", "/pb-help"}


def test_over_http_slack_is_told_where_to_send_what_people_do() -> None:
    manifest = manifest_of(**HTTP)
    url = "https://paperboy.example/slack/events"
    settings = manifest["settings"]
    assert not settings["socket_mode_enabled"]
    assert settings["event_subscriptions"]["request_url"] == url
    assert settings["interactivity"]["request_url"] == url
    assert settings["interactivity"]["message_menu_options_url"] == url
    assert {each["url"] for each in manifest["features"]["slash_commands"]} == {url}
    with pytest.raises(Refused, match="PAPERBOY_SLACK_PUBLIC_URL"):
        manifest_of(mode="http")


def test_an_app_that_many_install_renews_its_tokens() -> None:
    manifest = manifest_of(**MANY)
    assert manifest["settings"]["token_rotation_enabled"]
    assert manifest["settings"]["org_deploy_enabled"]
    back = "https://paperboy.example/slack/oauth_redirect"
    assert manifest["oauth_config"]["redirect_urls"] == [back]


def test_the_command_line_prints_it_and_the_address_that_makes_the_app(
    paperboy: CommandLine,
) -> None:
    code, text, error = paperboy("manifest", PAPERBOY_LANGUAGE="en")
    assert (code, json.loads(text), error) == (0, manifest_of(), "")
    url = urlsplit(paperboy("manifest", "slack", "--link", PAPERBOY_LANGUAGE="en")[1].strip())
    assert url.netloc == "api.slack.com"
    assert json.loads(parse_qs(url.query)["manifest_json"][0]) == manifest_of()
    assert "wants no manifest" in paperboy("manifest", "discord")[2]
    assert "no platform 'nowhere'" in paperboy("manifest", "nowhere")[2]
    assert "PUBLIC_URL" in paperboy("manifest", PAPERBOY_SLACK_MODE="http")[2]
    assert "paperboy manifest slack --link" in paperboy("invite", "slack")[2]


async def test_the_way_into_a_workspace_is_told() -> None:
    with pytest.raises(Refused, match="/invite @paperboy"):
        await slack(bot_token="xoxb-1").invite_url()  # noqa: S106 - it is none
    assert await slack(**MANY).invite_url() == "https://paperboy.example/slack/install"
    with pytest.raises(Refused, match="PAPERBOY_SLACK_PUBLIC_URL"):
        await slack(client_id="1.2").invite_url()
