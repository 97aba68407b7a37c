"""Modules that are imported, and objects that are made, when they are first used."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, cast

T = TypeVar("T")


_NAMES: set[str] = set()
"""All modules that were deferred."""


class DeferredModule:
    """A module by its name; each attribute is a function, or a class to be called.

    A program that answers one question starts without what the answer does not need. Constants
    are not found in it: what a module has beside functions is imported from the module itself.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name
        defer(name)

    def __getattr__(self, function: str) -> Callable[..., Any]:
        """Return what calls a function of the module; it raises AttributeError for an unknown one.

        The module is imported at the first call, in whatever thread that is.
        """
        if function.startswith("__"):
            raise AttributeError(function)
        name = self._name

        def call(*args: Any, **kwargs: Any) -> Any:
            return getattr(import_module(name), function)(*args, **kwargs)

        return call


def defer(name: str) -> None:
    """Let `load_all` import a module that functions import where they need it."""
    _NAMES.add(name)


def load_all() -> None:
    """Import every module that is deferred.

    For programs that go on: no answer waits for an import there, and no two threads import at
    once.
    """
    loaded: set[str] = set()
    while missing := _NAMES - loaded:  # they may defer others
        for name in missing:
            import_module(name)
        loaded |= missing


def make_later(make: Callable[[], T]) -> T:
    """Return what makes an object when one of its attributes is first asked for."""
    return cast("T", _DeferredObject(make))


class _DeferredObject:
    """Stands for an object until it is used, and takes each attribute over when it is asked for.

    The attributes of the object have to stay what they are. Those that were taken over are found
    as fast as its own: some are read a million times.
    """

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        """Return the attribute of the object, which is made first."""
        if name.startswith("__"):
            raise AttributeError(name)
        made = self.__dict__.get("_made") or self.__dict__.setdefault("_made", self._make())
        found = self.__dict__[name] = getattr(made, name)
        return found
