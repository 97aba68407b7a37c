"""Slack's side of installing an app: codes, tokens that expire, and what renews them."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.slack_workspace import ADMIN, APP, BOT_USER, SCOPES, ApiError, Workspace

CLIENT_ID, CLIENT_SECRET = "1.2", "loopback-client-secret"


@dataclass
class OAuth:
    """Who may have tokens."""

    codes: set[str] = field(default_factory=lambda: {"a-code"})
    """What Slack gave a browser; each works once."""
    refreshes: set[str] = field(default_factory=set)
    """The refresh tokens that work, each once."""
    replaced: set[str] = field(default_factory=set)
    """The tokens that were renewed; they work until they expire."""
    issued: list[str] = field(default_factory=list)
    """Every token that was given, refresh tokens too."""
    expires_in: int = 43_200
    """Seconds."""
    forgives: bool = False
    """Whether the refresh token that was used last works once more."""

    def exchange(
        self, here: Workspace, args: Mapping[str, Any], authorization: str
    ) -> dict[str, Any]:
        """Answer `oauth.v2.access` with a new token."""
        known = f"{CLIENT_ID}:{CLIENT_SECRET}"
        if b64decode(authorization.removeprefix("Basic ")).decode() != known:
            raise ApiError("bad_client_secret")
        if args.get("grant_type") == "refresh_token":
            if args["refresh_token"] not in self.refreshes:
                raise ApiError("invalid_refresh_token")
            if not self.forgives:
                self.refreshes.discard(args["refresh_token"])
            self.forgives = False
            self.replaced.add(here.token)
        elif args.get("code") in self.codes:
            self.codes.discard(args["code"])
        else:
            raise ApiError("invalid_code")
        here.token, refresh = f"xoxe.xoxb-1-{uuid4().hex}", f"xoxe-1-{uuid4().hex}"
        self.refreshes.add(refresh)
        self.issued += [here.token, refresh]
        return {
            "app_id": APP, "access_token": here.token, "token_type": "bot",
            "scope": ",".join(sorted(SCOPES)), "bot_user_id": BOT_USER,
            "refresh_token": refresh, "expires_in": self.expires_in,
            "team": {"id": here.team, "name": "Readers"}, "enterprise": None,
            "is_enterprise_install": False, "authed_user": {"id": ADMIN},
        }  # fmt: skip
