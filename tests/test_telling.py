"""Whoever subscribed is told what went wrong, and nothing else suffers from it."""

from typing import Any

import pytest

from adapters.discord.http.errors import ErrorResponse, to_exception
from bot.cards.locale import Locale
from bot.cards.notices import notice_card
from bot.model.card import Card, Paragraph
from bot.model.channels import Target
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import OutgoingMessage
from config import catalogues
from tests.fakes import FakePlatform
from tests.test_outbox import World, tell

__all__ = ["tell"]


class Deaf(FakePlatform):
    """A platform on which nobody can be told anything."""

    error: Exception = Unknown("lost")
    tries: int = 0

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        self.tries += 1
        raise self.error


def _odd(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
    raise Refused("too odd.", RefusalScope.PART)


@pytest.mark.parametrize(
    ("error", "tries"),
    [(Unknown("lost"), 1), (Refused("no", RefusalScope.PART), 1), (ValueError("a bug"), 1),
     (TryLater(None), 3)],
)  # fmt: skip
def test_who_cannot_be_told_stops_no_digest(
    tell: Any, error: Exception, tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        deaf = Deaf(fault=_odd)
        deaf.error = error
        world.platform = deaf
        await world.owes("odd")
        await world.deliver_all(700)
        assert deaf.tries == tries
        deaf.fault = None
        await world.owes("good")
        await world.deliver_all(60)
        assert [each.target.channel for each in deaf.posted] == ["good"]

    tell(story)


def test_a_reason_is_told_in_the_language_of_the_channel() -> None:
    gone = to_exception(ErrorResponse(404, 10003), is_repeatable=True)
    strange = to_exception(ErrorResponse(403, 12345, "No dice"), is_repeatable=True)
    korean, both = Locale(catalogues.load(), "ko"), Locale(catalogues.load(), "both")

    assert "채널이 없어졌습니다." in _told(korean, gone)
    assert "The channel is gone" not in _told(korean, gone)
    assert "채널이 없어졌습니다." in _told(both, gone)
    assert "The channel is gone" in _told(both, gone)
    assert "No dice" in _told(korean, strange)


def _told(locale: Locale, error: Exception) -> str:
    (block,) = notice_card(locale, "paused", "200", {"reason": str(error)}).blocks
    assert isinstance(block, Paragraph)
    return block.runs[0].text
