"""Removes invisible characters, unsafe URLs and mentions from a card (pure)."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from bot.lib.clean import clean
from bot.lib.urls import is_safe_url
from bot.model.card import (
    Action,
    Block,
    Bullets,
    Button,
    Card,
    Choice,
    Code,
    Control,
    Divider,
    LinkButton,
    Option,
    Paragraph,
    Run,
)

_MENTION = re.compile(r"@|<(?=[@!#&])")
_CALL_IN_CODE = re.compile(
    r"(?<!^)@|^@(?!(?!everyone|here|channel|all)[a-z]+{)|<(?=[@!#&])", re.MULTILINE
)
"""As above, except for `@misc{` at the beginning of a BibTeX entry."""
_ZERO_WIDTH_SPACE = "\u200b"


def clean_line(text: str) -> str:
    """Return a clean text on one line."""
    return clean(text).replace("\n", " ")


def suppress_mentions(text: str) -> str:
    """Return a text without mentions of any chat: `@everyone`, `<@1>`, `<!here>`.

    A zero-width space follows every character that could begin one; no escape works in all chats.
    """
    return _MENTION.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, text)


def suppress_code_mentions(text: str) -> str:
    """Return code without mentions; `@misc{` at the beginning of a line is kept."""
    return _CALL_IN_CODE.sub(lambda found: found[0] + _ZERO_WIDTH_SPACE, text)


def clean_card(card: Card) -> Card:
    """Return a card with clean texts and safe URLs only."""
    controls = tuple(map(_clean_control, card.controls))
    return replace(
        card,
        title=clean_line(card.title),
        url=_address(card.url),
        blocks=tuple(_map_block(block, _clean_run, clean) for block in card.blocks),
        controls=tuple(c for c in controls if not isinstance(c, LinkButton) or c.url),
        footer=clean(card.footer),
    )


def suppress_card_mentions(card: Card) -> Card:
    """Return a card without mentions in its visible texts."""
    return replace(
        card,
        title=suppress_mentions(card.title),
        blocks=tuple(
            _map_block(block, _suppress_run_mentions, suppress_code_mentions)
            for block in card.blocks
        ),
        controls=tuple(
            replace(control, label=suppress_mentions(control.label))
            if isinstance(control, LinkButton)
            else control
            for control in card.controls
        ),
        footer=suppress_mentions(card.footer),
    )


def _address(url: str) -> str:
    return url if is_safe_url(url) else ""


def _clean_run(run: Run) -> Run:
    return Run(clean(run.text), run.style, _address(run.url))


def _suppress_run_mentions(run: Run) -> Run:
    return replace(run, text=suppress_mentions(run.text))


def _map_block(
    block: Block, change: Callable[[Run], Run], change_code: Callable[[str], str]
) -> Block:
    match block:
        case Paragraph(runs, tone):
            return Paragraph(tuple(map(change, runs)), tone)
        case Bullets(items, first):
            return Bullets(tuple(tuple(map(change, item)) for item in items), first)
        case Divider():
            return block
        case Code(text, language):
            return Code(change_code(text), language)
        case _:
            assert_never(block)


def _clean_control(control: Control) -> Control:
    match control:
        case LinkButton(label, url):
            return LinkButton(clean_line(label).strip() or url, _address(url))
        case Button(label, Action(name, argument)):
            return Button(clean_line(label), Action(name, clean(argument)))
        case Choice(placeholder, options, action):
            return Choice(clean_line(placeholder), tuple(map(_clean_option, options)), action)
        case _:
            assert_never(control)


def _clean_option(option: Option) -> Option:
    return Option(clean_line(option.label), clean(option.value), clean_line(option.description))
