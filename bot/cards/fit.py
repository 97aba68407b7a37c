"""Fits texts and runs to limits that the caller brings (pure).

What a platform counts as a character is not always told, so UTF-16 units are counted: no platform
counts more of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate

from bot.model.card import Run


def utf16_length(text: str) -> int:
    """Return how many characters a text counts: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def truncate(text: str, limit: int, measure: Callable[[str], int] = utf16_length) -> str:
    """Return a text that is at most so long, as it is measured; cut at a word."""
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
    """Return as much of the runs as fits, and the rest; nothing is lost.

    They are cut between words. Where that is not possible nothing is taken, or, with `anywhere`,
    they are cut between any two characters, and one is taken at least.
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

    Where not even one fits nothing is taken, or, with `anywhere`, a piece of it.
    """
    stop = find_last_fitting(range(1, len(lines) + 1), lambda stop: fits(lines[:stop]))
    if stop or not anywhere:
        return lines[:stop], lines[stop:]
    first = lines[0]
    end = find_last_fitting(range(1, len(first)), lambda end: fits([first[:end]])) or 1
    return [first[:end]], [first[end:], *lines[1:]]


def slice_runs(runs: Sequence[Run], start: int, stop: int) -> tuple[Run, ...]:
    """Return runs from one character to another, as a text is sliced."""
    ends = list(accumulate(len(run.text) for run in runs))
    return tuple(
        replace(
            run, text=run.text[max(start - end + len(run.text), 0) : stop - end + len(run.text)]
        )
        for run, end in zip(runs, ends, strict=True)
        if end > start and end - len(run.text) < stop
    )


def find_last_fitting(stops: Sequence[int], fits: Callable[[int], bool]) -> int:
    """Return the last of these places that fits, or 0; what is longer needs more room."""
    low, high = 0, len(stops)
    while low < high:
        middle = (low + high) // 2
        if fits(stops[middle]):
            low = middle + 1
        else:
            high = middle
    return stops[low - 1] if low else 0
