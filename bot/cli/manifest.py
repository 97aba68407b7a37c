"""`paperboy manifest`: what a platform wants to know of an app before it is made."""

import json
from typing import Annotated

import typer

from bot.app import connect_platform as configured
from bot.cli import settings as configuration
from bot.cli.ask import print_line
from bot.cli.exit import fail
from bot.ports.errors import Refused
from bot.ports.platform import SupportsManifest
from config import catalogues


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("manifest")(manifest)


def manifest(
    platform: Annotated[str, typer.Argument(help="The platform.")] = "slack",
    *,
    link: Annotated[
        bool, typer.Option("--link", help="Print the address that makes an app of it.")
    ] = False,
) -> None:
    """Print the declaration of the app: its commands, rights and addresses."""
    settings = configuration.load()
    try:
        found = configured(settings, platform)
    except LookupError:
        fail(f"There is no platform {platform!r}.")
    if not isinstance(found, SupportsManifest):
        fail(f"The platform {platform} wants no manifest.")
    try:
        declared = found.manifest(catalogues.load(), settings.language)
    except Refused as error:
        fail(error.reason)
    if link:
        print_line(found.app_creation_url(declared))
    else:
        print_line(json.dumps(declared, ensure_ascii=False, indent=2))
