"""Handles the forms in which curators edit texts: of papers, and introductions of weeks."""

from bot.cards import curation_forms as forms
from bot.cards.curation import TEXT_GROUPS, fits_form, long_texts_card, text_changed_card
from bot.cards.references import format_reference
from bot.commands.context import Context
from bot.commands.curation import correction_of
from bot.commands.curator_requests import refused
from bot.commands.edit_requests import (
    Expired,
    find_issue,
    find_paper,
    for_curators,
    make_edit,
    private,
)
from bot.lib.clean import clean
from bot.model.card import Action
from bot.model.curation import Basis, CorrectIntroduction, CorrectPaper
from bot.model.editable_texts import paper_text
from bot.model.papers import LANGUAGES
from bot.ports.conversation import Reply, Request
from bot.ports.curation import TextChanged


@for_curators
async def edit_texts(context: Context, request: Request) -> Reply:
    """Open the form for a group of texts of a paper, or make the edit that it asks for."""
    locale = context.locale(request)
    reference, group, basis = (*request.argument.split(), "", "", "")[:3]
    paper = await find_paper(context, reference)
    if group not in TEXT_GROUPS:
        raise Expired
    names = TEXT_GROUPS[group]
    if not basis or not request.fields:
        form = forms.text_form(locale, paper, group)
        return private(form) if form else refused(long_texts_card(locale, names))
    written = {
        name: clean(request.fields[name[0]]).strip()
        for name in names
        if name[0] in request.fields and fits_form(paper_text(paper, *name))
    }
    corrections = tuple(
        correction_of(context, paper, *name, text)
        for name, text in written.items()
        if text != clean(paper_text(paper, *name)).strip()
    )
    wanted = CorrectPaper(paper.key, corrections, Basis(names, basis))
    subject = format_reference(paper)
    try:
        return await make_edit(context, request, wanted, subject)
    except TextChanged:
        newer = await find_paper(context, subject)
        differing = [
            (name, now, text)
            for name, text in written.items()
            if (now := paper_text(newer, *name)) != text
        ]
        again = Action("curate_text", f"{subject} {group}")
        return refused(text_changed_card(locale, differing, again))


@for_curators
async def edit_introduction(context: Context, request: Request) -> Reply:
    """Open the form for the introduction of a week, or make the edit that it asks for."""
    locale = context.locale(request)
    named, series, basis = (*request.argument.split(), "", "", "")[:3]
    issue = await find_issue(context, f"{named} {series}")
    names = tuple(("introduction", language) for language in LANGUAGES)
    if not basis or not request.fields:
        form = forms.introduction_form(locale, issue)
        return private(form) if form else refused(long_texts_card(locale, names))
    written = {
        language: clean(request.fields[language]).strip()
        for language in LANGUAGES
        if language in request.fields and fits_form(issue.intros.get(language, ""))
    }
    changed = {
        language: text or None
        for language, text in written.items()
        if text != clean(issue.intros.get(language, "")).strip()
    }
    wanted = CorrectIntroduction(issue.series, issue.week, changed, Basis(names, basis))
    subject = f"{issue.week} {issue.series}"
    try:
        return await make_edit(context, request, wanted, subject)
    except TextChanged:
        newer = await find_issue(context, subject)
        differing = [
            (("introduction", language), now, text)
            for language, text in written.items()
            if (now := newer.intros.get(language, "")) != text
        ]
        return refused(
            text_changed_card(locale, differing, Action("curate_introduction", subject))
        )
