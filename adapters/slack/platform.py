"""The platform `slack`: posts, finds, edits and pins messages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from gettext import NullTranslations

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import render, slash_commands
from adapters.slack.api import threads
from adapters.slack.api.client import ApiClient
from adapters.slack.api.direct_channels import DirectChannels
from adapters.slack.api.errors import (
    RECOVERABLE,
    SCOPE_MISSING,
    ErrorResponse,
    ThreadDeleted,
)
from adapters.slack.api.history import History
from adapters.slack.api.tokens import SingleToken, TokenProvider
from adapters.slack.api.users import UserDirectory
from adapters.slack.api.workspaces import WorkspaceCache
from adapters.slack.auth import manifest, oauth
from adapters.slack.auth.authorization import MultiWorkspaceAuthorizer, SingleWorkspaceAuthorizer
from adapters.slack.auth.installation_store import InstallationStore
from adapters.slack.diagnostics import Diagnostics
from adapters.slack.events.listener import Listener, WorkspaceAuthorizer
from adapters.slack.options import NAME, Options
from adapters.slack.places import Origin
from adapters.slack.render import envelope
from bot.cards.locale import Locale
from bot.cards.notices import ending_installation_card
from bot.lib.rate_limit import RateLimit
from bot.lib.send_signal import calling_when_sent
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.model.discussions import ThreadState
from bot.ports.conversation import CommandService
from bot.ports.errors import (
    MessageDeleted,
    Refused,
    TryLater,
)
from bot.ports.platform import (
    ConnectionState,
    FindResult,
    MessageAbsent,
    MessageFound,
    MessageUnknown,
    NativeMessage,
    OutgoingMessage,
)
from bot.ports.secrets import SecretStore

_MESSAGES_PER_SECOND = 5.0
"""Messages over all channels of a workspace; Slack documents several hundred a minute."""
_EDITS_PER_SECOND = 50 / 60
"""Calls of chat.update in a workspace, which is of tier 3: more than 50 a minute.

Source: https://docs.slack.dev/apis/web-api/rate-limits."""
_CHANNEL_INTERVAL = timedelta(seconds=1.05)
"""Interval between messages of a channel; Slack documents about one a second."""
_PIN_UNCHANGED = frozenset({"already_pinned", "no_pin", "not_pinned"})
"""Error codes of a pin that is already in the wanted state."""


class Slack:
    """See `bot.ports.platform.Platform`."""

    name = NAME
    rate_limit = RateLimit(
        _MESSAGES_PER_SECOND,
        _CHANNEL_INTERVAL,
        only_messages=True,
        edits_per_second=_EDITS_PER_SECOND,
    )
    """Pins have a rate of their own, and a thread is opened by its first message."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.timeout = timedelta(seconds=options.timeout_seconds)
        # Codes and refresh tokens work once: what is repeated is decided where they are used.
        proxy = options.proxy.get_secret_value() or None
        self._client = AsyncWebClient(base_url=options.api_url, proxy=proxy, retry_handlers=[])
        self._installations = InstallationStore(
            self._client, options.client_id, options.client_secret.get_secret_value()
        )
        is_one = not options.client_id
        single = SingleToken(options.bot_token.get_secret_value())
        tokens: TokenProvider = single if is_one else self._installations
        self._api = ApiClient(tokens, options.api_url, self.timeout, proxy)
        self._workspaces = WorkspaceCache(self._api)
        self._authorizer: WorkspaceAuthorizer = (
            SingleWorkspaceAuthorizer(self._workspaces)
            if is_one
            else MultiWorkspaceAuthorizer(self._installations)
        )
        self._history = History(self._api)
        self._diagnostics = Diagnostics(self._api, options)
        self._users = UserDirectory(
            self._api, options.managers, options.curators, options.curator_groups
        )
        self._listener: Listener | None = None
        self._direct_channels = DirectChannels(self._api)

    def render(self, card: Card) -> list[NativeMessage]:
        return render.messages(card)

    def command_name(self, name: str) -> str:
        return slash_commands.slash_command_for(name, self._options.command_prefix)

    @property
    def secret_keys(self) -> tuple[str, ...]:
        return self._options.token_keys

    def use_secret_store(self, store: SecretStore) -> None:
        self._installations.use_secret_store(store)

    def manifest(
        self, catalogues: Mapping[str, NullTranslations], language: str
    ) -> dict[str, object]:
        return manifest.build_manifest(self._options, Locale(catalogues, language))

    def app_creation_url(self, manifest: NativeMessage) -> str:
        return oauth.app_creation_url(manifest)

    async def invite_url(self) -> str:
        return oauth.install_url(self._options)

    async def serve(self, service: CommandService) -> None:
        self._installations.on_refusal = partial(self._tell_installer, service)
        self._listener = Listener(self._options, self._api, self._authorizer, self._users)
        await self._listener.run(service, self.render, self._oauth_flow)

    def connection_state(self) -> ConnectionState:
        return ConnectionState(self._listener is not None and self._listener.is_connected)

    async def _tell_installer(
        self, service: CommandService, workspace: str, person: str, ends_at: datetime
    ) -> None:
        """Ask the person who installed the app to do so again; see `RefusalHandler`."""
        language = await self._users.language(Origin(workspace, person, ""))
        locale = Locale(service.catalogues, language or service.language)
        left = ends_at - datetime.now(UTC)
        card = ending_installation_card(locale, left, oauth.install_url(self._options))
        await self.send_direct_message(workspace, person, card)

    def _oauth_flow(self) -> AsyncOAuthFlow | None:
        """Return the OAuth flow; None if the app serves one workspace with a configured token."""
        if not self._options.client_id:
            return None
        return oauth.build_oauth_flow(self._options, self._installations, self._client)

    async def post(self, target: Target, outgoing: OutgoingMessage) -> MessageRef:
        until = self._api.deadline() if outgoing.until is None else outgoing.until
        workspace = await self._workspaces.get(target.workspace)
        channel = await self._channel(target)
        body = _body(outgoing) | {"channel": channel}
        if outgoing.thread:
            body["thread_ts"] = outgoing.thread
        with calling_when_sent(outgoing.on_sent):
            response = await self._api.post_message(target.workspace, body, until=until)
        url = workspace.permalink(channel, response["ts"], outgoing.thread)
        return MessageRef(target, response["ts"], outgoing.thread, url)

    async def find(self, target: Target, key: str, since: datetime) -> FindResult:
        workspace = await self._workspaces.get(target.workspace)
        channel = await self._channel(target)
        place = replace(target, channel=channel)
        found = await self._history.find(place, workspace, key, since)
        if isinstance(found, MessageAbsent | MessageUnknown):
            return found
        root = found.get("thread_ts", "")
        thread = "" if root == found["ts"] else root
        url = workspace.permalink(channel, found["ts"], thread)
        return MessageFound(MessageRef(target, found["ts"], thread, url))

    async def _channel(self, target: Target) -> str:
        """Return the id of a channel; of direct messages where it is those of a person."""
        if not target.person:
            return target.channel
        return await self._direct_channels.get(target.workspace, target.person)

    async def edit(self, ref: MessageRef, outgoing: OutgoingMessage) -> None:
        until = self._api.deadline() if outgoing.until is None else outgoing.until
        body = envelope.build_edit(outgoing) | {"channel": ref.target.channel, "ts": ref.id}
        try:
            with calling_when_sent(outgoing.on_sent):
                await self._api.post_message(
                    ref.target.workspace, body, method="chat.update", until=until
                )
        except ThreadDeleted as error:
            raise MessageDeleted(error.reason) from error

    async def open_thread(self, ref: MessageRef, title: str) -> MessageRef:
        # Every message of a channel can be the root of a thread.
        return MessageRef(ref.target, ref.id, ref.thread or ref.id, ref.url)

    async def read_thread(self, thread: MessageRef, own_messages: int) -> ThreadState:
        return await threads.read_thread(self._api, thread, own_messages)

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        method = "pins.add" if pinned else "pins.remove"
        body = {"channel": ref.target.channel, "timestamp": ref.id}
        found = await self._api.try_write(method, ref.target.workspace, body, is_repeatable=True)
        if isinstance(found, ErrorResponse) and found.code not in _PIN_UNCHANGED:
            raise self._api.to_exception(found, is_repeatable=True)

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        channel = await self._direct_channels.get(workspace, person)
        for message in self.render(card):
            body = _body(OutgoingMessage(message, "")) | {"channel": channel}
            await self._api.post_message(workspace, body)

    async def check_channel(self, target: Target) -> tuple[str, ...]:
        return await self._diagnostics.check_channel(target)

    async def is_recovered(self, target: Target, reason: str) -> bool:
        if reason == SCOPE_MISSING:
            return not await self._diagnostics.missing_scopes(target.workspace)
        return reason in RECOVERABLE and not await self.check_channel(target)

    def channel_url(self, channel: Target) -> str:
        return f"https://app.slack.com/client/{channel.workspace}/{channel.channel}"

    async def may_manage(self, channel: Target, person: str) -> bool:
        if await self.check_channel(channel):
            return False
        origin = Origin(channel.workspace, person, channel.channel)
        return (await self._users.person(origin)).may_manage

    async def diagnose(self) -> tuple[str, ...]:
        problems = await self._diagnostics.check_account(self._authorizer.workspaces)
        return (*problems, *await self._ending_installations())

    async def _ending_installations(self) -> list[str]:
        """Return for doctor which workspaces have to install the app again, and until when."""
        try:
            ending = await self._installations.refused() if self._options.client_id else {}
            url = oauth.install_url(self._options) if ending else ""
        except (Refused, TryLater):
            return []  # told already
        return [
            f"Slack refuses to renew the token of the workspace {name}, which works until "
            f"{ends_at:%Y-%m-%d %H:%M} UTC. Install the app there again: {url}"
            for name, ends_at in ending.items()
        ]

    async def close(self) -> None:
        await self._api.close()
        await self._installations.close()


def _body(message: OutgoingMessage) -> dict[str, object]:
    return envelope.build_body(message)
