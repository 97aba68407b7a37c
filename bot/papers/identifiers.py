"""Derives the keys that identify a paper from its links and title (pure)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from bot.lib.urls import find_urls, is_safe_url, trim_url
from bot.model.papers import Link

KEY_KINDS = ("arxiv", "doi", "openreview", "acl", "url", "x", "title")
"""Kinds of key, strongest first: the first that applies identifies the paper."""

_NEW_ID = r"\d{4}\.\d{4,5}"
_OLD_ID = r"[a-z][a-z-]*(?:\.[A-Z]{2})?/\d{7}"
_ARXIV_ID = re.compile(
    rf"(?<![A-Za-z0-9_.])({_NEW_ID}|{_OLD_ID})(?:v\d+)?(?![\d]|\.\d)", re.IGNORECASE
)
_ARXIV_PATH = re.compile(rf"(?:^|/)({_NEW_ID}|{_OLD_ID})(?:v\d+)?(?:\.pdf)?/?$", re.IGNORECASE)
_ARXIV_HOSTS = frozenset({"arxiv.org", "export.arxiv.org", "alphaxiv.org", "ar5iv.org",
                          "ar5iv.labs.arxiv.org", "arxiv.gg"})  # fmt: skip
_HUGGING_FACE = frozenset({"huggingface.co", "hf.co"})
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>?#]+")
_ARXIV_DOI = re.compile(r"^10\.48550/arxiv\.(.+)$", re.IGNORECASE)
_BIORXIV_VERSION = re.compile(r"v\d+(?:\.(?:full|abstract).*)?$")
_NATURE = re.compile(r"^/articles/([a-z0-9-]+)", re.IGNORECASE)
_STATUS = re.compile(r"/status(?:es)?/(\d+)")
_ACL = re.compile(r"^/(?:anthology/)?([A-Z]\d{2}-\d{4}|\d{4}\.[a-z0-9_]+-[a-z0-9_]+\.\d+)")
_TRACKING = frozenset({"ref", "s", "t"})
_X_HOSTS = frozenset({"x.com", "twitter.com", "mobile.twitter.com"})
_CODE_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
_BARE_URL = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}/\S+", re.IGNORECASE)
"""An address without its scheme."""

_LABELS = (
    (re.compile(r"\bcode|github|\brepo(?:s|sitory)?\b", re.IGNORECASE), "code"),
    (re.compile(r"project|demo|website|\bpage|app\b", re.IGNORECASE), "project"),
    (re.compile(r"\bbook", re.IGNORECASE), "book"),
    (re.compile(r"blog|news|announc", re.IGNORECASE), "blog"),
    (re.compile(r"paper|report|system card|arxiv|논문", re.IGNORECASE), "paper"),
)
_MAX_SLUG = 80


def paper_keys(links: Iterable[Link], title: str) -> tuple[str, ...]:
    """Return the keys that these links and this title give a paper, strongest first.

    The first one is the paper's key. Each kind is used once, from the first link that has it: a
    row that links two papers is the first of them. An address of code is used only where
    nothing better exists, a title only where no link does, as eight titles recur for
    different papers in the known history.
    """
    found: dict[str, str] = {}
    code: str | None = None
    for link in links:
        key = key_from_url(link.url)
        if key is None:
            continue
        rank = _rank(key)
        if rank == "url" and link.kind in {"code", "project", "blog"}:
            code = code or key
        else:
            found.setdefault(rank, key)
    if code and not found.keys() - {"x"}:
        found["url"] = code
    if found.keys() - {"url", "x"}:
        found.pop("url", None)
    if not found:
        found["title"] = "title:" + slugify(title)
    return tuple(found[rank] for rank in KEY_KINDS if rank in found)


@lru_cache(maxsize=8192)  # an import sorts the keys of a paper again and again
def key_rank(key: str) -> tuple[int, str]:
    """Return a sort key that puts the strongest kind of key first."""
    return KEY_KINDS.index(_rank(key)), key


@lru_cache(maxsize=8192)
def key_from_url(url: str) -> str | None:
    """Return the key of an address, or None where it is no web address."""
    if not is_safe_url(url):
        return None
    parts = urlsplit(url)
    host, path = _host(parts), unquote(parts.path)
    return (
        _arxiv(host, path)
        or _doi(host, path)
        or _openreview(host, parts)
        or _acl(host, path)
        or _status(host, path)
        or "url:" + _normalised(parts)
    )


def find_keys(text: str) -> tuple[str, ...]:
    """Return the keys of every address, arXiv id and DOI in a text, in order of appearance."""
    found: dict[str, None] = {}
    rest = text
    for start, end in find_urls(text):
        key = key_from_url(text[start:end])
        if key:
            found[key] = None
            rest = rest.replace(text[start:end], " ")
    for match in _DOI.finditer(rest):
        doi = trim_url(match[0])
        found[_key_from_doi(doi)] = None
        rest = rest.replace(doi, " ")
    for match in _BARE_URL.finditer(rest):
        url = trim_url(match[0])
        key = key_from_url(f"https://{url}")
        if key and not key.startswith("url:"):
            found[key] = None
            rest = rest.replace(url, " ")
    for match in _ARXIV_ID.finditer(rest):
        found[f"arxiv:{_canonical_arxiv(match[1])}"] = None
    return tuple(found)


def link_kind(label: str, url: str) -> str:
    """Return the kind of a link: paper, pdf, code, post, project, book, blog or other.

    The address takes precedence over the label: labels are wrong in known rows.
    """
    parts = urlsplit(url)
    host, path = _host(parts), unquote(parts.path)
    by_address = _kind_by_address(host, path)
    if by_address:
        return by_address
    for pattern, kind in _LABELS:
        if pattern.search(label):
            return kind
    return "pdf" if path.lower().endswith(".pdf") else "other"


def slugify(text: str) -> str:
    """Return a text as lower-case words joined by hyphens, at most 80 characters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", folded).strip("-")[:_MAX_SLUG].rstrip("-") or "untitled"


def _rank(key: str) -> str:
    return key.partition(":")[0]


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").lower().removeprefix("www.")


def _arxiv(host: str, path: str) -> str | None:
    if host in _ARXIV_HOSTS or (host in _HUGGING_FACE and path.startswith("/papers/")):
        match = _ARXIV_PATH.search(path)
        return f"arxiv:{_canonical_arxiv(match[1])}" if match else None
    return None


def _canonical_arxiv(number: str) -> str:
    """Return an arXiv id in canonical case, such as `math.GT/0309136`."""
    archive, slash, rest = number.partition("/")
    if not slash:
        return number
    name, dot, category = archive.partition(".")
    return f"{name.lower()}{dot}{category.upper()}/{rest}"


def _doi(host: str, path: str) -> str | None:
    if host == "nature.com" and (match := _NATURE.match(path)):
        return f"doi:10.1038/{match[1].lower()}"
    match = _DOI.search(path)
    return _key_from_doi(match[0]) if match else None


def _key_from_doi(doi: str) -> str:
    doi = doi.rstrip(".,;:)/").lower()
    if match := _ARXIV_DOI.match(doi):
        return f"arxiv:{_canonical_arxiv(re.sub(r'v[0-9]+$', '', match[1]))}"
    return "doi:" + _BIORXIV_VERSION.sub("", doi)


def _openreview(host: str, parts: SplitResult) -> str | None:
    if host != "openreview.net":
        return None
    number = dict(parse_qsl(parts.query)).get("id")
    return f"openreview:{number}" if number else None


def _acl(host: str, path: str) -> str | None:
    if host not in {"aclanthology.org", "aclweb.org"}:
        return None
    match = _ACL.match(path)
    return f"acl:{match[1]}" if match else None


def _status(host: str, path: str) -> str | None:
    match = _STATUS.search(path) if host in _X_HOSTS else None
    return f"x:{match[1]}" if match else None


def _normalised(parts: SplitResult) -> str:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if not (k.startswith("utm_") or k in _TRACKING)]
    query = "?" + urlencode(kept) if kept else ""
    return f"{_host(parts)}{parts.path.rstrip('/')}{query}"


def _kind_by_address(host: str, path: str) -> str | None:
    if host in _X_HOSTS:
        return "post"
    if host in _ARXIV_HOSTS:
        return "pdf" if path.startswith("/pdf/") else "paper"
    if host in _CODE_HOSTS:
        return "paper" if path.lower().endswith(".pdf") else "code"
    if _arxiv(host, path) or _doi(host, path):
        return "paper"
    return None
