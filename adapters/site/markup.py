"""Renders pages as HTML and CommonMark (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from adapters.site import FOLDER
from adapters.site.page import PREVIEW, Page
from adapters.site.structured_data import describe
from bot.cards import page_addresses as addresses
from bot.cards.blocks import link_label
from bot.cards.commonmark import render_markdown
from bot.cards.issues import issue_card
from bot.cards.locale import Locale
from bot.cards.paper_facts import all_links
from bot.cards.papers import paper_card
from bot.cards.retractions import retraction_line
from bot.cards.sanitize import clean_card
from bot.lib.urls import is_safe_url
from bot.model.card import Bullets, Code, Divider, Paragraph, Style, Tone
from bot.model.papers import LANGUAGES, Paper

_BLOCK_KINDS = {"paragraph": Paragraph, "list": Bullets, "code": Code, "divider": Divider}
_FIRST_KINDS = ("paper", "pdf")
LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}


@dataclass(frozen=True, slots=True)
class Reader:
    """How a page is shown to its readers."""

    locale: Locale
    public_url: str
    """The address of the whole site, with a slash at its end."""

    has_pictures: bool = False
    """Whether pictures are drawn for pages."""
    has_paper_pictures: bool = True
    """Whether papers too have one; else that of their week stands for it."""
    can_ask: bool = True
    """Whether the host answers questions, which one of files does not."""

    @property
    def language(self) -> str:
        """Return the language of the page."""
        return self.locale.languages[0]

    @property
    def root(self) -> str:
        """Return the path of the site on its host, with a slash at its end."""
        return "/" + self.public_url.split("/", 3)[3]

    def path(self, address: str, language: str = "") -> str:
        """Return the path of a page in the language of this one, or in another."""
        return f"{self.root}{language or self.language}/{address}"

    def url(self, address: str, language: str = "") -> str:
        """Return the whole address of a page."""
        return f"{self.public_url}{language or self.language}/{address}"


def render_html(page: Page, reader: Reader) -> str:
    """Return a page as an HTML document."""
    optional = {
        "image": _image(page, reader),
        "pagination": None,
        "feed": "",
        "trend": "",
        "structured_data": describe(page, reader),
    }
    return render_template(page.template, reader, {**optional, **page.values, "page": page})


def render_markdown_page(page: Page, reader: Reader) -> str:
    """Return the issue and the papers of a page, with all their texts, as CommonMark."""
    cards = [issue_card(reader.locale, page.issue)] if page.issue else []
    cards += [paper_card(reader.locale, paper, with_abstract=True) for paper in page.papers]
    return "\n\n".join(map(render_markdown, map(clean_card, cards))) + "\n"


def render_template(name: str, reader: Reader, values: Mapping[str, object]) -> Markup:
    """Return a rendered template; what a template needs beside the usual is in `values`."""
    locale = reader.locale
    rendered = (
        _environment()
        .get_template(name)
        .render(
            reader=reader,
            locale=locale,
            language=reader.language,
            other_language=addresses.other_language(reader.language),
            languages=LANGUAGES,
            language_names=LANGUAGE_NAMES,
            translate=locale.translate,
            translate_plural=locale.translate_plural,
            links=lambda paper: _links(locale, paper),
            retracted=lambda paper: retraction_line(locale, paper),
            **values,
        )
    )
    return Markup(rendered)  # noqa: S704 - a template escapes what it shows


def _image(page: Page, reader: Reader) -> str:
    """Return the whole address of the picture of a page for other sites; empty for none."""
    address = page.image
    if page.template == "paper.html" and not reader.has_paper_pictures:
        newest = page.papers[0].appearances[:1]
        address = addresses.week(newest[0].series, newest[0].week) + PREVIEW if newest else ""
    return reader.url(address) if address and reader.has_pictures else ""


def _links(locale: Locale, paper: Paper) -> list[tuple[str, str]]:
    found = sorted(all_links(paper), key=lambda link: link.kind not in _FIRST_KINDS)
    return [(link_label(locale, each), each.url) for each in found if is_safe_url(each.url)]


def load_templates() -> None:
    """Compile all templates, so that no reader waits for it."""
    for name in _environment().list_templates():
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        # Templates are part of the program: no file is looked at again.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["kind"] = lambda block, name: _BLOCK_KINDS[name] is type(block)
    environment.globals.update(addresses=addresses, Style=Style, Tone=Tone, is_safe=is_safe_url)
    return environment
