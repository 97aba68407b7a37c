"""Cards in Slack's form: valid, whole, and harmless whatever they say."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings

from adapters.slack import limits, render
from adapters.slack.render import controls, envelope
from bot.lib.clean import clean
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
from bot.model.subscriptions import Layout
from bot.ports.platform import NativeMessage, OutgoingMessage
from tests import golden_files, slack_blocks, slack_rules
from tests.sample_cards import CARDS, SAMPLES, digest_messages, words
from tests.sample_cards import card_text as said_by

HOSTILE = Card(
    "<!channel> *bold* <@U1> :smile:",
    "javascript:alert(1)",
    blocks=(
        Paragraph((Run("<!here> <!subteam^S1> <#C1> <!date^1^{date}|now> &lt;!everyone&gt;"),)),
        Paragraph((Run("<https://thief.example|paper> `code` _x_ ~y~ @here @channel"),)),
        Paragraph((Run("https://bank.example", url="https://thief.example"),)),
        Paragraph((Run("bank.example/login", Style.STRONG, "https://thief.example"),)),
        Paragraph((Run("paper", url="javascript:alert(1)"),), Tone.NOTE),
        Bullets(((Run("turned \u202e txet"), Run("\n• none")),), first=3),
    ),
    controls=(
        LinkButton("https://bank.example", "https://thief.example"),
        Button("<!channel>", Action("paper", "id:1")),
        Choice("*choose*", (Option("<@U1>", "id:1", ":x:"),), "paper"),
    ),
)


def said(card: Card) -> str:
    """Return all that a card says, but for what stands between pieces of small print."""
    return words(clean(said_by(card))).replace("·", "")


def shown(messages: list[NativeMessage]) -> str:
    """Return all that a reader sees of messages, in order, without the controls."""
    texts = [text for each in messages for text in slack_rules.visible_texts(each)]
    return words("".join(texts)).replace("·", "")


def check(messages: list[NativeMessage]) -> None:
    """Fail where Slack would refuse the messages, or be asked to mention a person or group."""
    assert messages
    for message in messages:
        slack_rules.check_message(message)
        for block in message["blocks"]:  # type: ignore[attr-defined]
            slack_blocks.check(block)
        assert not re.search("[<>]|&(?!(?:amp|lt|gt);)", str(message["text"]))


def elements(message: NativeMessage, kind: str) -> list[dict[str, Any]]:
    return [dict(each) for each in slack_rules.elements(message) if each["type"] == kind]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_looks_as_it_did(name: str) -> None:
    golden_files.check(f"{name}.slack", render.messages(SAMPLES[name]))


@pytest.mark.parametrize("layout", limits.LAYOUTS)
def test_a_digest_looks_as_it_did_in_each_layout(layout: Layout) -> None:
    messages = digest_messages(layout, render.messages)
    golden_files.check(f"layout-{layout.value}.slack", messages)


@pytest.mark.parametrize("name", SAMPLES)
def test_slack_takes_every_sample(name: str) -> None:
    slack_rules.needs_description()

    check(render.messages(SAMPLES[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_reader_sees_all_that_a_sample_says(name: str) -> None:
    assert shown(render.messages(SAMPLES[name])) == said(SAMPLES[name])


@pytest.mark.long
@given(card=CARDS)
@example(card=Card(""))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_slack_takes_whatever_a_card_says(card: Card) -> None:
    check(render.messages(card))


@pytest.mark.long
@given(card=CARDS)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_is_lost_and_nothing_said_twice(card: Card) -> None:
    bare = Card(card.title, card.url, card.blocks, footer=card.footer)
    assert shown(render.messages(bare)).replace("…", "") == said(bare).replace("…", "")


def test_hostile_text_neither_mentions_nor_formats_nor_misleads() -> None:
    (message,) = render.messages(HOSTILE)
    check([message])
    written = json.dumps(message)
    assert "mrkdwn" not in written
    assert '"emoji": true' not in written
    kinds = set(re.findall(r'"type": "(\w+)"', written))
    assert kinds <= {
        "actions", "button", "context", "header", "link", "plain_text", "rich_text",
        "rich_text_list", "rich_text_section", "static_select", "text",
    }  # fmt: skip
    links = re.findall(r'"type": "link", "url": "([^"]+)"', written)
    assert links == ["https://bank.example"]
    (button,) = (each for each in elements(message, "button") if "url" in each)
    assert button["text"]["text"] == button["url"] == "https://thief.example"


def test_a_mention_comes_from_an_admin_alone() -> None:
    (message,) = render.messages(HOSTILE)
    sent = envelope.build_body(OutgoingMessage(message, "k", mention="S0001"))
    assert re.findall(r"<!?[@#^\w|]+>", json.dumps(sent["blocks"][0])) == ["<!subteam^S0001>"]
    assert sent["blocks"][1]["block_id"].startswith("paperboy-")
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)
    assert "block_id" not in json.dumps(message), "the message itself stays as it was"


@pytest.mark.parametrize("length", [2_999, 3_001, 9_990, 30_000])
@pytest.mark.parametrize("kind", ["words", "oneword", "marks"])
def test_a_long_text_goes_on_in_the_next_message(length: int, kind: str) -> None:
    text = {"words": "word & *mark* ", "oneword": "가", "marks": "& "}[kind] * length
    card = Card("Title", blocks=(Paragraph((Run(text[:length]),)),), controls=(
        Button("Abstract", Action("abstract", "id:12/ko")),
    ))  # fmt: skip

    messages = render.messages(card)

    check(messages)
    assert shown(messages) == said(card)
    having = [bool(elements(message, "button")) for message in messages]
    assert having == [False] * (len(messages) - 1) + [True]


def test_a_title_of_any_length_is_said_whole() -> None:
    for length in (150, 151, 2_900, 30_000):
        card = Card("word " * (length // 5), blocks=(Divider(), Paragraph((Run("Text."),))))
        messages = render.messages(card)
        check(messages)
        assert shown(messages) == said(card)


def test_words_stay_whole_where_a_block_is_full() -> None:
    card = Card("", blocks=(Paragraph((Run("onomatopoeia " * 1000),)),))

    texts = [text for each in render.messages(card) for text in slack_rules.visible_texts(each)]

    assert len(texts) > 3
    assert {word for text in texts for word in text.split()} == {"onomatopoeia"}


def test_a_heading_stays_with_what_follows_it() -> None:
    body = Paragraph((Run("word " * 590),))
    heading = Paragraph((Run("Abstract"),), Tone.HEADING)
    card = Card("T", blocks=(body, body, body, heading, body))

    first, second = render.messages(card)

    assert "Abstract" not in str(first["text"])
    assert str(second["text"]).startswith("Abstract\nword")


def test_an_item_longer_than_a_block_is_said_whole() -> None:
    items = ((Run("word " * 2_000),), (Run("The next item."),))
    card = Card("T", blocks=(Bullets(items, first=1),))

    messages = render.messages(card)

    check(messages)
    assert shown(messages) == said(card)
    assert "2. The next item." in "".join(str(each["text"]) for each in messages)


def test_code_is_shown_as_it_stands() -> None:
    line = "  title = {*Ring* <Attention> & `more`},\n"
    code = Code("@article{x,\n" + line * 200 + "}", "bibtex")

    messages = render.messages(Card("T", blocks=(code,)))

    check(messages)
    shown_code = [text for each in messages for text in slack_rules.visible_texts(each)][1:]
    assert "\n".join(shown_code) == code.text


def test_numbers_of_a_long_list_go_on() -> None:
    items = tuple((Run(f"Item {number} " + "word " * 100),) for number in range(1, 21))

    messages = render.messages(Card("T", blocks=(Bullets(items, first=1),)))

    check(messages)
    lists: list[Any] = [
        each
        for message in messages
        for block in message["blocks"]  # type: ignore[attr-defined]
        if block["type"] == "rich_text"
        for each in block["elements"]
    ]
    numbers = [each.get("offset", 0) + place for each in lists
               for place in range(1, len(each["elements"]) + 1)]  # fmt: skip
    assert numbers == list(range(1, 21))


@pytest.mark.parametrize(
    "action",
    [
        Action("paper", "id:12/ko"),
        Action("week", "2023-W41 dair"),
        Action("find_page", "2 " + "attention " * 50 + "end"),
        Action("help"),
    ],
)
def test_a_button_says_all_that_it_asks_for(action: Action) -> None:
    again = Button("again", action)

    (message,) = render.messages(Card("T", controls=(again, again)))

    both = elements(message, "button")
    assert [controls.parse_action(each) for each in both] == [action, action]
    assert len({each["action_id"] for each in both}) == 2


def test_many_buttons_are_folded_into_a_menu() -> None:
    buttons = [Button(f"Button {n}", Action("paper", f"id:{n}")) for n in range(7)]
    links = [LinkButton(f"Link {n}", f"https://example.org/{n}") for n in range(4)]

    (message,) = render.messages(Card("T", controls=(*buttons, *links)))

    check([message])
    assert [each["text"]["text"] for each in elements(message, "button")] == [
        "Button 0", "Button 1", "Button 2", "Button 3",
    ]  # fmt: skip
    menus = elements(message, "overflow")
    assert [len(each["options"]) for each in menus] == [5, 2]
    used = [
        controls.parse_action({"action_id": menu["action_id"], "selected_option": option})
        for menu in menus
        for option in menu["options"]
    ]
    assert used[:3] == [button.action for button in buttons[4:]]
    assert {each.name for each in used[3:]} == {controls.LINK_ACTION_ID}
    assert [each["url"] for menu in menus for each in menu["options"] if "url" in each] == [
        link.url for link in links
    ]


def test_a_menu_asks_for_what_was_chosen() -> None:
    used = {"action_id": "paper#2", "selected_option": {"value": "id:7"}}
    assert controls.parse_action(used) == Action("paper", "id:7")


def test_a_long_menu_is_several() -> None:
    options = tuple(Option(f"Paper {n}", f"id:{n}", "x" * 200) for n in range(150))

    messages = render.messages(Card("T", controls=(Choice("choose", options, "paper"),)))

    check(messages)
    menus = [menu for message in messages for menu in elements(message, "static_select")]
    assert [option["value"] for menu in menus for option in menu["options"]] == [
        option.value for option in options
    ]


def test_an_address_that_no_button_leads_to_is_in_the_title() -> None:
    (message,) = render.messages(Card("T", "https://example.org/"))
    assert '"url": "https://example.org/"' in json.dumps(message)


def test_a_link_too_long_for_a_button_stands_in_the_text() -> None:
    url = "https://e.example/" + "l" * 3000
    assert url in shown(render.messages(Card("T", controls=(LinkButton("Paper", url),))))


def a_full_card(length: int, *, description: str = "") -> Card:
    """Return a card of so many characters with a menu of ten papers and a button."""
    words = " ".join(["word"] * (length // 5))
    texts = tuple(Paragraph((Run(words[start : start + 700]),)) for start in range(0, length, 700))
    menu = Choice(
        "Papers", tuple(Option("t" * 70, f"id:{n}", description) for n in range(10)), "paper"
    )
    button = Button("Show to everyone", Action("share", "week 2023-W41"))
    return Card("A week", blocks=texts, controls=(menu, button))


def kinds_of(message: NativeMessage) -> list[str]:
    """Return the types of a message's blocks."""
    blocks = message["blocks"]
    assert isinstance(blocks, list)
    return [block["type"] for block in blocks]


@pytest.mark.parametrize("length", range(4000, 11_000, 350))
def test_no_message_consists_of_controls_alone(length: int) -> None:
    found = render.messages(a_full_card(length, description="d" * 70))
    for message in found:
        kinds = kinds_of(message)
        assert set(kinds) - {"actions", "header"}, kinds
        assert not list(slack_rules.message_faults(message))
    assert sum("static_select" in str(message["blocks"]) for message in found) == 1


def test_descriptions_are_left_out_before_a_message_is_split() -> None:
    whole = a_full_card(6_500, description="d" * 70)
    (message,) = render.messages(whole)
    assert "dddd" not in str(message["blocks"])
    (roomy,) = render.messages(a_full_card(4_000, description="d" * 70))
    assert "dddd" in str(roomy["blocks"])


def test_controls_that_need_a_message_of_their_own_stand_below_the_title() -> None:
    menus = tuple(
        Choice("Papers", tuple(Option("t" * 75, f"{m}-{n}" * 9, "") for n in range(90)), "paper")
        for m in range(3)
    )
    for message in render.messages(Card("A week", controls=menus)):
        assert kinds_of(message)[0] == "header"
        assert message["text"]
