"""Cards in which curators see what they can edit, what an edit did, and what was edited."""

from collections.abc import Sequence

from bot.cards.blocks import SEPARATOR, appearance_label, heading, note, paper_url
from bot.cards.edits import change_runs, edit_runs
from bot.cards.fit import utf16_length
from bot.cards.issues import issue_title
from bot.cards.locale import Locale
from bot.cards.papers import paper_selector
from bot.cards.references import format_reference
from bot.cards.reports import text_name
from bot.cards.retractions import retraction_blocks
from bot.cards.series import series_name
from bot.cards.text_differences import mark_differences
from bot.model.card import Action, Block, Bullets, Button, Card, Control, Paragraph, Run
from bot.model.curation import Edit
from bot.model.papers import Appearance, Issue, Paper
from bot.model.weeks import Week

MOST_EDITABLE = 2900
"""Characters that every platform's inputs can begin with; what they cut would be lost."""
PAGE_SIZE = 5
"""Edits on a page of the history."""
FACTS = "facts"
"""The group of tags and links."""
TEXT_GROUPS = {
    "ko": (("title", "ko"), ("summary", "ko"), ("abstract", "ko")),
    "en": (("title", "en"), ("summary", "en"), ("abstract", "en")),
    FACTS: (("tags", ""), ("links", "")),
}
"""The texts that one form has, as field and language, by the name of the group."""
_MOST_APPEARANCES = 3


def fits_form(text: str) -> bool:
    """Tell whether a text can be edited in the form of every platform."""
    return utf16_length(text) <= MOST_EDITABLE


def paper_edits_card(locale: Locale, paper: Paper) -> Card:
    """Return what can be edited of a paper, as buttons."""
    subject = format_reference(paper)
    weeks = SEPARATOR.join(appearance_label(locale, each) for each in paper.appearances)
    blocks: list[Block] = [*retraction_blocks(locale, paper.retraction)]
    blocks += [note(weeks)] if weeks else []
    blocks.append(_promise(locale))
    groups = {
        "ko": locale.translate("Texts in Korean"),
        "en": locale.translate("Texts in English"),
        FACTS: locale.translate("Tags and links"),
    }
    controls: list[Control] = [
        Button(label, Action("curate_text", f"{subject} {group}"))
        for group, label in groups.items()
    ]
    controls += _subject_buttons(locale, subject, is_retracted=paper.retraction is not None)
    for each in paper.appearances[:_MOST_APPEARANCES]:
        controls += _place_buttons(locale, subject, each)
    controls.append(Button(locale.translate("Open the paper"), Action("paper", subject)))
    title = locale.first_text(paper.titles) or paper.key
    return Card(title, paper_url(paper), tuple(blocks), tuple(controls))


def week_edits_card(locale: Locale, place: tuple[str, Week], issue: Issue | None) -> Card:
    """Return what can be edited of a week, as buttons; of one that is not stored, little."""
    series, week = place
    subject = f"{week} {series}"
    label = SEPARATOR.join([str(week), series_name(locale, series)])
    add = Button(locale.translate("Add a paper"), Action("curate_add", subject))
    if issue is None:
        said = locale.translate("The archive does not have this week yet; a paper begins it.")
        return Card(label, blocks=(note(said),), controls=(add,))
    blocks = (note(label), *retraction_blocks(locale, issue.retraction), _promise(locale))
    papers = [entry.paper for entry in issue.entries]
    controls: list[Control] = [paper_selector(locale, papers, "curate")] if papers else []
    introduction = Action("curate_introduction", subject)
    controls += [Button(locale.translate("Introduction"), introduction), add]
    controls += _subject_buttons(locale, subject, is_retracted=issue.retraction is not None)
    return Card(issue_title(locale, issue), issue.source_url, blocks, tuple(controls))


def edit_made_card(locale: Locale, edit: Edit, subject: str) -> Card:
    """Return what an edit changed, with its undo; `subject` names the paper or week."""
    items = tuple(change_runs(locale, change) for change in edit.changes)
    said = locale.translate("Every message that shows it is edited now.")
    return Card(
        locale.translate("The edit is made"),
        blocks=(Bullets(items), note(said)),
        controls=(
            Button(locale.translate("Undo"), Action("undo_edit", str(edit.id))),
            Button(locale.translate("Edit more"), Action("curate", subject)),
            Button(locale.translate("History"), Action("curate_history", subject)),
        ),
    )


def undone_card(locale: Locale, edit: Edit) -> Card:
    """Return that an edit is taken back, with the undo of that."""
    items = tuple(change_runs(locale, change) for change in edit.changes)
    again = Button(locale.translate("Undo"), Action("undo_edit", str(edit.id)))
    title = locale.translate("The edit is taken back")
    return Card(title, blocks=(Bullets(items),), controls=(again,))


def history_card(
    locale: Locale, name: str, subject: str, edits: Sequence[Edit], page: int
) -> Card:
    """Return a page of edits, the newest first; one edit more than a page tells of a next one."""
    shown = edits[:PAGE_SIZE]
    title = locale.translate("What was edited: {name}", name=name)
    back = Button(locale.translate("Edit more"), Action("curate", subject))
    if not shown:
        said = note(locale.translate("Nothing was edited so far."))
        return Card(title, blocks=(said,), controls=(back,))
    controls: list[Control] = [
        Button(
            locale.translate("Undo {number}", number=str(edit.id)),
            Action("undo_edit", str(edit.id)),
        )
        for edit in shown
        if not edit.is_undone
    ]
    if len(edits) > PAGE_SIZE:
        older = Action("curate_history", f"{page + 1} {subject}")
        controls.append(Button(locale.translate("Older →"), older))
    items = tuple(edit_runs(locale, edit) for edit in shown)
    return Card(title, blocks=(Bullets(items),), controls=(*controls, back))


def text_changed_card(
    locale: Locale, written: Sequence[tuple[tuple[str, str], str, str]], again: Action
) -> Card:
    """Return the texts that were changed while a curator edited them, beside what was written.

    `written` has field and language, the text as it is now, and what the curator wrote.
    """
    said = locale.translate("Nothing was overwritten. Copy what you need, and open the form anew.")
    blocks: list[Block] = [note(said)]
    for (field, language), now, wanted in written:
        current, mine = mark_differences(now, wanted)
        blocks += [
            heading(text_name(locale, field, language)),
            note(locale.translate("As it is now")),
            Paragraph(current or (Run("—"),)),
            note(locale.translate("As you wrote it")),
            Paragraph(mine or (Run("—"),)),
        ]
    button = Button(locale.translate("Open the form"), again)
    title = locale.translate("The text was changed meanwhile")
    return Card(title, blocks=tuple(blocks), controls=(button,))


def long_texts_card(locale: Locale, names: Sequence[tuple[str, str]]) -> Card:
    """Return that texts are too long for a form, and where they are edited."""
    said = locale.translate("It is too long for a form; it is edited with `paperboy correct`.")
    items = tuple((Run(text_name(locale, *name)),) for name in names)
    title = locale.translate("Nothing was changed")
    return Card(title, blocks=(Bullets(items), note(said)))


def _promise(locale: Locale) -> Paragraph:
    said = locale.translate("Each edit is kept with your id and can be taken back.")
    return note(said)


def _subject_buttons(locale: Locale, subject: str, *, is_retracted: bool) -> tuple[Button, ...]:
    retract = (
        Button(locale.translate("Restore"), Action("curate_restore", subject))
        if is_retracted
        else Button(locale.translate("Retract"), Action("curate_retract", subject))
    )
    return (retract, Button(locale.translate("History"), Action("curate_history", subject)))


def _place_buttons(locale: Locale, subject: str, place: Appearance) -> tuple[Button, ...]:
    argument = f"{subject} {place.week} {place.series}"
    week = str(place.week)
    return (
        Button(locale.translate("Move in {week}", week=week), Action("curate_move", argument)),
        Button(
            locale.translate("Remove from {week}", week=week), Action("curate_remove", argument)
        ),
    )
