"""`paperboy manifest`: what a platform wants to know of an app before it is made."""

import json
from contextlib import suppress
from typing import Annotated

import typer

from adapters import LibraryMissing
from bot.app.platforms import connect_platform
from bot.cli import settings as configuration
from bot.cli.exit import fail
from bot.cli.output import print_line
from bot.ports.errors import Refused
from bot.ports.platform import Platform, SupportsManifest
from config import catalogues
from config.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("manifest")(manifest)


def manifest(
    platform: Annotated[
        str, typer.Argument(help="The platform; may be left out where one alone wants it.")
    ] = "",
    *,
    link: Annotated[
        bool, typer.Option("--link", help="Print the address that makes an app of it.")
    ] = False,
) -> None:
    """Print the declaration of the app: its commands, rights and addresses."""
    settings = configuration.load()
    found = _named(settings, platform) if platform else _only_declared(settings)
    try:
        declared = found.manifest(catalogues.load(), settings.language)
    except Refused as error:
        fail(error.reason)
    if link:
        print_line(found.app_creation_url(declared))
    else:
        print_line(json.dumps(declared, ensure_ascii=False, indent=2))


def _named(settings: Settings, name: str) -> SupportsManifest:
    configuration.require_platform(name)
    platform = connect_platform(settings, name)
    if not isinstance(platform, SupportsManifest):
        fail(f"The platform {name} wants no manifest.")
    return platform


def _only_declared(settings: Settings) -> SupportsManifest:
    """Return the platform that is meant where none is named; ends the program if none or more."""
    every = _installed_platforms(settings)
    found = {name: each for name, each in every.items() if isinstance(each, SupportsManifest)}
    if not found:
        fail("No platform wants a manifest.")
    if len(found) > 1:
        fail(f"Several platforms want one; name it: {configuration.join([*found], 'or')}.")
    return found.popitem()[1]


def _installed_platforms(settings: Settings) -> dict[str, Platform]:
    found = {}
    for name in configuration.platform_names():
        with suppress(LibraryMissing):
            found[name] = connect_platform(settings, name)
    return found
