"""Formats a paper as a BibTeX entry in plain LaTeX, ASCII where LaTeX has a command (pure)."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from bot.lib.clean import clean
from bot.model.papers import Paper

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

MAX_AUTHORS = 60
"""Maximum authors named; the rest become `and others`."""

_KEY_WORDS = 3
"""The words of a title by which a paper without authors is sorted and labelled."""

_ARXIV = "arxiv:"
_DOI = "doi:"
_NEW_ID = re.compile(r"(\d\d)(\d\d)\.\d{4,5}")
_OLD_ID = re.compile(r"[a-z-]+(?:\.[A-Z]{2})?/(\d\d)\d{5}")
_FIRST_YEAR = 91
"""ArXiv began in 1991: years 91 to 99 of old ids are 19xx."""

_UNFIT_FOR_KEY = re.compile(r"[^A-Za-z0-9.:/_+-]")
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u",
    "\u0307": ".", "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d",
    "\u0326": "textcommabelow", "\u0327": "c", "\u0328": "k", "\u0331": "b",
}  # fmt: skip
"""LaTeX commands of combining marks."""

_BELOW = frozenset("\u0323\u0326\u0327\u0328\u0331")
"""Marks below a letter: LaTeX sets them under a letter with an accent, but no accent over them."""

_MATH = r"\$(?=\S)[^$]*(?<=\S)\$(?!\d)"
_COMMAND = r"\\(?:[A-Za-z]+ ?|[^A-Za-z\s])"
_TEX = re.compile(rf"({_MATH}|{_COMMAND}|[{{}}])")
_LIGATURE = re.compile(r"-(?=-)|'(?=')|`(?=`)|[!?](?=`)")
_UNSAFE_TEX = re.compile(
    r"\^\^|\\(?:input|include|openin|openout|read|write|immediate|special|catcode|[egx]?def|let|"
    r"csname|expandafter|scantokens|directlua|newcommand|renewcommand|usepackage|loop)(?![A-Za-z])"
)
"""Commands that do more than typesetting: a title with one is escaped instead."""

_GROUPS = re.compile(
    r"\b(?:team|group|collaboration|consortium|contributors|lab|labs|research|institute|"
    r"university|foundation|project|community|and)\b",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")
_CAPITAL_PARTICLES = frozenset({"Van", "Von", "De", "Della", "Di", "Del"})
"""Particles of a family name where a lower-case one follows."""


def format_entry(paper: Paper, url: str) -> str:
    """Return the BibTeX entry of a paper; `url` is its best address.

    The key is the paper's own, such as `arxiv:2310.01889`: no other paper has it, and it does not
    change when more is learnt.
    """
    kind = "article" if paper.record and paper.record.journal else "misc"
    lines = [f"  {name} = {{{text}}}" for name, text in _fields(paper, url).items() if text]
    return f"@{kind}{{{citation_key(paper)},\n" + ",\n".join(lines) + "\n}"


def citation_key(paper: Paper) -> str:
    """Return the key of a paper's entry; two papers never share one."""
    fit = _UNFIT_FOR_KEY.sub("-", paper.key)
    if fit == paper.key:
        return fit
    return f"{fit}-{hashlib.sha256(paper.key.encode()).hexdigest()[:6]}"


def _fields(paper: Paper, url: str) -> Mapping[str, str]:
    record = paper.record
    number = paper.key.removeprefix(_ARXIV) if paper.key.startswith(_ARXIV) else ""
    doi = record.doi if record else ""
    authors = _format_authors(record.authors) if record else ""
    return {
        "title": f"{{{_title(paper)}}}",
        "author": authors,
        # Styles sort and label by it where there is no author.
        "key": "" if authors else _sort_key(paper),
        "journal": escape_text(record.journal) if record else "",
        "year": _year(paper, number),
        "eprint": number,
        "archivePrefix": "arXiv" if number else "",
        "primaryClass": record.category if record and number else "",
        "doi": _safe_value(doi or _doi_of(paper)),
        "note": _retraction(paper),
        "url": _safe_value(f"https://arxiv.org/abs/{number}" if number else url),
    }


def _retraction(paper: Paper) -> str:
    if paper.retraction is None:
        return ""
    said = f"Retracted by its curators on {paper.retraction.on}: {paper.retraction.reason}"
    return escape_text(said)


def escape_text(text: str) -> str:
    """Return plain text escaped for LaTeX, with balanced braces."""
    encoded = _encode(" ".join(clean(text).split()))
    # Two of these signs are another one in LaTeX: a dash, or quotation marks.
    return _LIGATURE.sub(r"\g<0>{}", encoded)


def escape_tex(text: str) -> str:
    """Return text escaped for LaTeX; LaTeX in it, as in titles of arXiv, is kept."""
    line = " ".join(clean(text).split())
    if _UNSAFE_TEX.search(line) or not _is_balanced(line):
        return escape_text(line)
    parts = _TEX.split(line)
    # Every second part is LaTeX already; the math that it holds has to be closed as well.
    shown = "".join(part if place % 2 else _encode(part) for place, part in enumerate(parts))
    return shown if _is_balanced(shown) else escape_text(line)


def _title(paper: Paper) -> str:
    if paper.record and paper.record.title:
        return escape_tex(paper.record.title)
    return escape_text(_plain_title(paper))


def _plain_title(paper: Paper) -> str:
    titles = [paper.titles.get("en", ""), *paper.titles.values(), paper.key]
    return next(filter(None, titles))


def _sort_key(paper: Paper) -> str:
    """Return the short name of a paper, or the first words of its title."""
    title = paper.nickname or " ".join(_plain_title(paper).split()[:_KEY_WORDS])
    return escape_text(title.rstrip(":,;"))


def _year(paper: Paper, number: str) -> str:
    """Return the paper's year: of its record, its id, or its first appearance."""
    if paper.record and paper.record.published:
        return str(paper.record.published.year)
    if match := _NEW_ID.fullmatch(number):
        return f"20{match[1]}"
    if match := _OLD_ID.fullmatch(number):
        return f"{'19' if int(match[1]) >= _FIRST_YEAR else '20'}{match[1]}"
    return str(min(each.start for each in paper.appearances).year) if paper.appearances else ""


def _doi_of(paper: Paper) -> str:
    dois = (each for each in (paper.key, *paper.aliases) if each.startswith(_DOI))
    return next(dois, "").removeprefix(_DOI)


def _format_authors(names: Sequence[str]) -> str:
    shown = [_format_author(name) for name in names[:MAX_AUTHORS]]
    return " and ".join([*shown, "others"] if len(names) > MAX_AUTHORS else shown)


def _format_author(name: str) -> str:
    """Return a name in a form that BibTeX parses correctly.

    It finds particles by their small letters (`Laurens van der Maaten`); what it cannot know is
    said: a group is no person, `Jr.` is no family name, and neither is `Broeck` that of
    `Guy Van den Broeck`.
    """
    if "," in name or _GROUPS.search(name):
        return f"{{{escape_text(name)}}}"
    first, family, suffix = _split_name(name.split())
    if suffix:
        return ", ".join(map(escape_text, (" ".join(family), suffix, " ".join(first))))
    if family and family[0][:1].isupper() and len(family) > 1:
        return f"{{{escape_text(' '.join(family))}}}, {escape_text(' '.join(first))}"
    return escape_text(name)


def _split_name(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str], str]:
    """Return the given names, the family name with its particles, and what follows it."""
    suffix = words[-1] if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""  # noqa: PLR2004
    names = words[:-1] if suffix else words
    start = len(names) - 1
    while start > 1 and names[start - 1][:1].islower():
        start -= 1
    # `Van den`: a particle with a capital stands before one without.
    if start > 1 and names[start][:1].islower() and names[start - 1] in _CAPITAL_PARTICLES:
        start -= 1
    return names[:start], names[start:], suffix


def _safe_value(text: str) -> str:
    """Return an address or a DOI; empty where it could break the entry."""
    return "" if set(text) & set("{}\\\n ") else text


def _is_balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return not depth and text.count("$") % 2 == 0 and not text.endswith("\\")


@cache
def _encoder() -> "UnicodeToLatexEncoder":
    # Its tables take a while to import, and few cite.
    from pylatexenc.latexencode import (  # noqa: PLC0415
        RULE_CALLABLE,
        RULE_DICT,
        UnicodeToLatexConversionRule,
        UnicodeToLatexEncoder,
    )

    return UnicodeToLatexEncoder(
        conversion_rules=[
            # BibTeX counts braces that LaTeX would not, so none may stand alone.
            UnicodeToLatexConversionRule(
                RULE_DICT, {ord("{"): r"\textbraceleft", ord("}"): r"\textbraceright"}
            ),
            UnicodeToLatexConversionRule(RULE_CALLABLE, _accented),
            "defaults",
        ],
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )


def _encode(text: str) -> str:
    """Return plain text as LaTeX; blanks stay."""
    return str(_encoder().unicode_to_latex(text))


def _accented(text: str, place: int) -> tuple[int, str] | None:
    """Return the length of a letter with marks, and its command; None for other text."""
    letter = unicodedata.normalize("NFD", text[place])
    base, marks = letter[0], letter[1:]
    if not marks or not base.isascii() or not all(mark in _ACCENTS for mark in marks):
        return None
    return 1, _apply_accents(base, marks)


def _apply_accents(base: str, marks: Iterable[str]) -> str:
    shown = base
    for mark in sorted(marks, key=_BELOW.__contains__):
        shown = f"\\{_ACCENTS[mark]}{{{shown}}}"
    return shown
