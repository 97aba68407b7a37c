"""Truncates and splits texts and runs to limits given by the caller (pure).

Not all platforms document what they count as a character, so UTF-16 code units are counted: no
platform counts more.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate

from bot.model.card import Run


def utf16_length(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def truncate(text: str, limit: int, measure: Callable[[str], int] = utf16_length) -> str:
    """Return a text cut at a word, so that its measure is at most `limit`."""
    if measure(text) <= limit:
        return text

    def fits(stop: int) -> bool:
        return measure(text[:stop] + "…") <= limit

    stops = [stop for stop in range(1, len(text)) if text[stop] == " "] or range(len(text))
    best = find_last_fitting(stops, fits) or find_last_fitting(range(len(text)), fits)
    return text[:best].rstrip() + "…"


def split_runs(
    runs: Sequence[Run], fits: Callable[[Sequence[Run]], bool], *, anywhere: bool
) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Return as many of the runs as fit, and the rest; nothing is lost.

    They are cut between words. If that is not possible nothing is taken, or, with `anywhere`,
    they are cut between any two characters, and at least one is taken.
    """
    text = "".join(run.text for run in runs)

    def fits_up_to(stop: int) -> bool:
        return fits(slice_runs(runs, 0, stop))

    words = [stop for stop in range(1, len(text)) if text[stop - 1] == " " and text[:stop].strip()]
    stop = find_last_fitting(words, fits_up_to)
    if not stop and anywhere:
        stop = find_last_fitting(range(1, len(text)), fits_up_to) or 1
    return slice_runs(runs, 0, stop), slice_runs(runs, stop, len(text))


def split_lines(
    lines: Sequence[str], fits: Callable[[Sequence[str]], bool], *, anywhere: bool
) -> tuple[Sequence[str], Sequence[str]]:
    """Return as many lines as fit, and the rest; nothing is lost.

    If not even one fits nothing is taken, or, with `anywhere`, a piece of it.
    """
    stop = find_last_fitting(range(1, len(lines) + 1), lambda stop: fits(lines[:stop]))
    if stop or not anywhere:
        return lines[:stop], lines[stop:]
    first = lines[0]
    end = find_last_fitting(range(1, len(first)), lambda end: fits([first[:end]])) or 1
    return [first[:end]], [first[end:], *lines[1:]]


def slice_runs(runs: Sequence[Run], start: int, stop: int) -> tuple[Run, ...]:
    """Return the runs between two character positions, like a slice of a text."""
    ends = list(accumulate(len(run.text) for run in runs))
    return tuple(
        run
        if start <= end - len(run.text) and end <= stop
        else replace(
            run, text=run.text[max(start - end + len(run.text), 0) : stop - end + len(run.text)]
        )
        for run, end in zip(runs, ends, strict=True)
        if end > start and end - len(run.text) < stop
    )


def find_last_fitting(stops: Sequence[int], fits: Callable[[int], bool]) -> int:
    """Return the last of these positions that fits, or 0; longer prefixes must need more room."""
    low, high = 0, len(stops)
    while low < high:
        middle = (low + high) // 2
        if fits(stops[middle]):
            low = middle + 1
        else:
            high = middle
    return stops[low - 1] if low else 0
