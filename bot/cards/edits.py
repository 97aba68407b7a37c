"""Says in words what curators' edits changed (pure)."""

from collections.abc import Mapping
from typing import Any

from bot.cards.fit import truncate
from bot.cards.locale import Locale
from bot.cards.reports import text_name
from bot.model.card import Run, Style
from bot.model.curation import Change, Edit

_MOST_SHOWN = 160
"""Characters of a value before and after."""


def edit_runs(locale: Locale, edit: Edit) -> tuple[Run, ...]:
    """Return an edit as an item of a list: what was done, when, by whom, why, before and after."""
    moment = locale.format_datetime(edit.made_at)
    facts = [f"{moment} UTC", edit.by.actor, edit.by.reason]
    state = [locale.translate("taken back")] if edit.is_undone else []
    runs = [
        Run(f"{edit.id}. {_action(locale, edit)}", Style.STRONG),
        Run("\n" + " · ".join(filter(None, [*facts, *state])), Style.SMALL),
    ]
    for change in edit.changes:
        first, *others = change_runs(locale, change)
        runs += [Run("\n" + first.text), *others]
    return tuple(runs)


def change_runs(locale: Locale, change: Change) -> tuple[Run, ...]:
    """Return what a change changed: its name, and the value before and after."""
    before, after = (_value(locale, change, value) for value in (change.before, change.after))
    return (Run(f"{_name(locale, change)}: "), Run(f"{before} → {after}"))


def _action(locale: Locale, edit: Edit) -> str:
    known = {
        "correct": locale.translate("Corrected"),
        "retract": locale.translate("Retracted"),
        "restore": locale.translate("Restored"),
        "add": locale.translate("Added"),
        "remove": locale.translate("Removed"),
        "move": locale.translate("Moved"),
    }
    if edit.undoes is not None:
        return locale.translate("Undo of edit {number}", number=edit.undoes)
    return known.get(edit.action, edit.action)


def _name(locale: Locale, change: Change) -> str:
    match change.field:
        case "place":
            return change.name
        case "tag":
            return f"#{change.name}"
        case "retraction":
            return locale.translate("Retraction")
        case field:
            return text_name(locale, field, change.name)


def _value(locale: Locale, change: Change, value: Any) -> str:
    if value is None:
        if change.field == "retraction":
            return locale.translate("none")
        return locale.translate("as the sources have it")
    if isinstance(value, bool):
        return locale.translate("yes") if value else locale.translate("no")
    if isinstance(value, dict):
        return _place(locale, value)
    if isinstance(value, str):
        return f"“{truncate(' '.join(value.split()), _MOST_SHOWN)}”"
    links = ", ".join(str(link[-1]) for link in value)
    return truncate(links, _MOST_SHOWN) or locale.translate("none")


def _place(locale: Locale, placement: Mapping[str, Any]) -> str:
    if not placement["wanted"]:
        return locale.translate("removed")
    if placement["position"]:
        return locale.translate("number {number}", number=placement["position"])
    return locale.translate("listed at the end")
