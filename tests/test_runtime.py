"""The running bot: what happens to one platform leaves the others alone."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.commands.context import Context
from bot.ports.conversation import CommandService
from bot.ports.errors import RefusalScope, Refused
from bot.runtime import Runtime
from tests.fakes import FakePlatform
from tests.fast_delivery import TIMING


class Serving(FakePlatform):
    """A platform whose connection ends with an error as often as it is told."""

    def __init__(self, name: str, *errors: Exception) -> None:
        super().__init__(name)
        self.errors = list(errors)
        self.served = 0

    async def serve(self, service: CommandService) -> None:
        self.served += 1
        if self.errors:
            raise self.errors.pop(0)
        await asyncio.Event().wait()


class QuickClock:
    """The machine's clock, but that no pause is longer than a moment."""

    def __init__(self, context: Context) -> None:
        self.now = context.now

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))


async def _run(context: Context, *platforms: Serving, until: Callable[[], bool]) -> None:
    stop = asyncio.Event()
    runtime = Runtime(context, TIMING, timedelta(hours=1), QuickClock(context))
    running = asyncio.create_task(runtime.run(platforms, stop))
    async with asyncio.timeout(60):
        while not until():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    stop.set()
    await running


async def test_a_platform_that_refuses_the_account_while_another_lives_is_halted(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    refused = Serving("refused", Refused("the token is wrong.", RefusalScope.ACCOUNT))
    alive = Serving("alive")
    said = "Platform refused the account"
    await _run(context, refused, alive, until=lambda: said in caplog.text and alive.served > 0)
    stats = {
        each.platform: each.halted for each in await context.ledger.platform_stats(context.now())
    }
    assert stats == {"refused": "the token is wrong.", "alive": ""}


async def test_a_bug_of_one_platform_ends_neither_it_nor_the_others(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    odd, alive = Serving("odd", ValueError("a page of HTML"), KeyError("id")), Serving("alive")
    await _run(context, odd, alive, until=lambda: odd.served == 3)
    assert alive.served == 1
    assert caplog.text.count("Platform failed, reconnecting") == 2
