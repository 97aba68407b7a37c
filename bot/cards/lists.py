"""Cards that list: papers of a tag, tags, passages of a full-text search."""

from collections.abc import Callable, Sequence

from bot.cards.blocks import address, echo, note
from bot.cards.locale import Locale
from bot.cards.papers import paper_choice, paper_list
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
from bot.ports.archive import PaperPage, Snippet

PAGE = 10
"""How many papers a page of a list has."""

_MAX_TAGS = 60
_MAX_OPTIONS = 25


def tag_card(locale: Locale, tag: str, name: str, page: PaperPage, number: int) -> Card:
    """Return a page (from 1) of the papers with a tag."""
    label = tag if name.casefold() == tag else f"{tag} ({name})"
    first = (number - 1) * PAGE + 1
    return Card(
        title=f"#{label}",
        blocks=(
            note(_extent(locale, first, len(page.papers), page.total)),
            paper_list(locale, page.papers, first=first),
        ),
        controls=(
            paper_choice(locale, page.papers),
            *_pages(locale, "tag_page", tag, number, page.total),
        ),
    )


def tags_card(
    locale: Locale, counts: Sequence[tuple[str, int]], name: Callable[[str], str]
) -> Card:
    """Return the most used tags with their numbers of papers."""
    if not counts:
        return Card(
            locale.say("There are no tags yet"),
            blocks=(Paragraph((Run(locale.say("They come with the first week.")),)),),
        )
    shown = counts[:_MAX_TAGS]
    return Card(
        title=locale.say("Tags, the most used first"),
        blocks=(
            Bullets(
                tuple(
                    (
                        Run(f"#{tag}", Style.STRONG),
                        Run(f" {name(tag)}: {locale.number(count)}"),
                    )
                    for tag, count in shown
                ),
                more=locale.say("… and {count} more", count="{count}"),
            ),
        ),
        controls=(tag_choice(locale, [tag for tag, _ in shown], name),),
    )


def missing_tag_card(
    locale: Locale, asked: str, nearest: Sequence[str], name: Callable[[str], str]
) -> Card:
    """Say that no paper has such a tag, and which tags are nearest."""
    title = locale.say("No paper has the tag “{asked}”", asked=echo(asked))
    if not nearest:
        advice = locale.say("/tag alone lists all tags; /find looks for words of a text.")
        return Card(title, blocks=(Paragraph((Run(advice),)),))
    items = tuple((Run(f"#{tag}", Style.STRONG), Run(f" {name(tag)}")) for tag in nearest)
    return Card(
        title,
        blocks=(Paragraph((Run(locale.say("Did you mean one of these?")),)), Bullets(items)),
        controls=(tag_choice(locale, nearest, name),),
    )


def empty_page_card(locale: Locale, tag: str, total: int) -> Card:
    """Say that a list has fewer pages."""
    pages = -(-total // PAGE)
    sentence = locale.count("It has {number} page.", "It has {number} pages.", pages)
    return Card(
        locale.say("#{tag} has no such page", tag=tag),
        blocks=(Paragraph((Run(sentence),)),),
        controls=(Button(locale.say("First page"), Action("tag", tag)),),
    )


def tag_choice(locale: Locale, tags: Sequence[str], name: Callable[[str], str]) -> Choice:
    """Return a list to choose one of these tags from."""
    return Choice(
        placeholder=locale.say("Choose a tag"),
        options=tuple(Option(f"#{tag}", tag, name(tag)) for tag in tags[:_MAX_OPTIONS]),
        action="tag",
    )


def find_card(
    locale: Locale,
    words: str,
    hits: Sequence[tuple[Paper, Snippet]],
    total: int,
    number: int,
) -> Card:
    """Return a page (from 1) of the papers in whose texts these words stand."""
    first = (number - 1) * PAGE + 1
    items = tuple(_hit(locale, paper, passage) for paper, passage in hits)
    return Card(
        title=locale.say("Papers that say “{words}”", words=echo(words)),
        blocks=(
            note(_extent(locale, first, len(hits), total)),
            Bullets(items, first=first),
        ),
        controls=(
            paper_choice(locale, [paper for paper, _ in hits]),
            *_pages(locale, "find_page", words, number, total),
        ),
    )


def nothing_found_card(locale: Locale, words: str) -> Card:
    """Say that no text has these words."""
    return Card(
        locale.say("No paper says “{words}”", words=echo(words)),
        blocks=(
            Paragraph((Run(locale.say("Try fewer words, or other ones; /tag lists subjects.")),)),
        ),
    )


def _extent(locale: Locale, first: int, count: int, total: int) -> str:
    if total <= count:
        return locale.count("{number} paper", "{number} papers", total)
    return locale.count(
        "{first}-{last} of {number} paper", "{first}-{last} of {number} papers", total,
        first=first, last=first + count - 1,
    )  # fmt: skip


def _hit(locale: Locale, paper: Paper, passage: Snippet) -> tuple[Run, ...]:
    title = Run(locale.text(paper.titles) or paper.key, Style.STRONG, address(paper))
    week = f" ({paper.appearances[0].week})" if paper.appearances else ""
    parts = tuple(
        Run(text, Style.STRONG if is_match else Style.PLAIN) for text, is_match in passage.parts
    )
    return (title, Run(week + "\n"), *parts)


def _pages(
    locale: Locale, action: str, argument: str, number: int, total: int
) -> tuple[Control, ...]:
    found = []
    if number > 1:
        label = locale.say("← Newer")
        found.append(Button(label, Action(action, f"{number - 1} {argument}")))
    if number * PAGE < total:
        found.append(Button(locale.say("Older →"), Action(action, f"{number + 1} {argument}")))
    return tuple(found)
