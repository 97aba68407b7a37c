"""Removes the labels of links from the end of a text, where they say nothing (pure)."""

import re
from collections.abc import Sequence

_SEPARATORS = re.compile(r"[\s|,/()\[\]·•-]*")


def strip_link_labels(text: str, labels: Sequence[str]) -> str:
    """Return a text without the labels at its end, which follow each other as in `labels`."""
    bare = text
    for label in reversed(labels):
        place = bare.rfind(label) if label else -1
        if place < 0 or bare[place - 1 : place].isalnum():
            continue
        if _SEPARATORS.fullmatch(bare, place + len(label)):
            bare = bare[:place]
    return bare.rstrip(" |,/([·•-\n") if bare != text else text
