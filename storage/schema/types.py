# ruff: noqa: ARG002 - the signatures are SQLAlchemy's
"""Column types of our own."""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")


def storable(value: T) -> T:
    """Return a value whose lone surrogates, which no database stores, are question marks.

    A platform's JSON may contain them: an id or an error message with half of an emoji.
    """
    if isinstance(value, str):
        return type(value)(value.encode("utf-8", "replace").decode("utf-8"))
    return value


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; stored without zone, as SQLite has none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is stored; raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class DurationSeconds(TypeDecorator[timedelta]):
    """A duration, stored as whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Return what is stored."""
        return None if value is None else round(value.total_seconds())

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """Return the duration."""
        return None if value is None else timedelta(seconds=value)
