"""Cards of a person's own: saved papers, their export, what is stored, and that it is gone."""

from collections.abc import Sequence

from bot.cards.blocks import note, paper_url
from bot.cards.locale import Locale
from bot.cards.paper_buttons import save_button
from bot.cards.papers import paper_selector
from bot.cards.references import format_reference
from bot.cards.reminders import remind_button
from bot.cards.retractions import retraction_runs
from bot.model.card import (
    Action,
    Bullets,
    Button,
    Card,
    Choice,
    Code,
    Control,
    Option,
    Paragraph,
    Run,
    Style,
)
from bot.model.papers import Paper
from bot.model.people import PersonData, SavedOrder, SavedPaper
from bot.papers import bibtex, csl

PAGE_SIZE = 10
"""Saved papers on a page."""
EXPORTS = ("markdown", "bibtex", "csl")
"""The forms in which saved papers are exported."""
CONFIRMED = "yes"
"""What follows `/forget-me` where the person has confirmed it."""


def saved_card(locale: Locale, paper: Paper, *, is_new: bool) -> Card:
    """Return that a paper is kept."""
    said = (
        locale.translate("It is in your list now: /saved shows it.")
        if is_new
        else locale.translate("It is in your list already: /saved shows it.")
    )
    remove = Action("unsave", format_reference(paper, locale.language_choice))
    return Card(
        locale.first_text(paper.titles) or paper.key,
        paper_url(paper),
        (Paragraph((Run(said),)),),
        (
            _list_button(locale),
            remind_button(locale, paper),
            Button(locale.translate("Remove"), remove),
        ),
    )


def removed_card(locale: Locale, paper: Paper) -> Card:
    """Return that a paper is kept no more."""
    said = locale.translate("It is not in your list any more.")
    controls = (_list_button(locale), save_button(locale, paper))
    title = locale.first_text(paper.titles) or paper.key
    return Card(title, paper_url(paper), (Paragraph((Run(said),)),), controls)


def saved_list_card(
    locale: Locale,
    shown: Sequence[tuple[Paper, SavedPaper]],
    order: SavedOrder,
    page: tuple[int, int],
) -> Card:
    """Return a page of the papers that a person keeps; `page` is its number and the total."""
    number, total = page
    title = locale.translate_plural("{number} saved paper", "{number} saved papers", total)
    if not shown:
        hint = locale.translate("Press Save under a paper, or write /save and its name.")
        return Card(title, blocks=(Paragraph((Run(hint),)),))
    papers = [paper for paper, _ in shown]
    unread = [paper for paper, saved in shown if saved.read_at is None]
    read = [paper for paper, saved in shown if saved.read_at is not None]
    first = (number - 1) * PAGE_SIZE + 1
    items = tuple(_item(locale, paper, saved) for paper, saved in shown)
    controls: list[Control] = [paper_selector(locale, papers)]
    controls += _marks(locale, "saved_read", locale.translate("Mark as read"), unread)
    controls += _marks(locale, "saved_unread", locale.translate("Mark as unread"), read)
    controls += _marks(locale, "unsave", locale.translate("Remove"), papers)
    controls += _ways(locale, order, number, total)
    return Card(title, blocks=(Bullets(items, first=first),), controls=tuple(controls))


def export_card(locale: Locale, form: str, papers: Sequence[Paper], total: int) -> Card:
    """Return saved papers in a form that other programs read."""
    with_urls = [(paper, paper_url(paper)) for paper in papers]
    match form:
        case "bibtex":
            code = Code("\n\n".join(bibtex.format_entry(*each) for each in with_urls), "bibtex")
        case "csl":
            code = Code(csl.format_items(with_urls), "json")
        case _:
            lines = [f"- [{_plain(locale, paper)}]({url})" for paper, url in with_urls]
            code = Code("\n".join(lines), "markdown")
    title = locale.translate_plural("{number} saved paper", "{number} saved papers", total)
    left_out = total - len(papers)
    more = [
        note(
            locale.translate_plural(
                "{number} older paper is left out.", "{number} older papers are left out.",
                left_out,
            )
        )
    ]  # fmt: skip
    return Card(title, blocks=(code, *(more if left_out > 0 else ())))


def unknown_saved_card(locale: Locale, asked: str) -> Card:
    """Return what can follow `/saved`."""
    said = locale.translate(
        "A page, newest, oldest or unread, or export with markdown, bibtex or csl."
    )
    title = locale.translate("“{asked}” is not understood after /saved", asked=asked)
    return Card(title, "", (Paragraph((Run(said),)),), (_list_button(locale),))


def privacy_card(locale: Locale, data: PersonData) -> Card:
    """Return in plain words what is stored about a person, and how to remove it."""
    stored = [
        (data.saved, locale.translate_plural(
            "{number} saved paper, with the days when you saved and read it",
            "{number} saved papers, with the days when you saved and read them",
            len(data.saved),
        )),
        (data.follows, locale.translate_plural(
            "{number} thing that you follow", "{number} things that you follow",
            len(data.follows),
        )),
        (data.reminders, locale.translate_plural(
            "{number} reminder with its time", "{number} reminders with their times",
            len(data.reminders),
        )),
        (data.messages, locale.translate_plural(
            "when {number} direct message was or is to be sent, for 60 days",
            "when {number} direct messages were or are to be sent, for 60 days",
            data.messages,
        )),
        (data.settings, locale.translate(
            "your hour, time zone and language for direct messages, and where you asked last"
        )),
        (data.votes, locale.translate_plural(
            "{number} vote for a favourite, with a hash instead of your id",
            "{number} votes for favourites, with a hash instead of your id",
            data.votes,
        )),
        (data.discussions, locale.translate_plural(
            "that you opened {number} discussion", "that you opened {number} discussions",
            data.discussions,
        )),
        (data.digests, locale.translate_plural(
            "that you subscribed {number} digest, whose failures you are told",
            "that you subscribed {number} digests, whose failures you are told",
            data.digests,
        )),
        (data.reports, locale.translate_plural(
            "that you reported {number} mistake, to tell you what became of it",
            "that you reported {number} mistakes, to tell you what became of them",
            data.reports,
        )),
    ]  # fmt: skip
    items = tuple((Run(said),) for number, said in stored if number)
    head = (
        locale.translate("Your id on this platform is stored with:")
        if items
        else locale.translate("Nothing is stored about you.")
    )
    never = locale.translate(
        "Names, questions and what is written in threads are never stored. Copies of the database "
        "are older: what is removed now is in them until they expire, by default within 30 days."
    )
    buttons = (
        Button(locale.translate("All of it, as a file"), Action("privacy", "json")),
        Button(locale.translate("Remove all of it"), Action("forget-me", "")),
    )
    return Card(
        locale.translate("What Paperboy stores about you"),
        blocks=(Paragraph((Run(head),)), *([Bullets(items)] if items else []), note(never)),
        controls=buttons if items else (),
    )


def data_card(locale: Locale) -> Card:
    """Return that all that is stored about a person is in a file."""
    said = locale.translate(
        "The file has all of it, as JSON. Where a file cannot stand here, it comes as a direct "
        "message."
    )
    title = locale.translate("What Paperboy stores about you")
    return Card(title, blocks=(Paragraph((Run(said),)),))


def confirm_forget_card(locale: Locale) -> Card:
    """Ask whether all that is stored about a person is to be removed."""
    said = locale.translate(
        "Saved papers, follows, reminders, messages that were not sent yet, votes and your id are "
        "removed at once and cannot be brought back. What was posted in channels stays there. You "
        "are no longer told of failures of digests that you subscribed."
    )
    yes = Button(locale.translate("Remove all of it"), Action("forget-me", CONFIRMED))
    title = locale.translate("Remove all that is stored about you?")
    return Card(title, "", (Paragraph((Run(said),)),), (yes,))


def forgotten_card(locale: Locale) -> Card:
    """Return that nothing is stored about a person any more."""
    said = locale.translate(
        "Your id is not in the database any more. Copies of it that were made before expire, by "
        "default within 30 days."
    )
    return Card(
        locale.translate("All that was stored about you is removed"),
        blocks=(Paragraph((Run(said),)),),
    )


def _item(locale: Locale, paper: Paper, saved: SavedPaper) -> tuple[Run, ...]:
    title = locale.first_text(paper.titles) or paper.key
    day = locale.format_date((saved.read_at or saved.saved_at).date())
    said = (
        locale.translate("read on {day}", day=day)
        if saved.read_at
        else locale.translate("saved on {day}", day=day)
    )
    return (
        Run(title, Style.STRONG, paper_url(paper)),
        *retraction_runs(locale, paper),
        Run("\n" + said, Style.SMALL),
    )


def _marks(
    locale: Locale, action: str, label: str, papers: Sequence[Paper]
) -> tuple[Control, ...]:
    options = tuple(
        Option(
            locale.first_text(paper.titles) or paper.key,
            format_reference(paper, locale.language_choice),
        )
        for paper in papers
    )
    return (Choice(label, options, action),) if options else ()


def _ways(locale: Locale, order: SavedOrder, number: int, total: int) -> tuple[Control, ...]:
    """Return the ways to other pages, orders and exports."""
    labels = {
        SavedOrder.NEWEST: locale.translate("Newest first"),
        SavedOrder.OLDEST: locale.translate("Oldest first"),
        SavedOrder.UNREAD: locale.translate("Unread first"),
    }
    pages = [
        (locale.translate("← Page {number}", number=number - 1), number - 1, number > 1),
        (
            locale.translate("Page {number} →", number=number + 1),
            number + 1,
            number * PAGE_SIZE < total,
        ),
    ]
    found = [
        Button(label, Action("saved", f"{order.value} {page}"))
        for label, page, is_there in pages
        if is_there
    ]
    found += [
        Button(label, Action("saved", each.value))
        for each, label in labels.items()
        if each is not order and total > 1
    ]
    exports = zip(("Markdown", "BibTeX", "CSL-JSON"), EXPORTS, strict=True)
    found += [Button(label, Action("saved", f"export {form}")) for label, form in exports]
    return tuple(found)


def _list_button(locale: Locale) -> Button:
    return Button(locale.translate("Saved papers"), Action("saved", ""))


def _plain(locale: Locale, paper: Paper) -> str:
    """Return a title in which nothing ends a link of Markdown."""
    title = locale.first_text(paper.titles) or paper.key
    return title.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
