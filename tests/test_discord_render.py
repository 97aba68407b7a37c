"""Cards in Discord's form: valid, whole, and harmless whatever they say."""

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings

from adapters.discord import render
from adapters.discord.render import controls, embeds, escape
from bot.lib.clean import clean
from bot.model.card import (
    Action,
    Bullets,
    Button,
    Card,
    Code,
    LinkButton,
    Paragraph,
    Run,
    Style,
)
from bot.model.subscriptions import Layout
from bot.ports.platform import NativeMessage
from tests import discord_rules, golden_files
from tests.discord_markdown import parse_markdown
from tests.sample_cards import CARDS, HOSTILE_LINKS, SAMPLES, TEXTS, URLS, digest_messages, words

pytestmark = pytest.mark.slow

FORMS = {"components": render.messages, "embeds": embeds.messages}
Form = Callable[[Card], list[NativeMessage]]


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    """Return a way to show cards on Discord."""
    return FORMS[request.param]


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


@pytest.mark.parametrize("layout", Layout)
def test_a_digest_looks_as_it_did_in_each_layout(layout: Layout) -> None:
    messages = digest_messages(layout, render.messages)
    golden_files.check(f"layout-{layout.value}.discord", messages)


@pytest.mark.parametrize("name", SAMPLES)
def test_discord_takes_every_sample(name: str, form: Form) -> None:
    discord_rules.needs_description()

    check(form(SAMPLES[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_reader_sees_all_that_a_sample_says(name: str, form: Form) -> None:
    assert shown(form(SAMPLES[name])) == said(SAMPLES[name])


@pytest.mark.long
@given(card=CARDS)
@example(card=Card(""))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_discord_takes_whatever_a_card_says(card: Card) -> None:
    for show in FORMS.values():
        check(show(card))


@pytest.mark.long
@given(card=CARDS)
@example(card=Card("", blocks=(Paragraph((Run("http://x.example/**0", Style.STRONG),)),)))
@example(card=Card("", footer="\xa00"))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_is_lost_and_nothing_said_twice(card: Card) -> None:
    for show in FORMS.values():
        bare = Card(card.title, card.url, card.blocks, footer=card.footer)
        assert shown(show(bare)) == said(bare).replace("…", "")


@pytest.mark.long
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
    texts = [t for m in render.messages(HOSTILE_LINKS) for t in discord_rules.texts(m)]
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
    written = json.dumps(render.messages(HOSTILE_LINKS), ensure_ascii=False)
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
