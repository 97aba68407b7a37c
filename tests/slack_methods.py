"""The methods of Slack's Web API, on a workspace.

Each answers as https://docs.slack.dev/reference/methods says, errors included.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests import slack_rules
from tests.slack_workspace import APP, BOT, BOT_USER, ApiError, Args, Workspace

ApiResponse = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """A method of the Web API."""

    run: Callable[[Workspace, Args], ApiResponse]
    scopes: frozenset[str] = frozenset()
    """Any of these is enough, where they are not for kinds of channels; see `lets`."""
    takes_json: bool = True


def is_permitted(here: Workspace, scopes: frozenset[str], args: Args) -> bool:
    """Tell whether the app may do what any of the scopes is for, in the kind of its channel."""
    channel = here.channels.get(str(args.get("channel")))
    if channel is not None and scopes in {_HISTORY, _READ}:
        scopes = frozenset(each for each in scopes if each.startswith(f"{_kind(channel)}:"))
    return not scopes or bool(scopes & here.scopes)


def _kind(channel: Mapping[str, Any]) -> str:
    if channel["is_im"]:
        return "im"
    return "groups" if channel["is_private"] else "channels"


def _test(here: Workspace, args: Args) -> ApiResponse:
    return {
        "url": here.url, "team": "Readers", "user": "paperboy", "team_id": here.team,
        "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False,
    }  # fmt: skip


def _judged(here: Workspace, args: Args) -> None:
    """Refuse a message that Slack does not take."""
    if not args.get("text") and not args.get("blocks"):
        raise ApiError("no_text")
    if slack_rules.length(args.get("text", "")) > 40_000:
        raise ApiError("msg_too_long")
    if slack_rules.blocks_json_length(args) > 11_000:
        raise ApiError("msg_blocks_too_long")
    if any(file not in here.files for file in slack_rules.shown_files(args)):
        raise ApiError("invalid_blocks")
    if here.validates:
        faults = list(slack_rules.message_faults(args))
        here.wrong += faults
        if faults:
            raise ApiError("invalid_blocks")


def _post(here: Workspace, args: Args) -> ApiResponse:
    channel = here.place(args, is_post=True)["id"]
    _judged(here, args)
    thread = args.get("thread_ts", "")
    if thread and not any(m["ts"] == thread for m in here.messages.get(channel, [])):
        raise ApiError("thread_not_found")
    said = {name: args[name] for name in ("text", "blocks", "metadata") if name in args}
    whose = {"user": BOT_USER, "bot_id": BOT, "app_id": APP}
    message = here.keep(channel, said | whose, thread)
    return {"channel": channel, "ts": message["ts"], "message": message}


def _update(here: Workspace, args: Args) -> ApiResponse:
    message = here.find(here.place(args)["id"], args.get("ts", ""))
    if message.get("bot_id") != BOT:
        raise ApiError("cant_update_message")
    if len(args.get("text", "").encode()) > 4000:
        raise ApiError("msg_too_long")
    _judged(here, args)
    message["edited"] = {"user": BOT_USER, "ts": here.ts()}
    message["edits"] = message.get("edits", 0) + 1
    message["text"] = args.get("text", "")
    message["blocks"] = args.get("blocks", [])  # text alone drops the blocks
    if "metadata" in args:
        message["metadata"] = args["metadata"]
    return {"channel": args["channel"], "ts": message["ts"], "text": message["text"]}


def _post_ephemeral(here: Workspace, args: Args) -> ApiResponse:
    here.place(args, is_post=True)
    if args.get("user") not in here.users:
        raise ApiError("user_not_in_channel")
    _judged(here, args)
    here.ephemeral.append(dict(args))
    return {"message_ts": here.ts()}


def _unfurl(here: Workspace, args: Args) -> ApiResponse:
    if not args.get("unfurl_id"):
        shared = here.find(here.place(args)["id"], args.get("ts", ""))
        if any(url not in shared["text"] for url in args["unfurls"]):
            raise ApiError("cannot_unfurl_url")
    for each in args["unfurls"].values():
        faults = list(slack_rules.message_faults({"text": "…", "blocks": each["blocks"]}))
        here.wrong += faults
        if faults:
            raise ApiError("invalid_blocks")
    here.unfurls.append(dict(args))
    return {}


def _permalink(here: Workspace, args: Args) -> ApiResponse:
    ts = here.find(here.place(args)["id"], args.get("message_ts", ""))["ts"]
    return {"permalink": f"{here.url}archives/{args['channel']}/p{ts.replace('.', '')}"}


def _paged(here: Workspace, found: list[dict[str, Any]], args: Args) -> ApiResponse:
    start, most = int(args.get("cursor") or 0), min(int(args.get("limit") or 100), here.page)
    stop = start + most
    metadata = {"next_cursor": str(stop) if stop < len(found) else ""}
    shown = [
        {k: v for k, v in m.items() if k != "metadata" or args.get("include_all_metadata") == "1"}
        for m in found[start:stop]
    ]
    return {
        "messages": shown, "has_more": stop < len(found), "response_metadata": metadata,
    }  # fmt: skip


def _since(messages: list[dict[str, Any]], args: Args) -> Iterator[dict[str, Any]]:
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    return (m for m in messages if oldest < float(m["ts"]) < latest)


def _history(here: Workspace, args: Args) -> ApiResponse:
    channel = here.place(args)["id"]
    return _paged(here, list(_since(here.roots(channel), args))[::-1], args)


def _replies(here: Workspace, args: Args) -> ApiResponse:
    channel, thread = here.place(args)["id"], args.get("ts", "")
    try:
        root = here.find(channel, thread)
    except ApiError:
        raise ApiError("thread_not_found") from None
    return _paged(here, [root, *_since(here.replies(channel, thread), args)], args)


def _info(here: Workspace, args: Args) -> ApiResponse:
    channel = here.channels.get(args.get("channel", ""))
    if channel is None or (channel["is_private"] and not channel["is_member"]):
        raise ApiError("channel_not_found")
    return {"channel": channel}


def _join(here: Workspace, args: Args) -> ApiResponse:
    channel: dict[str, Any] = _info(here, args)["channel"]
    if channel["is_archived"]:
        raise ApiError("is_archived")
    channel["is_member"] = True
    return {"channel": channel}


def _open(here: Workspace, args: Args) -> ApiResponse:
    user = here.users.get(args.get("users", ""))
    if user is None:
        raise ApiError("user_not_found")
    if user["deleted"] or user["is_bot"]:
        raise ApiError("user_disabled" if user["deleted"] else "cannot_dm_bot")
    number = "D" + user["id"][1:]
    if number not in here.channels:
        here.add_channel(number, "", is_channel=False, is_im=True, user=user["id"])
    return {"channel": {"id": number}}


def _list(here: Workspace, args: Args) -> ApiResponse:
    return {"channels": list(here.channels.values()), "response_metadata": {"next_cursor": ""}}


def _members(here: Workspace, args: Args) -> ApiResponse:
    here.place(args)
    return {"members": list(here.users), "response_metadata": {"next_cursor": ""}}


def _user(here: Workspace, args: Args) -> ApiResponse:
    user = here.users.get(args.get("user", ""))
    if user is None:
        raise ApiError("user_not_found")
    has_locale = args.get("include_locale") in {"1", "true"}
    return {"user": user if has_locale else {k: v for k, v in user.items() if k != "locale"}}


def _group_users(here: Workspace, args: Args) -> ApiResponse:
    members = here.groups.get(args.get("usergroup", ""))
    if members is None:
        raise ApiError("no_such_subteam")
    return {"users": members}


def _team(here: Workspace, args: Args) -> ApiResponse:
    return {"team": {"id": here.team, "name": "Readers", "url": here.url}}


def _view(here: Workspace, args: Args) -> ApiResponse:
    """Open a view; what triggers it works once."""
    if args.get("trigger_id") not in here.triggers:
        raise ApiError("expired_trigger_id")
    here.triggers.discard(args["trigger_id"])
    return _shown(here, args, {"id": f"V{len(here.views)}"})


def _update_view(here: Workspace, args: Args) -> ApiResponse:
    if not any(view["id"] == args.get("view_id") for view in here.views):
        raise ApiError("not_found")
    return _shown(here, args, {"id": args["view_id"]})


def _shown(here: Workspace, args: Args, more: Args) -> ApiResponse:
    _check_view(here, args["view"])
    view = {**args["view"], **more, "team_id": here.team, "state": {"values": {}}, "hash": "1"}
    here.views.append(view)
    return {"view": view}


def _publish(here: Workspace, args: Args) -> ApiResponse:
    _check_view(here, args["view"])
    here.homes[args["user_id"]] = args["view"]
    return {"view": {**args["view"], "id": f"VH{args['user_id']}"}}


def _check_view(here: Workspace, view: Args) -> None:
    faults = list(slack_rules.view_faults(view))
    here.wrong += faults
    if faults:
        raise ApiError("invalid_arguments")


def _pin(here: Workspace, args: Args) -> ApiResponse:
    channel = here.place(args)["id"]
    pin = (channel, here.find(channel, args.get("timestamp", ""))["ts"])
    if pin in here.pinned:
        raise ApiError("already_pinned")
    here.pinned.add(pin)
    return {}


def _unpin(here: Workspace, args: Args) -> ApiResponse:
    pin = (here.place(args)["id"], args.get("timestamp", ""))
    if pin not in here.pinned:
        raise ApiError("no_pin")
    here.pinned.discard(pin)
    return {}


def _upload_url(here: Workspace, args: Args) -> ApiResponse:
    if not args.get("filename") or int(args.get("length") or 0) <= 0:
        raise ApiError("missing_argument")
    number = f"F{len(here.uploads)}"
    here.uploads[number] = None
    return {"file_id": number, "upload_url": f"{here.upload_url}{number}"}


def _complete_upload(here: Workspace, args: Args) -> ApiResponse:
    found = [each["id"] for each in args["files"]]
    if not all(here.uploads.get(number) for number in found):
        raise ApiError("file_not_found")
    here.files |= set(found)
    if args.get("channel_id"):
        place = here.place({"channel": args["channel_id"]})["id"]
        here.keep(place, {"files": found, "user": BOT_USER, "text": ""})
    return {"files": [{"id": number} for number in found]}


_HISTORY = frozenset({"channels:history", "groups:history", "im:history", "mpim:history"})
_READ = frozenset({"channels:read", "groups:read", "im:read", "mpim:read"})
_WRITE = frozenset({"chat:write"})

METHODS: Mapping[str, Method] = {
    "auth.test": Method(_test),
    "chat.getPermalink": Method(_permalink, takes_json=False),
    "chat.postEphemeral": Method(_post_ephemeral, _WRITE),
    "chat.postMessage": Method(_post, _WRITE),
    "chat.unfurl": Method(_unfurl, frozenset({"links:write"})),
    "chat.update": Method(_update, _WRITE),
    "conversations.history": Method(_history, _HISTORY, takes_json=False),
    "conversations.info": Method(_info, _READ, takes_json=False),
    "conversations.join": Method(_join, frozenset({"channels:join"})),
    "conversations.list": Method(_list, _READ, takes_json=False),
    "conversations.members": Method(_members, _READ, takes_json=False),
    "conversations.open": Method(_open, frozenset({"im:write", "mpim:write"})),
    "conversations.replies": Method(_replies, _HISTORY, takes_json=False),
    "files.completeUploadExternal": Method(_complete_upload, frozenset({"files:write"})),
    "files.getUploadURLExternal": Method(
        _upload_url, frozenset({"files:write"}), takes_json=False
    ),
    "pins.add": Method(_pin, frozenset({"pins:write"})),
    "pins.remove": Method(_unpin, frozenset({"pins:write"})),
    "team.info": Method(_team, frozenset({"team:read"}), takes_json=False),
    "usergroups.users.list": Method(
        _group_users, frozenset({"usergroups:read"}), takes_json=False
    ),
    "users.info": Method(_user, frozenset({"users:read"}), takes_json=False),
    "views.open": Method(_view),
    "views.publish": Method(_publish),
    "views.push": Method(_view),
    "views.update": Method(_update_view),
}
"""Every method that Paperboy may use."""
