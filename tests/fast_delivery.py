"""What tests of delivery share: short waits, and what was posted in the end."""

import asyncio
from datetime import timedelta

from bot.commands.context import Context
from bot.delivery.recorder import DeliveryTiming
from bot.model.channels import MessageRef
from tests.waiting import GUARD

TIMING = DeliveryTiming(
    lease=timedelta(seconds=2),
    settle_time=timedelta(),
    poll_interval=timedelta(seconds=0.05),
    initial_backoff=timedelta(seconds=0.05),
    max_backoff=timedelta(seconds=0.2),
    give_up_after=timedelta(hours=1),
)


async def wait_until_sent(context: Context) -> list[MessageRef]:
    """Return what was posted of the only digest, once it is whole."""
    (kept,) = await context.ledger.subscriptions()
    async with asyncio.timeout(GUARD):
        while True:
            (report,) = (await context.ledger.subscription_report(kept.id, 5)).reports
            refs = [part.ref for part in report.parts if part.ref]
            if len(refs) == len(report.parts):
                return refs
            await asyncio.sleep(0.05)
