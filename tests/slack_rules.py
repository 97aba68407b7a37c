"""Judges what is sent to Slack: the description of its blocks, and the limits it documents."""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

Body = Mapping[str, Any]
Fault = str

_SCHEMAS = {
    "actions": "ActionsBlock", "context": "ContextBlock", "divider": "DividerBlock",
    "header": "HeaderBlock", "image": "ImageBlock", "input": "InputBlock",
    "rich_text": "RichTextBlock", "section": "SectionBlock",
}  # fmt: skip
"""The kinds of blocks that Paperboy uses."""


def description(name: str = "KnownBlock") -> Any:
    """Return a description of Slack's blocks or views, or None where it is absent."""
    folder = os.environ.get("PAPERBOY_REFERENCE_DATA", "")
    file = Path(folder) / "slack" / f"{name}.schema.json"
    return json.loads(file.read_text(encoding="utf-8")) if folder and file.is_file() else None


def needs_description() -> None:
    """Skip a test where the description of Slack's blocks is absent."""
    if _validator("KnownBlock", "KnownBlock") is None:
        pytest.skip("skipped: PAPERBOY_REFERENCE_DATA has no slack/*.schema.json to judge blocks")


def check_message(body: Body) -> None:
    """Fail where Slack would not take a message, or would show it otherwise than it is meant."""
    found = list(message_faults(body))
    assert not found, found[0]
    assert body["text"].strip(), "no text for notifications and screen readers"
    assert len(body["text"].encode()) <= 4000, "too much text to be edited"
    assert blocks_json_length(body) <= 10_000, "near to msg_blocks_too_long"


def check_view(view: Body) -> None:
    """Fail where Slack would not take a view."""
    found = list(view_faults(view))
    assert not found, found[0]


def message_faults(body: Body) -> Iterator[Fault]:
    """Yield what is wrong with a message's text and blocks."""
    if length(str(body.get("text", ""))) > 40_000:
        yield "msg_too_long"
    yield from block_faults(body.get("blocks") or (), 50)


def view_faults(view: Body) -> Iterator[Fault]:
    """Yield what is wrong with a view."""
    yield from _shape("View", _VIEWS.get(view.get("type", ""), "View"), view)
    for name in ("title", "submit", "close"):
        if name in view:
            yield from _text(view[name], 24, name, kinds=("plain_text",))
    if (
        length(view.get("private_metadata", "")) > 3000
        or length(view.get("callback_id", "")) > 255
    ):
        yield "view: private_metadata or callback_id is too long"
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_input and "submit" not in view:
        yield "view: missing submit"
    yield from block_faults(view["blocks"], 100)


def block_faults(blocks: Sequence[Body], most: int) -> Iterator[Fault]:
    """Yield what is wrong with blocks, of which there may be so many."""
    if len(blocks) > most:
        yield f"no more than {most} items allowed"
    identifiers = [block["block_id"] for block in blocks if "block_id" in block]
    if len(identifiers) != len(set(identifiers)):
        yield "two blocks with the same block_id"
    if any(not 0 < length(each) <= 255 for each in identifiers):
        yield "a block_id has to have 1 to 255 characters"
    for block in blocks:
        kind = str(block.get("type"))
        if kind not in _SCHEMAS:
            yield f"unsupported type: {kind}"
            continue
        yield from _shape("KnownBlock", _SCHEMAS[kind], block)
        yield from _BLOCKS[kind](block)


def blocks_json_length(body: Body) -> int:
    """Return how many characters the blocks of a message have as JSON."""
    blocks = body.get("blocks") or ()
    return length(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def visible_texts(body: Body) -> Iterator[str]:
    """Yield the texts that a reader sees in blocks, in order, without controls."""
    for block in body.get("blocks") or ():
        if block["type"] != "actions":
            yield from _seen(block)


def shown_files(body: Body) -> Iterator[str]:
    """Yield the ids of the uploaded files that a message shows."""
    for block in body.get("blocks") or ():
        if "slack_file" in block:
            yield block["slack_file"]["id"]


def elements(body: Body) -> Iterator[Body]:
    """Yield the buttons and menus of blocks."""
    for block in body.get("blocks") or ():
        if block["type"] == "actions":
            yield from block["elements"]
        yield from filter(None, [block.get("accessory"), block.get("element")])


def length(text: str) -> int:
    """Return how many UTF-16 units a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _seen(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            yield value["text"]
        elif value.get("type") == "link":
            yield value["url"]
        else:
            for inner in value.values():
                yield from _seen(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _seen(inner)


def _strings(value: Any, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(inner, str):
                if name in names:
                    yield inner
            else:
                yield from _strings(inner, names)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner, names)


def _text(
    text: Body, most: int, name: str, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")
) -> Iterator[Fault]:
    if text.get("type") not in kinds:
        yield f"{name}: the text may not be {text.get('type')}"
    if not text["text"].strip():
        yield f"{name}: must be more than 0 characters"
    if length(text["text"]) > most:
        yield f"{name}: must be less than {most + 1} characters"
    if text["type"] == "mrkdwn" and "emoji" in text:
        yield f"{name}: emoji is of plain_text alone"


def _header(block: Body) -> Iterator[Fault]:
    yield from _text(block["text"], 150, "header", kinds=("plain_text",))
    if "\n" in block["text"]["text"]:
        yield "header: a line break"


def _section(block: Body) -> Iterator[Fault]:
    if not block.get("text") and not block.get("fields"):
        yield "section: neither text nor fields"
    if block.get("text"):
        yield from _text(block["text"], 3000, "section")
    fields = block.get("fields", ())
    if len(fields) > 10:
        yield "section: more than 10 fields"
    for field in fields:
        yield from _text(field, 2000, "field")
    if "accessory" in block:
        yield from _element(block["accessory"])


def _context(block: Body) -> Iterator[Fault]:
    if not 1 <= len(block["elements"]) <= 10:
        yield "context: 1 to 10 elements"
    for each in block["elements"]:
        yield from _text(each, 3000, "context")


def _actions(block: Body) -> Iterator[Fault]:
    every = block["elements"]
    if not 1 <= len(every) <= 25:
        yield "actions: 1 to 25 elements"
    identifiers = [each.get("action_id") for each in every]
    if len(identifiers) != len(set(identifiers)):
        yield f"actions: the same action_id twice: {identifiers}"
    for each in every:
        yield from _element(each)


def _image(block: Body) -> Iterator[Fault]:
    if not 0 < length(block["alt_text"]) <= 2000:
        yield "image: alt_text"
    if ("image_url" in block) == ("slack_file" in block):
        yield "image: either an address or a file"


def _input(block: Body) -> Iterator[Fault]:
    yield from _text(block["label"], 2000, "label", kinds=("plain_text",))
    if "hint" in block:
        yield from _text(block["hint"], 2000, "hint", kinds=("plain_text",))
    yield from _element(block["element"])


def _rich_text(block: Body) -> Iterator[Fault]:
    if not block["elements"]:
        yield "rich_text: no elements"
    if sum(map(length, _strings(block, ("text", "url")))) > 3000:
        yield "rich_text: more than 3000 characters"
    for each in block["elements"]:
        is_list = each["type"] == "rich_text_list"
        for section in each["elements"] if is_list else [each]:
            yield from _rich_section(section)


_NAMED = {
    "channel": re.compile(r"[CG][A-Z0-9]+"), "usergroup": re.compile(r"S[A-Z0-9]+"),
    "user": re.compile(r"[UW][A-Z0-9]+"),
}  # fmt: skip


def _rich_section(section: Body) -> Iterator[Fault]:
    if not section["elements"]:
        yield "rich_text_section: no elements"
    for each in section["elements"]:
        if each["type"] in _NAMED:
            # Only an id that an admin chose is shown as a name; see tests/test_names_of_ids.py.
            if not _NAMED[each["type"]].fullmatch(each[f"{each['type']}_id"]):
                yield f"rich_text: content made a {each['type']}"
        elif each["type"] not in {"text", "link"}:
            yield f"rich_text: content made a {each['type']}"
        if each["type"] == "text" and not each["text"]:
            yield "rich_text: an empty text"
        if each["type"] == "link":
            yield from _url(each["url"])


def _element(element: Body) -> Iterator[Fault]:
    if not 0 < length(element.get("action_id", "x")) <= 255:
        yield "action_id: 1 to 255 characters"
    if "placeholder" in element:
        yield from _text(element["placeholder"], 150, "placeholder", kinds=("plain_text",))
    most = {"overflow": 5, "static_select": 100}.get(element["type"])
    if most:
        yield from _options(element["options"], most)
    if element["type"] == "button":
        yield from _button(element)
    if element["type"] == "plain_text_input" and element.get("max_length", 3000) > 3000:
        yield "plain_text_input: at most 3000 characters"


def _button(button: Body) -> Iterator[Fault]:
    yield from _text(button["text"], 75, "button", kinds=("plain_text",))
    if not 0 < length(button.get("value", "x")) <= 2000:
        yield "button: a value of 1 to 2000 characters"
    if "url" in button:
        yield from _url(button["url"])


def _options(options: Sequence[Body], most: int) -> Iterator[Fault]:
    if not 1 <= len(options) <= most:
        yield f"options: 1 to {most}"
    values = [option["value"] for option in options]
    if len(values) != len(set(values)):
        yield "options: the same value twice"
    for option in options:
        yield from _text(option["text"], 75, "option", kinds=("plain_text",))
        if not 0 < length(option["value"]) <= 75:
            yield "option: a value of 1 to 75 characters"
        if "description" in option:
            yield from _text(option["description"], 75, "description", kinds=("plain_text",))
        if "url" in option:
            yield from _url(option["url"])


def _url(url: str) -> Iterator[Fault]:
    if urlsplit(url).scheme not in {"http", "https"} or length(url) > 3000:
        yield f"no address: {url[:80]}"


_VIEWS = {"home": "HomeView", "modal": "ModalView"}
_BLOCKS: Mapping[str, Callable[[Body], Iterable[Fault]]] = {
    "actions": _actions, "context": _context, "divider": lambda _: (), "header": _header,
    "image": _image, "input": _input, "rich_text": _rich_text, "section": _section,
}  # fmt: skip


def _shape(name: str, definition: str, value: Body) -> Iterator[Fault]:
    """Yield what the description says against a value; nothing where it is absent."""
    validator = _validator(name, definition)
    if validator is not None:
        for error in validator.iter_errors(_known(json.loads(json.dumps(value)))):
            yield f"{definition}: {error.message[:300]} at {list(error.instance_path)}"


def _known(value: Any) -> Any:
    """Return a value without `offset` of lists, which is documented but not described."""
    for element in value.get("elements", ()):
        if element["type"] == "rich_text_list":
            element.pop("offset", None)
    return value


@cache
def _validator(name: str, definition: str) -> Any:
    described = description(name)
    if described is None:
        return None
    judge = pytest.importorskip("jsonschema_rs")
    return judge.Draft7Validator(described | {"$ref": f"#/definitions/{definition}"})
