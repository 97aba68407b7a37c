"""`paperboy doctor` and `paperboy invite`: what is missing, and the way into a server."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from bot.app import connect_platform as configured
from bot.app import connect_platforms, open_archive
from bot.cli import settings as configuration
from bot.cli.ask import print_line
from bot.cli.channels import format_target, parse_target
from bot.cli.exit import EXIT_PARTIAL, fail, warn
from bot.cli.sync import load_source_states, source_warnings
from bot.model.channels import Target
from bot.ports.errors import Refused, TryLater
from bot.ports.platform import Platform, SupportsInvites, SupportsManifest
from config.settings import Settings

_NO_PLATFORM_MESSAGE = (
    "No platform is set up; give a token, such as PAPERBOY_DISCORD_TOKEN. "
    "config/paperboy.example.toml explains every setting."
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("doctor")(doctor)
    app.command("invite")(invite)


def doctor(
    channels: Annotated[
        list[str] | None,
        typer.Argument(help="PLATFORM:CHANNEL, beside those that are subscribed."),
    ] = None,
) -> None:
    """Say what is missing where, and how it is mended; 0 where all is well."""
    settings = configuration.load()
    more = [parse_target(each) for each in channels or ()]
    if not asyncio.run(_run_checks(settings, more)):
        raise typer.Exit(EXIT_PARTIAL)


def invite(
    platform: Annotated[str, typer.Argument(help="The platform.")] = "discord",
) -> None:
    """Print the address that lets Paperboy in, with the permissions that it needs."""
    print_line(asyncio.run(_invite_url(configuration.load(), platform)))


async def _run_checks(settings: Settings, more: Sequence[Target]) -> bool:
    """Print a line for each platform and channel; return whether all is well."""
    served = {each.name: each for each in connect_platforms(settings)}
    if not served:
        fail(_NO_PLATFORM_MESSAGE)
    is_well = True
    try:
        async with open_archive(settings, warn) as context:
            subscribed = [each.target for each in await context.ledger.subscriptions()]
            standing = await load_source_states(settings, context)
        for name, platform in served.items():
            is_well &= _print_problems(name, await platform.diagnose())
        for target in dict.fromkeys((*subscribed, *more)):
            found = served.get(target.platform)
            missing = (
                await found.check_channel(target)
                if found
                else (_not_configured_message(target.platform),)
            )
            is_well &= _print_problems(format_target(target), missing)
        for source, state in standing:
            if state.tried_at:
                is_well &= _print_problems(f"source {source.name}", source_warnings(source, state))
    finally:
        await _close_all(served.values())
    return is_well


def _print_problems(what: str, missing: Sequence[str]) -> bool:
    for sentence in missing or ("all is well.",):
        print_line(f"{what}: {sentence}")
    return not missing


async def _invite_url(settings: Settings, name: str) -> str:
    served = {each.name: each for each in connect_platforms(settings)}
    platform = served.get(name)
    try:
        if platform is None:
            fail(_app_creation_hint(settings, name) or _not_configured_message(name))
        if not isinstance(platform, SupportsInvites):
            fail(f"The platform {name} needs no invitation.")
        return await platform.invite_url()
    except (Refused, TryLater) as error:
        fail(str(error))
    finally:
        await _close_all(served.values())


def _app_creation_hint(settings: Settings, name: str) -> str:
    """Return what to do where an app has to be made first; empty where it need not."""
    try:
        found = configured(settings, name)
    except LookupError:
        return ""
    if not isinstance(found, SupportsManifest):
        return ""
    return (
        f"The platform {name!r} is not set up. Make an app of your own first: "
        f"`paperboy manifest {name} --link` prints where; then set its tokens."
    )


async def _close_all(served: Iterable[Platform]) -> None:
    for platform in served:
        await platform.close()


def _not_configured_message(name: str) -> str:
    return (
        f"The platform {name!r} is not set up; its settings begin with PAPERBOY_{name.upper()}_, "
        "and config/paperboy.example.toml explains them."
    )
