r"""Escapes text for Discord's markdown (pure).

Discord reads a backslash before any character that is neither a letter, a digit nor a blank as
"this one as it stands". Mentions are written `<@1>`, `<#1>`, `<t:1>`, `</paper:1>`, `<:name:1>`,
so without a bare `<` there are none; `@everyone` and `@here` need an invisible character as well,
since Discord's servers look for the bare words.
"""

import re

from bot.lib.urls import is_safe_url, looks_like_url, split_urls

_BREAK = "\u200b"
"""A zero-width space, which separates `@` from the word after it."""

# What depends on its neighbour is marked at the end or the start of a text too, as another text
# may stand next to it.
_MARKS = re.compile(r"[\\*_~|`<>\[\]#]|:(?=/|\Z)")
_MENTION = re.compile(r"@(?=everyone|here|\Z)", re.IGNORECASE)
_PLAIN_MENTION = re.compile(r"@(?=everyone|here|\Z)|<(?=[@#])", re.IGNORECASE)
"""Mentions in code, where a backslash would be shown and not escape."""
_LINE_START = re.compile(r"^(\s*(?:\d*(?=\.))?)([-+.])", re.MULTILINE)
_FENCE = "```"
_INNER_FENCE = re.compile("``(?=`)")
"""Two backticks before a third; two alone are the quotation marks of BibTeX and are kept."""
_LANGUAGE = re.compile(r"[a-z]+")
_BREAKING = re.compile(r"@|\*|__|~~")
"""Characters of an address that could end the markdown around it, percent-encoded."""
_IN_LINK = str.maketrans({mark: f"%{ord(mark):02X}" for mark in "()[]"})


def escape(text: str) -> str:
    """Return clean text escaped; web addresses in it become links."""
    return "".join(
        f"<{piece}>" if is_address else escape_without_links(piece)
        for piece, is_address in split_urls(text, _BREAKING)
    )


def escape_without_links(text: str) -> str:
    """Return clean text escaped, without any link."""
    marked = _MARKS.sub(lambda match: "\\" + match[0], text)
    parted = _MENTION.sub(f"@{_BREAK}", marked)
    return _LINE_START.sub(lambda match: f"{match[1]}\\{match[2]}", parted)


def inline_code(text: str) -> str:
    """Return one line of clean text as inline code, or escaped where code cannot show it."""
    if not text.strip() or "`" in text or "\n" in text:
        return escape_without_links(text)
    return f"`{_MENTION.sub(f'@{_BREAK}', text)}`"


def code_block(text: str, language: str = "") -> str:
    """Return lines of clean text as a code block; an empty text for blank ones.

    The line break after the fence keeps Discord from taking the first word for a language.
    """
    if not text.strip():
        return ""
    whole = _PLAIN_MENTION.sub(lambda match: match[0] + _BREAK, text)
    whole = _INNER_FENCE.sub(f"``{_BREAK}", whole)
    return f"{_FENCE}{language if _LANGUAGE.fullmatch(language) else ''}\n{whole}\n{_FENCE}"


def link(text: str, url: str) -> str:
    """Return clean text as a link; without the link where the text could pass for another one.

    That is: an address that is no plain web address, or a text that reads like an address.
    """
    if text.strip() == url:
        return escape(text)
    if not text.strip() or not is_safe_url(url) or looks_like_url(text):
        return escape_without_links(text)
    # No bracket in the address can end the link.
    return f"[{escape_without_links(text)}](<{url.translate(_IN_LINK)}>)"
