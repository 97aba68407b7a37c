"""Sample cards of what people talk about: recap, discussions, pasted addresses."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.cards.digest import digest_card
from bot.cards.discussions import discuss_button, discussion_link, prepend_control
from bot.cards.links import link_card, unlisted_card
from bot.cards.locale import Locale
from bot.cards.prompts import with_prompt
from bot.cards.talk import Period, liveliest_card, with_recap, with_talk
from bot.cards.votes import vote_button, with_vote_menu
from bot.digests.layouts import DigestPart, MessageKind
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.model.discussions import PaperTalk, PaperThread, Recap, RecapItem, ThreadCounts
from bot.model.papers import Appearance, Issue
from tests import samples

NOW = datetime(2023, 10, 18, 9, tzinfo=UTC)
HERE = Target("discord", "100000000000000001", "200000000000000001")
THREAD = "https://discord.com/channels/100000000000000001/300000000000000001"


def talk_samples(issue: Issue, locale: Callable[[str], Locale]) -> Iterator[tuple[str, Card]]:
    """Yield the cards by name; `issue` is what the digest is of."""
    papers = [entry.paper for entry in issue.entries]
    items = tuple(
        RecapItem(paper.id, THREAD, replies, people)
        for paper, replies, people in zip(papers[3:6], (12, 7, 2), (5, 4, 2), strict=True)
    )
    recap = Recap(items, papers[4].id, 6)
    overview = digest_card(locale("ko"), issue, DigestPart(MessageKind.OVERVIEW))
    voted = with_vote_menu(locale("ko"), overview, papers)
    yield "recap", with_recap(locale("ko"), voted, recap, papers)
    talks = [
        (paper, _talk(paper.id, replies, hours))
        for paper, replies, hours in zip(papers[:4], (31, 12, 7, 2), (1, 2, 20, 90), strict=True)
    ]
    yield "discussions", liveliest_card(locale("en"), Period.WEEK, talks, HERE, NOW)
    place = Appearance(issue.week, "dair", 1, issue.start)
    linked = replace(samples.RING, id=1, appearances=(place,))
    for choice in ("ko", "en"):
        card = with_talk(locale(choice), link_card(locale(choice), linked), talks[1][1], NOW)
        card = prepend_control(card, vote_button(locale(choice), linked, 3))
        first = (
            discuss_button(locale(choice), linked)
            if choice == "ko"
            else discussion_link(locale(choice), THREAD, 12)
        )
        yield f"link-{choice}", prepend_control(card, first)
    yield "unlisted", unlisted_card(locale("ko"), replace(samples.RECORDED, id=0, summaries={}))
    opening = digest_card(locale("ko"), issue, DigestPart(MessageKind.OPENING, 1))
    yield "prompt", with_prompt(locale("ko"), opening, papers[0])


def _talk(paper: int, replies: int, hours: int) -> PaperTalk:
    counts = ThreadCounts(replies, max(replies // 2, 1), NOW - timedelta(hours=hours))
    ref = MessageRef(HERE, "300000000000000001", "300000000000000001", THREAD)
    return PaperTalk(paper, counts, (PaperThread(paper, ref, counts=counts),))
