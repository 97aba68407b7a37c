"""Cards of discussions: the messages of a thread, its state and its link."""

from dataclasses import replace
from datetime import timedelta

from bot.cards.blocks import PLACEHOLDER, insert_run, paper_url
from bot.cards.locale import Locale, TranslatableReason
from bot.cards.papers import thread_opening_card, thread_root_card
from bot.cards.references import format_reference
from bot.cards.votes import vote_button
from bot.digests.layouts import MessageKind
from bot.model.access import ThreadPermission
from bot.model.card import (
    Action,
    Block,
    Button,
    Card,
    Control,
    IdKind,
    LinkButton,
    Paragraph,
    Run,
    Tone,
)
from bot.model.papers import Paper


def discussion_card(locale: Locale, paper: Paper, kind: MessageKind, person: str) -> Card:
    """Return the card of a message of a discussion: the thread's root or its first message.

    The first message says who opened it: `person` is the platform's id.
    """
    if kind is MessageKind.OPENING:
        card = thread_opening_card(locale, paper)
        return replace(card, blocks=(*card.blocks, *_opened_by(locale, person)))
    return prepend_control(thread_root_card(locale, paper), vote_button(locale, paper))


def _opened_by(locale: Locale, person: str) -> tuple[Block, ...]:
    if not person:
        return ()
    return tuple(
        Paragraph(
            insert_run(
                each.translate("Opened by {person}", person=PLACEHOLDER),
                Run(person, id_of=IdKind.PERSON),
            ),
            Tone.NOTE,
        )
        for each in locale.by_language()
    )


def discuss_button(locale: Locale, paper: Paper) -> Button:
    """Return the button that opens the thread of a paper."""
    return Button(
        locale.translate("Discuss"),
        Action("discuss", format_reference(paper, locale.language_choice)),
    )


def prepend_control(card: Card, control: Control) -> Card:
    """Return a card with one more control, before its own."""
    return replace(card, controls=(control, *card.controls))


def discussion_link(locale: Locale, url: str, replies: int | None) -> LinkButton:
    """Return the link to a thread, with its number of replies if that is known."""
    if not replies:
        return LinkButton(locale.translate("Discussion"), url)
    label = locale.translate_plural(
        "Discussion ({number} reply)", "Discussion ({number} replies)", replies
    )
    return LinkButton(label, url)


def discussion_status_card(
    locale: Locale, paper: Paper, error: str, link: Control | None, *, is_locked: bool
) -> Card:
    """Return the state of the thread of a paper, for the person who asked for it."""
    if error:
        said = locale.translate(
            "The discussion cannot be opened: {reason}", reason=TranslatableReason(error)
        )
    elif is_locked:
        said = locale.translate("A moderator has locked the thread of this paper; it can be read:")
    elif link:
        said = locale.translate("This paper is discussed in its thread:")
    else:
        said = locale.translate("The thread is being opened; look again in a moment.")
    controls: list[Control] = [link or discuss_button(locale, paper)]
    controls.append(
        Button(
            locale.translate("Summary"),
            Action("paper", format_reference(paper, locale.language_choice)),
        )
    )
    blocks: tuple[Block, ...] = (Paragraph((Run(said),)),)
    return Card(
        locale.first_text(paper.titles) or paper.key, paper_url(paper), blocks, tuple(controls)
    )


def discussion_not_allowed_card(locale: Locale, permission: ThreadPermission) -> Card:
    """Return that a thread has to be opened by another person."""
    if permission is ThreadPermission.NOBODY:
        advice = locale.translate("The operator of this bot has turned new ones off.")
    else:
        advice = locale.translate("Ask somebody who manages this channel to open one.")
    title = locale.translate("This paper has no discussion here yet")
    return Card(title, blocks=(Paragraph((Run(advice),)),))


def cooldown_card(locale: Locale, left: timedelta) -> Card:
    """Return that a person has just opened a discussion, and when the next one may be opened."""
    seconds = max(round(left.total_seconds()), 1)
    said = locale.translate_plural(
        "You opened one just now; the next one can be opened in {number} second.",
        "You opened one just now; the next one can be opened in {number} seconds.",
        seconds,
    )
    title = locale.translate("This paper has no discussion here yet")
    return Card(title, blocks=(Paragraph((Run(said),)),))


def threads_forbidden_card(locale: Locale) -> Card:
    """Return that the bot lacks the permissions to open a thread in this channel."""
    advice = locale.translate(
        "Paperboy may not open threads in this channel; somebody who manages it can give it the "
        "permissions Create Public Threads and Send Messages in Threads."
    )
    title = locale.translate("This paper has no discussion here yet")
    return Card(title, blocks=(Paragraph((Run(advice),)),))


def threads_unsupported_card(locale: Locale) -> Card:
    """Return that there are no threads here."""
    advice = locale.translate(
        "Ask in a channel of a server or workspace: papers have threads there."
    )
    return Card(
        locale.translate("There are no discussions here"), blocks=(Paragraph((Run(advice),)),)
    )
