"""`paperboy doctor` and `paperboy invite`: what is missing, and the way into a server."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer

from bot.app.archive import open_archive
from bot.app.ingestion import open_language_model
from bot.app.platforms import connect_platform, connect_platforms
from bot.cards.locale import Locale
from bot.cli import settings as configuration
from bot.cli.channels import format_target, parse_known_target
from bot.cli.exit import EXIT_PARTIAL, fail, warn
from bot.cli.output import print_line
from bot.cli.sync import load_source_states, source_warnings
from bot.commands.context import Context
from bot.commands.reviews import review_warnings
from bot.commands.series import series_warning
from bot.digests import slots
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from bot.ports.errors import Refused, TryLater
from bot.ports.language_model import RequestTooLong
from bot.ports.platform import Platform, SupportsInvites, SupportsManifest
from config.settings import Settings


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
    more = [parse_known_target(each) for each in channels or ()]
    if not asyncio.run(_run_checks(settings, more)):
        raise typer.Exit(EXIT_PARTIAL)


def invite(
    platform: Annotated[
        str, typer.Argument(help="The platform; may be left out where one alone is set up.")
    ] = "",
) -> None:
    """Print the address that lets Paperboy in, with the permissions that it needs."""
    if platform:
        configuration.require_platform(platform)
    print_line(asyncio.run(_invite_url(configuration.load(), platform)))


async def _run_checks(settings: Settings, more: Sequence[Target]) -> bool:
    """Print a line for each platform and channel; return whether all is well."""
    served = {each.name: each for each in connect_platforms(settings)}
    if not served:
        fail(configuration.explain_no_platform(settings))
    is_well = True
    try:
        async with open_archive(settings, warn) as context:
            kept = await context.ledger.subscriptions()
            subscribed = [each.target for each in kept]
            standing = await load_source_states(settings, context)
            problems = [(each, await _subscription_problems(context, each)) for each in kept]
            meaning = await _meaning_state(context)
            unreviewed = await review_warnings(context)
        for name, platform in served.items():
            is_well &= _print_problems(name, await platform.diagnose())
        for target in dict.fromkeys((*subscribed, *more)):
            found = served.get(target.platform)
            missing = (
                await found.check_channel(target)
                if found
                else (_not_configured_message(settings, target.platform),)
            )
            is_well &= _print_problems(format_target(target), missing)
        for each, found_problems in problems:
            if found_problems:
                is_well &= _print_problems(format_target(each.target), found_problems)
        is_well &= await _check_translation(settings)
        for source, state in standing:
            if state.tried_at:
                is_well &= _print_problems(f"source {source.name}", source_warnings(source, state))
        is_well &= not unreviewed or _print_problems("review", unreviewed)
        print_line(f"search by meaning: {meaning}")
    finally:
        await _close_all(served.values())
    return is_well


async def _meaning_state(context: Context) -> str:
    """Return how the search by meaning stands; nothing of it is wrong."""
    if context.embedder is None:
        return "not installed; pip install 'paperboy[meaning]' adds it."
    pending = await context.vectors.pending_vectors(context.embedder.model, 0)
    if not pending.total:
        return "all is well."
    return (
        f"{pending.total} papers are still without a vector; the running bot computes them, "
        "and `paperboy embed` does so now."
    )


async def _check_translation(settings: Settings) -> bool:
    """Ask the endpoint for one word, where there is one; print and return whether it answers."""
    if not settings.translation.enabled:
        return True
    schema = {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    }
    async with open_language_model(settings) as model:
        try:
            await model.complete("Answer with JSON.", '{"word": "hello"}', schema)
        except (Refused, TryLater, RequestTooLong) as error:
            return _print_problems("translation", (str(error),))
    return _print_problems("translation", ())


async def _subscription_problems(context: Context, subscription: Subscription) -> Sequence[str]:
    """Return why a subscription gets nothing, whatever its platform says; a sentence each."""
    locale = Locale(context.catalogues, "en")
    warning = await series_warning(context, locale, subscription.series)
    return tuple(filter(None, [slots.zone_problem(subscription), warning]))


def _print_problems(what: str, missing: Sequence[str]) -> bool:
    for sentence in missing or ("all is well.",):
        print_line(f"{what}: {sentence}")
    return not missing


async def _invite_url(settings: Settings, name: str) -> str:
    connected = {each.name: each for each in connect_platforms(settings)}
    try:
        platform = connected.get(name) if name else _only_invited(settings, connected)
        if platform is None:
            fail(_app_creation_hint(settings, name) or _not_configured_message(settings, name))
        if not isinstance(platform, SupportsInvites):
            fail(f"The platform {platform.name} needs no invitation.")
        return await platform.invite_url()
    except (Refused, TryLater) as error:
        fail(str(error))
    finally:
        await _close_all(connected.values())


def _only_invited(settings: Settings, connected: Mapping[str, Platform]) -> Platform:
    """Return the platform that is meant where none is named; ends the program if none or more."""
    invited = [each for each in connected.values() if isinstance(each, SupportsInvites)]
    if not connected:
        fail(configuration.explain_no_platform(settings))
    if not invited:
        fail(f"No invitation is needed by {configuration.join([*connected], 'or')}.")
    if len(invited) > 1:
        commands = [f"`paperboy invite {each.name}`" for each in invited]
        fail(f"Several platforms are set up; say {configuration.join(commands, 'or')}.")
    return invited[0]


def _app_creation_hint(settings: Settings, name: str) -> str:
    """Return what to do where an app has to be made first; empty where it need not."""
    if not isinstance(connect_platform(settings, name), SupportsManifest):
        return ""
    return (
        f"The platform {name!r} is not set up. Make an app of your own first: "
        f"`paperboy manifest {name} --link` prints where; then set its tokens."
    )


async def _close_all(served: Iterable[Platform]) -> None:
    for platform in served:
        await platform.close()


def _not_configured_message(settings: Settings, name: str) -> str:
    if name not in configuration.platform_names():
        return f"There is no platform {name!r} any more."
    return configuration.explain_not_configured(settings, name)
