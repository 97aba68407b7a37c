"""The cards of the messages of a digest."""

from collections.abc import Mapping
from dataclasses import replace

from bot.cards.issues import issue_card
from bot.cards.locale import Locale
from bot.cards.papers import paper_card, thread_opening_card, thread_root_card
from bot.cards.votes import vote_button
from bot.digests.layouts import DigestPart, MessageKind, PaperMissing
from bot.model.card import Card
from bot.model.papers import Issue


def digest_card(
    locale: Locale, issue: Issue, place: DigestPart, posts: Mapping[int, str] | None = None
) -> Card:
    """Return the card of a message of a digest; raises PaperMissing if its paper is gone.

    `posts` are the addresses of the posts of papers, by position, to which an overview leads.
    """
    if place.kind is MessageKind.OVERVIEW:
        return issue_card(locale, issue, posts=posts)
    found = [entry.paper for entry in issue.entries if entry.position == place.position]
    if not found:
        raise PaperMissing(f"{issue.week} has no number {place.position}")
    if place.kind is MessageKind.OPENING:
        card = thread_opening_card(locale, found[0])
        return replace(card, thread_name=f"{place.position}. {card.thread_name}")
    if place.kind is MessageKind.PAPER:
        card = thread_root_card(locale, found[0])
    else:
        card = paper_card(locale, found[0], with_abstract=True)
    votes = () if found[0].retraction else (vote_button(locale, found[0]),)
    controls = (*votes, *card.controls)
    return replace(card, title=f"{place.position}. {card.title}", controls=controls)
