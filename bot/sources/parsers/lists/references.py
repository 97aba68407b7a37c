"""Parses references: BibTeX, RIS, and CSL-JSON as Zotero exports them."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares import LatexDecodingMiddleware
from bibtexparser.model import DuplicateBlockKeyBlock

from bot.model.papers import Link, Problem
from bot.papers.links import links_in
from bot.sources.parsers.lists.listed import ListedPaper, PaperList

_BIBTEX = re.compile(r"^\s*@[a-z]{2,30}\s*\{\s*[^\s,{}]{1,200}\s*,", re.IGNORECASE | re.MULTILINE)
_BIBTEX_FIELDS = ("eprint", "doi", "url", "howpublished", "note", "journal")
"""Fields with an id, a DOI or an address; Google Scholar writes arXiv's ids as the journal."""

_RIS = re.compile(r"^TY  - [A-Z]{2,8}\s*$", re.MULTILINE)
_RIS_LINE = re.compile(r"([A-Z][A-Z0-9])(?:  -|(?: -(?= |$)))(.*)")
"""Two blanks by the rules, one as some tools write."""

_RIS_LINKS = ("UR", "L1", "L2", "LK", "JO")
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
    return all(isinstance(item, dict) for item in items) and any(
        "type" in item and ("title" in item or "DOI" in item) for item in items
    )


def parse_bibtex(text: str) -> PaperList:
    """Return the papers of BibTeX entries; a damaged entry is a problem, and costs no other."""
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # the problems tell the same
    library = _parse_bibtex(text)
    entries = [((entry.start_line or 0) + 1, entry) for entry in library.entries]
    problems = []
    for block in library.failed_blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, DuplicateBlockKeyBlock):
            # Another paper may have been given the same key by hand.
            entries += [(line, entry) for entry in _parse_bibtex(block.raw or "").entries]
        else:
            problems.append(Problem(line, "this BibTeX entry is damaged.", lost=True))
    papers = []
    for line, entry in sorted(entries, key=lambda pair: pair[0]):
        fields = {field.key.casefold(): str(field.value) for field in entry.fields}
        if fields.get("archiveprefix", "arxiv").casefold() != "arxiv":
            fields.pop("eprint", None)
        addresses = [_as_doi(name, fields[name]) for name in _BIBTEX_FIELDS if name in fields]
        paper = _paper(line, fields, addresses)
        papers += [paper] if paper else []
        if paper is None:
            message = f"the entry “{entry.key[:60]}” {_NO_PAPER}"
            problems.append(Problem(line, message, lost=True))
    return PaperList(tuple(papers), tuple(problems))


def _parse_bibtex(text: str) -> Library:
    return parse_string(text, append_middleware=[LatexDecodingMiddleware()])


def parse_ris(text: str) -> PaperList:
    """Return the papers of RIS records; one without an end ends where the next one begins."""
    items = []
    for record in _ris_records(text):
        fields = {
            "title": next(iter((*record.get("TI", ()), *record.get("T1", ()))), ""),
            "abstract": " ".join(record.get("AB", record.get("N2", ()))),
            "keywords": "; ".join(record.get("KW", ())),
        }
        dois = [_as_doi("doi", doi) for doi in record.get("DO", ())]
        links = (address for tag in _RIS_LINKS for address in record.get(tag, ()))
        items.append((fields, [*dois, *links]))
    return _numbered(items)


def _ris_records(text: str) -> Iterator[dict[str, list[str]]]:
    """Yield the values of each record by tag, in their order; `TY` begins a record.

    See https://en.wikipedia.org/wiki/RIS_(file_format).
    """
    record: dict[str, list[str]] | None = None
    values: list[str] = []
    for line in text.splitlines():
        match = _RIS_LINE.match(line)
        if match and match[1] == "TY":
            if record is not None:
                yield record
            record = {}
        elif match and record is not None:
            values = record.setdefault(match[1], [])
            values.append(match[2].strip())
        elif line.strip() and values:  # a long value goes on
            values[-1] += " " + line.strip()
    if record is not None:
        yield record


def parse_csl(items: Sequence[Mapping[str, Any]]) -> PaperList:
    """Return the papers of CSL-JSON items."""
    found = []
    for item in items:
        fields = {name: each for name, each in item.items() if isinstance(each, str)}
        fields["keywords"] = fields.get("keyword", "")
        notes = (fields.get(name, "") for name in ("URL", "note", "number", "container-title"))
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
