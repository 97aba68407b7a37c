"""One folder per platform; the folders do not know each other."""

from importlib import import_module
from typing import Any, cast

from bot.ports import Render


def renderer(name: str) -> Render:
    """Return how a platform shows a card, found by the platform's name alone.

    Raises LookupError where there is no such platform.
    """
    if not name.isidentifier():
        raise LookupError(name)
    try:
        module: Any = import_module(f"adapters.{name}.render")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("adapters."):
            raise LookupError(name) from None
        raise
    return cast("Render", module.messages)
