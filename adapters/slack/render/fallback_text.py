"""Renders blocks as the `text` of a message, for notifications and screen readers (pure)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from adapters.slack import limits
from adapters.slack.render.blocks import Block
from adapters.slack.render.escape import escape
from adapters.slack.render.picture import has_picture, remove_picture
from bot.cards.fit import truncate, utf16_length

_EMPTY = "…"


def render_fallback_text(blocks: Iterable[Block], title: str, notification: str = "") -> str:
    """Return the text of a message: that of its blocks, or the title if they have none.

    Notifications show its beginning, which is `notification`; screen readers read all of it.
    """
    lines = [text for block in blocks for text in _lines(block)]
    said = "\n".join(filter(None, [notification, *lines]))
    return escape(truncate(said or title or _EMPTY, limits.TEXT, _bytes))


def simpler(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message whose blocks were refused without its picture, or else as text alone."""
    return remove_picture(message) if has_picture(message) else text_only(message)


def text_only(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message without its blocks, whose text says all that they say."""
    said = "\n".join(text for block in message["blocks"] for text in _lines(block))
    text = escape(truncate(said, limits.POSTED_TEXT, _escaped_length)) or message["text"]
    return {name: value for name, value in message.items() if name != "blocks"} | {"text": text}


def _escaped_length(text: str) -> int:
    return utf16_length(escape(text))


def _bytes(text: str) -> int:
    return len(escape(text).encode("utf-8", "surrogatepass"))


def _lines(block: Block) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield block["text"]["text"]
        case "context":
            yield block["elements"][0]["text"]
        case "rich_text":
            for element in block["elements"]:
                yield from _rich(element)
        case _:
            pass  # dividers, buttons and menus


def _rich(element: Block) -> Iterator[str]:
    if element["type"] != "rich_text_list":
        yield _section(element["elements"])
        return
    is_numbered = element["style"] == "ordered"
    for number, item in enumerate(element["elements"], start=element.get("offset", 0) + 1):
        mark = f"{number}. " if is_numbered else "• "
        yield mark + _section(item["elements"])


def _section(elements: Sequence[Block]) -> str:
    return "".join(map(_element, elements))


def _element(element: Block) -> str:
    match element["type"]:
        case "channel":
            return f"#{element['channel_id']}"
        case "user":
            return f"@{element['user_id']}"
        case "usergroup":
            return f"@{element['usergroup_id']}"
        case _:
            return str(element.get("text") or element["url"])
