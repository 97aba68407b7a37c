"""Cards about discussions: the paper that is talked about, and the way to its thread."""

from dataclasses import replace

from bot.cards.blocks import paper_url
from bot.cards.locale import Locale, TranslatableReason
from bot.cards.papers import paper_card, thread_root_card
from bot.cards.references import format_reference
from bot.digests.layouts import MessageKind
from bot.model.access import ThreadPermission
from bot.model.card import Action, Block, Button, Card, Control, LinkButton, Paragraph, Run
from bot.model.papers import Paper


def discussion_card(locale: Locale, paper: Paper, kind: MessageKind) -> Card:
    """Return a message of a discussion: the root of the thread, or what the thread opens with."""
    if kind is MessageKind.OPENING:
        return paper_card(locale, paper, with_abstract=True)
    return thread_root_card(locale, paper)


def discuss_button(locale: Locale, paper: Paper) -> Button:
    """Return what opens the thread of a paper."""
    return Button(
        locale.translate("Discuss"),
        Action("discuss", format_reference(paper, locale.language_choice)),
    )


def prepend_control(card: Card, control: Control) -> Card:
    """Return a card with a control more, before those that it has."""
    return replace(card, controls=(control, *card.controls))


def discussion_link(locale: Locale, url: str, replies: int | None) -> LinkButton:
    """Return the way to a thread; how many replies it has, where that is known."""
    if not replies:
        return LinkButton(locale.translate("Discussion"), url)
    label = locale.translate_plural(
        "Discussion ({number} reply)", "Discussion ({number} replies)", replies
    )
    return LinkButton(label, url)


def discussion_status_card(
    locale: Locale, paper: Paper, error: str, link: Control | None, *, is_locked: bool
) -> Card:
    """Say how it stands with the thread of a paper, to whoever wants to talk there."""
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
    """Say that somebody else has to open a thread."""
    if permission is ThreadPermission.NOBODY:
        advice = locale.translate("The operator of this bot has turned new ones off.")
    else:
        advice = locale.translate("Ask somebody who manages this channel to open one.")
    title = locale.translate("This paper has no discussion here yet")
    return Card(title, blocks=(Paragraph((Run(advice),)),))


def threads_unsupported_card(locale: Locale) -> Card:
    """Say that there are no threads here."""
    advice = locale.translate(
        "Ask in a channel of a server or workspace: papers have threads there."
    )
    return Card(
        locale.translate("There are no discussions here"), blocks=(Paragraph((Run(advice),)),)
    )
