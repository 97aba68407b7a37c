"""Cards about papers: one paper, several to choose from, none."""

from collections.abc import Sequence

from bot.cards.blocks import (
    SEPARATOR,
    address,
    blocks_of,
    echo,
    first_sentence,
    heading,
    link_label,
    note,
    place,
    tag_line,
)
from bot.cards.locale import BOTH, Voice
from bot.cards.paper_facts import (
    abstract_blocks,
    all_links,
    cite_buttons,
    has_abstract,
    record_notes,
)
from bot.cards.references import reference
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
from bot.model.papers import Appearance, Localized, Paper

_MAX_APPEARANCES = 5
_SHORT = 200
"""Characters that the first sentence of a summary has at most."""


def paper_card(voice: Voice, paper: Paper, *, whole: bool = False) -> Card:
    """Return a paper; `whole`: with its abstract, as a thread opens with it."""
    blocks: list[Block] = [*_facts(voice, paper)]
    blocks += blocks_of(voice, paper.summaries)
    if not any(paper.summaries.values()):
        blocks.append(note(voice.say("There is no summary of this paper yet.")))
    if whole and has_abstract(paper):
        blocks += [Divider(), heading(voice.say("Abstract")), *abstract_blocks(voice, paper)]
    return Card(
        title=voice.text(paper.titles) or paper.key,
        url=address(paper),
        blocks=tuple(blocks),
        controls=(*_links(voice, paper), *_actions(voice, paper, whole=whole)),
    )


def root_card(voice: Voice, paper: Paper) -> Card:
    """Return a paper in short: the message that its thread hangs under."""
    blocks = _facts(voice, paper)
    for shown in voice.texts(paper.summaries)[:1]:
        blocks.append(Paragraph((Run(first_sentence(shown.text, _SHORT)),)))
    return Card(
        title=voice.text(paper.titles) or paper.key,
        url=address(paper),
        blocks=tuple(blocks),
        controls=_links(voice, paper),
    )


def abstract_card(voice: Voice, paper: Paper) -> Card:
    """Return the abstract of a paper."""
    blocks = abstract_blocks(voice, paper) or (
        note(voice.say("There is no abstract of this paper yet.")),
    )
    return Card(
        title=voice.text(paper.titles) or paper.key,
        url=address(paper),
        blocks=(heading(voice.say("Abstract")), *blocks),
        controls=(
            *_links(voice, paper),
            Button(voice.say("Summary"), Action("paper", reference(paper, voice.choice))),
        ),
    )


def choice_card(voice: Voice, query: str, papers: Sequence[Paper], action: str = "paper") -> Card:
    """Return several papers that may be meant; the action is asked for of the chosen one."""
    return Card(
        title=voice.count(
            "{number} paper may be meant by “{query}”",
            "{number} papers may be meant by “{query}”",
            len(papers),
            query=echo(query),
        ),
        blocks=(paper_list(voice, papers, first=1),),
        controls=(paper_choice(voice, papers, action),),
    )


def missing_card(
    voice: Voice, query: str, nearest: Sequence[Paper], action: str = "paper"
) -> Card:
    """Say that nothing is found, and what was meant, perhaps."""
    title = voice.say("No paper is called “{query}”", query=echo(query))
    if not nearest:
        advice = voice.say("Try another part of its name, or /find for words of its text.")
        return Card(title, blocks=(Paragraph((Run(advice),)),))
    return Card(
        title,
        blocks=(
            Paragraph((Run(voice.say("Did you mean one of these?")),)),
            paper_list(voice, nearest, first=1),
        ),
        controls=(paper_choice(voice, nearest, action),),
    )


def paper_list(voice: Voice, papers: Sequence[Paper], first: int | None = None) -> Bullets:
    """Return papers as a list: title, other title, newest week, tags."""
    return Bullets(tuple(_item(voice, paper) for paper in papers), first=first)


def paper_choice(voice: Voice, papers: Sequence[Paper], action: str = "paper") -> Choice:
    """Return a list to choose one of these papers from."""
    return Choice(
        placeholder=voice.say("Choose a paper"),
        options=tuple(
            Option(
                label=voice.text(paper.titles) or paper.key,
                value=reference(paper),
                description=_description(voice, paper),
            )
            for paper in papers
        ),
        action=action,
    )


def other_titles(voice: Voice, titles: Localized) -> tuple[str, ...]:
    """Return the titles in the languages that the card's own title is not in."""
    shown = voice.text(titles)
    return tuple(dict.fromkeys(text for text in titles.values() if text and text != shown))


def _item(voice: Voice, paper: Paper) -> tuple[Run, ...]:
    runs = [Run(voice.text(paper.titles) or paper.key, Style.STRONG, address(paper))]
    runs += [Run("\n" + title, Style.SMALL) for title in other_titles(voice, paper.titles)]
    facts = [place(voice, paper.appearances[0])] if paper.appearances else []
    facts += filter(None, [tag_line(paper)])
    if facts:
        runs.append(Run("\n" + SEPARATOR.join(facts), Style.SMALL))
    return tuple(runs)


def _description(voice: Voice, paper: Paper) -> str:
    week = str(paper.appearances[0].week) if paper.appearances else ""
    return SEPARATOR.join(filter(None, [week, *other_titles(voice, paper.titles)]))


def _facts(voice: Voice, paper: Paper) -> list[Block]:
    blocks: list[Block] = [note(title) for title in other_titles(voice, paper.titles)]
    blocks += record_notes(voice, paper)
    shown = paper.appearances[:_MAX_APPEARANCES]
    places = list(dict.fromkeys(_dated(voice, appearance) for appearance in shown))
    nickname = (
        paper.nickname
        if paper.nickname and not _is_said(paper.nickname, voice.text(paper.titles))
        else ""
    )
    facts = SEPARATOR.join(filter(None, [nickname, *places]))
    blocks += [note(line) for line in (facts, tag_line(paper)) if line]
    return blocks


def _is_said(nickname: str, title: str) -> bool:
    return nickname.casefold() in title.casefold()


def _dated(voice: Voice, appearance: Appearance) -> str:
    return f"{place(voice, appearance)} ({voice.day(appearance.start)})"


def _links(voice: Voice, paper: Paper) -> tuple[Control, ...]:
    labels: list[str] = []
    found: list[Control] = []
    for link in all_links(paper):
        label = link_label(voice, link)
        same = labels.count(label)
        labels.append(label)
        found.append(LinkButton(f"{label} {same + 1}" if same else label, link.url))
    return tuple(found)


def _actions(voice: Voice, paper: Paper, *, whole: bool) -> tuple[Control, ...]:
    found: list[Control] = []
    if has_abstract(paper) and not whole:
        found.append(
            Button(voice.say("Abstract"), Action("abstract", reference(paper, voice.choice)))
        )
    if paper.appearances:
        newest = paper.appearances[0]
        found.append(
            Button(voice.say("Its week"), Action("week", f"{newest.week} {newest.series}"))
        )
    found += cite_buttons(voice, paper)
    languages = {language for language, text in paper.titles.items() if text}
    if len(languages) > 1 and voice.choice != BOTH:
        other = "en" if voice.choice == "ko" else "ko"
        label = "English" if other == "en" else "한국어"
        found.append(Button(label, Action("paper", reference(paper, other))))
    return tuple(found)
