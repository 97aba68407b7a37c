"""Cards of lists: the papers of a tag, tags, results of a full-text search."""

from collections.abc import Callable, Sequence

from bot.cards.blocks import note, paper_url, quote_query
from bot.cards.locale import Locale
from bot.cards.machine_notes import machine_texts
from bot.cards.papers import paper_list, paper_selector
from bot.cards.retractions import retraction_runs
from bot.model.card import (
    Action,
    Bullets,
    Button,
    Card,
    Choice,
    Control,
    Option,
    Paragraph,
    Run,
    Style,
)
from bot.model.papers import Paper
from bot.ports.archive import PaperPage
from bot.ports.search_index import MAX_COUNT, Snippet

PAGE_SIZE = 10
"""The number of papers on a page."""

_MAX_TAGS = 60
_MAX_OPTIONS = 25


def tag_card(locale: Locale, tag: str, name: str, page: PaperPage, number: int) -> Card:
    """Return a page (from 1) of the papers with a tag."""
    label = tag if name.casefold() == tag else f"{tag} ({name})"
    first = (number - 1) * PAGE_SIZE + 1
    return Card(
        title=f"#{label}",
        blocks=(
            note(_page_range(locale, first, len(page.papers), page.total)),
            paper_list(locale, page.papers, first=first),
        ),
        controls=(
            paper_selector(locale, page.papers),
            *_page_buttons(locale, "tag_page", tag, number, page.total),
        ),
    )


def tags_card(
    locale: Locale, counts: Sequence[tuple[str, int]], name: Callable[[str], str]
) -> Card:
    """Return the most used tags with their numbers of papers."""
    if not counts:
        return Card(
            locale.translate("There are no tags yet"),
            blocks=(Paragraph((Run(locale.translate("They come with the first week.")),)),),
        )
    shown = counts[:_MAX_TAGS]
    return Card(
        title=locale.translate("Tags, the most used first"),
        blocks=(
            Bullets(
                tuple(
                    (
                        Run(f"#{tag}", Style.STRONG),
                        Run(f" {name(tag)}: {locale.format_number(count)}"),
                    )
                    for tag, count in shown
                ),
            ),
        ),
        controls=(tag_selector(locale, [tag for tag, _ in shown], name),),
    )


def missing_tag_card(
    locale: Locale, asked: str, nearest: Sequence[str], name: Callable[[str], str]
) -> Card:
    """Return that no paper has such a tag, with the nearest tags."""
    title = locale.translate("No paper has the tag “{asked}”", asked=quote_query(asked))
    if not nearest:
        advice = locale.translate("/tag alone lists all tags; /find looks for words of a text.")
        return Card(title, blocks=(Paragraph((Run(advice),)),))
    items = tuple((Run(f"#{tag}", Style.STRONG), Run(f" {name(tag)}")) for tag in nearest)
    return Card(
        title,
        blocks=(Paragraph((Run(locale.translate("Did you mean one of these?")),)), Bullets(items)),
        controls=(tag_selector(locale, nearest, name),),
    )


def empty_page_card(locale: Locale, tag: str, total: int) -> Card:
    """Return that a list has fewer pages."""
    pages = -(-total // PAGE_SIZE)
    sentence = locale.translate_plural("It has {number} page.", "It has {number} pages.", pages)
    return Card(
        locale.translate("#{tag} has no such page", tag=tag),
        blocks=(Paragraph((Run(sentence),)),),
        controls=(Button(locale.translate("First page"), Action("tag", tag)),),
    )


def tag_selector(locale: Locale, tags: Sequence[str], name: Callable[[str], str]) -> Choice:
    """Return a list to choose one of these tags from."""
    return Choice(
        placeholder=locale.translate("Choose a tag"),
        options=tuple(Option(f"#{tag}", tag, name(tag)) for tag in tags[:_MAX_OPTIONS]),
        action="tag",
    )


def search_results_card(
    locale: Locale,
    words: str,
    hits: Sequence[tuple[Paper, Snippet]],
    total: int,
    number: int,
) -> Card:
    """Return a page (from 1) of the papers whose texts contain these words."""
    first = (number - 1) * PAGE_SIZE + 1
    items = tuple(_result_item(locale, paper, passage) for paper, passage in hits)
    return Card(
        title=locale.translate("Papers that say “{words}”", words=quote_query(words)),
        blocks=(
            note(_page_range(locale, first, len(hits), total)),
            Bullets(items, first=first),
        ),
        controls=(
            paper_selector(locale, [paper for paper, _ in hits]),
            *_page_buttons(locale, "find_page", words, number, total),
        ),
    )


def guess_card(
    locale: Locale, query: str, guesses: Sequence[tuple[Paper, Snippet]], action: str
) -> Card:
    """Return papers that may be meant, each with the passage that has the words."""
    return Card(
        title=locale.translate("Maybe one of these"),
        blocks=(
            note(locale.translate("No paper is called “{query}”", query=quote_query(query))),
            Bullets(
                tuple(_result_item(locale, paper, snippet) for paper, snippet in guesses), first=1
            ),
        ),
        controls=(paper_selector(locale, [paper for paper, _ in guesses], action),),
    )


def no_results_card(locale: Locale, words: str) -> Card:
    """Return that no text has these words."""
    return Card(
        locale.translate("No paper says “{words}”", words=quote_query(words)),
        blocks=(
            Paragraph(
                (Run(locale.translate("Try fewer words, or other ones; /tag lists subjects.")),)
            ),
        ),
    )


def _page_range(locale: Locale, first: int, count: int, total: int) -> str:
    if total <= count:
        return locale.translate_plural("{number} paper", "{number} papers", total)
    if total > MAX_COUNT:
        return locale.translate(
            "{first}-{last} of more than {number} papers",
            first=first, last=first + count - 1, number=locale.format_number(MAX_COUNT),
        )  # fmt: skip
    return locale.translate_plural(
        "{first}-{last} of {number} paper", "{first}-{last} of {number} papers", total,
        first=first, last=first + count - 1,
    )  # fmt: skip


def _result_item(locale: Locale, paper: Paper, passage: Snippet) -> tuple[Run, ...]:
    title = Run(locale.first_text(paper.titles) or paper.key, Style.STRONG, paper_url(paper))
    week = f" ({paper.appearances[0].week})" if paper.appearances else ""
    if machine_texts(locale, paper, ("title",)):
        week += f" [{locale.translate('translated by a machine')}]"
    parts = tuple(
        Run(text, Style.STRONG if is_match else Style.PLAIN) for text, is_match in passage.parts
    )
    return (title, Run(week + "\n"), *parts, *retraction_runs(locale, paper))


def _page_buttons(
    locale: Locale, action: str, argument: str, number: int, total: int
) -> tuple[Control, ...]:
    found = []
    if number > 1:
        label = locale.translate("← Newer")
        found.append(Button(label, Action(action, f"{number - 1} {argument}")))
    if number * PAGE_SIZE < total:
        found.append(
            Button(locale.translate("Older →"), Action(action, f"{number + 1} {argument}"))
        )
    return tuple(found)
