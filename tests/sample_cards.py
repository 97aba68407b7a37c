"""Sample cards that every platform can show, a hostile one and random ones among them."""

from collections.abc import Iterator

from hypothesis import strategies as st

from bot.cards.locale import Locale
from bot.cards.paper_facts import citation_card
from bot.cards.papers import paper_card
from bot.cards.weeks import issue_card
from bot.model.card import (
    Action,
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
from config import catalogues
from tests import samples

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


def _samples() -> Iterator[tuple[str, Card]]:
    week = samples.issue(source_url="https://example.org/weeks/2023-10-09")
    for choice in ("ko", "en", "both"):
        yield f"week-{choice}", issue_card(Locale(catalogues.load(), choice), week)
    yield "paper", paper_card(Locale(catalogues.load(), "ko"), samples.RING)
    yield (
        "opening",
        paper_card(Locale(catalogues.load(), "both"), samples.RING, with_abstract=True),
    )
    for choice in ("ko", "en"):
        locale = Locale(catalogues.load(), choice)
        yield (
            f"recorded-{choice}",
            paper_card(locale, samples.RECORDED, with_abstract=choice == "en"),
        )
        yield f"cited-{choice}", citation_card(locale, samples.RECORDED)
    yield "hostile", HOSTILE


SAMPLES = dict(_samples())
"""Cards by name, as golden files are named."""

_TEXTS = st.text(
    st.sampled_from("@<>[]()*_~|`#-+=.:/\\!&;1a\n \t\u200b\u202e\u2028가“🙂\x00$^")
    | st.characters(codec="utf-8"),
    max_size=40,
)
_URLS = st.sampled_from(
    ["", "https://x.example/a(b)?c=1&amp;d=*_2*", "javascript:x", "https://x.example/[a]!"]
)
_RUNS = st.lists(st.builds(Run, _TEXTS, st.sampled_from(Style), _URLS), max_size=4).map(tuple)
_BLOCKS = st.one_of(
    st.builds(Paragraph, _RUNS, st.sampled_from(Tone)),
    st.builds(
        Bullets, st.lists(_RUNS, max_size=4).map(tuple), first=st.none() | st.integers(1, 99)
    ),
    st.just(Divider()),
    st.builds(Code, _TEXTS, st.sampled_from(["", "bibtex", "`"])),
)
CARDS = st.builds(
    Card,
    title=_TEXTS,
    url=_URLS,
    blocks=st.lists(_BLOCKS, max_size=5).map(tuple),
    controls=st.lists(st.builds(LinkButton, _TEXTS, _URLS), max_size=3).map(tuple),
    footer=_TEXTS,
)
"""Cards that say anything at all."""


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
