"""Cards about papers: one paper, a choice of several, none."""

from collections.abc import Sequence

from bot.cards import page_addresses
from bot.cards.blocks import (
    SEPARATOR,
    appearance_label,
    heading,
    leading_sentences,
    link_label,
    localized_blocks,
    note,
    page_links,
    paper_url,
    quote_query,
    tag_line,
    text_blocks,
    unlisted_label,
)
from bot.cards.locale import BOTH, Locale
from bot.cards.machine_notes import machine_note, machine_texts
from bot.cards.paper_facts import (
    abstract_blocks,
    all_links,
    citation_buttons,
    has_abstract,
    record_lines,
)
from bot.cards.references import format_reference
from bot.cards.retractions import retraction_blocks, retraction_runs
from bot.model.card import (
    Action,
    Block,
    Bullets,
    Button,
    Card,
    Choice,
    Control,
    Divider,
    LinkButton,
    Option,
    Paragraph,
    Run,
    Style,
)
from bot.model.papers import Appearance, Paper

_MAX_APPEARANCES = 5
_MAX_SENTENCE = 200
"""The maximal number of characters of the sentences in the root of a thread."""


def paper_card(locale: Locale, paper: Paper, *, with_abstract: bool = False) -> Card:
    """Return a paper, with its abstract if asked for; of a retracted one the reason, no texts."""
    if paper.retraction:
        return _retracted_card(locale, paper)
    blocks: list[Block] = [*_facts(locale, paper)]
    blocks += localized_blocks(locale, paper.summaries)
    if not any(paper.summaries.values()):
        blocks.append(note(locale.translate("There is no summary of this paper yet.")))
    if with_abstract and has_abstract(paper):
        blocks += [
            Divider(),
            heading(locale.translate("Abstract")),
            *abstract_blocks(locale, paper),
        ]
    fields = ("title", "summary", "abstract") if with_abstract else ("title", "summary")
    blocks += machine_note(locale, [paper], fields)
    return Card(
        title=locale.first_text(paper.titles) or paper.key,
        url=paper_url(paper),
        blocks=tuple(blocks),
        controls=(*_links(locale, paper), *_actions(locale, paper, with_abstract=with_abstract)),
    )


def _retracted_card(locale: Locale, paper: Paper) -> Card:
    """Return a retracted paper: the reason stands in place of its summary and abstract."""
    blocks = (*retraction_blocks(locale, paper.retraction), *_facts(locale, paper))
    return Card(
        title=locale.first_text(paper.titles) or paper.key,
        url=paper_url(paper),
        blocks=(*blocks, *machine_note(locale, [paper], ("title",))),
        controls=(*_links(locale, paper), *_actions(locale, paper, with_abstract=True)),
    )


def thread_root_card(locale: Locale, paper: Paper) -> Card:
    """Return a paper in short, as the root of its thread: a sentence or two, links, buttons."""
    if paper.retraction:
        return _retracted_card(locale, paper)
    blocks = tuple(Paragraph((Run(lead),)) for lead, _ in _leads(locale, paper))
    return Card(
        title=locale.first_text(paper.titles) or paper.key,
        url=paper_url(paper),
        blocks=(
            *(blocks or (note(locale.translate("There is no summary of this paper yet.")),)),
            *machine_note(locale, [paper], ("title", "summary")),
        ),
        controls=(*_links(locale, paper), *_actions(locale, paper, with_abstract=True)),
    )


def thread_opening_card(locale: Locale, paper: Paper) -> Card:
    """Return what the root of a paper's thread lacks: facts, rest of the summary, abstract."""
    retracted = retraction_blocks(locale, paper.retraction)
    blocks: list[Block] = [*retracted, *_facts(locale, paper)]
    for _, rest in () if retracted else _leads(locale, paper):
        blocks += text_blocks(rest) if rest else ()
    if has_abstract(paper) and not retracted:
        blocks += [
            Divider(),
            heading(locale.translate("Abstract")),
            *abstract_blocks(locale, paper),
        ]
    made = ("title",) if retracted else ("title", "summary", "abstract")
    blocks += machine_note(locale, [paper], made)
    return Card(
        locale.translate("More about this paper"),
        blocks=tuple(blocks),
        thread_name=locale.first_text(paper.titles) or paper.key,
    )


def _leads(locale: Locale, paper: Paper) -> list[tuple[str, str]]:
    """Return the beginning and the rest of the summary in each language."""
    shown = locale.localized_texts(paper.summaries)
    most = 2 if len(shown) == 1 else 1
    return [leading_sentences(each.text, _MAX_SENTENCE, most) for each in shown]


def abstract_card(locale: Locale, paper: Paper) -> Card:
    """Return the abstract of a paper."""
    if paper.retraction:
        return _retracted_card(locale, paper)
    blocks = abstract_blocks(locale, paper) or (
        note(locale.translate("There is no abstract of this paper yet.")),
    )
    return Card(
        title=locale.first_text(paper.titles) or paper.key,
        url=paper_url(paper),
        blocks=(
            heading(locale.translate("Abstract")),
            *blocks,
            *machine_note(locale, [paper], ("title", "abstract")),
        ),
        controls=(
            *_links(locale, paper),
            Button(
                locale.translate("Summary"),
                Action("paper", format_reference(paper, locale.language_choice)),
            ),
        ),
    )


def disambiguation_card(
    locale: Locale, query: str, papers: Sequence[Paper], action: str = "paper"
) -> Card:
    """Return several papers to choose from; the action is used for the chosen one."""
    return Card(
        title=locale.translate_plural(
            "{number} paper may be meant by “{query}”",
            "{number} papers may be meant by “{query}”",
            len(papers),
            query=quote_query(query),
        ),
        blocks=(paper_list(locale, papers, first=1),),
        controls=(paper_selector(locale, papers, action),),
    )


def missing_paper_card(
    locale: Locale, query: str, nearest: Sequence[Paper], action: str = "paper"
) -> Card:
    """Return that nothing was found, with the nearest papers."""
    title = locale.translate("No paper is called “{query}”", query=quote_query(query))
    if not nearest:
        advice = locale.translate("Try another part of its name, or /find for words of its text.")
        return Card(title, blocks=(Paragraph((Run(advice),)),))
    return Card(
        title,
        blocks=(
            Paragraph((Run(locale.translate("Did you mean one of these?")),)),
            paper_list(locale, nearest, first=1),
        ),
        controls=(paper_selector(locale, nearest, action),),
    )


def paper_list(locale: Locale, papers: Sequence[Paper], first: int | None = None) -> Bullets:
    """Return papers as a list: title, other title, newest week, tags."""
    return Bullets(tuple(_item(locale, paper) for paper in papers), first=first)


def paper_selector(locale: Locale, papers: Sequence[Paper], action: str = "paper") -> Choice:
    """Return a list to choose one of these papers from."""
    return Choice(
        placeholder=locale.translate("Choose a paper"),
        options=tuple(
            Option(
                label=locale.first_text(paper.titles) or paper.key,
                value=format_reference(paper),
                description=_description(locale, paper),
            )
            for paper in papers
        ),
        action=action,
    )


def other_titles(locale: Locale, paper: Paper) -> tuple[str, ...]:
    """Return the titles that differ from the title of the card.

    A translation is left out where its language is not asked for.
    """
    if len(paper.titles) == 1:
        return ()
    shown = locale.first_text(paper.titles)
    unwanted = {
        text.language
        for text in paper.machine_texts
        if text.field == "title" and text.language not in locale.languages
    }
    return tuple(
        dict.fromkeys(
            text
            for language, text in paper.titles.items()
            if text and text != shown and language not in unwanted
        )
    )


def _item(locale: Locale, paper: Paper) -> tuple[Run, ...]:
    runs = [Run(locale.first_text(paper.titles) or paper.key, Style.STRONG, paper_url(paper))]
    runs += [Run("\n" + title, Style.SMALL) for title in other_titles(locale, paper)]
    facts = [appearance_label(locale, paper.appearances[0])] if paper.appearances else []
    facts += [] if paper.id else [unlisted_label(locale)]
    facts += filter(None, [tag_line(paper)])
    if machine_texts(locale, paper, ("title",)):
        facts.append(locale.translate("translated by a machine"))
    if facts:
        runs.append(Run("\n" + SEPARATOR.join(facts), Style.SMALL))
    return (*runs, *retraction_runs(locale, paper))


def _description(locale: Locale, paper: Paper) -> str:
    week = str(paper.appearances[0].week) if paper.appearances else ""
    return SEPARATOR.join(filter(None, [week, *other_titles(locale, paper)]))


def _facts(locale: Locale, paper: Paper) -> list[Block]:
    blocks: list[Block] = [note(title) for title in other_titles(locale, paper)]
    blocks += record_lines(locale, paper)
    shown = paper.appearances[:_MAX_APPEARANCES]
    places = list(dict.fromkeys(_dated_appearance(locale, appearance) for appearance in shown))
    nickname = (
        paper.nickname
        if paper.nickname and not _is_in_title(paper.nickname, locale.first_text(paper.titles))
        else ""
    )
    facts = SEPARATOR.join(filter(None, [nickname, *places]))
    blocks += [note(line) for line in (facts, tag_line(paper)) if line]
    return blocks


def _is_in_title(nickname: str, title: str) -> bool:
    return nickname.casefold() in title.casefold()


def _dated_appearance(locale: Locale, appearance: Appearance) -> str:
    return f"{appearance_label(locale, appearance)} ({locale.format_date(appearance.start)})"


def _links(locale: Locale, paper: Paper) -> tuple[Control, ...]:
    labels: list[str] = []
    found: list[Control] = []
    for link in all_links(paper):
        label = link_label(locale, link)
        same = labels.count(label)
        labels.append(label)
        found.append(LinkButton(f"{label} {same + 1}" if same else label, link.url))
    if locale.public_url:
        found += page_links(locale, page_addresses.paper(paper.key))
    return tuple(found)


def _actions(locale: Locale, paper: Paper, *, with_abstract: bool) -> tuple[Control, ...]:
    found: list[Control] = []
    if has_abstract(paper) and not with_abstract:
        found.append(
            Button(
                locale.translate("Abstract"),
                Action("abstract", format_reference(paper, locale.language_choice)),
            )
        )
    if paper.appearances:
        newest = paper.appearances[0]
        found.append(
            Button(locale.translate("Its week"), Action("week", f"{newest.week} {newest.series}"))
        )
    found += citation_buttons(locale, paper)
    languages = {language for language, text in paper.titles.items() if text}
    other = "ko" if locale.language_choice == "en" else "en"
    if len(languages) > 1 and other in languages and locale.language_choice != BOTH:
        label = "English" if other == "en" else "한국어"
        found.append(Button(label, Action("paper", format_reference(paper, other))))
    if paper.id:
        argument = format_reference(paper, locale.language_choice)
        found.append(Button(locale.translate("Report a mistake"), Action("report", argument)))
    return tuple(found)
