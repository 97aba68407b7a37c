"""Tables and column types, as the newest migration leaves them."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Table


def all_tables() -> "Sequence[Table]":
    """Return the tables of all modules, each after those that it refers to."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return tuple(import_module(f"{__name__}.archive").metadata.sorted_tables)
