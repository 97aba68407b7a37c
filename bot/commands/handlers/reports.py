"""Handles reports of mistakes: /report, the forms of members, and what curators decide."""

from dataclasses import replace
from datetime import timedelta

from bot.cards.curation import fits_form, text_changed_card, undone_card
from bot.cards.help import expired_control_card
from bot.cards.locale import Locale
from bot.cards.references import parse_reference
from bot.cards.reports import (
    curation_refused_card,
    curator_channel_card,
    decided_card,
    dismiss_report_form,
    edit_report_form,
    not_curator_card,
    refused_edit_card,
    report_card,
    report_form,
    report_limit_card,
    report_list_card,
    report_refused_card,
    thanks_card,
    week_report_form,
)
from bot.cards.subscriptions import posting_forbidden_card
from bot.commands.context import Context
from bot.commands.curation import correction_of, find_named_issue
from bot.commands.curator_requests import attribution, number_in, refused
from bot.commands.handlers.papers import answer_lookup
from bot.lib.clean import clean
from bot.model.card import Action, Card, Form
from bot.model.channels import Target
from bot.model.curation import Basis, CorrectPaper, Undo
from bot.model.editable_texts import fingerprint, paper_text
from bot.model.papers import LANGUAGES, Paper
from bot.model.reports import (
    LOCALIZED_TEXTS,
    TEXTS,
    CuratorChannel,
    NewReport,
    Report,
    ReportLimit,
)
from bot.ports.conversation import Reply, Request
from bot.ports.curation import CurationRefused, TextChanged
from bot.ports.reports import ReportLimitReached

_HOUR = timedelta(hours=1)
_PAGE = 10


async def report(context: Context, request: Request) -> Reply:
    """Ask with a form what is wrong, or store what the form says."""
    locale = context.locale(request)
    if context.curators.is_banned(request.person):
        return refused(report_refused_card(locale))
    issue = await find_named_issue(context, request.argument)
    chosen = request.fields.get("paper", "")
    if issue is not None and not chosen:
        return Reply(week_report_form(locale, issue), is_private=True)
    if chosen:
        request = replace(request, argument=chosen)
    if "wrong" not in request.fields:
        return await answer_lookup(context, request, _build_form, "report")
    reference = parse_reference(request.argument)
    papers = await context.archive.papers([reference.paper]) if reference else ()
    if not papers:
        return refused(expired_control_card(locale))
    return await _submit(context, request, locale, papers[0])


async def accept(context: Context, request: Request) -> Reply:
    """Accept a report; where it proposes nothing, ask for the right text."""
    found = await _decidable(context, request)
    if isinstance(found, Reply):
        return found
    locale, new = context.locale(request), found.new
    text = request.fields.get("text", new.better)
    papers = await context.archive.papers([new.paper])
    if new.field != "other" and not text.strip():
        return await edit(context, request)
    name = (new.field, new.text_language)
    # What a curator saw: the text of the form, or else as it was reported.
    seen = request.argument.strip().partition(" ")[2] or fingerprint([new.before])
    try:
        correction = (
            CorrectPaper(
                papers[0].key,
                (correction_of(context, papers[0], *name, text),),
                Basis((name,), seen),
            )
            if papers and new.field != "other"
            else None
        )
        done = await context.reports.accept_report(found.id, correction, attribution(request))
    except TextChanged:
        newer = await context.archive.papers([new.paper])
        now = paper_text(newer[0], *name) if newer else ""
        again = Action("edit_report", str(found.id))
        return refused(text_changed_card(locale, [(name, now, text)], again))
    except CurationRefused as error:
        return refused(refused_edit_card(locale, error))
    return Reply(decided_card(locale, done), is_private=True)


async def edit(context: Context, request: Request) -> Reply:
    """Let a curator word the correction that a report asks for."""
    found = await _decidable(context, request)
    if isinstance(found, Reply):
        return found
    papers = await context.archive.papers([found.new.paper])
    now = paper_text(papers[0], found.new.field, found.new.text_language) if papers else ""
    locale, text = context.locale(request), found.new.better or now
    if not fits_form(text):
        said = locale.translate("The text is too long for a form; correct it on the command line.")
        return refused(curation_refused_card(locale, said))
    return Reply(edit_report_form(locale, found, text, now), is_private=True)


async def dismiss(context: Context, request: Request) -> Reply:
    """Dismiss a report; first ask why."""
    found = await _decidable(context, request)
    if isinstance(found, Reply):
        return found
    locale = context.locale(request)
    if "reason" not in request.fields:
        return Reply(dismiss_report_form(locale, found), is_private=True)
    by = attribution(request, clean(request.fields["reason"]).strip())
    try:
        done = await context.reports.dismiss_report(found.id, by)
    except CurationRefused as error:
        return refused(refused_edit_card(locale, error))
    return Reply(decided_card(locale, done), is_private=True)


async def undo(context: Context, request: Request) -> Reply:
    """Take back the edit that was made of a report."""
    locale = context.locale(request)
    if not context.curators.is_curator(request.person):
        return refused(not_curator_card(locale))
    number = number_in(request.argument)
    if number is None:
        return refused(expired_control_card(locale))
    try:
        edit = await context.curation.curate(Undo(number), attribution(request))
    except CurationRefused as error:
        return refused(refused_edit_card(locale, error))
    return Reply(undone_card(locale, edit), is_private=True)


async def show(context: Context, request: Request) -> Reply:
    """Show a curator one report."""
    found = await _decidable(context, request)
    if isinstance(found, Reply):
        return found
    papers = await context.archive.papers([found.new.paper])
    card = report_card(context.locale(request), found, papers[0] if papers else None)
    return Reply(card, is_private=True)


async def list_reports(context: Context, request: Request) -> Reply:
    """Answer a curator with the open reports of the community, a page at a time."""
    locale = context.locale(request)
    if not context.curators.is_curator(request.person):
        return refused(not_curator_card(locale))
    page = number_in(request.argument) or 1
    place = _place(request)
    offset = (max(page, 1) - 1) * _PAGE
    found = await context.reports.open_reports(place, _PAGE, offset)
    papers = await context.archive.papers([each.new.paper for each in found.reports])
    by_number = {paper.id: paper for paper in papers}
    shown = [(each, by_number.get(each.new.paper)) for each in found.reports]
    return Reply(report_list_card(locale, shown, found.total, page), is_private=True)


async def choose_channel(context: Context, request: Request) -> Reply:
    """Show the reports of this community in this channel from now on."""
    locale, target = context.locale(request), request.target
    if not context.curators.is_curator(request.person):
        return refused(not_curator_card(locale))
    if target.platform not in context.platforms:
        card = curation_refused_card(locale, locale.translate("Nothing can be posted here."))
        return refused(card)
    if not request.access.may_post:
        return refused(posting_forbidden_card(locale))
    language = request.person.language or context.language
    await context.reports.choose_curator_channel(CuratorChannel(target, language))
    found = await context.reports.open_reports(target, 1, 0)
    return Reply(curator_channel_card(locale, found.total), is_private=True)


async def _build_form(
    _context: Context, _request: Request, locale: Locale, paper: Paper
) -> Card | Form:
    return report_form(locale, paper)


async def _submit(context: Context, request: Request, locale: Locale, paper: Paper) -> Reply:
    field, _, language = request.fields.get("text", "other").partition("/")
    is_known = field in TEXTS and (language in LANGUAGES) == (field in LOCALIZED_TEXTS)
    wrong = clean(request.fields["wrong"]).strip()
    if not is_known or not wrong:
        return refused(expired_control_card(locale))
    new = NewReport(
        request.target,
        request.person.id,
        request.person.language or context.language,
        paper.id,
        field,
        language,
        paper_text(paper, field, language),
        wrong,
        clean(request.fields.get("better", "")).strip(),
    )
    count = context.curators.reports_per_hour
    try:
        await context.reports.submit_report(new, ReportLimit(count, context.now() - _HOUR))
    except ReportLimitReached:
        return refused(report_limit_card(locale, count))
    return Reply(thanks_card(locale), is_private=True)


async def _decidable(context: Context, request: Request) -> Report | Reply:
    """Return the report of a request whose person may decide about it, or the refusal."""
    locale = context.locale(request)
    if not context.curators.is_curator(request.person):
        return refused(not_curator_card(locale))
    number = number_in(request.argument.strip().partition(" ")[0])
    found = None if number is None else await context.reports.report(number)
    place = _place(request)
    # Reports of other communities are as good as unknown here.
    if found is None or (place is not None and not _is_in(found, place)):
        return refused(expired_control_card(locale))
    return found


def _place(request: Request) -> Target | None:
    """Return whose reports a person decides; at the machine itself those of everyone."""
    return None if request.person.is_operator else request.target


def _is_in(found: Report, place: Target) -> bool:
    theirs = found.new.target
    return (theirs.platform, theirs.workspace) == (place.platform, place.workspace)
