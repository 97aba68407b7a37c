"""Citations are read by a bibliography tool as they were meant."""

import codecs
import re
from dataclasses import replace
from datetime import date
from unicodedata import normalize

import latexcodec  # noqa: F401 - registers the encoding
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pybtex.database import Entry, parse_string
from pylatexenc.latex2text import LatexNodes2Text

from bot.model.papers import Appearance, MetadataProvider, Paper, Record
from bot.model.weeks import Week
from bot.papers import bibtex
from tests.samples import MONDAY, RING

pytestmark = pytest.mark.slow

RECORD = Record(
    MetadataProvider.ARXIV,
    "Ring Attention with Blockwise Transformers",
    authors=("Hao Liu", "Matei Zaharia", "Pieter Abbeel"),
    published=date(2023, 10, 3),
    category="cs.CL",
)


def read(paper: Paper, url: str = "") -> Entry:
    """Return the one entry, as an independent reader of BibTeX tells it."""
    found = parse_string(bibtex.format_entry(paper, url), "bibtex").entries
    assert list(found) == [bibtex.citation_key(paper)]
    return found[bibtex.citation_key(paper)]


def shown(text: str) -> str:
    """Return what LaTeX shows of a text, as an independent reader tells it."""
    return re.sub(r"[{}]", "", codecs.decode(text, "ulatex"))  # type: ignore[call-overload]


def test_a_paper_of_arxiv_is_cited_in_full() -> None:
    assert bibtex.format_entry(replace(RING, record=RECORD), "https://x.example") == (
        "@misc{arxiv:2310.01889,\n"
        "  title = {{Ring Attention with Blockwise Transformers}},\n"
        "  author = {Hao Liu and Matei Zaharia and Pieter Abbeel},\n"
        "  year = {2023},\n"
        "  eprint = {2310.01889},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  url = {https://arxiv.org/abs/2310.01889}\n"
        "}"
    )


def test_a_paper_that_a_journal_printed_is_an_article() -> None:
    printed = replace(RECORD, journal="Nature 620 (2023)", doi="10.1038/s41586-023-06415-8")

    entry = read(replace(RING, record=printed))

    assert entry.type == "article"
    assert entry.fields["journal"] == "Nature 620 (2023)"
    assert entry.fields["doi"] == "10.1038/s41586-023-06415-8"


def test_without_a_record_what_is_stored_is_cited() -> None:
    entry = read(RING)

    assert entry.fields["title"] == "{" + RING.titles["en"] + "}"
    assert entry.fields["year"] == "2023"
    assert not entry.persons


@pytest.mark.parametrize(
    ("paper", "key"),
    [
        (replace(RING, nickname="RingAttention"), "RingAttention"),
        (Paper("title:x", titles={"en": "An Ugly: Title_1 & more"}), r"An Ugly: Title{\_}1"),
        (Paper("title:x", titles={"ko": "긴 글을 다루는 법: 하나"}), "긴 글을 다루는"),
        (Paper("title:x"), "title:x"),
        (replace(RING, record=RECORD), None),
        (replace(RING, nickname="R", record=replace(RECORD, authors=())), "R"),
    ],
)
def test_a_paper_without_authors_has_a_key_to_be_sorted_by(paper: Paper, key: str | None) -> None:
    assert read(paper).fields.get("key") == key


@pytest.mark.parametrize(
    ("key", "aliases", "fields"),
    [
        ("doi:10.1038/s41586-023-06415-8", (), {"doi": "10.1038/s41586-023-06415-8"}),
        ("openreview:abc", ("doi:10.1/x",), {"doi": "10.1/x"}),
        ("x:1709630382457733596", (), {"url": "https://x.com/a/status/1709630382457733596"}),
        ("url:github.com/a/b?c=1", (), {"url": "https://x.com/a/status/1709630382457733596"}),
        ("title:a-title", (), {"title": "{Only a Title}"}),
    ],
)
def test_papers_that_are_not_on_arxiv_are_cited(
    key: str, aliases: tuple[str, ...], fields: dict[str, str]
) -> None:
    place = Appearance(Week.of(MONDAY), "dair", 1, MONDAY)
    paper = Paper(key, aliases, {"en": "Only a Title"}, appearances=(place,))

    entry = read(paper, "https://x.com/a/status/1709630382457733596")

    assert dict(entry.fields) | fields == dict(entry.fields)
    assert "eprint" not in entry.fields
    assert entry.fields["year"] == "2023"


@pytest.mark.parametrize(
    ("number", "year"),
    [("math.GT/0309136", "2003"), ("hep-th/9711200", "1997"), ("0704.0001", "2007")],
)
def test_an_id_of_arxiv_tells_its_year(number: str, year: str) -> None:
    paper = Paper(f"arxiv:{number}", titles={"en": "Old"})

    assert read(paper).fields["year"] == year
    assert read(paper).fields["eprint"] == number


@pytest.mark.parametrize(
    ("name", "first", "prelast", "last", "lineage"),
    [
        ("Hao Liu", ["Hao"], [], ["Liu"], []),
        ("Laurens van der Maaten", ["Laurens"], ["van", "der"], ["Maaten"], []),
        ("Guy Van den Broeck", ["Guy"], [], ["{Van den Broeck}"], []),
        ("Luc Van Gool", ["Luc"], [], ["Gool"], []),
        ("Geoffrey E. Hinton", ["Geoffrey"], [], ["Hinton"], []),
        ("Fei-Fei Li", ["Fei-Fei"], [], ["Li"], []),
        ("William A. Gale Jr.", ["William"], [], ["Gale"], ["Jr."]),
        ("Juan de la Cruz III", ["Juan"], ["de", "la"], ["Cruz"], ["III"]),
        ("OpenAI", [], [], ["OpenAI"], []),
        ("Gemini Team", [], [], ["{Gemini Team}"], []),
        ("Team GLM, Tsinghua", [], [], ["{Team GLM, Tsinghua}"], []),
        ("Barnes and Noble", [], [], ["{Barnes and Noble}"], []),
    ],
)
def test_names_are_taken_apart_rightly(
    name: str, first: list[str], prelast: list[str], last: list[str], lineage: list[str]
) -> None:
    (person,) = read(replace(RING, record=replace(RECORD, authors=(name,)))).persons["author"]

    assert person.first_names == first
    assert person.prelast_names == prelast
    assert person.last_names == last
    assert person.lineage_names == lineage


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("Łukasz Kaiser", r"{\L}ukasz Kaiser"),
        ("Jürgen Schmidhuber", r"J{\"{u}}rgen Schmidhuber"),
        ("Çağlar Gülçehre", r"{\c{C}}a{\u{g}}lar G{\"{u}}l{\c{c}}ehre"),
        ("Péter Erdős", r"P{\'{e}}ter Erd{\H{o}}s"),
        ("Thắng Nguyễn", r"Th{\'{\u{a}}}ng Nguy{\~{\^{e}}}n"),
        ("Søren Ødegård", r"S{\o}ren {\O}deg{\r{a}}rd"),
        ("Lê Thị Cậm Đặng", r"L{\^{e}} Th{\d{i}} C{\d{\^{a}}}m {\DJ}{\d{\u{a}}}ng"),
        ("Hưng Sở", "Hưng Sở"),
        ("山田太郎", "山田太郎"),
        ("김철수", "김철수"),
    ],
)
def test_letters_with_marks_are_written_in_latex(name: str, latex: str) -> None:
    assert bibtex.escape_text(name) == latex


@pytest.mark.parametrize(
    ("title", "latex"),
    [
        ("100% of C# & {more}_less", r"100{\%} of C{\#} {\&} {more}{\_}less"),
        (r"Q\&A at 50\%", r"Q\&A at 50\%"),
        (r"$\pi_0$: A Flow Model", r"$\pi_0$: A Flow Model"),
        ("From $5 to $10", r"From {\$}5 to {\$}10"),
        ("{unbalanced", r"{\textbraceleft}unbalanced"),
        ("\\emph{Attention} \u2013 again", r"\emph{Attention} {\textendash} again"),
        (
            r"\input{/etc/passwd}",
            r"{\textbackslash}input{\textbraceleft}/etc/passwd{\textbraceright}",
        ),
        ("ends with \\", r"ends with {\textbackslash}"),
        ("}{", r"{\textbraceright}{\textbraceleft}"),
    ],
)
def test_titles_of_arxiv_keep_their_latex_and_nothing_else(title: str, latex: str) -> None:
    entry = read(replace(RING, record=replace(RECORD, title=title)))

    assert entry.fields["title"] == "{" + latex + "}"


def test_of_very_many_authors_the_first_are_named() -> None:
    many = tuple(f"Author Number{n}" for n in range(1300))

    persons = read(replace(RING, record=replace(RECORD, authors=many))).persons["author"]

    assert len(persons) == bibtex.MAX_AUTHORS + 1
    assert str(persons[-1]) == "others"


ANY = st.text(
    st.sampled_from("{}\\$%&#_^~\"'@,= aZéữЖ한\n\u2013“𝜋\x00") | st.characters(codec="utf-8"),
    max_size=40,
)


@given(
    title=ANY, names=st.lists(ANY.filter(lambda n: any(map(str.isalpha, n))), max_size=4), more=ANY
)
def test_whatever_a_paper_says_its_entry_can_be_read(
    title: str, names: list[str], more: str
) -> None:
    record = replace(RECORD, title=title, authors=tuple(names), journal=more, doi=more)
    paper = Paper("url:" + more, titles={"en": title}, record=record)

    entry = read(paper, more)

    assert len(entry.persons.get("author", ())) == len(names)
    assert entry.fields["year"] == "2023"
    plain = read(replace(paper, record=None)).fields["title"]
    assert plain.count("{") == plain.count("}")


LETTERS = st.text(
    st.sampled_from(
        "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿāăąćčďēęěğīįıłńňőœřśşšţťūůűźżžßæÅØŁ .,:;!?&%#_()+/='`-"
    )
    | st.characters(min_codepoint=0x30, max_codepoint=0x7A, categories=["L", "N"]),
    max_size=30,
)


@example("a--b---c ''d`` ?`e")
@given(LETTERS)
def test_plain_text_is_shown_as_it_stands(text: str) -> None:
    latex = bibtex.escape_text(text)

    assert latex.isascii()
    assert shown(latex).split() == text.split()


@given(st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọờởỡớợừửữứựỷỵ "))
def test_vietnamese_is_read_back_as_it_stands(text: str) -> None:
    latex = bibtex.escape_text(text)

    decoded = LatexNodes2Text().latex_to_text(latex)
    assert normalize("NFC", decoded).split() == text.split()
    assert not re.search(r"\\[^d]\{\\d\{", latex)  # no accent over a letter with a dot below


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=6, unique=True))
def test_no_two_papers_share_a_key_and_a_key_stays(names: list[str]) -> None:
    papers = [Paper("url:" + name) for name in names]

    keys = [bibtex.citation_key(paper) for paper in papers]

    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9.:/_+-]+", key) for key in keys)
    assert bibtex.citation_key(replace(papers[0], record=RECORD, titles={"en": "x"})) == keys[0]
