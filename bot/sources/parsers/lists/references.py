"""Parses references: BibTeX, RIS, and CSL-JSON as Zotero exports them."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware

from bot.model.papers import Link, Problem
from bot.sources.parsers.lists.listed import ListedPaper, PaperList, links_in

_BIBTEX = re.compile(r"^\s*@[a-z]{2,30}\s*\{\s*[^\s,{}]{1,200}\s*,", re.IGNORECASE | re.MULTILINE)
_RIS = re.compile(r"^TY  - [A-Z]{2,8}\s*$", re.MULTILINE)
_HEAD = 20_000
_KEYWORDS = re.compile(r"\s*[;,]\s*")
_NO_PAPER = "has no title and no address."


def looks_like_bibtex(text: str) -> bool:
    """Return whether a text begins with BibTeX entries."""
    return bool(_BIBTEX.search(text[:_HEAD]))


def looks_like_ris(text: str) -> bool:
    """Return whether a text begins with RIS records."""
    return bool(_RIS.search(text[:_HEAD]))


def looks_like_csl(value: Any) -> bool:
    """Return whether parsed JSON is a list of CSL items."""
    items = value if isinstance(value, list) else []
    return bool(items) and all(
        isinstance(item, dict) and "type" in item and ("title" in item or "DOI" in item)
        for item in items
    )


def parse_bibtex(text: str) -> PaperList:
    """Return the papers of BibTeX entries; a damaged entry is a problem, and costs no other."""
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # the problems tell the same
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    papers, problems = [], []
    for entry in library.entries:
        fields = {field.key.casefold(): str(field.value) for field in entry.fields}
        if fields.get("archiveprefix", "arxiv").casefold() == "arxiv" and "eprint" in fields:
            fields["eprint"] = f"https://arxiv.org/abs/{fields['eprint']}"
        names = ("eprint", "doi", "url", "howpublished", "note")
        addresses = [_as_doi(name, fields[name]) for name in names if name in fields]
        paper = _paper((entry.start_line or 0) + 1, fields, addresses)
        papers += [paper] if paper else []
        if paper is None:
            message = f"the entry “{entry.key[:60]}” {_NO_PAPER}"
            problems.append(Problem((entry.start_line or 0) + 1, message, lost=True))
    problems += [
        Problem((block.start_line or 0) + 1, "this BibTeX entry is damaged.", lost=True)
        for block in library.failed_blocks
    ]
    return PaperList(tuple(papers), tuple(problems))


def parse_ris(text: str) -> PaperList:
    """Return the papers of RIS records."""
    try:
        records = rispy.loads(text)
    except (OSError, ValueError, KeyError) as error:
        problem = Problem(0, f"it is damaged or incomplete RIS: {error}", lost=True)
        return PaperList(problems=(problem,))
    items = []
    for record in records:
        fields = {name: each for name, each in record.items() if isinstance(each, str)}
        fields["title"] = fields.get("title") or fields.get("primary_title", "")
        fields["keywords"] = "; ".join(map(str, record.get("keywords", [])))
        addresses = [_as_doi("doi", fields.get("doi", "")), *map(str, record.get("urls", []))]
        items.append((fields, addresses))
    return _numbered(items)


def parse_csl(items: Sequence[Mapping[str, Any]]) -> PaperList:
    """Return the papers of CSL-JSON items."""
    found = []
    for item in items:
        fields = {name: each for name, each in item.items() if isinstance(each, str)}
        fields["keywords"] = fields.get("keyword", "")
        notes = (fields.get(name, "") for name in ("URL", "note", "number"))
        found.append((fields, [_as_doi("doi", fields.get("DOI", "")), *notes]))
    return _numbered(found)


def _numbered(items: Iterable[tuple[Mapping[str, str], Sequence[str]]]) -> PaperList:
    papers, problems = [], []
    for number, (fields, addresses) in enumerate(items, start=1):
        paper = _paper(0, fields, addresses)
        papers += [paper] if paper else []
        if paper is None:
            problems.append(Problem(0, f"record {number} {_NO_PAPER}", lost=True))
    return PaperList(tuple(papers), tuple(problems))


def _paper(line: int, fields: Mapping[str, str], addresses: Sequence[str]) -> ListedPaper | None:
    links: dict[str, Link] = {}
    for address in addresses:
        for link in links_in(address):
            links.setdefault(link.url, link)
    title = " ".join(fields.get("title", "").split())
    if not title and not links:
        return None
    keywords = (word.casefold() for word in _KEYWORDS.split(fields.get("keywords", "")))
    tags = dict.fromkeys("-".join(word.split()) for word in keywords if word)
    abstract = " ".join(fields.get("abstract", "").split())
    return ListedPaper(line, title, tuple(links.values()), "", abstract, tuple(tags))


def _as_doi(name: str, value: str) -> str:
    value = value.strip()
    is_bare = name == "doi" and value and "://" not in value
    return f"https://doi.org/{value}" if is_bare else value
