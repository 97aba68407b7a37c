"""Builds the app manifest: commands, events, scopes and URLs (pure).

Source: https://docs.slack.dev/reference/app-manifest; the schema of version 2.
"""

from typing import Any

from adapters.slack.auth.credentials import PUBLIC_URL_MISSING
from adapters.slack.auth.scopes import scopes_for
from adapters.slack.options import Options
from adapters.slack.slash_commands import format_slash_command
from bot.cards.locale import BOTH, Locale
from bot.commands.command import Command
from bot.commands.registry import COMMANDS, usage
from bot.ports.errors import RefusalScope, Refused

FIND_HERE = "find_here"
"""The callback_id of the shortcut in the menu of a message."""

REPORT_HERE = "report_here"
"""The callback_id of the shortcut that reports a mistake in a message."""

EVENTS_PATH = "/slack/events"
"""Path of the request URL in the mode `http`."""
INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"
"""Paths of the installation page and of the OAuth redirect."""

EVENTS = (
    "app_home_opened", "app_mention", "app_uninstalled", "link_shared", "message.channels",
    "message.groups", "message.im", "reaction_added", "reaction_removed", "tokens_revoked",
)  # fmt: skip
"""`message.channels` and `message.groups` tell at once of replies in the threads of papers."""

LINK_DOMAINS = ("arxiv.org", "doi.org", "hf.co", "huggingface.co")
"""Domains whose addresses `link_shared` tells of, with those below them; Slack takes five."""

_NAME = "Paperboy"
_DESCRIPTION = "Brings a community the week's machine-learning papers."
_COLOR = "#7a3b1d"
_HINT = 1000
"""Characters of a usage_hint."""


def build_manifest(options: Options, locale: Locale) -> dict[str, Any]:
    """Return the manifest. Raises Refused if a URL that it needs is not configured."""
    url = _address(options)
    is_distributed = bool(options.client_id)
    if is_distributed and not options.public_url:
        raise Refused(PUBLIC_URL_MISSING, RefusalScope.ACCOUNT)
    return {
        "_metadata": {"major_version": 2, "minor_version": 0},
        "display_information": {
            "name": _NAME,
            "description": _DESCRIPTION,
            "background_color": _COLOR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "paperboy", "always_online": True},
            "shortcuts": [
                {
                    "name": _single_locale(locale).translate("Find this paper"),
                    "type": "message",
                    "callback_id": FIND_HERE,
                    "description": locale.translate("Looks for the paper that a message is about"),
                },
                {
                    "name": _single_locale(locale).translate("Report a mistake"),
                    "type": "message",
                    "callback_id": REPORT_HERE,
                    "description": locale.translate("Reports a mistake in a message of Paperboy"),
                },
            ],
            "slash_commands": [
                _command(row, options.command_prefix, url, locale) for row in COMMANDS
            ],
            "unfurl_domains": list(LINK_DOMAINS),
        },
        "oauth_config": {
            "scopes": {"bot": sorted(scopes_for(options))},
            **_redirects(options.public_url),
        },
        "settings": {
            "event_subscriptions": _url_field(url, "request_url") | {"bot_events": list(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **_url_field(url, "request_url"),
                **_url_field(url, "message_menu_options_url"),
            },
            "org_deploy_enabled": is_distributed,
            "socket_mode_enabled": options.mode == "socket",
            "token_rotation_enabled": is_distributed,
        },
    }


def _command(row: Command, prefix: str, url: str, locale: Locale) -> dict[str, Any]:
    """Return a slash command, with `should_escape`: mentions arrive as ids, links marked."""
    parts = " | ".join(part.name for part in row.subcommands)
    hint = parts or usage(locale, row).partition(" ")[2]
    return {
        "command": format_slash_command(row, prefix),
        "description": locale.translate(row.description),
        **({"usage_hint": hint[:_HINT]} if hint else {}),
        "should_escape": True,
        **_url_field(url, "url"),
    }


def _single_locale(locale: Locale) -> Locale:
    """Return a locale of one language, for fields too short for two."""
    return Locale(locale.catalogues, "en") if locale.language_choice == BOTH else locale


def _address(options: Options) -> str:
    """Return the request URL; empty in Socket Mode."""
    if options.mode == "socket":
        return ""
    if not options.public_url:
        raise Refused(
            "Slack has to know where to send what people do: set PAPERBOY_SLACK_PUBLIC_URL to the "
            "address under which the internet reaches this Paperboy, such as "
            "https://paperboy.example.org, or PAPERBOY_SLACK_MODE to socket, which needs none.",
            RefusalScope.ACCOUNT,
        )
    return options.public_url.rstrip("/") + EVENTS_PATH


def _url_field(url: str, name: str) -> dict[str, str]:
    return {name: url} if url else {}


def _redirects(public_url: str) -> dict[str, list[str]]:
    return {"redirect_urls": [public_url.rstrip("/") + REDIRECT_PATH]} if public_url else {}
