"""Cards of votes for the favourite of a week: the button, what a vote did, and the favourite."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.cards.blocks import SEPARATOR, paper_url
from bot.cards.locale import Locale
from bot.cards.papers import paper_selector
from bot.cards.references import format_reference, parse_reference
from bot.model.card import Action, Button, Card, Choice, Control, Option, Paragraph, Run, Tone
from bot.model.papers import Paper

_VOTE = "vote"
"""The name of the action."""


def vote_button(locale: Locale, paper: Paper, votes: int = 0) -> Button:
    """Return the button that makes a paper the favourite of a person, with its votes."""
    action = Action(_VOTE, format_reference(paper, locale.language_choice))
    return Button(_label(locale, votes), action)


def with_vote_menu(locale: Locale, card: Card, papers: Sequence[Paper]) -> Card:
    """Return the overview of a week with a menu that makes one of its papers the favourite."""
    if not papers:
        return card
    placeholder = locale.translate("Your favourite of the week")
    menu = replace(paper_selector(locale, papers, _VOTE), placeholder=placeholder)
    # Below the menu of papers.
    first = len([each for each in card.controls[:1] if isinstance(each, Choice)])
    return replace(card, controls=(*card.controls[:first], menu, *card.controls[first:]))


def papers_to_vote_for(card: Card) -> tuple[int, ...]:
    """Return the archive's ids of the papers that the controls of a card let people vote for."""
    references: list[str] = []
    for each in card.controls:
        if isinstance(each, Button) and each.action.name == _VOTE:
            references.append(each.action.argument)
        elif isinstance(each, Choice) and each.action == _VOTE:
            references += [option.value for option in each.options]
    return tuple(found.paper for found in map(parse_reference, references) if found)


def with_votes(locale: Locale, card: Card, votes: Mapping[int, int]) -> Card:
    """Return a card whose buttons and menus tell how many votes the papers have, by their ids."""
    return replace(card, controls=tuple(_counted(locale, each, votes) for each in card.controls))


def vote_card(locale: Locale, paper: Paper, votes: int, moved_from: Paper | None) -> Card:
    """Return that a vote counts; only the person who voted sees it."""
    said = [locale.translate("Your vote for the favourite of its week counts: {votes}.",
                             votes=votes_line(locale, votes))]  # fmt: skip
    if moved_from is not None:
        title = locale.first_text(moved_from.titles) or moved_from.key
        said.append(locale.translate("It was for “{title}” before.", title=title))
    withdraw = Action("unvote", format_reference(paper, locale.language_choice))
    return _card(locale, paper, said, Button(locale.translate("Withdraw the vote"), withdraw))


def withdrawn_card(locale: Locale, paper: Paper, votes: int) -> Card:
    """Return that a vote was taken back."""
    said = locale.translate(
        "Your vote is withdrawn; the paper has {votes}.", votes=votes_line(locale, votes)
    )
    return _card(locale, paper, [said], vote_button(locale, paper, votes))


def vote_elsewhere_card(locale: Locale) -> Card:
    """Return that votes count in channels."""
    said = locale.translate("Votes count in a channel of a server or workspace; press it there.")
    return Card(locale.translate("Nobody would see this vote"), "", (Paragraph((Run(said),)),))


def votes_line(locale: Locale, votes: int) -> str:
    """Return `3 votes`."""
    return locale.translate_plural("{number} vote", "{number} votes", votes)


def favourite_line(locale: Locale, papers: Sequence[Paper], votes: Mapping[int, int]) -> str:
    """Return which of these papers has the most votes; empty where none has one."""
    most = max((votes.get(paper.id, 0) for paper in papers), default=0)
    names = [
        locale.first_text(paper.titles) or paper.key
        for paper in papers
        if most and votes.get(paper.id, 0) == most
    ]
    if not names:
        return ""
    return " / ".join(
        each.translate(
            "Favourite of the week: {names} ({votes})",
            names=each.format_list(names),
            votes=votes_line(each, most),
        )
        for each in locale.by_language()
    )


def _counted(locale: Locale, control: Control, votes: Mapping[int, int]) -> Control:
    if isinstance(control, Button) and control.action.name == _VOTE:
        number = _votes_of(control.action.argument, votes)
        return replace(control, label=_label(locale, number)) if number else control
    if isinstance(control, Choice) and control.action == _VOTE:
        options = tuple(_counted_option(locale, each, votes) for each in control.options)
        return replace(control, options=options)
    return control


def _counted_option(locale: Locale, option: Option, votes: Mapping[int, int]) -> Option:
    number = _votes_of(option.value, votes)
    if not number:
        return option
    said = SEPARATOR.join(filter(None, [votes_line(locale, number), option.description]))
    return replace(option, description=said)


def _votes_of(reference: str, votes: Mapping[int, int]) -> int:
    found = parse_reference(reference)
    return votes.get(found.paper, 0) if found else 0


def _label(locale: Locale, votes: int) -> str:
    if not votes:
        return locale.translate("Favourite")
    return locale.translate("Favourite ({number})", number=locale.format_number(votes))


def _card(locale: Locale, paper: Paper, said: Sequence[str], button: Button) -> Card:
    secret = locale.translate("No one sees who voted. A person has one vote for each week.")
    return Card(
        locale.first_text(paper.titles) or paper.key,
        paper_url(paper),
        (*(Paragraph((Run(each),)) for each in said), Paragraph((Run(secret),), Tone.NOTE)),
        (button,),
    )
