"""Cards about discussions: the paper that is talked about, and the way to its thread."""

from dataclasses import replace

from bot.cards.blocks import address
from bot.cards.locale import Reason, Voice
from bot.cards.papers import paper_card, root_card
from bot.cards.references import reference
from bot.digests.layouts import MessageKind
from bot.model.access import ThreadPermission
from bot.model.card import Action, Block, Button, Card, Control, LinkButton, Paragraph, Run
from bot.model.papers import Paper


def discussion_card(voice: Voice, paper: Paper, kind: MessageKind) -> Card:
    """Return a message of a discussion: the root of the thread, or what the thread opens with."""
    if kind is MessageKind.OPENING:
        return paper_card(voice, paper, whole=True)
    return root_card(voice, paper)


def discuss_button(voice: Voice, paper: Paper) -> Button:
    """Return what opens the thread of a paper."""
    return Button(voice.say("Discuss"), Action("discuss", reference(paper, voice.choice)))


def with_discussion(card: Card, control: Control) -> Card:
    """Return a card with a control more, before those that it has."""
    return replace(card, controls=(control, *card.controls))


def discussion_link(voice: Voice, url: str, replies: int | None) -> LinkButton:
    """Return the way to a thread; how many replies it has, where that is known."""
    if not replies:
        return LinkButton(voice.say("Discussion"), url)
    label = voice.count("Discussion ({number} reply)", "Discussion ({number} replies)", replies)
    return LinkButton(label, url)


def discussed_card(
    voice: Voice, paper: Paper, error: str, link: Control | None, *, is_locked: bool
) -> Card:
    """Say how it stands with the thread of a paper, to whoever wants to talk there."""
    if error:
        said = voice.say("The discussion cannot be opened: {reason}", reason=Reason(error))
    elif is_locked:
        said = voice.say("A moderator has locked the thread of this paper; it can be read:")
    elif link:
        said = voice.say("This paper is discussed in its thread:")
    else:
        said = voice.say("The thread is being opened; look again in a moment.")
    controls: list[Control] = [link or discuss_button(voice, paper)]
    controls.append(Button(voice.say("Summary"), Action("paper", reference(paper, voice.choice))))
    blocks: tuple[Block, ...] = (Paragraph((Run(said),)),)
    return Card(voice.text(paper.titles) or paper.key, address(paper), blocks, tuple(controls))


def not_opened_card(voice: Voice, openers: ThreadPermission) -> Card:
    """Say that somebody else has to open a thread."""
    if openers is ThreadPermission.NOBODY:
        advice = voice.say("The operator of this bot has turned new ones off.")
    else:
        advice = voice.say("Ask somebody who manages this channel to open one.")
    title = voice.say("This paper has no discussion here yet")
    return Card(title, blocks=(Paragraph((Run(advice),)),))


def nowhere_card(voice: Voice) -> Card:
    """Say that there are no threads here."""
    advice = voice.say("Ask in a channel of a server or workspace: papers have threads there.")
    return Card(voice.say("There are no discussions here"), blocks=(Paragraph((Run(advice),)),))
