"""Finds the short name that a paper's title gives before its colon."""

_MAX_WORDS = 4
_COMMON = frozenset({"analysis", "commentary", "introduction", "overview", "paper", "perspective",
                     "position", "report", "review", "study", "survey", "tutorial"})  # fmt: skip


def nickname_of(title: str) -> str:
    """Return the name before the first ": " of a title, such as `MemWalker`, or an empty text.

    It is a name only where it has at most four words, is no question, list or sentence, and says
    more than what kind of text follows ("A Survey: …").
    """
    name, colon, rest = title.partition(": ")
    name = name.strip()
    words = name.split()
    if not colon or not rest.strip() or not 1 <= len(words) <= _MAX_WORDS:
        return ""
    if any(mark in name for mark in "?!,;") or name.endswith("."):
        return ""
    return "" if words[-1].casefold() in _COMMON else name
