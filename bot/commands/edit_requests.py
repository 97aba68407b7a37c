"""What the handlers of curators' edits share: who may edit, what is meant, and how it is told."""

from bot.cards.curation import edit_made_card
from bot.cards.curation_forms import REASON, WHY
from bot.cards.help import expired_control_card
from bot.cards.references import format_reference, parse_reference
from bot.cards.reports import not_curator_card, refused_edit_card
from bot.commands.command import CommandHandler
from bot.commands.context import Context
from bot.commands.curation import find_named_issue
from bot.commands.curator_requests import attribution, refused
from bot.lib.clean import clean
from bot.model.card import Card, Form
from bot.model.curation import CurationRequest
from bot.model.papers import Issue, Paper
from bot.ports.conversation import Reply, Request
from bot.ports.curation import CurationRefused


class Expired(Exception):
    """What a control is about is not there any more, or never was."""


def for_curators(handler: CommandHandler) -> CommandHandler:
    """Let a handler answer curators alone, and tell them in words what cannot be done."""

    async def answer(context: Context, request: Request) -> Reply:
        locale = context.locale(request)
        if not context.curators.is_curator(request.person):
            return refused(not_curator_card(locale))
        try:
            return await handler(context, request)
        except CurationRefused as error:
            return refused(refused_edit_card(locale, error))
        except Expired:
            return refused(expired_control_card(locale))

    return answer


async def make_edit(
    context: Context, request: Request, wanted: CurationRequest, subject: str
) -> Reply:
    """Make an edit, and say what it changed. Raises CurationRefused."""
    why = request.fields.get(REASON) or request.fields.get(WHY, "")
    edit = await context.curation.curate(wanted, attribution(request, clean(why).strip()))
    return private(edit_made_card(context.locale(request), edit, subject))


async def find_paper(context: Context, reference: str) -> Paper:
    """Return the paper of a reference such as `id:12`. Raises Expired."""
    found = parse_reference(reference)
    papers = await context.archive.papers([found.paper]) if found else ()
    if not papers:
        raise Expired
    return papers[0]


async def find_issue(context: Context, argument: str) -> Issue:
    """Return the issue of an argument such as `2023-W41 dair`. Raises Expired."""
    found = await find_named_issue(context, argument)
    if found is None:
        raise Expired
    return found


async def find_subject(context: Context, argument: str) -> Paper | Issue:
    """Return the paper or the issue of an argument. Raises Expired."""
    if parse_reference(argument):
        return await find_paper(context, argument)
    return await find_issue(context, argument)


async def find_placed_paper(context: Context, argument: str) -> tuple[Paper, Issue]:
    """Return the paper and the issue of an argument such as `id:12 2023-W41 dair`."""
    reference, _, place = argument.strip().partition(" ")
    return await find_paper(context, reference), await find_issue(context, place)


def subject_reference(subject: Paper | Issue) -> str:
    """Return the argument by which `find_subject` finds a paper or an issue."""
    if isinstance(subject, Paper):
        return format_reference(subject)
    return f"{subject.week} {subject.series}"


def private(content: Card | Form) -> Reply:
    """Return a reply that the person who asked sees alone."""
    return Reply(content, is_private=True)
