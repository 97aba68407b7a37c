"""Runs the whole bot: delivery, answers and ingestion."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.app.health import monitored
from bot.app.ingestion import (
    open_arxiv,
    open_language_model,
    run_ingestion,
    translation_progress,
)
from bot.commands.context import Context
from bot.delivery.recorder import DeliveryTiming
from bot.enrichment.unlisted import UnlistedPapers
from bot.lib.clock import SystemClock
from bot.ports.platform import Platform
from bot.ports.roles import EVERY_ROLE, Role
from bot.runtime import Runtime
from config.settings import Settings


def delivery_timing(settings: Settings) -> DeliveryTiming:
    """Return the times that outboxes keep to."""
    wanted = settings.delivery
    return DeliveryTiming(
        lease=timedelta(seconds=wanted.lease_seconds),
        settle_time=timedelta(seconds=wanted.settle_seconds),
        poll_interval=timedelta(seconds=wanted.poll_seconds),
        initial_backoff=timedelta(seconds=wanted.first_retry_seconds),
        max_backoff=timedelta(seconds=wanted.longest_retry_seconds),
        give_up_after=timedelta(hours=wanted.give_up_hours),
    )


async def serve(
    settings: Settings,
    context: Context,
    served: Sequence[Platform],
    stop: asyncio.Event,
    roles: Collection[Role] = EVERY_ROLE,
) -> None:
    """Post what is due, answer requests and load new weeks, until `stop` is set.

    Does so as far as it has these roles; others are played by other processes. Without a platform
    only weeks are loaded. Raises Refused where every platform refused the account,
    `adapters.LibraryMissing` where the library for translation is not installed, and
    `bot.app.health.MonitoringUnavailable`.
    """
    if settings.translation.enabled and Role.SYNC in roles:
        # What is missing is told at the start, not in a task that ends in silence.
        async with open_language_model(settings):
            pass
    progress = translation_progress(settings, context)
    context = replace(context, awaited_translations=progress)
    tick = timedelta(seconds=settings.delivery.tick_seconds)
    posts = bool(served) and Role.DELIVER in roles
    async with open_arxiv(settings) as arxiv:
        unlisted = UnlistedPapers(arxiv, SystemClock()) if arxiv else None
        context = replace(context, unlisted=unlisted)
        service = Runtime(context, delivery_timing(settings), tick, roles=roles)
        async with monitored(settings, context, service, serves=posts):
            loading = asyncio.create_task(
                run_ingestion(settings, context, stop, service.wake, progress, arxiv=arxiv)
                if Role.SYNC in roles
                else stop.wait()
            )
            try:
                if served:
                    await service.run(served, stop)
                else:
                    await stop.wait()
            finally:
                stop.set()
                await loading


async def deliver(
    settings: Settings, context: Context, platform: Platform, stop: asyncio.Event
) -> None:
    """Post what is due on a platform whose people are answered elsewhere, until `stop` is set."""
    tick = timedelta(seconds=settings.delivery.tick_seconds)
    service = Runtime(context, delivery_timing(settings), tick, roles={Role.DELIVER})
    await service.run([platform], stop)
