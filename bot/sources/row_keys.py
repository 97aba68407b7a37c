"""Compares rows of a list by their keys, of which each kind comes from a link (pure)."""

from collections.abc import Collection

_NO_LINK = "title"
_GENERIC = "url"
"""An address without a kind of its own; a stronger key takes its place."""


def split_keys(row: str) -> list[str]:
    """Return the keys of a row; rows that older versions stored have one."""
    return row.split(" ")


def share_a_key(row: str, keys: Collection[str]) -> bool:
    """Return whether any key of a row is among these."""
    return any(key in keys for key in split_keys(row))


def has_lost_links(before: str, after: str) -> bool:
    """Return whether a paper's row has fewer kinds of links than before."""
    kinds, now = _kinds(before), _kinds(after)
    is_named = bool(now - {_NO_LINK, _GENERIC, "x"})
    return bool(kinds - now - ({_GENERIC} if is_named else set()))


def _kinds(row: str) -> set[str]:
    return {key.partition(":")[0] for key in split_keys(row)} - {_NO_LINK}
