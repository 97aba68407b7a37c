"""Cards in Discord's form: valid, whole, and harmless whatever they say."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.discord import render
from adapters.discord.render import controls, embeds, escape
from bot.cards.digest import digest_card
from bot.cards.locale import Locale
from bot.cards.paper_facts import citation_card
from bot.cards.papers import missing_paper_card, paper_card
from bot.cards.weeks import issue_card
from bot.digests.layouts import DigestPart, MessageKind
from bot.lib.clean import clean
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
from bot.model.papers import Issue
from bot.ports.platform import NativeMessage
from bot.sources.parsers import detect
from config import catalogues
from tests import discord_rules, golden_files, samples
from tests.discord_markdown import parse_markdown

HOSTILE = Card(
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


def _locale(choice: str) -> Locale:
    return Locale(catalogues.load(), choice)


def _bundled(week: str) -> Issue:
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
    bundled = _bundled("2023-W41")
    for choice in ("ko", "en"):
        yield f"digest-{choice}", issue_card(_locale(choice), bundled)
    yield "root", digest_card(_locale("ko"), bundled, DigestPart(MessageKind.PAPER, 1))
    yield "thread-opening", digest_card(_locale("ko"), bundled, DigestPart(MessageKind.OPENING, 1))
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
    yield "hostile", HOSTILE


SAMPLES = dict(_samples())
FORMS = {"components": render.messages, "embeds": embeds.messages}
Form = Callable[[Card], list[NativeMessage]]


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    """Return a way to show cards on Discord."""
    return FORMS[request.param]


def words(text: str) -> str:
    """Return a text without blanks and line breaks, where cutting may change them."""
    return "".join(text.split())


def said(card: Card) -> str:
    """Return all that a card says, in order, without its controls."""
    parts = [card.title]
    for block in card.blocks:
        if isinstance(block, Paragraph):
            parts += [run.text for run in block.runs]
        elif isinstance(block, Bullets):
            for number, item in enumerate(block.items, start=block.first or 1):
                if block.first is not None and any(run.style is Style.SMALL for run in item):
                    parts.append(f"{number}.")  # which is text, and not the mark of a list
                parts += [run.text for run in item]
        elif isinstance(block, Code):
            parts.append(block.text)
    parts.append(card.footer)
    return words(clean("".join(parts))).replace("…", "")


def shown(messages: list[NativeMessage]) -> str:
    """Return all that a reader sees of messages, in order, without the controls."""
    texts = [text for message in messages for text in discord_rules.texts(message)]
    return words("".join(parse_markdown(text).text for text in texts)).replace("…", "")


def check(messages: list[NativeMessage]) -> None:
    """Fail where Discord would not take the messages."""
    assert messages
    for message in messages:
        discord_rules.check_message(message)
        discord_rules.check("MessageCreateRequest", message)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_looks_as_it_did(name: str) -> None:
    golden_files.check(f"{name}.discord", {kind: FORMS[kind](SAMPLES[name]) for kind in FORMS})


@pytest.mark.parametrize("name", SAMPLES)
def test_discord_takes_every_sample(name: str, form: Form) -> None:
    discord_rules.needs_description()

    check(form(SAMPLES[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_reader_sees_all_that_a_sample_says(name: str, form: Form) -> None:
    assert shown(form(SAMPLES[name])) == said(SAMPLES[name])


HARD = st.text(
    st.sampled_from("@<>[]()*_~|`#-+.:/\\!&1a\n \t\u200b\u202e\u2028가🙂\x00hereyon")
    | st.characters(codec="utf-8"),
    max_size=60,
)
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


@given(card=CARDS)
@example(card=Card(""))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_discord_takes_whatever_a_card_says(card: Card) -> None:
    for show in FORMS.values():
        check(show(card))


@given(card=CARDS)
@example(card=Card("", blocks=(Paragraph((Run("http://x.example/**0", Style.STRONG),)),)))
@example(card=Card("", footer="\xa00"))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_is_lost_and_nothing_said_twice(card: Card) -> None:
    for show in FORMS.values():
        bare = Card(card.title, card.url, card.blocks, footer=card.footer)
        assert shown(show(bare)) == said(bare).replace("…", "")


@given(text=TEXTS, other=TEXTS)
@settings(max_examples=1500, deadline=None)
def test_text_is_shown_as_it_stands(text: str, other: str) -> None:
    seen = parse_markdown(escape.escape(clean(text)) + escape.escape(clean(other)))

    assert words(seen.text) == words(clean(text) + clean(other))
    assert set(seen.marks) <= {"autolink"}
    assert all(address.startswith(("http://", "https://")) for _, address in seen.links)


@given(text=TEXTS, url=URLS)
@settings(max_examples=500, deadline=None)
def test_a_link_shows_its_text_and_leads_where_it_says(text: str, url: str) -> None:
    line = clean(text).replace("\n", " ")

    seen = parse_markdown(escape.link(line, url))

    assert words(seen.text) == words(line)
    assert all(address.startswith("https://") for _, address in seen.links)
    assert not any(mark for mark in seen.marks if mark not in {"link", "autolink"}), (
        "nothing but links"
    )


def test_hostile_text_neither_mentions_nor_formats_nor_misleads() -> None:
    texts = [t for m in render.messages(HOSTILE) for t in discord_rules.texts(m)]
    seen = [parse_markdown(text) for text in texts]

    links = [link for each in seen for link in each.links]
    assert links == [
        ("paper", "https://a.example/x%29%5D%28https://b.example%29"),
        ("https://c.example/a_b_c", "https://c.example/a_b_c"),
    ]
    marks = {mark for each in seen for mark in each.marks}
    assert marks == {
        "block ##",
        "block -#",
        "block 1.",
        "strong",
        "link",
        "autolink",
        "code block",
    }


def test_nothing_invisible_is_left() -> None:
    written = json.dumps(render.messages(HOSTILE), ensure_ascii=False)
    for parted in ("@\u200b", "<\u200b", "``\u200b"):
        written = written.replace(parted, "")

    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\x1b]", written)


@pytest.mark.parametrize("length", [799, 3_990, 4_986, 20_000])
@pytest.mark.parametrize("kind", ["words", "oneword", "marks"])
def test_a_long_text_goes_on_in_the_next_message(length: int, kind: str, form: Form) -> None:
    text = {"words": "word & *mark* ", "oneword": "가", "marks": "* "}[kind] * length
    card = Card("Title", blocks=(Paragraph((Run(text[:length]),)),), controls=(
        Button("Abstract", Action("abstract", "id:12/ko")),
    ))  # fmt: skip

    messages = form(card)

    check(messages)
    assert shown(messages) == said(card)
    having = [any(c["type"] == 2 for c in discord_rules.components(m)) for m in messages]
    assert having == [False] * (len(messages) - 1) + [True]


@pytest.mark.parametrize("marks", range(1, 12))
def test_no_row_of_marks_ends_a_block_of_code(form: Form, marks: int) -> None:
    code = f"``title'' {'`' * marks} # heading @everyone"
    card = Card("T", blocks=(Code(code, "bibtex"),))

    messages = form(card)

    check(messages)
    (text,) = (t for m in messages for t in discord_rules.texts(m) if "bibtex" in t)
    assert text.split("```")[0::2][1:] == [""]
    assert text.count("```") == 2
    assert "``title''" in text
    assert shown(messages) == said(card)


def test_long_code_goes_on_in_the_next_message_between_its_lines(form: Form) -> None:
    code = "\n".join([f"  line {number} = {{x}}," for number in range(400)] + ["y" * 9_000])
    card = Card("T", blocks=(Paragraph((Run("before"),)), Code(code, "bibtex")))

    messages = form(card)

    check(messages)
    texts = [text for message in messages for text in discord_rules.texts(message)]
    fenced = [text for text in texts if "```" in text]
    assert len(fenced) > 4
    assert all(text.count("```bibtex\n") == 1 and text.count("```") == 2 for text in fenced)
    assert shown(messages) == said(card)
    assert "  line 7 = {x},\n  line 8 = {x}," in fenced[0]


def test_words_stay_whole_where_a_message_is_full() -> None:
    card = Card("T", blocks=(Paragraph((Run("onomatopoeia " * 700),)),))

    texts = [t for m in render.messages(card) for t in discord_rules.texts(m)]

    assert {word for text in texts[1:] for word in text.split()} == {"onomatopoeia"}


@pytest.mark.parametrize(
    "action",
    [
        Action("paper", "id:12/ko"),
        Action("week", "2023-W41 dair"),
        Action("find_page", "2 llm"),
        Action("help"),
    ],
)
def test_a_control_says_all_that_it_asks_for(action: Action) -> None:
    assert controls.parse_action(controls.custom_id(action)) == action


def test_a_menu_asks_for_what_was_chosen() -> None:
    assert controls.parse_action("paper#2", ["id:7"]) == Action("paper", "id:7")


def test_a_long_search_keeps_its_first_words() -> None:
    asked = Action("find_page", "2 " + "attention " * 30)

    carried = controls.custom_id(asked)

    assert len(carried) <= 100
    assert controls.parse_action(carried).argument == "2" + " attention" * 8


def test_the_same_control_twice_still_works() -> None:
    again = Button("again", Action("paper", "id:1"))

    row = controls.action_rows([again, again])[0]

    identifiers = [each["custom_id"] for each in row["components"]]
    assert len(set(identifiers)) == 2
    assert {controls.parse_action(each) for each in identifiers} == {Action("paper", "id:1")}


def test_a_link_too_long_for_a_button_stands_in_the_text() -> None:
    url = "https://e.example/" + "l" * 600

    text = " ".join(discord_rules.texts(render.messages(
        Card("T", controls=(LinkButton("Paper", url),))
    )[0]))  # fmt: skip

    assert ("Paper", url) in parse_markdown(text).links
