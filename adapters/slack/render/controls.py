"""Renders controls as buttons and menus, and parses their use back into an action (pure).

A button's action_id is the action's name and its value the argument; an option of a menu carries
the argument, and one of an overflow menu both. Nothing is stored, so that a control works after a
restart and years later. A repeated name is followed by `#2`, as every action_id of a block has to
be unique.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from adapters.slack import limits
from adapters.slack.render.blocks import Block, json_length
from adapters.slack.render.escape import plain_text
from bot.cards.fit import truncate, utf16_length
from bot.lib.clean import clean
from bot.lib.urls import is_safe_url, looks_like_url
from bot.model.card import Action, Button, Choice, Control, LinkButton, Run

LINK_ACTION_ID = "link"
"""action_id of link buttons; Slack reports their use, which needs no answer."""

_MORE = "more"
"""action_id of overflow menus; their options carry the action."""
_MAX_BUTTONS = 5
"""Buttons of a row; further ones are folded into an overflow menu."""
_MAX_BLOCK_LENGTH = limits.MESSAGE // 2
"""Maximum characters of the elements or options of one block, as JSON."""
_UNNAMED = "…"


def action_blocks(card_controls: Iterable[Control]) -> list[Block]:
    """Return action blocks, each with one menu or a row of buttons, in the controls' order."""
    taken: set[str] = set()
    found: list[Block] = []
    for is_choice, same in groupby(card_controls, lambda control: isinstance(control, Choice)):
        if is_choice:
            elements = [each for control in same for each in _menus(control, taken)]
            found += [_row([each]) for each in elements]
        else:
            found += _buttons([control for control in same if _is_shown(control)], taken)
    return found


def links_without_button(controls: Iterable[Control]) -> tuple[Run, ...]:
    """Return links whose URL is too long for a button, to be shown as text."""
    return tuple(
        Run(f"{control.label}: {control.url}")
        for control in controls
        if isinstance(control, LinkButton)
        and is_safe_url(control.url)
        and utf16_length(control.url) > limits.URL
    )


def parse_action(element: Mapping[str, Any]) -> Action:
    """Return the action of a control, from the element of an interaction payload."""
    name = str(element["action_id"]).partition("#")[0]
    chosen = (element.get("selected_option") or {}).get("value", "")
    if name == _MORE:
        asked, _, argument = str(chosen).partition(" ")
        return Action(asked, argument)
    return Action(name, str(chosen or element.get("value") or ""))


def action_id(name: str, taken: set[str]) -> str:
    """Return a unique action_id for an action, and add it to `taken`."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}#{number}"
    taken.add(found)
    return found


def build_option(label: str, value: str, description: str = "") -> Block:
    """Return an option of a menu; the value has to be within its limit."""
    found = {"text": plain_text(truncate(label, limits.OPTION_TEXT)), "value": value}
    if description:
        found["description"] = plain_text(truncate(description, limits.OPTION_DESCRIPTION))
    return found


def _row(elements: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _is_shown(control: Control) -> bool:
    if not isinstance(control, LinkButton):
        return True
    return is_safe_url(control.url) and utf16_length(control.url) <= limits.URL


def _buttons(controls: Sequence[Control], taken: set[str]) -> list[Block]:
    """Return rows of buttons; beyond `_MAX_BUTTONS` they are folded into overflow menus."""
    folded: list[Control] = []
    if len(controls) > _MAX_BUTTONS:
        # An option has to be told from the others: the same button once is enough there.
        folded = _distinct(each for each in controls[_MAX_BUTTONS - 1 :] if _can_fold(each))
    shown = [each for each in controls if each not in folded]
    menus = [
        _overflow(folded[start : start + limits.OVERFLOW_OPTIONS], taken)
        for start in range(0, len(folded), limits.OVERFLOW_OPTIONS)
    ]
    elements = [*(_button(each, taken) for each in shown), *menus]
    return [_row(each) for each in _chunk(elements, limits.ACTIONS_ELEMENTS)]


def _button(control: Control, taken: set[str]) -> Block:
    text = plain_text(truncate(_label(control), limits.BUTTON_TEXT))
    match control:
        case LinkButton(_, url):
            found = {"type": "button", "action_id": action_id(LINK_ACTION_ID, taken), "text": text}
            return found | {"url": url}
        case Button(_, action):
            found = {"type": "button", "action_id": action_id(action.name, taken), "text": text}
            value = _within(action.argument, limits.BUTTON_VALUE)
            return found | ({"value": value} if value else {})
        case _:
            raise TypeError(control)


def _can_fold(control: Control) -> bool:
    return (
        not isinstance(control, Button)
        or utf16_length(_overflow_value(control)) <= limits.OPTION_VALUE
    )


def _distinct(controls: Iterable[Control]) -> list[Control]:
    """Return controls without buttons that do the same as one before them."""
    found: dict[object, Control] = {}
    for each in controls:
        found.setdefault(_overflow_value(each) if isinstance(each, Button) else each, each)
    return list(found.values())


def _overflow_value(button: Button) -> str:
    return f"{button.action.name} {clean(button.action.argument)}".rstrip()


def _overflow(controls: Sequence[Control], taken: set[str]) -> Block:
    options: list[Block] = []
    for number, control in enumerate(controls):
        match control:
            case Button():
                options.append(build_option(_label(control), _overflow_value(control)))
            case LinkButton(_, url):
                found = build_option(_label(control), f"{LINK_ACTION_ID} {number}")
                options.append(found | {"url": url})
            case _:
                raise TypeError(control)
    return {"type": "overflow", "action_id": action_id(_MORE, taken), "options": options}


def _label(control: Button | LinkButton | Choice) -> str:
    """Return the label of a control; a link labelled like a URL shows its real one."""
    match control:
        case LinkButton(label, url):
            text = clean(label).strip()
            return url if looks_like_url(text) else text or _UNNAMED
        case Button(label):
            return clean(label).strip() or _UNNAMED
        case Choice(placeholder):
            return clean(placeholder).strip() or _UNNAMED


def _within(argument: str, limit: int) -> str:
    """Return an argument cut to a length, at a word boundary."""
    text = clean(argument)
    return text if utf16_length(text) <= limit else truncate(text, limit).removesuffix("…")


def _menus(choice: Control, taken: set[str]) -> list[Block]:
    """Return a menu, or several if there are too many options for one."""
    if not isinstance(choice, Choice):
        return []
    options: dict[str, Block] = {}
    for each in choice.options:
        value = _within(each.value, limits.OPTION_VALUE).strip()
        if value:
            label = clean(each.label).strip() or value
            options.setdefault(value, build_option(label, value, clean(each.description).strip()))
    return [
        {
            "type": "static_select",
            "action_id": action_id(choice.action, taken),
            "placeholder": plain_text(truncate(_label(choice), limits.PLACEHOLDER)),
            "options": each,
        }
        for each in _chunk(options.values(), limits.OPTIONS)
    ]


def _chunk(pieces: Iterable[Block], most: int) -> list[list[Block]]:
    """Return elements in groups of at most `most`, each group small enough for a message."""
    found: list[list[Block]] = []
    for piece in pieces:
        is_full = not found or len(found[-1]) == most
        if is_full or sum(map(json_length, (*found[-1], piece))) > _MAX_BLOCK_LENGTH:
            found.append([])
        found[-1].append(piece)
    return found
