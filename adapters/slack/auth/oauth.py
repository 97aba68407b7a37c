"""Lets workspaces install the app: the way through Slack's own pages and back.

Source: https://docs.slack.dev/authentication/installing-with-oauth.
"""

import json
import logging
from urllib.parse import urlencode, urlsplit

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.auth.credentials import PUBLIC_URL_MISSING
from adapters.slack.auth.installation_store import InstallationStore, OAuthStateStore
from adapters.slack.auth.manifest import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.auth.scopes import SCOPES
from adapters.slack.options import Options
from bot.ports.errors import RefusalScope, Refused
from bot.ports.platform import NativeMessage

_AUTHORIZE = "/oauth/v2/authorize"
_NEW_APP = "https://api.slack.com/apps?new_app=1"
_IS_IN = (
    "Slack lets Paperboy in where its app is installed, with the bot token that is set; in each "
    "channel say /invite @paperboy. For several workspaces set PAPERBOY_SLACK_CLIENT_ID; the "
    "README tells how."
)
_LIBRARY = logging.getLogger(f"{__name__}.library")
"""What the library says of an attempt that failed, with the code that Slack gave for it."""


def build_oauth_flow(
    options: Options, installations: InstallationStore, client: AsyncWebClient
) -> AsyncOAuthFlow:
    """Return the way in, which ends with an installation that is kept."""
    _LIBRARY.setLevel(logging.CRITICAL)
    settings = AsyncOAuthSettings(
        client_id=options.client_id,
        client_secret=options.client_secret.get_secret_value(),
        scopes=sorted(SCOPES),
        user_scopes=[],
        redirect_uri=options.public_url.rstrip("/") + REDIRECT_PATH,
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=_authorize(options),
        installation_store=installations,
        state_store=OAuthStateStore(installations.vault),
        install_page_rendering_enabled=False,
    )
    return AsyncOAuthFlow(client=client, logger=_LIBRARY, settings=settings)


def install_url(options: Options) -> str:
    """Return where a workspace lets the bot in.

    Raises Refused where the app is one workspace's own and in it already, or has no address.
    """
    if not options.client_id:
        raise Refused(_IS_IN, RefusalScope.ACCOUNT)
    if not options.public_url:
        raise Refused(PUBLIC_URL_MISSING, RefusalScope.ACCOUNT)
    return options.public_url.rstrip("/") + INSTALL_PATH


def app_creation_url(manifest: NativeMessage) -> str:
    """Return where an app is made of a manifest."""
    return f"{_NEW_APP}&{urlencode({'manifest_json': json.dumps(manifest)})}"


def _authorize(options: Options) -> str:
    parts = urlsplit(options.api_url)
    return f"{parts.scheme}://{parts.netloc}{_AUTHORIZE}"
