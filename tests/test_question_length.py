"""Every question is bounded before anything reads it."""

from dataclasses import replace

import pytest

from bot.cards.locale import Locale
from bot.commands.autocomplete import complete
from bot.commands.context import Context
from bot.commands.dispatcher import MAX_QUESTION, dispatch
from bot.commands.mentions import paper_queries
from bot.commands.registry import ACTIONS, COMMANDS
from bot.digests.preferences import parse_preferences
from bot.model.card import Card
from bot.model.channels import Person, Target
from bot.ports.conversation import Request
from tests import samples

pytestmark = pytest.mark.slow

LONG = "a " * 20_000
HERE = Target("slack", "T1", "C1")
ADMIN = Person("slack", "U1", "en", may_manage=True)


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"slack"}), series=("dair",))


@pytest.mark.parametrize("name", [*(row.name for row in COMMANDS), *ACTIONS, "papre", LONG])
async def test_a_question_that_is_too_long_is_refused(context: Context, name: str) -> None:
    reply = await dispatch(context, Request(name, f"preview {LONG}", ADMIN, HERE))
    assert reply.is_refused
    assert reply.is_private
    assert isinstance(reply.content, Card)
    assert reply.content.title == "That is too long"


async def test_a_field_that_is_too_long_is_refused(context: Context) -> None:
    fields = {"tags": "a" * (MAX_QUESTION + 1)}
    reply = await dispatch(context, Request("digest", "subscribe", ADMIN, HERE, fields=fields))
    assert reply.is_refused
    assert await context.ledger.subscriptions() == ()


async def test_a_question_within_the_bounds_is_read(context: Context) -> None:
    words = "ring attention " + "x" * (MAX_QUESTION - 15)
    reply = await dispatch(context, Request("find", words, ADMIN, HERE))
    assert not reply.is_refused


def test_more_words_than_there_are_settings_are_not_read_one_by_one() -> None:
    found, (invalid,) = parse_preferences("a " * 101, {})
    assert found == {}
    assert invalid.value == "a a a a a …"


async def test_nothing_is_suggested_for_a_long_beginning(context: Context) -> None:
    locale = Locale(context.catalogues, "en")
    for name in ("", "paper", "week", "tag", "zone", "series"):
        assert await complete(context, locale, name, LONG) == ()


def test_a_long_message_is_searched_for_names_in_its_beginning() -> None:
    assert paper_queries(f"FireAct? {LONG}") == ("FireAct",)
    assert len(paper_queries("Aa Bb " * 10_000)) <= 8
