"""Discord's ids, which contain the time they were created (pure).

Source: https://docs.discord.com/developers/reference#snowflakes.
"""

from datetime import UTC, datetime

_EPOCH_MS = 1_420_070_400_000
_SHIFT = 22


def time_snowflake(moment: datetime) -> str:
    """Return the smallest id that anything created from this moment on can have."""
    return str(max(int(moment.timestamp() * 1000) - _EPOCH_MS, 0) << _SHIFT)


def snowflake_time(number: str) -> datetime:
    """Return when something with this id was created."""
    return datetime.fromtimestamp(((int(number) >> _SHIFT) + _EPOCH_MS) / 1000, UTC)
