"""Measures how many parts a ledger claims and records in a second, without any platform."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.digests.deliveries import plan_delivery
from bot.model.channels import MessageRef, Target
from bot.model.deliveries import PostedPart
from bot.model.subscriptions import Subscription
from storage.connections import ThreadedTransactions
from storage.database import Database
from storage.deliveries import queue
from storage.deliveries.ledger import SqlLedger
from storage.deliveries.stamp import LedgerStamp
from tests import samples

CHANNELS = 400
"""Channels of each token, each with a line of parts."""
WEEKS = 30
"""Parts in a line."""
SECONDS = 4.0


async def fill(database: Database, tokens: int) -> None:
    """Owe parts to channels of so many tokens."""
    transactions = ThreadedTransactions(database, "ledger")
    ledger, now = SqlLedger(transactions), datetime.now(UTC)
    first = samples.issue().start
    issues = [samples.issue(start=first + timedelta(7 * week)) for week in range(WEEKS)]
    for token in range(tokens):
        for number in range(CHANNELS):
            wanted = Subscription(Target(f"token{token}", "", f"c{number}"), "dair")
            kept = await ledger.subscribe(wanted, now)
            plans = [plan_delivery(kept, each, now, now + timedelta(days=9)) for each in issues]
            await transactions.write(queue.add_deliveries, plans)
    await transactions.close()


def parts_per_second(database: Database, tokens: int, batch: int) -> float:
    """Return how many parts so many processes claim and record, each of a token of its own."""
    context = multiprocessing.get_context("fork")
    barrier, counts = context.Barrier(tokens), context.Queue()
    processes = [
        context.Process(target=_run, args=(database, f"token{token}", batch, barrier, counts))
        for token in range(tokens)
    ]
    for process in processes:
        process.start()
    total = float(sum(counts.get() for _ in processes))
    for process in processes:
        process.join()
    return total


def _run(
    database: Database, platform: str, batch: int, barrier: Callable[..., int], counts: Any
) -> None:
    counts.put(asyncio.run(_claim_for_a_while(database, platform, batch, barrier)))


async def _claim_for_a_while(database: Database, platform: str, batch: int, barrier: Any) -> float:
    transactions = ThreadedTransactions(database, "ledger")
    stamp = LedgerStamp(database.file) if database.file else None
    ledger, now = SqlLedger(transactions, stamp), datetime.now(UTC) + timedelta(hours=1)
    await ledger.acquire_or_renew(platform, "owner", None, now)
    await asyncio.to_thread(barrier.wait)
    done, started = 0, time.perf_counter()
    while time.perf_counter() < started + SECONDS:
        due = await ledger.next_parts(platform, now, 200)
        if not due:
            break
        for first in range(0, len(due), batch):
            wanted = [(each, 1) for each in due[first : first + batch]]
            claimed = await ledger.claim("owner", wanted, now)
            posted = [
                PostedPart(each.part, MessageRef(each.subscription.target, str(done)), now, "")
                for each in claimed
            ]
            done += await ledger.mark_posted(posted)
            if time.perf_counter() > started + SECONDS:
                break
    rate = done / (time.perf_counter() - started)
    await transactions.close()
    return rate
