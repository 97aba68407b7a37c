"""Handles /curate: adding, moving, removing and retracting papers and weeks, and the history."""

from collections.abc import Mapping
from dataclasses import replace

from bot.cards import curation_forms as forms
from bot.cards.curation import PAGE_SIZE, history_card, paper_edits_card, week_edits_card
from bot.cards.issues import issue_title
from bot.cards.locale import Locale
from bot.cards.references import format_reference
from bot.commands.context import Context
from bot.commands.curation import (
    find_named_issue,
    find_week,
    known_series,
    new_paper,
    parse_position,
)
from bot.commands.edit_requests import (
    Expired,
    find_placed_paper,
    find_subject,
    for_curators,
    make_edit,
    private,
    subject_reference,
)
from bot.commands.handlers.papers import answer_lookup
from bot.lib.clean import clean
from bot.model.card import Card
from bot.model.curation import (
    AddPaper,
    CurationRequest,
    MovePaper,
    RemovePaper,
    RetractPaper,
    WithdrawIssue,
    issue_key,
)
from bot.model.papers import Issue, Paper
from bot.model.week_phrases import parse_week_phrase
from bot.model.weeks import Week, parse
from bot.ports.conversation import Reply, Request

_MOST_PAGES = 1000


@for_curators
async def curate(context: Context, request: Request) -> Reply:
    """Answer with what can be edited of the paper or the week that is meant."""
    locale, asked = context.locale(request), request.argument.strip()
    issue = await find_named_issue(context, asked)
    if issue is not None:
        return private(week_edits_card(locale, (issue.series, issue.week), issue))
    named, _, series = asked.partition(" ")
    week = parse(named)
    if isinstance(week, Week) or parse_week_phrase(asked, context.today()):
        place = (
            (await known_series(context, series), week)
            if series and isinstance(week, Week)
            else await find_week(context, asked, "")
        )
        issue = await find_named_issue(context, f"{place[1]} {place[0]}")
        return private(week_edits_card(locale, place, issue))
    reply = await answer_lookup(context, request, _build_paper_card, "curate")
    return replace(reply, is_private=True)


@for_curators
async def retract(context: Context, request: Request) -> Reply:
    """Ask why a paper or a week is retracted, and retract it."""
    subject = await find_subject(context, request.argument)
    reason = clean(request.fields.get(forms.REASON, "")).strip()
    name = subject_reference(subject)
    if not reason:
        return private(forms.retraction_form(context.locale(request), name))
    return await make_edit(context, request, _retraction(subject, reason), name)


@for_curators
async def restore(context: Context, request: Request) -> Reply:
    """Let a retracted paper or week stand again."""
    subject = await find_subject(context, request.argument)
    return await make_edit(
        context, request, _retraction(subject, None), subject_reference(subject)
    )


@for_curators
async def add(context: Context, request: Request) -> Reply:
    """Ask which paper is added to a week, and add it."""
    named, _, series = request.argument.strip().partition(" ")
    week, subject = parse(named), request.argument.strip()
    if not isinstance(week, Week) or not series:
        raise Expired
    if "address" not in request.fields:
        return private(forms.add_form(context.locale(request), subject))
    series = await known_series(context, series)
    fields = _cleaned(request.fields)
    paper = new_paper(fields["address"], fields.get("title", ""))
    wanted = AddPaper(series, week, paper, parse_position(fields.get("position", "")))
    return await make_edit(context, request, wanted, subject)


@for_curators
async def move(context: Context, request: Request) -> Reply:
    """Ask where a paper is moved from its place, and move it."""
    paper, issue = await find_placed_paper(context, request.argument)
    if "week" not in request.fields:
        form = forms.move_form(context.locale(request), request.argument.strip(), issue.week)
        return private(form)
    fields = _cleaned(request.fields)
    _, target = await find_week(context, fields["week"], issue.series)
    position = parse_position(fields.get("position", ""))
    wanted = MovePaper(issue.series, issue.week, paper.key, target, position)
    return await make_edit(context, request, wanted, format_reference(paper))


@for_curators
async def remove(context: Context, request: Request) -> Reply:
    """Ask why a paper is removed from a week, and remove it."""
    paper, issue = await find_placed_paper(context, request.argument)
    if forms.WHY not in request.fields:
        return private(forms.remove_form(context.locale(request), request.argument.strip()))
    wanted = RemovePaper(issue.series, issue.week, paper.key)
    return await make_edit(context, request, wanted, f"{issue.week} {issue.series}")


@for_curators
async def history(context: Context, request: Request) -> Reply:
    """Show what was edited of a paper or a week, a page at a time."""
    locale, argument = context.locale(request), request.argument.strip()
    first, _, rest = argument.partition(" ")
    is_paged = first.isascii() and first.isdecimal() and bool(rest)
    page = min(max(int(first[:4]), 1), _MOST_PAGES) if is_paged else 1
    subject = await find_subject(context, rest if is_paged else argument)
    known = await context.curation.edits(_history_key(subject), page * PAGE_SIZE + 1)
    shown = known[(page - 1) * PAGE_SIZE :]
    card = history_card(locale, _name(locale, subject), subject_reference(subject), shown, page)
    return private(card)


async def _build_paper_card(
    _context: Context, _request: Request, locale: Locale, paper: Paper
) -> Card:
    return paper_edits_card(locale, paper)


def _history_key(subject: Paper | Issue) -> str:
    if isinstance(subject, Paper):
        return subject.key
    return issue_key(subject.series, subject.week)


def _name(locale: Locale, subject: Paper | Issue) -> str:
    if isinstance(subject, Paper):
        return locale.first_text(subject.titles) or subject.key
    return issue_title(locale, subject)


def _retraction(subject: Paper | Issue, reason: str | None) -> CurationRequest:
    if isinstance(subject, Paper):
        return RetractPaper(subject.key, reason)
    return WithdrawIssue(subject.series, subject.week, reason)


def _cleaned(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: clean(text).strip() for name, text in fields.items()}
