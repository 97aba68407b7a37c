"""Installs the app in workspaces with OAuth.

Source: https://docs.slack.dev/authentication/installing-with-oauth.
"""

import json
import logging
from urllib.parse import urlencode, urlsplit

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.auth.credentials import PUBLIC_URL_MISSING
from adapters.slack.auth.installation_store import InstallationStore
from adapters.slack.auth.manifest import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.auth.oauth_states import OAuthStateStore
from adapters.slack.auth.scopes import scopes_for
from adapters.slack.options import Options
from bot.ports.errors import RefusalScope, Refused
from bot.ports.platform import NativeMessage

_AUTHORIZE_PATH = "/oauth/v2/authorize"
_NEW_APP_URL = "https://api.slack.com/apps?new_app=1"
_INSTALLED_BY_TOKEN = (
    "Slack lets Paperboy in where its app is installed, with the bot token that is set; in each "
    "channel say /invite @paperboy. For several workspaces set PAPERBOY_SLACK_CLIENT_ID; the "
    "guide for Slack tells how."
)
_LIBRARY_LOG = logging.getLogger(f"{__name__}.library")
"""The library logs failed attempts with the authorization code; they are suppressed."""


def build_oauth_flow(
    options: Options, installations: InstallationStore, client: AsyncWebClient
) -> AsyncOAuthFlow:
    """Return the OAuth flow, which ends with a stored installation."""
    _LIBRARY_LOG.setLevel(logging.CRITICAL)
    settings = AsyncOAuthSettings(
        client_id=options.client_id,
        client_secret=options.client_secret.get_secret_value(),
        scopes=sorted(scopes_for(options)),
        user_scopes=[],
        redirect_uri=options.public_url.rstrip("/") + REDIRECT_PATH,
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=_authorize_url(options),
        installation_store=installations,
        state_store=OAuthStateStore(installations.secret_store),
        install_page_rendering_enabled=False,
    )
    return AsyncOAuthFlow(client=client, logger=_LIBRARY_LOG, settings=settings)


def install_url(options: Options) -> str:
    """Return the URL of the installation page.

    Raises Refused if the app serves one workspace with a configured token, or has no public URL.
    """
    if not options.client_id:
        raise Refused(_INSTALLED_BY_TOKEN, RefusalScope.ACCOUNT)
    if not options.public_url:
        raise Refused(PUBLIC_URL_MISSING, RefusalScope.ACCOUNT)
    return options.public_url.rstrip("/") + INSTALL_PATH


def app_creation_url(manifest: NativeMessage) -> str:
    """Return the URL that creates an app from a manifest."""
    return f"{_NEW_APP_URL}&{urlencode({'manifest_json': json.dumps(manifest)})}"


def _authorize_url(options: Options) -> str:
    parts = urlsplit(options.api_url)
    return f"{parts.scheme}://{parts.netloc}{_AUTHORIZE_PATH}"
