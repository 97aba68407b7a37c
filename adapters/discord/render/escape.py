r"""Writes text so that Discord shows it as it stands (pure).

Discord reads a backslash before any character that is neither a letter, a digit nor a blank as
"this one as it stands". Mentions are written `<@1>`, `<#1>`, `<t:1>`, `</paper:1>`, `<:name:1>`,
so without a bare `<` there are none; `@everyone` and `@here` need an invisible character as well,
since Discord's servers look for the bare words.
"""

import re

from bot.lib.urls import is_safe_url, looks_like_url, split_urls

_BREAK = "\u200b"
"""A zero-width space: parts `@` from the word after it."""

# What depends on its neighbour is marked at the end or the start of a text too, as another text
# may stand next to it.
_MARKS = re.compile(r"[\\*_~|`<>\[\]#]|:(?=/|\Z)")
_MENTION = re.compile(r"@(?=everyone|here|\Z)", re.IGNORECASE)
_PLAIN_MENTION = re.compile(r"@(?=everyone|here|\Z)|<(?=[@#])", re.IGNORECASE)
"""What could call somebody where no backslash can stand before it."""
_LINE_START = re.compile(r"^(\s*(?:\d*(?=\.))?)([-+.])", re.MULTILINE)
_FENCE = "```"
_INNER_FENCE = re.compile("``(?=`)")
"""Two marks before a third; two alone are quotation marks of BibTeX, and stay together."""
_LANGUAGE = re.compile(r"[a-z]+")
_BREAKING = re.compile(r"@|\*|__|~~")
"""What an address may not hold to stand in a text whose marks it could end."""
_IN_LINK = str.maketrans({mark: f"%{ord(mark):02X}" for mark in "()[]"})


def escape(text: str) -> str:
    """Return a clean text as markdown that shows it; plain web addresses become links."""
    return "".join(
        f"<{piece}>" if is_address else escape_without_links(piece)
        for piece, is_address in split_urls(text, _BREAKING)
    )


def escape_without_links(text: str) -> str:
    """Return a clean text as markdown that shows it and links to nothing."""
    marked = _MARKS.sub(lambda match: "\\" + match[0], text)
    parted = _MENTION.sub(f"@{_BREAK}", marked)
    return _LINE_START.sub(lambda match: f"{match[1]}\\{match[2]}", parted)


def inline_code(text: str) -> str:
    """Return a clean text of one line as code, where code can show it."""
    if not text.strip() or "`" in text or "\n" in text:
        return escape_without_links(text)
    return f"`{_MENTION.sub(f'@{_BREAK}', text)}`"


def code_block(text: str, language: str = "") -> str:
    """Return a clean text of several lines as a block of code; nothing where it is blank.

    The line break after the fence keeps Discord from taking the first word for a language.
    """
    if not text.strip():
        return ""
    whole = _PLAIN_MENTION.sub(lambda match: match[0] + _BREAK, text)
    whole = _INNER_FENCE.sub(f"``{_BREAK}", whole)
    return f"{_FENCE}{language if _LANGUAGE.fullmatch(language) else ''}\n{whole}\n{_FENCE}"


def link(text: str, url: str) -> str:
    """Return a clean text as a link; without the link where it could be taken for another one.

    That is: an address that is no plain web address, or a text that reads like an address.
    """
    if text.strip() == url:
        return escape(text)
    if not text.strip() or not is_safe_url(url) or looks_like_url(text):
        return escape_without_links(text)
    # No bracket in the address can end the link.
    return f"[{escape_without_links(text)}](<{url.translate(_IN_LINK)}>)"
