"""Validates the configured tokens and secrets (pure)."""

from adapters.slack.options import Options

_APP_PAGES = "at https://api.slack.com/apps"

APP_TOKEN_REFUSED = (
    "Slack does not take the app token; set PAPERBOY_SLACK_APP_TOKEN to one of the page Basic "
    f"Information, App-Level Tokens, {_APP_PAGES}, with the scope connections:write. It begins "
    "with xapp-; and the page Socket Mode has to have it enabled."
)
_SWAPPED = (
    "The two Slack tokens are swapped: PAPERBOY_SLACK_BOT_TOKEN is the one that begins with "
    "xoxb-, PAPERBOY_SLACK_APP_TOKEN the one that begins with xapp-."
)
_NO_BOT_TOKEN = (
    "PAPERBOY_SLACK_BOT_TOKEN is no token of a bot; it begins with xoxb- and stands on the page "
    f"OAuth & Permissions {_APP_PAGES}."
)
_NO_APP_TOKEN = (
    "Socket Mode needs PAPERBOY_SLACK_APP_TOKEN, which begins with xapp-: make one on the page "
    f"Basic Information, App-Level Tokens, {_APP_PAGES}, with the scope connections:write. Or set "
    "PAPERBOY_SLACK_MODE to http."
)
_NO_SIGNING_SECRET = (
    "The mode http needs PAPERBOY_SLACK_SIGNING_SECRET, so that only requests of Slack are "
    f"accepted; it stands on the page Basic Information, App Credentials, {_APP_PAGES}."
)
_NO_CLIENT_SECRET = (
    "An app that several workspaces install needs PAPERBOY_SLACK_CLIENT_SECRET beside its client "
    f"id; both stand on the page Basic Information, App Credentials, {_APP_PAGES}."
)
TOKEN_KEY_MISSING = (
    "An app that several workspaces install needs PAPERBOY_SLACK_TOKEN_KEY, which their tokens "
    "are sealed with in the database: at least 32 characters at random, such as "
    "`openssl rand -base64 32` prints. Keep it; without it every workspace has to install anew."
)
PUBLIC_URL_MISSING = (
    "An app that several workspaces install needs PAPERBOY_SLACK_PUBLIC_URL, the address under "
    "which the internet reaches this Paperboy, such as https://paperboy.example.org: Slack sends "
    "the person who installs it back there."
)
_MIN_KEY_LENGTH = 32


def find_problem(options: Options) -> str:
    """Return the first problem of the settings and how to fix it; empty if there is none."""
    found = _installation_problem(options) if options.client_id else _bot_token_problem(options)
    return found or _mode_problem(options)


def _bot_token_problem(options: Options) -> str:
    bot, app = options.bot_token.get_secret_value(), options.app_token.get_secret_value()
    if bot.startswith("xapp-"):
        return _SWAPPED
    if not bot.startswith(("xoxb-", "xoxe.xoxb-")):
        return _SWAPPED if app.startswith("xoxb-") else _NO_BOT_TOKEN
    return ""


def _installation_problem(options: Options) -> str:
    if not options.client_secret.get_secret_value():
        return _NO_CLIENT_SECRET
    found = options.token_keys
    if not found or min(map(len, found)) < _MIN_KEY_LENGTH:
        return TOKEN_KEY_MISSING
    return "" if options.public_url else PUBLIC_URL_MISSING


def _mode_problem(options: Options) -> str:
    if options.mode == "http":
        return "" if options.signing_secret.get_secret_value() else _NO_SIGNING_SECRET
    is_app_token = options.app_token.get_secret_value().startswith("xapp-")
    return "" if is_app_token else _NO_APP_TOKEN
