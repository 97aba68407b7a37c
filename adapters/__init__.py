"""One folder per platform, found by its name; the folders do not know each other."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from bot.model.mentions import MentionSyntax
from bot.model.subscriptions import Layout
from bot.ports.options import PlatformOptions
from bot.ports.platform import Platform, Renderer


class LibraryMissing(Exception):
    """A platform cannot be used, since a package that it needs is not installed."""

    def __init__(self, platform: str, package: str) -> None:
        super().__init__(platform, package)
        self.platform = platform
        self.package = package
        """The name that could not be imported."""


def options_types() -> dict[str, type[PlatformOptions]]:
    """Return the settings of every platform by its name, in alphabetical order.

    A folder is a platform when its `options.py` has a class `Options` derived from
    `bot.ports.options.PlatformOptions`. No platform's library is imported.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
    return {name: options for name in names if (options := _options_type(name))}


def connect(name: str, options: PlatformOptions | Mapping[str, Any]) -> Platform:
    """Return a platform, found by its name; nothing is sent before it is used.

    Raises LookupError where there is no such platform, LibraryMissing where its library is not
    installed, and pydantic.ValidationError for an option that is unknown or wrong.
    """
    try:
        return cast("Platform", _module(name, "").connect(options))
    except ModuleNotFoundError as error:
        raise LibraryMissing(name, error.name or str(error)) from error


def get_renderer(name: str) -> Renderer:
    """Return how a platform shows a card, found by the platform's name alone.

    Raises LookupError where there is no such platform.
    """
    return cast("Renderer", _module(name, ".render").messages)


def get_layouts(name: str) -> tuple[Layout, ...]:
    """Return how a digest may fill a channel of a platform, found by the platform's name alone.

    Raises LookupError where there is no such platform.
    """
    return cast("tuple[Layout, ...]", _module(name, ".limits").LAYOUTS)


def get_mention_syntax(name: str) -> MentionSyntax:
    """Return how a platform writes mentions, found by the platform's name alone.

    A platform that declares none takes any word. Raises LookupError where there is no such
    platform.
    """
    found: MentionSyntax = getattr(_module(name, ".limits"), "MENTIONS", MentionSyntax())
    return found


def _options_type(name: str) -> type[PlatformOptions] | None:
    try:
        found = getattr(_module(name, ".options"), "Options", None)
    except LookupError:
        return None
    is_platform = isinstance(found, type) and issubclass(found, PlatformOptions)
    return found if is_platform else None


def _module(name: str, part: str) -> Any:
    if not name.isidentifier():
        raise LookupError(name)
    try:
        return import_module(f"adapters.{name}{part}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("adapters."):
            raise LookupError(name) from None
        raise
