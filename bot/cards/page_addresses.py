"""The addresses of pages (pure): the same when they are served and as static files.

An address never changes its meaning. A page ends with a slash, so that a static host finds its
`index.html`; names are escaped into characters that every file system takes.
"""

import re
from urllib.parse import quote

from bot.model.papers import LANGUAGES
from bot.model.weeks import Week, parse

_UNFIT = re.compile(r"[^A-Za-z0-9./ -]|(?:^|(?<=/))/|/$|(?:^|(?<=/))\.+(?=/|$)")
"""What is escaped: unusual characters, and slashes and dots that hosts would resolve."""
MAX_SEGMENT = 200
"""Characters; a file's name has 255 at most, with an ending."""
_LONG = re.compile(rf"(?:~[0-9a-f]{{2}}|[^~]){{{MAX_SEGMENT // 3}}}(?=.)")
_ESCAPED = re.compile(rb"~([0-9a-f]{2})")


class InvalidAddress(ValueError):
    """A part of an address is none that this module makes."""


def escape_name(name: str) -> str:
    """Return a name as a part of an address; `unescape_name` reverses it.

    A blank becomes `_`, a character outside letters, digits, `.`, `/` and `-` its bytes in hex.
    What is too long for the name of a file is broken by `~/`.
    """
    escaped = _UNFIT.sub(_hex, name).replace(" ", "_")
    return "/".join(map(_break, escaped.split("/")))


def unescape_name(escaped: str) -> str:
    """Return the name that was escaped. Raises InvalidAddress."""
    spaced = escaped.replace("~/", "").replace("_", " ").encode()
    try:
        name = _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), spaced).decode()
    except UnicodeDecodeError:
        raise InvalidAddress(escaped) from None
    # One page has one address.
    if escape_name(name) != escaped:
        raise InvalidAddress(escaped)
    return name


def _hex(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in match[0].encode())


def _break(segment: str) -> str:
    """Return a part of an address, divided where it is long, but never inside of an escape."""
    if len(segment) <= MAX_SEGMENT:
        return segment
    head, last = _LONG.sub(r"\g<0>~/", segment).rsplit("/", 1)
    # What is left may be dots alone, which hosts would resolve.
    return f"{head}/{last.replace('.', '~2e') if set(last) == {'.'} else last}"


def home() -> str:
    """Return the address of the first page, after the language."""
    return ""


def year(number: int) -> str:
    """Return the address of the weeks of a year."""
    return f"weeks/{number}/"


def week(series: str, number: Week) -> str:
    """Return the address of an issue."""
    return f"week/{escape_name(series)}/{number}/"


def paper(key: str) -> str:
    """Return the address of a paper, by its key: `paper/arxiv/2310.01889/`."""
    kind, _, rest = key.partition(":")
    return f"paper/{kind}/{escape_name(rest)}/"


def paper_key(kind: str, rest: str) -> str:
    """Return the key of a paper's address. Raises InvalidAddress."""
    return f"{kind}:{unescape_name(rest)}"


def tags() -> str:
    """Return the address of the list of tags."""
    return "tags/"


def tag(slug: str, page: int = 1) -> str:
    """Return the address of a page of the papers with a tag."""
    return f"tag/{escape_name(slug)}/" + (f"page/{page}/" if page > 1 else "")


def author(name: str, page: int = 1) -> str:
    """Return the address of a page of an author's papers."""
    return f"author/{escape_name(name)}/" + (f"page/{page}/" if page > 1 else "")


def search(words: str = "", page: int = 1) -> str:
    """Return the address of a search."""
    if not words:
        return "search/"
    return f"search/?q={quote(words)}" + (f"&page={page}" if page > 1 else "")


def trends() -> str:
    """Return the address of what rose and fell."""
    return "trends/"


def trend(tag: str) -> str:
    """Return the address of a tag over time."""
    return f"trend/{escape_name(tag)}/"


def trend_of(question: str) -> str:
    """Return the address of several tags or words over time, as `/trend` asks for them."""
    return f"trend/?q={quote(question)}" if question else "trend/"


def beside(address: str, file: str) -> str:
    """Return the address of a file that belongs to a page: it has the query of the page."""
    path, mark, query = address.partition("?")
    return f"{path}{file}{mark}{query}"


def about() -> str:
    """Return the address of the page about the sources."""
    return "about/"


def parse_week(text: str) -> Week:
    """Return the week of an address. Raises InvalidAddress."""
    found = parse(text)
    if not isinstance(found, Week) or str(found) != text:
        raise InvalidAddress(text)
    return found


def other_language(language: str) -> str:
    """Return the other language of the pages."""
    return next(each for each in LANGUAGES if each != language)
