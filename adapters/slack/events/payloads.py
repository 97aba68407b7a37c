"""Reads what a person did on Slack: commands, mentions, controls, forms, shortcuts (pure).

Sources: https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/reference/events/app_mention.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.slack.places import CHANNEL, Place
from adapters.slack.render import controls
from adapters.slack.slash_commands import row_of
from bot.commands.mentions import candidates as candidates_of

_MARKED = re.compile(r"<(?:(?:mailto:)?(?P<url>[^<>|@#!][^<>|]*))(?:\|(?P<label>[^<>]*))?>")
"""An address as Slack marks it in a text; mentions of people and channels begin with a sign."""
_AFTER_A_NAME = ",:;!\u3001\uff0c\uff1a \t\n\r\xa0"
"""What people write after the name of whom they speak to."""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A command or an action, its argument, and what was given by name."""

    name: str
    argument: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def command(body: Body, prefix: str) -> Asked:
    """Return what a slash command asks for; without words, what its form would."""
    row = row_of(body["command"], prefix)
    words = plain(body.get("text") or "").strip()
    if row is None:
        return Asked(body["command"].removeprefix("/"), words)
    return Asked(row.form, "") if row.form and not words else Asked(row.name, words)


def spoken(body: Body, prefix: str) -> Asked:
    """Return what a message to the bot asks for; what begins with no command is a paper's name.

    What stands before a mention of the bot is meant for others, unless nothing stands after it.
    """
    text = body["event"].get("text") or ""
    let_in: Sequence[Mapping[str, Any]] = body.get("authorizations") or ({},)
    bot = re.escape(let_in[0].get("user_id") or "")
    before, *after = re.split(rf"<@{bot}(?:\|[^>]*)?>", text, maxsplit=1)
    said = plain(after[0] if after and after[0].strip() else before).strip()
    words = said.lstrip(_AFTER_A_NAME).split(maxsplit=1)  # by any space, a line's end as well
    if not words:
        return Asked("help")
    row = row_of(words[0].rstrip(_AFTER_A_NAME), prefix)
    return Asked(row.name, " ".join(words[1:])) if row else Asked("paper", " ".join(words))


def candidates(body: Body) -> tuple[str, ...]:
    """Return what a paper may be found by in the message that the shortcut was used on."""
    message = body["message"]
    shown = [
        each.get(name)
        for each in message.get("attachments") or ()
        for name in ("title_link", "from_url", "title")
    ]
    return candidates_of(plain(message.get("text") or ""), filter(None, shown))


def control(body: Body) -> Asked:
    """Return what a button, a menu or a search asks for."""
    action = controls.action_of(body["actions"][0])
    return Asked(action.name, action.argument)


def form(body: Body) -> tuple[Asked, Place]:
    """Return what a form that was sent asks for, with its answers, and for which place."""
    view, place = body["view"], place_of_click(body)
    kept = json.loads(view["private_metadata"])
    answers = dict(_answers(view["state"]["values"], kept["empty"]))
    channel = answers.pop(CHANNEL, "")
    if channel and channel != place.channel:
        place = replace(place, channel=channel, thread="")
    return Asked(kept["name"], kept["argument"], answers), place


def typed(body: Body) -> tuple[str, str]:
    """Return what is being typed, and what was typed of it: `("paper", "ring")`.

    The action_id of a select whose options are looked for is the name of what it completes.
    """
    return body["action_id"], body.get("value") or ""


def place_of_command(body: Body) -> Place:
    """Return where a slash command was written; it cannot be in a thread."""
    return Place(body["team_id"], body["user_id"], body["channel_id"])


def place_of_event(body: Body) -> Place:
    """Return where a message to the bot stands."""
    event = body["event"]
    # Who wrote may be of another workspace, where a channel is shared between two.
    let_in: Sequence[Mapping[str, Any]] = body.get("authorizations") or ({},)
    return Place(
        let_in[0].get("team_id") or body["team_id"],
        event["user"],
        event.get("channel") or "",
        event.get("thread_ts") or "",
        event.get("ts") or "",
    )


def place_of_click(body: Body) -> Place:
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
        return Place(workspace, user["id"], kept.get("channel", ""), kept.get("thread", ""))
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    thread = message.get("thread_ts") or container.get("thread_ts") or ""
    return Place(workspace, user["id"], channel, thread, message.get("ts") or "")


def plain(text: str) -> str:
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
