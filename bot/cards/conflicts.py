"""Cards and forms of corrected texts that their source has changed since."""

from collections.abc import Sequence

from bot.cards.blocks import heading, note, paper_url
from bot.cards.locale import Locale
from bot.cards.references import format_reference
from bot.cards.reports import text_name
from bot.cards.series import series_name
from bot.cards.text_differences import mark_differences
from bot.model.card import Action, Block, Button, Card, Control, Field, Form, Paragraph, Run, Style
from bot.model.conflicts import Conflict, ConflictState
from bot.model.papers import Paper


def conflict_card(locale: Locale, conflict: Conflict, paper: Paper | None) -> Card:
    """Return the three versions of a text, and what curators can do about it."""
    before, now = mark_differences(conflict.before, conflict.theirs)
    _, ours = mark_differences(conflict.theirs, conflict.ours)
    nothing = (Run("—"),)
    blocks: list[Block] = []
    url = paper_url(paper) if paper else ""
    blocks.append(Paragraph((Run(_subject(locale, conflict, paper), Style.STRONG, url),)))
    blocks += [
        heading(locale.translate("The source before")), Paragraph(before or nothing),
        heading(locale.translate("The source now")), Paragraph(now or nothing),
        heading(locale.translate("Corrected here, and shown")), Paragraph(ours or nothing),
    ]  # fmt: skip
    if said := _decision(locale, conflict):
        blocks.append(note(said))
    name = text_name(locale, conflict.field, conflict.language)
    return Card(
        locale.translate("A source has changed a corrected text: {text}", text=name),
        blocks=tuple(blocks),
        controls=_controls(locale, conflict, paper),
    )


def conflict_list_card(
    locale: Locale, shown: Sequence[tuple[Conflict, Paper | None]], total: int
) -> Card:
    """Return the open conflicts, the oldest of them with a button each."""
    if not shown:
        return Card(locale.translate("No source contradicts a corrected text"))
    names = [text_name(locale, each.field, each.language) for each, _ in shown]
    titles = [_subject(locale, each, paper) for each, paper in shown]
    return Card(
        locale.translate_plural(
            "{number} corrected text that its source has changed",
            "{number} corrected texts that their sources have changed",
            total,
        ),
        blocks=tuple(
            Paragraph((Run(f"{each.id}. {title}", Style.STRONG), Run(f" · {name}")))
            for (each, _), title, name in zip(shown, titles, names, strict=True)
        ),
        controls=tuple(
            Button(
                locale.translate("Show number {number}", number=str(each.id)),
                Action("show_conflict", str(each.id)),
            )
            for each, _ in shown
        ),
    )


def edit_conflict_form(locale: Locale, conflict: Conflict) -> Form:
    """Return the form in which a curator words the text anew."""
    name = text_name(locale, conflict.field, conflict.language)
    field = Field("text", name, conflict.ours, required=True, long=True)
    action = Action("edit_conflict", str(conflict.id))
    return Form(locale.translate("Correct the text"), (field,), action)


def settled_conflict_card(locale: Locale, conflict: Conflict) -> Card:
    """Return to a curator what was decided."""
    return Card(_decision(locale, conflict) or locale.translate("Nothing was changed"))


def stale_conflict_card(locale: Locale, conflict: Conflict) -> Card:
    """Return that it was decided before."""
    said = _decision(locale, conflict)
    return Card(locale.translate("Nothing was changed"), blocks=(Paragraph((Run(said),)),))


def _subject(locale: Locale, conflict: Conflict, paper: Paper | None) -> str:
    """Return the title of the paper, or the name of the issue."""
    if paper is not None:
        return locale.first_text(paper.titles) or paper.key
    if conflict.issue is None:
        return f"id:{conflict.paper}"
    series, week = conflict.issue
    return f"{series_name(locale, series)} {week}"


def _decision(locale: Locale, conflict: Conflict) -> str:
    day = locale.format_date(conflict.decided_at.date()) if conflict.decided_at else ""
    facts = {"day": day, "person": conflict.decided_by}
    match conflict.state:
        case ConflictState.OPEN:
            return ""
        case ConflictState.KEPT:
            return locale.translate("The corrected text was kept on {day} by {person}.", **facts)
        case ConflictState.TAKEN:
            return locale.translate(
                "The source's text was taken over on {day} by {person}.", **facts
            )
        case ConflictState.EDITED:
            return locale.translate("The text was worded anew on {day} by {person}.", **facts)
        case ConflictState.SETTLED:
            return locale.translate("The source contradicts the corrected text no more.")


def _controls(locale: Locale, conflict: Conflict, paper: Paper | None) -> tuple[Control, ...]:
    number, found = str(conflict.id), list[Control]()
    if conflict.state is ConflictState.OPEN:
        found = [
            Button(locale.translate("Keep ours"), Action("keep_ours", number)),
            Button(locale.translate("Take theirs"), Action("take_theirs", number)),
            Button(locale.translate("Edit"), Action("edit_conflict", number)),
        ]
    elif conflict.edit:
        found.append(Button(locale.translate("Undo"), Action("undo_edit", str(conflict.edit))))
    if paper is not None:
        action = Action("paper", format_reference(paper))
        found.append(Button(locale.translate("Open the paper"), action))
    return tuple(found)
