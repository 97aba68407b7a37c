"""Connects the platforms that are set up, each with its section of the settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from adapters import (
    connect,
    get_layouts,
    get_mention_syntax,
    options_types,
)
from bot.model.mentions import MentionSyntax
from bot.model.subscriptions import Layout
from bot.ports.options import PlatformOptions
from bot.ports.platform import Platform, SupportsSecrets
from bot.ports.secrets import SecretStore
from config import loader
from config.settings import Settings, with_platforms
from storage.addresses import find_database


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings, with a section for each platform; see `config.loader.load`."""
    return loader.load(path, settings_type())


def settings_type() -> type[Settings]:
    """Return the type of the settings, with a section for each platform that there is."""
    return with_platforms(options_types())


def platform_options(settings: Settings) -> dict[str, PlatformOptions]:
    """Return the settings of every platform, configured or not, by its name."""
    return cast("dict[str, PlatformOptions]", settings.platforms)


def configured_platforms(settings: Settings) -> dict[str, PlatformOptions]:
    """Return the settings of every platform that is configured, by its name."""
    return {
        name: options
        for name, options in platform_options(settings).items()
        if options.is_configured
    }


def find_layouts(platform: str) -> Sequence[Layout]:
    """Return the layouts of a platform; of one that is not installed, all there are."""
    try:
        return get_layouts(platform)
    except LookupError:
        return tuple(Layout)


def find_mention_syntax(platform: str) -> MentionSyntax:
    """Return how a platform writes mentions; of one that is not installed, any word is taken."""
    try:
        return get_mention_syntax(platform)
    except LookupError:
        return MentionSyntax()


def connect_platforms(settings: Settings) -> tuple[Platform, ...]:
    """Return the platforms that are configured; nothing is sent yet.

    Raises `adapters.LibraryMissing` where the library of one is not installed.
    """
    found = tuple(
        connect(name, options) for name, options in configured_platforms(settings).items()
    )
    for platform in found:
        if isinstance(platform, SupportsSecrets) and platform.secret_keys:
            platform.use_secret_store(_secret_store(settings, platform.name, platform.secret_keys))
    return found


def connect_platform(settings: Settings, name: str) -> Platform:
    """Return a platform, configured or not, to ask it what is to be done before it is used.

    Raises LookupError where there is no such platform, `adapters.LibraryMissing` where its library
    is not installed.
    """
    return connect(name, platform_options(settings)[name])


def _secret_store(settings: Settings, name: str, keys: Sequence[str]) -> SecretStore:
    # Only platforms with secrets to keep need the cryptography package.
    from storage.secrets.vault import EncryptedSecretStore as Sealed  # noqa: PLC0415

    return Sealed.open(find_database(settings.database_url), name, keys)
