"""Parses payloads of commands, mentions, controls, forms and shortcuts (pure).

Sources: https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/reference/events/app_mention.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.slack.options import NAME
from adapters.slack.places import CHANNEL_BLOCK_ID, Origin
from adapters.slack.render import controls
from adapters.slack.slash_commands import find_command
from bot.cards.references import parse_reference
from bot.commands.mentions import SmallTalk, paper_queries, small_talk
from bot.model.channels import Target
from bot.model.discussions import Reaction
from bot.ports.conversation import Invocation

_LINK = re.compile(r"<(?:(?:mailto:)?(?P<url>[^<>|@#!][^<>|]*))(?:\|(?P<label>[^<>]*))?>")
"""A link as Slack marks it up; mentions begin with one of `@#!` and do not match."""
_SEPARATORS = ",:;!\u3001\uff0c\uff1a \t\n\r\xa0"
"""Punctuation that people write after a mention or a command."""
_CHANNEL_TYPES = frozenset({"channel", "group"})
"""Public and private channels."""
REACTION_EVENTS = frozenset({"reaction_added", "reaction_removed"})
_FAVOURITES = frozenset({
    "+1", "thumbsup", "heart", "star", "star2", "fire", "tada", "clap", "100", "rocket",
    "heart_eyes",
})  # fmt: skip
"""The reactions that count as votes, by Slack's names."""
_COMPOSER = "composer"
"""The source of addresses in a message that is being written."""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

Body = Mapping[str, Any]


def parse_command(body: Body, prefix: str) -> Invocation:
    """Return the invocation of a slash command; without words, that of its form."""
    row = find_command(body["command"], prefix)
    words = unescape_text(body.get("text") or "").strip()
    if row is None:
        return Invocation(body["command"].removeprefix("/"), words)
    return (
        Invocation(row.form_action, "")
        if row.form_action and not words
        else Invocation(row.name, words)
    )


def parse_message(body: Body, prefix: str) -> Invocation | None:
    """Return the invocation of a message; text that begins with no command names a paper.

    Text before a mention of the bot is ignored, unless nothing follows the mention. A greeting is
    answered with the help; None for thanks and emoji, which need no answer.
    """
    text = body["event"].get("text") or ""
    authorizations: Sequence[Mapping[str, Any]] = body.get("authorizations") or ({},)
    bot = re.escape(authorizations[0].get("user_id") or "")
    before, *after = re.split(rf"<@{bot}(?:\|[^>]*)?>", text, maxsplit=1)
    said = unescape_text(after[0] if after and after[0].strip() else before).strip()
    words = said.lstrip(_SEPARATORS).split(maxsplit=1)  # by any space, a line's end as well
    if not words:
        return Invocation("help")
    row = find_command(words[0].rstrip(_SEPARATORS), prefix)
    if row:
        return Invocation(row.name, " ".join(words[1:]))
    match small_talk(said):
        case SmallTalk.GREETING:
            return Invocation("help")
        case SmallTalk.REACTION:
            return None
        case _:
            return Invocation("paper", " ".join(words))


def paper_candidates(body: Body) -> tuple[str, ...]:
    """Return queries for the paper that the shortcut's message is about, best first.

    A message of ours names its paper by its controls; none if it is about several.
    """
    message = body["message"]
    references = {*_references(message.get("blocks") or ())}
    if references:
        return tuple(references) if len(references) == 1 else ()
    shown = [
        each.get(name)
        for each in message.get("attachments") or ()
        for name in ("title_link", "from_url", "title")
    ]
    return paper_queries(unescape_text(message.get("text") or ""), filter(None, shown))


def report_candidates(body: Body) -> tuple[str, ...]:
    """Return the paper or week of the message that is reported, best first."""
    for block in body["message"].get("blocks") or ():
        for element in block.get("elements") or ():
            for each in (element, *(element.get("options") or ())):
                name, argument = _reported(each)
                if name == "report" and argument:
                    return (argument,)
    return paper_candidates(body)


def _reported(control: Mapping[str, Any]) -> tuple[str, str]:
    """Return name and argument of the action of a button, or of an option of an overflow menu."""
    if "action_id" in control:
        action = controls.parse_action(control)
        return action.name, action.argument
    name, _, argument = str(control.get("value") or "").partition(" ")
    return name, argument


def _references(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the papers that the controls of a message refer to."""
    for block in blocks:
        for element in block.get("elements") or ():
            for each in (element, *(element.get("options") or ())):
                value = str(each.get("value") or "")
                # An option of an overflow menu carries the action before its argument.
                reference = parse_reference(value.rpartition(" ")[2])
                if reference:
                    yield f"id:{reference.paper}"


def parse_component(body: Body) -> Invocation:
    """Return the invocation of a button, a menu or a search."""
    action = controls.parse_action(body["actions"][0])
    return Invocation(action.name, action.argument)


def parse_modal(body: Body) -> tuple[Invocation, Origin]:
    """Return the invocation of a submitted form with its answers, and where it applies."""
    view, origin = body["view"], interaction_origin(body)
    metadata = json.loads(view["private_metadata"])
    answers = dict(_answers(view["state"]["values"], metadata["empty"]))
    channel = answers.pop(CHANNEL_BLOCK_ID, "")
    if channel and channel != origin.channel:
        origin = replace(origin, channel=channel, thread="")
    return Invocation(metadata["name"], metadata["argument"], answers), origin


def parse_autocomplete(body: Body) -> tuple[str, str]:
    """Return what is completed and the text typed so far: `("paper", "ring")`.

    The action_id of an external select is the name of what it completes.
    """
    return body["action_id"], body.get("value") or ""


def command_origin(body: Body) -> Origin:
    """Return the origin of a slash command; Slack has none in threads."""
    return Origin(body["team_id"], body["user_id"], body["channel_id"])


def event_origin(body: Body) -> Origin:
    """Return the origin of a message."""
    event = body["event"]
    # The author may belong to another workspace, if the channel is shared.
    authorizations: Sequence[Mapping[str, Any]] = body.get("authorizations") or ({},)
    return Origin(
        authorizations[0].get("team_id") or body["team_id"],
        event["user"],
        event.get("channel") or "",
        event.get("thread_ts") or "",
        event.get("ts") or "",
    )


def is_channel_message(body: Body) -> bool:
    """Tell whether it is the event of a message in a channel, in contrast to a direct message."""
    event = body.get("event") or {}
    return (
        body.get("type") == "event_callback"
        and event.get("type") == "message"
        and event.get("channel_type") in _CHANNEL_TYPES
    )


def changed_thread(body: Body) -> tuple[Target, str] | None:
    """Return the thread that a message event is about; None for what stands in no thread.

    A message that was edited or deleted is in the event itself.
    """
    event, workspace = body["event"], _workspace(body)
    for message in (event, event.get("message") or {}, event.get("previous_message") or {}):
        if message.get("thread_ts"):
            return Target(NAME, workspace, str(event.get("channel"))), message["thread_ts"]
    return None


def reaction(body: Body) -> Reaction | None:
    """Return the reaction of an event, if it is one to a message that counts as a vote."""
    event = body.get("event") or {}
    item = event.get("item") or {}
    name = str(event.get("reaction") or "").partition("::")[0]  # a skin tone follows
    if event.get("type") not in REACTION_EVENTS or name not in _FAVOURITES:
        return None
    if item.get("type") != "message" or not event.get("user"):
        return None
    is_added = event["type"] == "reaction_added"
    return Reaction(_workspace(body), str(item.get("ts")), str(event["user"]), is_added)


@dataclass(frozen=True, slots=True)
class SharedLinks:
    """Addresses that a person posted, or is about to post."""

    target: Target
    person: str
    urls: tuple[str, ...]
    """As they stand in the message, each once."""
    place: Mapping[str, str]
    """The arguments of chat.unfurl that name the message."""


def shared_links(body: Body) -> SharedLinks | None:
    """Return the addresses of a `link_shared` event; None where there is nothing to show.

    While a message is being written there is no channel yet, and only its unfurl_id names it.
    Source: https://docs.slack.dev/reference/events/link_shared.
    """
    event = body["event"]
    urls = tuple(dict.fromkeys(each["url"] for each in event.get("links") or ()))
    if event.get("unfurl_id"):
        place = {"unfurl_id": event["unfurl_id"], "source": event["source"]}
    else:
        place = {"channel": event.get("channel") or "", "ts": event.get("message_ts") or ""}
    if not urls or not all(place.values()):
        return None
    channel = "" if event.get("source") == _COMPOSER else str(event.get("channel") or "")
    target = Target(NAME, _workspace(body), channel)
    return SharedLinks(target, str(event.get("user") or ""), urls, place)


def _workspace(body: Body) -> str:
    authorizations: Sequence[Mapping[str, Any]] = body.get("authorizations") or ({},)
    return str(authorizations[0].get("team_id") or body.get("team_id"))


def interaction_origin(body: Body) -> Origin:
    """Return the origin of a control, a shortcut or a form.

    A control in a view has the origin that the view was opened from.
    """
    user, message = body["user"], body.get("message") or {}
    view = body.get("view") or {}
    # The user may belong to another workspace than the one with the installation.
    whose = view.get("app_installed_team_id") or (body.get("team") or {}).get("id")
    workspace = whose or user["team_id"]
    if view:
        metadata = json.loads(view.get("private_metadata") or "{}")
        return Origin(
            workspace, user["id"], metadata.get("channel", ""), metadata.get("thread", "")
        )
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    thread = message.get("thread_ts") or container.get("thread_ts") or ""
    # A control of an unfurl comes without the message under whose address it stands.
    shown = message.get("ts") or container.get("message_ts") or ""
    return Origin(workspace, user["id"], channel, thread, shown)


def unescape_text(text: str) -> str:
    """Return a text as it was typed: links without markup, entities decoded.

    Mentions of channels and groups stay, as they carry ids.
    """
    found = _LINK.sub(lambda match: match["url"], text)
    for entity, sign in _ENTITIES:
        found = found.replace(entity, sign)
    return found


def _answers(
    values: Mapping[str, Mapping[str, Any]], empty: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for name, inner in values.items():
        for each in inner.values():
            yield name, _answer(each) or empty.get(name, "")


def _answer(state: Mapping[str, Any]) -> str:
    several: Sequence[Mapping[str, str]] = state.get("selected_options") or ()
    if several:
        return ", ".join(option["value"] for option in several)
    chosen = state.get("selected_option") or {}
    return str(
        chosen.get("value")
        or state.get("selected_conversation")
        or state.get("selected_time")
        or state.get("value")
        or ""
    )
