"""Renders controls as action rows, and parses the custom_id of a used one (pure).

A custom_id is the action's name, a space and its argument. No state is kept, so a control works
after a restart and years later. Where a message has the same action twice, the name is followed
by `#2`, as the custom_ids of a message have to differ.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from adapters.discord import limits
from bot.cards.fit import truncate, utf16_length
from bot.lib.clean import clean
from bot.lib.urls import is_safe_url, looks_like_url
from bot.model.card import Action, Button, Choice, Control, LinkButton, Run

Component = dict[str, Any]

ACTION_ROW, BUTTON, STRING_SELECT = 1, 2, 3
"""Types of components."""

_SECONDARY, _LINK = 2, 5
"""Styles of buttons."""
_UNNAMED = "…"


def action_rows(card_controls: Iterable[Control]) -> list[Component]:
    """Return action rows of at most five buttons or one select menu, in the controls' order."""
    taken: set[str] = set()
    found: list[Component] = []
    for is_choice, same in groupby(card_controls, lambda control: isinstance(control, Choice)):
        components = [each for control in same for each in _components(control, taken)]
        step = 1 if is_choice else limits.BUTTONS
        found += [
            {"type": ACTION_ROW, "components": components[start : start + step]}
            for start in range(0, len(components), step)
        ]
    return found


def component_count(row: Component) -> int:
    """Return how many components a row has, itself included."""
    return 1 + len(row["components"])


def link_button(control: LinkButton) -> Component:
    """Return a link button; a label that reads like an address is replaced by the real one."""
    label = clean(control.label).strip()
    if looks_like_url(label):
        label = control.url
    return {
        "type": BUTTON,
        "style": _LINK,
        "label": truncate(label or _UNNAMED, limits.BUTTON_LABEL),
        "url": control.url,
    }


def fits_button(url: str) -> bool:
    """Tell whether a link button can have this address."""
    return is_safe_url(url) and utf16_length(url) <= limits.BUTTON_URL


def links_without_button(controls: Iterable[Control]) -> tuple[Run, ...]:
    """Return the link buttons whose address is too long for one, as links in text."""
    return tuple(
        Run(control.label, url=control.url)
        for control in controls
        if isinstance(control, LinkButton)
        and is_safe_url(control.url)
        and not fits_button(control.url)
    )


def parse_action(custom_id: str, values: Sequence[str] = ()) -> Action:
    """Return the action of a used control; the chosen value of a menu is its argument."""
    name, _, argument = custom_id.partition(" ")
    return Action(name.partition("#")[0], values[0] if values else argument)


def custom_id(action: Action, taken: set[str] | None = None) -> str:
    """Return the custom_id of an action, its argument cut at a word where it is too long."""
    others = set() if taken is None else taken
    number = 1
    found = _custom_id(action, "")
    while found in others:
        number += 1
        found = _custom_id(action, f"#{number}")
    others.add(found)
    return found


def _custom_id(action: Action, suffix: str) -> str:
    name = action.name + suffix
    return f"{name} {_within(action.argument, limits.CUSTOM_ID - len(name) - 1)}".rstrip()


def _within(argument: str, limit: int) -> str:
    """Return an argument cut at a word to a length in UTF-16 units."""
    text = clean(argument)
    return text if utf16_length(text) <= limit else truncate(text, limit).removesuffix("…")


def _components(control: Control, taken: set[str]) -> list[Component]:
    match control:
        case Button(label, action):
            shown = truncate(clean(label).strip() or _UNNAMED, limits.BUTTON_LABEL)
            identifier = custom_id(action, taken)
            return [{"type": BUTTON, "style": _SECONDARY, "label": shown, "custom_id": identifier}]
        case LinkButton(_, url):
            return [link_button(control)] if fits_button(url) else []
        case Choice():
            return _menus(control, taken)


def _menus(choice: Choice, taken: set[str]) -> list[Component]:
    """Return a select menu, or several where there are more options than one takes."""
    options: dict[str, Component] = {}
    for option in choice.options:
        value = _within(option.value, limits.OPTION_VALUE).strip()
        label = clean(option.label).strip() or value
        if not value:
            continue
        shown = {"label": truncate(label, limits.OPTION_LABEL), "value": value}
        description = clean(option.description).strip()
        if description:
            shown["description"] = truncate(description, limits.OPTION_DESCRIPTION)
        options.setdefault(value, shown)
    each = list(options.values())
    placeholder = clean(choice.placeholder).strip() or _UNNAMED
    return [
        {
            "type": STRING_SELECT,
            "custom_id": custom_id(Action(choice.action), taken),
            "placeholder": truncate(placeholder, limits.PLACEHOLDER),
            "options": each[start : start + limits.OPTIONS],
        }
        for start in range(0, len(each), limits.OPTIONS)
    ]
