"""Whoever subscribed is told what went wrong, and nothing else suffers from it."""

from typing import Any

import pytest

from bot.card import Card
from bot.models import Target
from bot.ports import Outgoing, Refused, Scope, TryLater, Unknown
from tests.fakes import FakePlatform
from tests.test_outbox import World, tell

__all__ = ["tell"]


class Deaf(FakePlatform):
    """A platform on which nobody can be told anything."""

    error: Exception = Unknown("lost")
    tries: int = 0

    async def tell(self, person: str, card: Card) -> None:
        self.tries += 1
        raise self.error


def _odd(platform: FakePlatform, target: Target, outgoing: Outgoing) -> None:
    raise Refused("too odd.", Scope.PART)


@pytest.mark.parametrize(
    ("error", "tries"),
    [(Unknown("lost"), 1), (Refused("no", Scope.PART), 1), (ValueError("a bug"), 1),
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
        await world.pays(700)
        assert deaf.tries == tries
        deaf.fault = None
        await world.owes("good")
        await world.pays(60)
        assert [each.target.channel for each in deaf.posted] == ["good"]

    tell(story)
