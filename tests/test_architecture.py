"""The structure stays small: few rooms, few arrows, no circle, and short ways through them.

For the count of arrows a room is a package or module directly below `bot`; for the ways, a
package, of `adapters` and `storage` too. Which arrows are allowed is held by import-linter.
"""

import asyncio
import re
import sys
import threading
from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import grimp

from adapters.discord import render
from bot.app.archive import import_sample
from bot.commands.context import Context
from bot.commands.service import command_service, context_of
from bot.model.channels import Person, Target
from bot.model.subscriptions import Subscription
from bot.ports.conversation import Request
from bot.runtime import Runtime
from tests.fakes import FakePlatform
from tests.fast_delivery import TIMING

ROOT = Path(__file__).parents[1]
MOST_ROOMS = 16
MOST_ARROWS = 65
MOST_PASSED = 13


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def arrows() -> set[tuple[str, str]]:
    """Return which rooms of the core import which."""
    graph = grimp.build_graph("bot", cache_dir=None)
    return {
        (room_of(module), room_of(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
        if room_of(module) != room_of(imported)
    }


def test_the_core_has_few_rooms_and_arrows() -> None:
    found = arrows()
    rooms = {room for arrow in found for room in arrow}

    assert len(rooms) <= MOST_ROOMS, sorted(rooms)
    assert len(found) <= MOST_ARROWS, len(found)


def test_no_room_of_the_core_imports_itself_through_others() -> None:
    left = arrows()
    while leaves := {room for _, room in left} - {room for room, _ in left}:
        left = {arrow for arrow in left if arrow[1] not in leaves}

    assert not left


async def rooms_passed(act: Callable[[], Awaitable[object]]) -> set[str]:
    """Return the rooms whose functions are called while something is done, in new threads too."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            files.add(frame.f_code.co_filename)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        await act()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    paths = [Path(file).relative_to(ROOT) for file in files if Path(file).is_relative_to(ROOT)]
    return {
        ".".join(path.parent.parts[:2])
        for path in paths
        if path.parts[0] in {"bot", "adapters", "storage"}
    }


def runtime(context: Context) -> Runtime:
    return Runtime(context, TIMING, timedelta(seconds=0.05))


def test_transactions_begin_in_one_way() -> None:
    """On SQLite `begin` of an engine begins nothing by itself: each statement would be alone."""
    own = ROOT / "storage" / "database.py"
    files = {
        file for room in ("bot", "adapters", "storage") for file in ROOT.glob(f"{room}/**/*.py")
    }
    begins = re.compile(r"engine\w*(?:\[\w+\]|\(.*\))?\.begin\(")

    assert begins.search(own.read_text("utf-8"))
    assert not [file for file in files - {own} if begins.search(file.read_text("utf-8"))]


async def test_a_query_passes_few_rooms(context: Context) -> None:
    await import_sample(context)
    service = command_service(context_of(context, FakePlatform()))
    request = Request("paper", "ringatention", Person("fake", "1"), Target("fake", "", "c"))

    async def ask() -> None:
        render.messages((await service.answer(request)).content)  # type: ignore[arg-type]

    passed = await rooms_passed(ask)

    assert {"bot.search", "bot.cards", "adapters.discord"} <= passed
    assert len(passed) <= MOST_PASSED, sorted(passed)


async def test_a_delivery_passes_few_rooms(context: Context) -> None:
    await import_sample(context)
    platform = FakePlatform()
    target = Target("fake", "", "c")
    now = context.now()  # at another time of the week the digest would be late, or wait
    wanted = Subscription(target, "sample", weekday=now.weekday(), at=time(now.hour, now.minute))
    await context.ledger.subscribe(wanted, now - timedelta(days=8))
    stop = asyncio.Event()

    async def deliver() -> None:
        running = asyncio.create_task(runtime(context).run([platform], stop))
        async with asyncio.timeout(60):
            while not platform.posted:  # noqa: ASYNC110 - the fake only remembers
                await asyncio.sleep(0.05)
        stop.set()
        await running

    passed = await rooms_passed(deliver)

    assert platform.posted
    assert {"bot.digests", "bot.delivery", "bot.cards", "storage.deliveries"} <= passed
    assert len(passed) <= MOST_PASSED, sorted(passed)
