"""The forms in which curators edit papers and weeks."""

from bot.cards.curation import TEXT_GROUPS, fits_form
from bot.cards.locale import Locale
from bot.cards.references import format_reference
from bot.cards.reports import text_name
from bot.model.card import Action, Field, Form
from bot.model.editable_texts import fingerprint, paper_text
from bot.model.papers import LANGUAGES, Issue, Paper
from bot.model.weeks import Week

WHY = "why"
"""The field for the reason, which is kept with the edit."""
REASON = "reason"
"""The field for the reason that members are shown."""


def text_form(locale: Locale, paper: Paper, group: str) -> Form | None:
    """Return the form for a group of texts of a paper; None where each is too long for it.

    Its action says which texts it was opened on. One that is too long is left out, and named.
    """
    texts = {name: paper_text(paper, *name) for name in TEXT_GROUPS[group]}
    fields = tuple(
        Field(field, text_name(locale, field, language), text, long=field != "title")
        for (field, language), text in texts.items()
        if fits_form(text)
    )
    if not fields:
        return None
    basis = fingerprint(texts.values())
    return Form(
        locale.translate("Edit the texts"),
        (*fields, _why(locale)),
        Action("curate_text", f"{format_reference(paper)} {group} {basis}"),
        note=_note(locale, is_whole=len(fields) == len(texts)),
    )


def introduction_form(locale: Locale, issue: Issue) -> Form | None:
    """Return the form for the introduction of a week; None where it is too long for it."""
    texts = {language: issue.intros.get(language, "") for language in LANGUAGES}
    fields = tuple(
        Field(language, text_name(locale, "introduction", language), text, long=True)
        for language, text in texts.items()
        if fits_form(text)
    )
    if not fields:
        return None
    return Form(
        locale.translate("Edit the introduction"),
        (*fields, _why(locale)),
        Action(
            "curate_introduction", f"{issue.week} {issue.series} {fingerprint(texts.values())}"
        ),
        note=_note(locale, is_whole=len(fields) == len(texts)),
    )


def retraction_form(locale: Locale, subject: str) -> Form:
    """Return the form that asks why a paper or a week is retracted."""
    label = locale.translate("Why? Members are shown it.")
    field = Field(REASON, label, required=True, long=True)
    title, submit = locale.translate("Retract"), locale.translate("Retract")
    return Form(title, (field,), Action("curate_retract", subject), submit=submit)


def add_form(locale: Locale, subject: str) -> Form:
    """Return the form in which a paper is added to a week."""
    fields = (
        Field("address", locale.translate("Address, arXiv id or DOI"), required=True),
        Field("title", locale.translate("Title, where no record has it")),
        _position(locale),
        _why(locale),
    )
    title = locale.translate("Add a paper")
    return Form(title, fields, Action("curate_add", subject), submit=locale.translate("Add"))


def move_form(locale: Locale, subject: str, week: Week) -> Form:
    """Return the form in which a paper is moved to another position or week."""
    fields = (
        Field("week", locale.translate("Week"), str(week), required=True),
        _position(locale),
        _why(locale),
    )
    title = locale.translate("Move the paper")
    return Form(title, fields, Action("curate_move", subject), submit=locale.translate("Move"))


def remove_form(locale: Locale, subject: str) -> Form:
    """Return the form that asks why a paper is removed from a week."""
    title, submit = locale.translate("Remove the paper"), locale.translate("Remove")
    return Form(title, (_why(locale),), Action("curate_remove", subject), submit=submit)


def _why(locale: Locale) -> Field:
    return Field(WHY, locale.translate("Why? It is kept with the edit."))


def _position(locale: Locale) -> Field:
    return Field("position", locale.translate("Position; empty for the end"))


def _note(locale: Locale, *, is_whole: bool) -> str:
    if is_whole:
        return locale.translate("An emptied text becomes the source's own again.")
    return locale.translate("A text too long for a form is missing: paperboy correct edits it.")
