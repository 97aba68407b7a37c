"""Reads what a person did on Slack: commands, mentions, controls, forms, shortcuts (pure).

Sources: https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/reference/events/app_mention.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.slack.places import CHANNEL_BLOCK_ID, Origin
from adapters.slack.render import controls
from adapters.slack.slash_commands import find_command
from bot.commands.mentions import paper_queries as candidates_of
from bot.ports.conversation import Invocation

_MARKED = re.compile(r"<(?:(?:mailto:)?(?P<url>[^<>|@#!][^<>|]*))(?:\|(?P<label>[^<>]*))?>")
"""An address as Slack marks it in a text; mentions of people and channels begin with a sign."""
_AFTER_A_NAME = ",:;!\u3001\uff0c\uff1a \t\n\r\xa0"
"""What people write after the name of whom they speak to."""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

Body = Mapping[str, Any]


def parse_command(body: Body, prefix: str) -> Invocation:
    """Return what a slash command asks for; without words, what its form would."""
    row = find_command(body["command"], prefix)
    words = unescape_text(body.get("text") or "").strip()
    if row is None:
        return Invocation(body["command"].removeprefix("/"), words)
    return (
        Invocation(row.form_action, "")
        if row.form_action and not words
        else Invocation(row.name, words)
    )


def parse_message(body: Body, prefix: str) -> Invocation:
    """Return what a message to the bot asks for; what begins with no command is a paper's name.

    What stands before a mention of the bot is meant for others, unless nothing stands after it.
    """
    text = body["event"].get("text") or ""
    let_in: Sequence[Mapping[str, Any]] = body.get("authorizations") or ({},)
    bot = re.escape(let_in[0].get("user_id") or "")
    before, *after = re.split(rf"<@{bot}(?:\|[^>]*)?>", text, maxsplit=1)
    said = unescape_text(after[0] if after and after[0].strip() else before).strip()
    words = said.lstrip(_AFTER_A_NAME).split(maxsplit=1)  # by any space, a line's end as well
    if not words:
        return Invocation("help")
    row = find_command(words[0].rstrip(_AFTER_A_NAME), prefix)
    return (
        Invocation(row.name, " ".join(words[1:])) if row else Invocation("paper", " ".join(words))
    )


def paper_candidates(body: Body) -> tuple[str, ...]:
    """Return what a paper may be found by in the message that the shortcut was used on."""
    message = body["message"]
    shown = [
        each.get(name)
        for each in message.get("attachments") or ()
        for name in ("title_link", "from_url", "title")
    ]
    return candidates_of(unescape_text(message.get("text") or ""), filter(None, shown))


def parse_component(body: Body) -> Invocation:
    """Return what a button, a menu or a search asks for."""
    action = controls.parse_action(body["actions"][0])
    return Invocation(action.name, action.argument)


def parse_modal(body: Body) -> tuple[Invocation, Origin]:
    """Return what a form that was sent asks for, with its answers, and for which place."""
    view, place = body["view"], interaction_origin(body)
    kept = json.loads(view["private_metadata"])
    answers = dict(_answers(view["state"]["values"], kept["empty"]))
    channel = answers.pop(CHANNEL_BLOCK_ID, "")
    if channel and channel != place.channel:
        place = replace(place, channel=channel, thread="")
    return Invocation(kept["name"], kept["argument"], answers), place


def parse_autocomplete(body: Body) -> tuple[str, str]:
    """Return what is being typed, and what was typed of it: `("paper", "ring")`.

    The action_id of a select whose options are looked for is the name of what it completes.
    """
    return body["action_id"], body.get("value") or ""


def command_origin(body: Body) -> Origin:
    """Return where a slash command was written; it cannot be in a thread."""
    return Origin(body["team_id"], body["user_id"], body["channel_id"])


def event_origin(body: Body) -> Origin:
    """Return where a message to the bot stands."""
    event = body["event"]
    # Who wrote may be of another workspace, where a channel is shared between two.
    let_in: Sequence[Mapping[str, Any]] = body.get("authorizations") or ({},)
    return Origin(
        let_in[0].get("team_id") or body["team_id"],
        event["user"],
        event.get("channel") or "",
        event.get("thread_ts") or "",
        event.get("ts") or "",
    )


def interaction_origin(body: Body) -> Origin:
    """Return where a control or a shortcut was used, or a form was sent.

    What is used in a view belongs to the place that the view was opened from.
    """
    user, message = body["user"], body.get("message") or {}
    view = body.get("view") or {}
    # Who uses a view may be of another workspace than the one that let the bot in.
    whose = view.get("app_installed_team_id") or (body.get("team") or {}).get("id")
    workspace = whose or user["team_id"]
    if view:
        kept = json.loads(view.get("private_metadata") or "{}")
        return Origin(workspace, user["id"], kept.get("channel", ""), kept.get("thread", ""))
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    thread = message.get("thread_ts") or container.get("thread_ts") or ""
    return Origin(workspace, user["id"], channel, thread, message.get("ts") or "")


def unescape_text(text: str) -> str:
    """Return a text as it was typed: addresses without marks, signs instead of entities.

    Mentions of channels and groups stay, as they carry what they mean.
    """
    found = _MARKED.sub(lambda match: match["url"], text)
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
