"""Renders forms and replies as modal views (pure).

Source: https://docs.slack.dev/reference/views/modal-views.
"""

from collections.abc import Iterable
from typing import Any

from adapters.slack import limits
from adapters.slack.places import CHANNEL_BLOCK_ID, Origin, dump_private_metadata
from adapters.slack.render.escape import plain_text
from bot.cards.fit import truncate, utf16_length
from bot.cards.locale import Locale
from bot.lib.clean import clean
from bot.model.card import Field, Form, Option

FORM_CALLBACK_ID = "form"
"""callback_id of every form; its private_metadata tells which one it is."""
_TIME = "time"
_UNNAMED, _NAME = "…", "Paperboy"


def build_modal(form: Form, origin: Origin, locale: Locale) -> dict[str, Any]:
    """Return the view of a form."""
    channel_block = [_channel_select(origin, locale)] if form.asks_channel else []
    empty = {field.name: field.empty for field in form.fields if field.empty}
    return {
        "type": "modal",
        "callback_id": FORM_CALLBACK_ID,
        "title": _within(form.title, limits.VIEW_TITLE),
        "submit": _within(form.submit or locale.translate("Save"), limits.VIEW_BUTTON),
        "close": _within(locale.translate("Cancel"), limits.VIEW_BUTTON),
        "private_metadata": dump_private_metadata(origin, form.action, empty),
        "blocks": [*channel_block, *map(_question, form.fields), *_note(form.note)],
    }


def build_message_view(
    title: str, blocks: Iterable[dict[str, Any]], origin: Origin, locale: Locale
) -> dict[str, Any]:
    """Return a view that shows blocks, without input."""
    return {
        "type": "modal",
        "title": _within(title, limits.VIEW_TITLE),
        "close": _within(locale.translate("Close"), limits.VIEW_BUTTON),
        "private_metadata": dump_private_metadata(origin),
        "blocks": list(blocks)[: limits.VIEW_BLOCKS],
    }


def build_waiting_view(origin: Origin, locale: Locale) -> dict[str, Any]:
    """Return a view to show until the reply is there."""
    said = {"type": "section", "text": plain_text(locale.translate("One moment …"))}
    return build_message_view(_NAME, [said], origin, locale)


def build_suggestion(label: str, value: str) -> dict[str, Any]:
    """Return an option of a select; the value has to be within its limit."""
    return {"text": _within(label or value, limits.OPTION_TEXT), "value": value}


def _channel_select(origin: Origin, locale: Locale) -> dict[str, Any]:
    """Return the channel select, preset to the channel the form was opened in."""
    select: dict[str, Any] = {
        "type": "conversations_select",
        "action_id": CHANNEL_BLOCK_ID,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if origin.channel and not origin.is_direct:
        select["initial_conversation"] = origin.channel
    label = _within(locale.translate("Channel"), limits.LABEL)
    is_optional = origin.is_direct
    return {
        "type": "input", "block_id": CHANNEL_BLOCK_ID, "label": label, "element": select,
        "optional": is_optional,
    }  # fmt: skip


def _note(note: str) -> list[dict[str, Any]]:
    text = clean(note).strip()
    return [{"type": "context", "elements": [plain_text(text)]}] if text else []


def _question(field: Field) -> dict[str, Any]:
    if field.options:
        element = _menu(field)
    elif field.autocomplete == _TIME:
        element = {"type": "timepicker", "action_id": _TIME, "initial_time": field.value}
    elif field.autocomplete:
        element = _search(field)
    else:
        element = _text(field)
    return {
        "type": "input",
        "block_id": field.name,
        "label": _within(field.label, limits.LABEL),
        "element": element,
        "optional": not field.required,
    }


def _menu(field: Field) -> dict[str, Any]:
    options = [build_suggestion(each.label, each.value) for each in _fitting(field.options)]
    found = {"type": "static_select", "action_id": field.name, "options": options}
    chosen = [option for option in options if option["value"] == field.value]
    return found | ({"initial_option": chosen[0]} if chosen else {})


def _search(field: Field) -> dict[str, Any]:
    """Return an external select, whose options are looked up while the person types."""
    values = [each.strip() for each in field.value.split(",")] if field.is_list else [field.value]
    chosen = [build_suggestion(each, each) for each in values if each and each != field.empty]
    found: dict[str, Any] = {"action_id": field.autocomplete, "min_query_length": 0}
    if field.is_list:
        found["type"] = "multi_external_select"
        return found | ({"initial_options": chosen} if chosen else {})
    found["type"] = "external_select"
    return found | ({"initial_option": chosen[0]} if chosen else {})


def _text(field: Field) -> dict[str, Any]:
    found = {
        "type": "plain_text_input",
        "action_id": field.name,
        "multiline": field.long,
        "max_length": limits.TEXT_INPUT,
    }
    return found | ({"initial_value": field.value} if field.value else {})


def _fitting(options: Iterable[Option]) -> list[Option]:
    fitting = [each for each in options if 0 < utf16_length(each.value) <= limits.OPTION_VALUE]
    return fitting[: limits.OPTIONS]


def _within(text: str, limit: int) -> dict[str, Any]:
    return plain_text(truncate(clean(text).strip() or _UNNAMED, limit))
