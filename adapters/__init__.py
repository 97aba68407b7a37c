"""One folder per platform; the folders do not know each other."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from bot.model.subscriptions import Layout
from bot.ports.platform import Platform, Renderer


def connect(name: str, options: Mapping[str, Any]) -> Platform:
    """Return a platform, found by its name; nothing is sent before it is used.

    Raises LookupError where there is no such platform, TypeError for an option that it lacks.
    """
    return cast("Platform", _module(name, "").connect(options))


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


def _module(name: str, part: str) -> Any:
    if not name.isidentifier():
        raise LookupError(name)
    try:
        return import_module(f"adapters.{name}{part}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("adapters."):
            raise LookupError(name) from None
        raise
