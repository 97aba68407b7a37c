"""Reads Discord's markdown as its client does, to see what a reader would see.

Written from the rules of the client, not from our escaping: block marks at the start of a line,
then what stands inside a line, the first rule that matches winning.
"""

import re
from dataclasses import dataclass, field

_BLOCK = re.compile(r"^(?:(#{1,3}) +(?=\S)|(-#) +(?=\S)|( *)([-*+]|\d+\.) +(?=\S)|( *>{1,3}) )")
_RULES = (
    ("escape", re.compile(r"\\([^0-9A-Za-z\s])")),
    ("code", re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")),
    ("mention", re.compile(r"<(?:@[!&]?|#)\d+>|<id:\w+>|</[^:<>]+:\d+>|<t:-?\d+(?::\w)?>")),
    ("emoji", re.compile(r"<a?:\w+:\d+>")),
    ("autolink", re.compile(r"<([^: >]+:/[^ >]+)>")),
    ("address", re.compile(r"(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]", re.IGNORECASE)),
    ("link", re.compile(r"\[((?:\\.|[^\[\]\\])*)\]\(\s*<?((?:\([^)]*\)|[^\s\\()])*?)>?\s*\)")),
    ("strong", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)")),
    ("em", re.compile(r"\*(?=\S)((?:\\[\s\S]|[^\\*])+?)\*(?!\*)|_((?:\\[\s\S]|[^\\_])+?)_\b")),
    ("strike", re.compile(r"~~([\s\S]+?)~~")),
    ("spoiler", re.compile(r"\|\|([\s\S]+?)\|\|")),
)
_FENCED = re.compile(r"```(?:[\w+.#-]+\n)?\n*([^\n][\s\S]*?)\n*```")
_MARK = re.compile(r"[\\`<*_~|\[]|(?:https?|steam|discord)://", re.IGNORECASE)
"""What a rule may begin with; whatever stands before it is plain text."""
_EVERYONE = re.compile(r"@(?:everyone|here)", re.IGNORECASE)


@dataclass
class RenderedText:
    """What a reader sees of a text."""

    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    """What each link shows, and where it leads."""
    marks: list[str] = field(default_factory=list)
    """The names of the rules that matched, but for escapes."""


def parse_markdown(markdown: str) -> RenderedText:
    """Return what a reader sees."""
    seen = RenderedText()
    if _EVERYONE.search(markdown) or re.search(r"<@[!&]?\d+>", markdown):
        seen.marks.append("ping")
    place = 0
    for fence in _FENCED.finditer(markdown):
        _outside(markdown[place : fence.start()], seen)
        seen.marks.append("code block")
        seen.text += fence[1] + "\n"
        place = fence.end()
    _outside(markdown[place:], seen)
    seen.text = seen.text.replace("\u200b", "")
    return seen


def _outside(markdown: str, seen: RenderedText) -> None:
    """Read what stands in no block of code."""
    if "```" in markdown:
        seen.marks.append("fence")
    for line in markdown.split("\n"):
        rest = line
        while match := _BLOCK.match(rest):
            seen.marks.append("block " + match[0].strip().rstrip("0123456789"))
            rest = rest[match.end() :]
            if match[1] or match[2]:
                break
        _inline(rest, seen)
        seen.text += "\n"


def _inline(text: str, seen: RenderedText) -> None:
    place = 0
    while place < len(text):
        mark = _MARK.search(text, place)
        until = mark.start() if mark else len(text)
        if until > place:
            seen.text += text[place:until]
            place = until
            continue
        for name, rule in _RULES:
            match = rule.match(text, place)
            if match and match.end() > place:
                _apply(name, match, seen)
                place = match.end()
                break
        else:
            seen.text += text[place]
            place += 1


def _apply(name: str, match: re.Match[str], seen: RenderedText) -> None:
    if name == "escape":
        seen.text += match[1]
        return
    seen.marks.append(name)
    if name == "code":
        seen.text += match[2]
    elif name in {"autolink", "address"}:
        shown = match[1] if name == "autolink" else match[0]
        seen.links.append((shown, shown))
        seen.text += shown
    elif name == "link":
        before = len(seen.text)
        _inline(match[1], seen)
        seen.links.append((seen.text[before:], match[2]))
    elif name in {"mention", "emoji"}:
        seen.text += match[0]
    else:
        _inline(next(group for group in match.groups() if group), seen)
