"""Finds places in a text at which tokens stand near each other, as SQLite's NEAR does (pure)."""

from collections.abc import Sequence

_END = 1 << 62
"""After every place."""


def places_of(tokens: Sequence[str], text: Sequence[str]) -> list[list[int]]:
    """Return the places of each of some tokens in a text, ascending."""
    found: dict[str, list[int]] = {token: [] for token in tokens}
    for place, token in enumerate(text):
        if token in found:
            found[token].append(place)
    return [found[token] for token in tokens]


def near_positions(places: Sequence[Sequence[int]], max_gap: int) -> list[list[int]]:
    """Return for each token those of its places that are near places of all the others.

    `places` are the places of each token, ascending; none may be empty. In what is near, at most
    `max_gap` other tokens are between the end of the first and the start of the last. That is
    what `NEAR` of FTS5 finds: https://sqlite.org/fts5.html#fts5_near_queries.
    """
    readers = [[*each, _END] for each in places]
    at = [0] * len(readers)
    found: list[list[int]] = [[] for _ in readers]
    while _catch_up(readers, at, max_gap):
        for number, reader in enumerate(readers):
            place = reader[at[number]]
            if found[number][-1:] != [place]:
                found[number].append(place)
        # The token that comes again first goes on.
        ahead = [reader[place + 1] for reader, place in zip(readers, at, strict=True)]
        first = ahead.index(min(ahead))
        at[first] += 1
        if readers[first][at[first]] == _END:
            break
    return found


def _catch_up(readers: Sequence[Sequence[int]], at: list[int], max_gap: int) -> bool:
    """Move on to the next places that are near each other; return whether there are any."""
    latest = readers[0][at[0]]
    is_near = False
    while not is_near:
        is_near = True
        for number, reader in enumerate(readers):
            earliest = latest - 1 - max_gap
            if not earliest <= reader[at[number]] <= latest:
                is_near = False
                while reader[at[number]] < earliest:
                    at[number] += 1
                if reader[at[number]] == _END:
                    return False
                latest = max(latest, reader[at[number]])
    return True
