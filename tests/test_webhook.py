"""The webhook platform: what it shows, and what it makes of every answer, over real sockets."""

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from urllib.parse import quote

import pytest
from hypothesis import example, given
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import SecretStr

from adapters.webhook import limits, platform, render
from adapters.webhook.options import Options
from adapters.webhook.platform import Webhook
from bot.lib.clean import clean
from bot.lib.rate_limit import RateLimit
from bot.model.card import Bullets, Card, Code, LinkButton, Paragraph, Run
from bot.model.channels import MessageRef, Target
from bot.ports.errors import MessageDeleted, RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import (
    MessageAbsent,
    MessageFound,
    MessageUnknown,
    NativeMessage,
    OutgoingMessage,
)
from tests import golden_files
from tests.request_stages import RequestStage
from tests.sample_cards import CARDS, HOSTILE, SAMPLES, card_text
from tests.waiting import GUARD, stand_still_past
from tests.webhook_receiver import (
    BROKEN,
    HALF,
    LOST,
    SECRET,
    Fault,
    Rules,
    WebhookReceiver,
    fault_script,
)

pytestmark = pytest.mark.slow

LONG_AGO = datetime(2023, 10, 9, tzinfo=UTC)
PAPERS = Target("webhook", "", "papers")
HELLO: NativeMessage = render.messages(Card("Hello"))[0]

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_STRUCTURE = {
    "paragraph",
    "heading",
    "bullet_list",
    "ordered_list",
    "list_item",
    "inline",
    "hr",
    "fence",
}
_INLINE = {"text", "code_inline", "strong", "link", "hardbreak"}


@dataclass
class Seen:
    """What a reader sees of CommonMark."""

    text: str = ""
    links: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def read(markdown: str) -> Seen:
    """Return what a reader sees, as an independent reader of CommonMark tells it."""
    seen = Seen()
    for token in _flat(_MARKDOWN.parse(markdown)):
        seen.kinds.add(token.type.removesuffix("_open").removesuffix("_close"))
        if token.type in {"text", "code_inline", "fence"}:
            seen.text += token.content
        if token.type == "link_open":
            seen.links.append(str(token.attrs["href"]))
    return seen


def _flat(tokens: list[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *(token.children or ()))]


def words(text: str) -> str:
    """Return a text without blanks and line breaks, which a reader of markup may join."""
    return "".join(clean(text).split())


def neutral(message: NativeMessage) -> Card:
    """Return the card of a message, of which only its texts and links are asked."""
    card = json.loads(json.dumps(message))["card"]
    blocks: list[Paragraph | Bullets | Code] = []
    for block in card["blocks"]:
        if block["kind"] == "paragraph":
            blocks.append(Paragraph(tuple(Run(run["text"]) for run in block["runs"])))
        elif block["kind"] == "bullets":
            items = (tuple(Run(run["text"]) for run in item) for item in block["items"])
            blocks.append(Bullets(tuple(items)))
        elif block["kind"] == "code":
            blocks.append(Code(block["text"]))
    links = [each for each in card["controls"] if each["kind"] == "link"]
    return Card(
        card["title"],
        card["url"],
        tuple(blocks),
        tuple(LinkButton(each["label"], each["url"]) for each in links),
        card["footer"],
    )


def visible(message: NativeMessage) -> str:
    """Return what the neutral card of a message shows, with its links before the footer."""
    card = neutral(message)
    links = "·".join(link.label for link in card.controls if isinstance(link, LinkButton))
    body = card_text(card)
    return words(body.removesuffix(card.footer) + links + card.footer)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_looks_as_it_did(name: str) -> None:
    golden_files.check(f"{name}.webhook", render.messages(SAMPLES[name]))


@given(CARDS)
@example(HOSTILE)
def test_text_is_never_taken_for_markup(card: Card) -> None:
    (message,) = render.messages(card)

    seen = read(str(message["markdown"]))

    assert words(seen.text) == visible(message)
    assert seen.kinds <= _STRUCTURE | _INLINE


@given(CARDS)
@example(HOSTILE)
def test_the_neutral_card_says_all_that_the_card_says(card: Card) -> None:
    (message,) = render.messages(card)

    assert words(card_text(neutral(message))) == words(card_text(card))


@given(CARDS)
@example(HOSTILE)
def test_links_lead_only_where_the_card_says_and_only_to_web_addresses(card: Card) -> None:
    (message,) = render.messages(card)

    links = read(str(message["markdown"])).links

    assert all(link.startswith("https://") for link in links)
    assert "thief" not in " ".join(links)


@given(CARDS)
@example(HOSTILE)
def test_nobody_is_mentioned(card: Card) -> None:
    (message,) = render.messages(card)

    for shown in (str(message["markdown"]), str(message["text"])):
        # What begins an entry of BibTeX is no mention.
        rest = re.sub(r"(?m)^@(?!everyone|here|channel|all)[a-z]+{", "", shown)
        assert "@" not in rest.replace("@\u200b", "")
        assert "<!" not in shown


@given(CARDS)
def test_a_card_that_is_too_long_is_split_and_loses_nothing(card: Card) -> None:
    with pytest.MonkeyPatch.context() as small:
        small.setattr(render, "MESSAGE_BYTES", 700)
        parts = render.messages(card)
    assert words("".join(card_text(neutral(part)) for part in parts)) == words(card_text(card))


def test_long_code_is_split_between_its_lines() -> None:
    code = "\n".join(f"  line {number} = {{x}}," for number in range(200))
    with pytest.MonkeyPatch.context() as small:
        small.setattr(render, "MESSAGE_BYTES", 3000)
        parts = render.messages(Card("Long", blocks=(Code(code, "bibtex"),)))

    kept = [
        block["text"] for part in parts for block in json.loads(json.dumps(part))["card"]["blocks"]
    ]
    assert len(kept) > 1
    assert "\n".join(kept) == code


def test_a_long_card_makes_several_messages_that_each_fit() -> None:
    sentence = "A sentence of this long text. " * 20
    items = tuple((Run(f"{number} " + sentence),) for number in range(300))
    card = Card("Long", blocks=(Paragraph((Run(sentence * 200),)), Bullets(items, first=1)))

    parts = render.messages(card)

    sizes = [len(json.dumps(part, ensure_ascii=False).encode()) for part in parts]
    assert len(parts) > 1
    assert max(sizes) <= limits.MESSAGE_BYTES
    assert words("".join(card_text(neutral(part)) for part in parts)) == words(card_text(card))
    assert read(str(parts[-1]["markdown"])).text.startswith("2")


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    """Yield an open receiver."""
    async with WebhookReceiver() as opened:
        yield opened


@pytest.fixture
async def webhook(receiver: WebhookReceiver) -> AsyncIterator[Webhook]:
    """Yield the platform, with the receiver behind its channel."""
    async with aclosing(_Closing(to(receiver.url("papers")))) as opened:
        yield opened.platform


@dataclass
class _Closing:
    platform: Webhook

    async def aclose(self) -> None:
        await self.platform.close()


def to(url: str, secret: str = SECRET) -> Webhook:
    """Return the platform with one address behind two channels."""
    return Webhook(
        Options.model_construct(
            channels={"papers": url, "direct": url},
            secret=SecretStr(secret),
            per_second=20,
            per_channel_seconds=1.5,
            timeout_seconds=2,
        )
    )


def outgoing(key: str = "part-1", **more: object) -> OutgoingMessage:
    return OutgoingMessage(HELLO, key, **more)  # type: ignore[arg-type]


def test_its_pace_and_its_timeout_are_settings() -> None:
    platform = to("http://127.0.0.1:9/papers")

    assert platform.rate_limit == RateLimit(20, timedelta(seconds=1.5))
    assert platform.timeout == timedelta(seconds=2)


async def test_a_message_arrives_signed_and_whole(
    webhook: Webhook, receiver: WebhookReceiver
) -> None:
    ref = await webhook.post(
        PAPERS, outgoing("digest/1 가", thread="t", title="T", tags=("a",), mention="@team")
    )

    (message,) = receiver.ledger
    assert ref == MessageRef(PAPERS, message.id, "t")
    assert message.body == {
        "kind": "message",
        "key": "digest/1 가",
        "target": "papers",
        "thread": "t",
        "title": "T",
        "tags": ["a"],
        "mention": "@team",
        "mentions": ["@team"],
        **HELLO,
    }
    assert receiver.arrivals[0].headers["idempotency-key"] == "digest/1%20%EA%B0%80"


async def test_a_program_that_is_frozen_before_its_request_does_not_send_it_later(
    webhook: Webhook, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def freeze(*_: object) -> dict[str, str]:
        time.sleep(0.1)  # stands still, its event loop too
        return {}

    await webhook.find(PAPERS, "check", LONG_AGO)  # the connection is there
    arrived = len(receiver.arrivals)
    with monkeypatch.context() as patch:
        patch.setattr(platform, "_signature", freeze)
        until = asyncio.get_running_loop().time() + 0.05
        with pytest.raises(Unknown):
            await webhook.post(PAPERS, outgoing(until=until))
    assert await webhook.find(PAPERS, "part-1", LONG_AGO) is MessageAbsent.ABSENT
    assert [each.method for each in receiver.arrivals[arrived:]] == ["GET"]


async def test_what_is_frozen_between_the_headers_and_the_body_sends_nothing_later(
    webhook: Webhook, receiver: WebhookReceiver
) -> None:
    until = asyncio.get_running_loop().time() + 0.5
    written = count()

    def freeze() -> None:
        if next(written):  # the headers were
            stand_still_past(until)

    with pytest.raises(Unknown):
        await webhook.post(PAPERS, outgoing(until=until, on_sent=freeze))
    await webhook.post(PAPERS, outgoing("part-2"))
    assert [each.key for each in receiver.ledger] == ["part-2"]


async def test_a_message_is_found_by_its_key(webhook: Webhook, receiver: WebhookReceiver) -> None:
    ref = await webhook.post(PAPERS, outgoing("a&b"))

    assert await webhook.find(PAPERS, "a&b", LONG_AGO) == MessageFound(ref)
    assert await webhook.find(PAPERS, "a", LONG_AGO) is MessageAbsent.ABSENT


async def test_a_receiver_that_cannot_be_asked_is_told_apart(
    webhook: Webhook, receiver: WebhookReceiver
) -> None:
    receiver.rules = Rules(finds=False)

    assert await webhook.find(PAPERS, "part-1", LONG_AGO) is MessageUnknown.UNKNOWN
    assert "GET" in (await webhook.check_channel(PAPERS))[0]


async def test_a_message_is_replaced(webhook: Webhook, receiver: WebhookReceiver) -> None:
    ref = await webhook.post(PAPERS, outgoing())

    changed = render.messages(Card("Corrected"))[0]
    await webhook.edit(ref, replace(outgoing(), payload=changed))

    assert receiver.ledger[0].body["card"]["title"] == "Corrected"
    assert receiver.arrivals[-1].path.endswith(quote(ref.id, safe=""))


async def test_a_message_that_is_gone_concerns_no_channel(webhook: Webhook) -> None:
    with pytest.raises(MessageDeleted):
        await webhook.edit(MessageRef(PAPERS, "gone"), outgoing())


async def test_a_thread_is_opened_once(webhook: Webhook, receiver: WebhookReceiver) -> None:
    ref = await webhook.post(PAPERS, outgoing())

    first = await webhook.open_thread(ref, "Discussion")
    second = await webhook.open_thread(ref, "Discussion")

    assert first == second
    assert first.thread
    assert [message.body["kind"] for message in receiver.ledger] == ["message", "thread"]


async def test_a_message_is_pinned_and_let_go(webhook: Webhook, receiver: WebhookReceiver) -> None:
    ref = await webhook.post(PAPERS, outgoing())

    await webhook.pin(ref, pinned=True)
    assert receiver.pinned == {ref.id}
    await webhook.pin(ref, pinned=False)
    assert not receiver.pinned


async def test_a_person_is_told_through_the_channel_direct(
    webhook: Webhook, receiver: WebhookReceiver
) -> None:
    await webhook.send_direct_message("", "admin", Card("The digest failed"))

    assert receiver.ledger[0].body["kind"] == "direct"
    assert receiver.ledger[0].body["to"] == "admin"


async def test_what_is_missing_is_said(receiver: WebhookReceiver) -> None:
    async with aclosing(_Closing(to(receiver.url("papers"), "another"))) as other:
        (secret,) = await other.platform.check_channel(PAPERS)
        (unknown,) = await other.platform.check_channel(Target("webhook", "", "nowhere"))

    assert "secret" in secret
    assert "nowhere" in unknown


async def test_a_ready_channel_lacks_nothing(webhook: Webhook) -> None:
    assert await webhook.check_channel(PAPERS) == ()


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [
        (429, "0.1", 0.1),
        (429, "280", 280),
        (429, "", None),
        (429, "soon", None),
        (429, "-5", 0),
        (429, "Mon, 09 Oct 2023 00:00:00 GMT", 0),
        (503, "7", 7),
        (503, "1000000", limits.MAX_RETRY_AFTER.total_seconds()),
    ],
)
async def test_a_receiver_that_says_when_is_asked_then(
    webhook: Webhook,
    receiver: WebhookReceiver,
    status: int,
    retry_after: str,
    seconds: float | None,
) -> None:
    receiver.faults = fault_script([Fault(status, retry_after)])

    with pytest.raises(TryLater) as later:
        await webhook.post(PAPERS, outgoing())

    assert later.value.retry_after == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("status", "scope"),
    [
        (400, RefusalScope.PART),
        (413, RefusalScope.PART),
        (422, RefusalScope.PART),
        (401, RefusalScope.ACCOUNT),
        (403, RefusalScope.CHANNEL),
        (404, RefusalScope.CHANNEL),
        (410, RefusalScope.CHANNEL),
        (301, RefusalScope.CHANNEL),
    ],
)
async def test_a_refusal_says_what_it_concerns(
    webhook: Webhook, receiver: WebhookReceiver, status: int, scope: RefusalScope
) -> None:
    receiver.faults = fault_script([Fault(status)])

    with pytest.raises(Refused) as refusal:
        await webhook.post(PAPERS, outgoing())

    assert refusal.value.scope is scope
    assert len(receiver.arrivals) == 1


@pytest.mark.parametrize(
    "fault",
    [
        LOST,
        HALF,
        BROKEN,
        Fault(500),
        Fault(502, accepts=True),
        Fault(503),
        Fault(504),
        Fault(409),
        Fault(200, accepts=True),
        Fault(delay=GUARD),
    ],
    ids=repr,
)
async def test_an_answer_that_got_lost_leaves_it_unknown_and_is_not_repeated(
    receiver: WebhookReceiver, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def let_an_hour_pass(point: RequestStage) -> None:
        if fault.delay and point is RequestStage.ARRIVED:
            loop = asyncio.get_running_loop()
            monkeypatch.setattr(loop, "time", lambda: time.monotonic() + 3600)

    receiver.faults, receiver.hold = fault_script([fault]), let_an_hour_pass
    options = to(receiver.url("papers"))

    async with aclosing(_Closing(options)):
        with pytest.raises(Unknown):
            await options.post(PAPERS, outgoing())

    assert len(receiver.arrivals) == 1


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(lambda: f"http://127.0.0.1:{_free_port()}/", id="refused"),
        pytest.param(lambda: "http://nowhere.invalid/", id="no such host"),
    ],
)
async def test_what_was_never_sent_may_be_sent_again(address: Callable[[], str]) -> None:
    async with aclosing(_Closing(to(address()))) as opened:
        with pytest.raises(TryLater):
            await opened.platform.post(PAPERS, outgoing())


async def test_a_server_without_tls_was_sent_nothing(receiver: WebhookReceiver) -> None:
    address = receiver.url("papers").replace("http:", "https:")
    async with aclosing(_Closing(to(address))) as opened:
        with pytest.raises(TryLater):
            await opened.platform.post(PAPERS, outgoing())

    assert not receiver.arrivals


@pytest.mark.parametrize("address", ["", "ftp://example.org/", "papers"])
async def test_an_address_that_is_none_concerns_its_channel(address: str) -> None:
    async with aclosing(_Closing(to(address))) as opened:
        with pytest.raises(Refused) as refusal:
            await opened.platform.post(PAPERS, outgoing())

    assert refusal.value.scope is RefusalScope.CHANNEL


async def test_a_channel_without_an_address_is_refused(webhook: Webhook) -> None:
    with pytest.raises(Refused) as refusal:
        await webhook.post(Target("webhook", "", "nowhere"), outgoing())

    assert refusal.value.scope is RefusalScope.CHANNEL


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
