"""Renders a form as a modal (pure)."""

from typing import Any

from adapters.discord import limits
from adapters.discord.render import controls
from bot.cards.fit import truncate
from bot.lib.clean import clean
from bot.model.card import Field, Form

_LABEL, _TEXT_INPUT, _SELECT = 18, 4, 3
_SHORT, _LONG = 1, 2
_UNNAMED = "…"


def build_modal(form: Form) -> dict[str, Any]:
    """Return the modal with the first five fields of a form, as Discord allows no more.

    The others are options of the command, as the form's note says below the last field.
    """
    questions = [_question(each) for each in form.fields[: limits.MODAL_FIELDS]]
    if form.note:
        questions[-1]["description"] = _within(form.note, limits.MODAL_DESCRIPTION)
    return {
        "custom_id": controls.custom_id(form.action),
        "title": _within(form.title, limits.MODAL_TITLE),
        "components": questions,
    }


def _question(field: Field) -> dict[str, Any]:
    return {
        "type": _LABEL,
        "label": _within(field.label, limits.MODAL_LABEL),
        "component": _menu(field) if field.options else _text(field),
    }


def _text(field: Field) -> dict[str, Any]:
    found = {
        "type": _TEXT_INPUT,
        "custom_id": field.name,
        "style": _LONG if field.long else _SHORT,
        "required": field.required,
        "max_length": limits.TEXT_INPUT,
    }
    return found | ({"value": field.value} if field.value else {})


def _menu(field: Field) -> dict[str, Any]:
    return {
        "type": _SELECT,
        "custom_id": field.name,
        "required": field.required,
        "options": [
            {
                "label": _within(option.label, limits.OPTION_LABEL),
                "value": option.value,
                "default": option.value == field.value,
            }
            for option in field.options[: limits.OPTIONS]
        ],
    }


def _within(text: str, limit: int) -> str:
    return truncate(clean(text).strip() or _UNNAMED, limit)
