"""`paperboy health`: whether the bot that runs here is alive, for supervisors of containers."""

import asyncio
from typing import Annotated

import typer

from adapters.monitoring.client import NoAnswer, ask
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.cli.output import print_line
from config.settings import Settings

_SILENT_LEASES = 3
"""After how many times the length of a lease a bot without a sign of life counts as gone."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("health")(health)


def health(
    *,
    ready: Annotated[
        bool, typer.Option("--ready", help="Whether it does its work, too, and what is amiss.")
    ] = False,
) -> None:
    """Tell whether the bot is alive; ends with 2 where it is not."""
    settings = configuration.load()
    monitoring = settings.monitoring
    if not monitoring.enabled:
        if ready:
            fail("A bot tells whether it is ready where PAPERBOY_MONITORING_ENABLED=true is set.")
        asyncio.run(_look_for_life(settings))
        return
    try:
        is_well, said = ask(monitoring.host, monitoring.port, "/readyz" if ready else "/healthz")
    except NoAnswer as error:
        fail(f"No bot answers at {monitoring.host}:{monitoring.port}: {error}.")
    if not is_well:
        fail(said.strip())
    print_line(said.strip())


async def _look_for_life(settings: Settings) -> None:
    """End the program where no bot gave a sign of life in the database lately."""
    # The endpoint is asked without all this.
    from bot.app.archive import open_archive  # noqa: PLC0415

    longest = _SILENT_LEASES * settings.delivery.lease_seconds
    async with open_archive(settings, warn) as context:
        stats = await context.ledger.platform_stats(context.now())
    ages = [each.lease_age for each in stats if each.lease_age is not None]
    if not ages:
        fail("No bot posts on this database.")
    if min(ages) > longest:
        fail(f"The bot gave no sign of life for {min(ages):.0f} s.")
    print_line(f"ok, {min(ages):.0f} s ago")
