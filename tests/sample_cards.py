"""Sample cards that every platform can show, a hostile one and random ones among them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from importlib import resources

from hypothesis import strategies as st

from bot.cards.conflicts import conflict_card
from bot.cards.corrections import with_edit_note
from bot.cards.curation import paper_edits_card
from bot.cards.digest import digest_card
from bot.cards.follows import new_papers_card
from bot.cards.issues import issue_card
from bot.cards.locale import Locale
from bot.cards.own_page import OwnPage, own_page_card
from bot.cards.paper_facts import citation_card
from bot.cards.papers import missing_paper_card, paper_card
from bot.cards.people import saved_list_card
from bot.cards.reports import report_card
from bot.cards.reviews import review_card
from bot.digests.layouts import DigestPart, MessageKind, digest_parts
from bot.model.card import (
    Action,
    Block,
    Bullets,
    Button,
    Card,
    Choice,
    Code,
    Divider,
    LinkButton,
    Option,
    Paragraph,
    Run,
    Style,
    Tone,
)
from bot.model.channels import Target
from bot.model.conflicts import Conflict
from bot.model.papers import Issue, Paper, Retraction
from bot.model.people import (
    Follow,
    FollowedPapers,
    FollowKind,
    FollowTerms,
    PersonSettings,
    Reminder,
    SavedOrder,
    SavedPaper,
)
from bot.model.reports import NewReport, Report, ReportState
from bot.model.review_rules import ReviewRules
from bot.model.reviews import Review, ReviewState
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from bot.ports.platform import NativeMessage
from bot.sources.parsers import detect
from config import catalogues
from tests import samples
from tests.talk_cards import talk_samples

REPORT = Report(
    12,
    datetime(2023, 10, 19, 9, tzinfo=UTC),
    NewReport(
        Target("discord", "1", "2"),
        person="400000000000000001",
        language="ko",
        paper=1,
        field="summary",
        text_language="ko",
        before=samples.RING.summaries["ko"],
        wrong="@everyone *장치*가 아니라 기계입니다. <@1>",
        better="긴 글을 여러 기계에 나누어 처리합니다. 기억 장치의 한계를 크게 넘어섭니다.",
    ),
)
"""A mistake that a member reported, with markup in it."""

DECIDED = replace(
    REPORT,
    state=ReportState.ACCEPTED,
    decided_by="discord:400000000000000002",
    decided_at=datetime(2023, 10, 20, 9, tzinfo=UTC),
    edit=3,
)

REVIEW = Review(
    7,
    "dair",
    Week(2023, 41),
    Target("discord", "1", ""),
    ReviewState.PENDING,
    datetime(2023, 10, 15, 21, tzinfo=UTC),
    due_at=datetime(2023, 10, 16, 0, tzinfo=UTC),
)
"""A week that waits for a curator."""

CONFLICT = Conflict(
    4,
    datetime(2023, 10, 22, 9, tzinfo=UTC),
    paper=1,
    field="summary",
    language="en",
    before=samples.RING.summaries["en"],
    theirs="Spreads long sequences over a ring of chips. @everyone",
    ours="Spreads long sequences over a ring of machines.",
)
"""A corrected text that its source has changed, with markup in it."""

HOSTILE = Card(
    title="@everyone <@1> <!channel> [x](javascript:alert(1)) **b** \u202e zero\u200bwidth",
    url="javascript:alert(1)",
    blocks=(
        Paragraph((Run("&copy; &lt; <b>bold</b> <!-- gone --> <https://thief.example>"),)),
        Paragraph((Run("- no list\n1. none\n# no heading\n> no quote\n    no code\n---\n==="),)),
        Paragraph((Run("```\nfence\n```\n~~~\n| a | b |\n|---|---|"), Run("[ ]: x")), Tone.NOTE),
        Paragraph((Run("look!"), Run("[a](b)", Style.STRONG, "https://a.example/(x)?a=1&lt;=2"))),
        Paragraph((Run("앞"), Run("“굵게”", Style.STRONG), Run("뒤 C#"), Run("``", Style.CODE))),
        Paragraph((Run("https://thief.example www.thief.example :smile: $x$ ~~s~~ [^1]"),)),
        Bullets(((Run("*a*", Style.STRONG), Run("\n__b__ 2023. c")),), first=1),
        Bullets(((Run("@here"),), (Run("[ ] no task"),)), first=5),
        Divider(),
        Code("@everyone <@1> ```\n  x\n````\n~~~\n@misc{a@b,\n  title = {<!here>}\n}", "bibtex"),
    ),
    controls=(
        Button("@everyone", Action("paper", "id:1")),
        LinkButton("**paper** @here", "https://arxiv.org/abs/2310.01889"),
        LinkButton("thief", "javascript:alert(1)"),
        Choice("choose", (Option("**a**", "id:1"),), "paper"),
    ),
    footer="_footer_ \\",
)
"""Tries to mention, to format and to break out."""

HOSTILE_LINKS = Card(
    title="@everyone <@1> **bold** [x](javascript:alert(1)) # `code`",
    url="javascript:alert(1)",
    blocks=(
        Paragraph((Run("<@&2> <#3> <t:1:R> </paper:4> <a:b:5> <id:guide> @here"),), Tone.NOTE),
        Paragraph((Run("- no list\n1. none\n# no heading\n> no quote\n-# no note\n```\nfence"),)),
        Paragraph((Run("https://bank.example", url="https://thief.example"),)),
        Paragraph((Run("paper", Style.STRONG, "https://a.example/x)](https://b.example)"),)),
        Paragraph((Run("see https://c.example/a_b_c. and steam://run/1 ||spoiler||"),)),
        Paragraph((Run("turned \u202e txet \u2066 zero\u200bwidth\u2060 \x1b[31m"),)),
        Bullets(((Run("*a*", Style.STRONG), Run("\n__b__ ~~c~~")),), first=1),
        Code("@everyone <@1>\n  ```x````\n@misc{a\u200b,\n  b = {c}\n}", "bibtex"),
    ),
    controls=(
        Button("@everyone", Action("paper", "x" * 300)),
        Button("again", Action("paper", "x" * 300)),
        LinkButton("thief", "javascript:alert(1)"),
        LinkButton("https://bank.example", "https://thief.example"),
        Choice("choose", (Option("**a**", "id:1"), Option("twice", "id:1")), "paper"),
    ),
    footer="_footer_ \\",
)
"""Tries to mislead with links, and with what only one platform reads."""


def _locale(choice: str) -> Locale:
    return Locale(catalogues.load(), choice)


def bundled_issue(week: str) -> Issue:
    """Return a week of those that come with Paperboy, its papers numbered as a store does."""
    file = resources.files("config") / "sample" / f"{week}.yaml"
    (found,) = detect.parse_source(file.read_bytes(), file.name).issues
    entries = tuple(
        replace(each, paper=replace(each.paper, id=each.position)) for each in found.entries
    )
    return replace(found, entries=entries)


def _samples() -> Iterator[tuple[str, Card]]:
    week = samples.issue(source_url="https://example.org/weeks/2023-10-09")
    for choice in ("ko", "en", "both"):
        yield f"week-{choice}", issue_card(_locale(choice), week)
    bundled = bundled_issue("2023-W41")
    for choice in ("ko", "en"):
        yield f"digest-{choice}", issue_card(_locale(choice), bundled)
    yield "root", digest_card(_locale("ko"), bundled, DigestPart(MessageKind.PAPER, 1))
    yield "thread-opening", digest_card(_locale("ko"), bundled, DigestPart(MessageKind.OPENING, 1))
    rules = ReviewRules(frozenset({"dair"}))
    for choice in ("ko", "en"):
        locale = _locale(choice)
        yield f"review-{choice}", review_card(locale, REVIEW, week, rules, "Asia/Seoul")
        yield f"conflict-{choice}", conflict_card(locale, CONFLICT, samples.RING)
    yield "report", report_card(_locale("ko"), REPORT, samples.RING)
    yield "report-accepted", report_card(_locale("en"), DECIDED, samples.RING)
    edited = digest_card(_locale("ko"), bundled, DigestPart(MessageKind.PAPER, 1))
    yield "edited", with_edit_note(_locale("ko"), edited, date(2023, 10, 20))
    retraction = Retraction(
        "저자들이 실험 결과를 다시 얻지 못했다고 알려 왔습니다.", date(2023, 10, 20)
    )
    first, *rest = bundled.entries
    retracted = replace(first, paper=replace(first.paper, retraction=retraction))
    week = replace(bundled, entries=(retracted, *rest))
    yield "retracted", digest_card(_locale("ko"), week, DigestPart(MessageKind.PAPER, 1))
    yield "curate", paper_edits_card(_locale("ko"), samples.RING)
    yield from _own_cards([entry.paper for entry in bundled.entries])
    near = [entry.paper for entry in bundled.entries[:3]]
    yield "meant", missing_paper_card(_locale("ko"), "링 어텐숀", near)
    yield "paper", paper_card(_locale("ko"), samples.RING)
    yield "opening", paper_card(_locale("both"), samples.RING, with_abstract=True)
    for choice in ("ko", "en"):
        locale = _locale(choice)
        yield (
            f"recorded-{choice}",
            paper_card(locale, samples.RECORDED, with_abstract=choice == "en"),
        )
        yield f"cited-{choice}", citation_card(locale, samples.RECORDED)
    yield from talk_samples(bundled, _locale)
    yield "hostile", HOSTILE
    yield "hostile-links", HOSTILE_LINKS


def _own_cards(papers: Sequence[Paper]) -> Iterator[tuple[str, Card]]:
    """Yield what is a person's own: a message of new papers, saved papers, the page of all."""
    locale, now = _locale("ko"), datetime(2023, 10, 16, tzinfo=UTC)
    follows = (
        Follow(FollowKind.TAG, "agents", FollowTerms(tags=("agents",)), 1),
        Follow(FollowKind.AUTHOR, "Hao Liu <!here>", FollowTerms(authors=("hao liu",)), 2),
        Follow(FollowKind.WORDS, "ring attention", FollowTerms(needed=((("ring",),),)), 3),
    )
    found = [
        FollowedPapers(follows[0], (papers[1].id,)),
        FollowedPapers(follows[2], (papers[0].id, papers[2].id)),
    ]
    by_number = {each.id: each for each in papers}
    if card := new_papers_card(locale, found, by_number, str.title):
        yield "followed", card
    kept = [
        (paper, SavedPaper(paper.id, now, now if number == 1 else None))
        for number, paper in enumerate(papers[:4])
    ]
    yield "saved", saved_list_card(locale, kept, SavedOrder.NEWEST, (1, 14))
    settings = PersonSettings("T1", "ko", time(18, 30), "Asia/Seoul")
    reminder = (Reminder(papers[0].id, datetime(2023, 10, 20, 9, 30, tzinfo=UTC), 1), papers[0])
    page = OwnPage(papers[:4], 14, follows, [reminder], settings)
    yield "own-page", own_page_card(locale, page, str.title)


SAMPLES = dict(_samples())
"""Cards by name, as golden files are named."""

# Two kinds of texts: one whose letters are of two kinds is drawn letter by letter, and slowly.
HARD = st.text(
    "@<>[]()*_~|`#-+.:/\\!&1a\n \t\u200b\u202e\u2028가🙂\x00hereyon", max_size=60
) | st.text(st.characters(codec="utf-8"), max_size=60)
PHRASES = st.sampled_from(
    ["@everyone", "<@1>", "[a](javascript:1)", "https://x.example/a_b", "||", "```", "**", "1. ",
     "\n# ", "\n> ", "-# ", "<t:1:R>", "http:", "//x.example", "@", "here", "\\", "1", ".", "…x"]
)  # fmt: skip
TEXTS = st.lists(HARD | PHRASES, max_size=5).map("".join)
URLS = st.just("") | st.sampled_from(
    ["https://x.example/a(b)", "javascript:x", "https://[::1]/", "https://e.example/" + "l" * 600]
)
RUNS = st.lists(st.builds(Run, TEXTS, st.sampled_from(Style), URLS), max_size=4).map(tuple)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, RUNS, st.sampled_from(Tone)),
    st.builds(Bullets, st.lists(RUNS, max_size=4).map(tuple), st.none() | st.just(1)),
    st.builds(Code, TEXTS, st.sampled_from(["", "bibtex", "`"])),
    st.just(Divider()),
)
CONTROLS = st.one_of(
    st.builds(Button, TEXTS, st.builds(Action, st.sampled_from(["paper", "week"]), TEXTS)),
    st.builds(LinkButton, st.just("label"), URLS),
    st.builds(
        Choice,
        TEXTS,
        st.lists(st.builds(Option, TEXTS, TEXTS, TEXTS), max_size=60).map(tuple),
        st.just("paper"),
    ),
)
CARDS = st.builds(
    Card,
    title=TEXTS,
    url=URLS,
    blocks=st.lists(BLOCKS, max_size=12).map(tuple),
    controls=st.lists(CONTROLS, max_size=30).map(tuple),
    footer=TEXTS,
)
"""Cards that say anything at all."""


def words(text: str) -> str:
    """Return a text without blanks and line breaks, where cutting may change them."""
    return "".join(text.split())


def digest_messages(
    layout: Layout, render: Callable[[Card], Sequence[NativeMessage]]
) -> list[dict[str, object]]:
    """Return the messages of a digest of the bundled sample, each with its kind."""
    issue, locale = bundled_issue("2026-W24"), _locale("ko")
    return [
        {"kind": part.kind.value, "messages": render(digest_card(locale, issue, part))}
        for part in digest_parts(issue, layout)
    ]


def card_text(card: Card) -> str:
    """Return all the text of a card in order, but for its controls."""
    texts = [card.title]
    for block in card.blocks:
        match block:
            case Paragraph(runs, _):
                texts += [run.text for run in runs]
            case Bullets(items, _):
                texts += [run.text for runs in items for run in runs]
            case Divider():
                pass
            case Code(text, _):
                texts.append(text)
    return "".join((*texts, card.footer))
