"""Builds blocks again with slackblocks, an independent library that knows Slack's limits."""

from collections.abc import Callable, Mapping
from typing import Any

import slackblocks as made

Block = Mapping[str, Any]


def check(block: Block) -> None:
    """Fail where the library would not build a block of a message, or would build another one."""
    again = _BLOCKS[block["type"]](block)
    written = again._resolve()  # noqa: SLF001 - what it is written by
    # It gives every block an identifier.
    assert written | {"block_id": ""} == _without_emoji(block) | {"block_id": ""}


def _without_emoji(value: Any) -> Any:
    """Return a block without what the library leaves out, as it stands for the same."""
    if isinstance(value, Mapping):
        return {name: _without_emoji(each) for name, each in value.items() if each is not False}
    if isinstance(value, list):
        return [_without_emoji(each) for each in value]
    return value


def _text(text: Block) -> made.Text:
    kind = made.TextType.PLAINTEXT if text["type"] == "plain_text" else made.TextType.MARKDOWN
    return made.Text(text["text"], type_=kind)


def _option(option: Block) -> made.Option:
    description = option.get("description")
    return made.Option(
        _text(option["text"]),
        option["value"],
        description=_text(description) if description else None,
        url=option.get("url"),
    )


def _element(element: Block) -> made.Element:
    identifier = element["action_id"]
    match element["type"]:
        case "button":
            found = {name: element[name] for name in ("url", "value") if name in element}
            return made.Button(_text(element["text"]), action_id=identifier, **found)
        case "overflow":
            return made.OverflowMenu(identifier, [_option(each) for each in element["options"]])
        case kind:
            assert kind == "static_select", kind
            return made.StaticSelectMenu(
                identifier,
                [_option(each) for each in element["options"]],
                placeholder=_text(element["placeholder"]),
            )


def _rich(element: Block) -> made.RichTextObject:
    if element["type"] == "rich_text_list":
        sections = [_section(each) for each in element["elements"]]
        return made.RichTextList(
            element["style"], sections, offset=element.get("offset"), border=None
        )
    if element["type"] == "rich_text_preformatted":
        return made.RichTextCodeBlock([_run(each) for each in element["elements"]], border=None)
    return _section(element)


def _section(section: Block) -> made.RichTextSection:
    return made.RichTextSection([_run(each) for each in section["elements"]])


def _run(run: Block) -> made.RichText | made.RichTextLink:
    style = run.get("style", {})
    if run["type"] == "link":
        return made.RichTextLink(run["url"], text=run.get("text"), **style)
    return made.RichText(run["text"], **style)


_BLOCKS: Mapping[str, Callable[[Block], made.Block]] = {
    "actions": lambda block: made.ActionsBlock([_element(each) for each in block["elements"]]),
    "context": lambda block: made.ContextBlock([_text(each) for each in block["elements"]]),
    "divider": lambda block: made.DividerBlock(),
    "header": lambda block: made.HeaderBlock(_text(block["text"])),
    "rich_text": lambda block: made.RichTextBlock([_rich(each) for each in block["elements"]]),
    "section": lambda block: made.SectionBlock(_text(block["text"])),
}  # fmt: skip
