"""`paperboy report` and `reports`: mistakes that are reported, and what is decided about them."""

import asyncio
from typing import Annotated

import typer

from bot.app.archive import open_archive
from bot.cards.locale import Locale
from bot.cards.reports import text_name
from bot.cli import settings as configuration
from bot.cli.exit import fail, warn
from bot.cli.operator import attribution, user_name
from bot.cli.output import print_line
from bot.commands import curation
from bot.commands.context import Context
from bot.lib.clean import clean, one_line
from bot.model.channels import Target
from bot.model.curation import Basis, CorrectPaper
from bot.model.editable_texts import fingerprint, paper_text
from bot.model.papers import LANGUAGES, Paper
from bot.model.reports import LOCALIZED_TEXTS, TEXTS, NewReport, Report
from bot.ports.curation import CurationRefused, TextChanged

_COMMAND_LINE = Target("cli", "", "")
_PAGE = 50

NumberArgument = Annotated[int, typer.Argument(help="The number of the report.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("report")(report)
    group = typer.Typer(help="Lists reported mistakes, and decides about them.")
    group.callback(invoke_without_command=True)(list_reports)
    group.command("accept")(accept)
    group.command("dismiss")(dismiss)
    app.add_typer(group, name="reports")


def report(
    paper: Annotated[str, typer.Argument(help="Its name, arXiv id, address, or key.")],
    wrong: Annotated[str, typer.Argument(help="What is wrong, in quotes.")],
    *,
    text: Annotated[
        str, typer.Option(help="title/ko, summary/en, abstract/en …, tags, links or other.")
    ] = "other",
    better: Annotated[str, typer.Option(help="The whole text in better words.")] = "",
) -> None:
    """Report a mistake in the text of a paper to the curators."""
    field, _, language = text.partition("/")
    if field not in TEXTS or (language in LANGUAGES) != (field in LOCALIZED_TEXTS):
        fail(f"{text!r} is no text of a paper; write title/ko, summary/en, tags, links or other.")
    if not clean(wrong).strip():
        fail("Say what is wrong.")

    async def submit() -> Report:
        async with open_archive(configuration.load(), warn) as context:
            found = await _find(context, paper)
            new = NewReport(
                _COMMAND_LINE,
                user_name(),
                "en",
                found.id,
                field,
                language,
                paper_text(found, field, language),
                clean(wrong).strip(),
                clean(better).strip(),
            )
            return await context.reports.submit_report(new, None)

    print_line(f"Kept as report {asyncio.run(submit()).id}.")


def list_reports(
    context: typer.Context,
    page: Annotated[int, typer.Option(min=1, help="50 reports a page.")] = 1,
) -> None:
    """List the reports that are open, oldest first."""
    if context.invoked_subcommand is None:
        asyncio.run(_list(page))


async def _list(page: int) -> None:
    async with open_archive(configuration.load(), warn) as context:
        found = await context.reports.open_reports(None, _PAGE, (page - 1) * _PAGE)
        papers = await context.archive.papers([each.new.paper for each in found.reports])
        names = {paper.id: curation.paper_name(paper) for paper in papers}
        locale = Locale(context.catalogues, "en")
        for each in found.reports:
            new = each.new
            name = text_name(locale, new.field, new.text_language)
            place = "/".join(filter(None, [new.target.platform, new.target.workspace]))
            paper = names.get(new.paper, f"id:{new.paper}")
            print_line(
                f"{each.id}  {each.made_at:%Y-%m-%d %H:%M} UTC  {place}  {one_line(paper)}: {name}"
            )
            print_line(f"    wrong: {one_line(new.wrong)}")
            if new.better:
                print_line(f"    now: {one_line(new.before)}")
                print_line(f"    proposed: {one_line(new.better)}")
        shown = f", {len(found.reports)} of them on page {page}" if found.reports else ""
        print_line(f"Open: {found.total}{shown}.")


def accept(
    number: NumberArgument,
    *,
    text: Annotated[str, typer.Option(help="Other words than those proposed.")] = "",
) -> None:
    """Accept a report: make the correction that it proposes, and show it in every message."""

    async def decide() -> Report:
        async with open_archive(configuration.load(), warn) as context:
            known = await context.reports.report(number)
            if known is None:
                fail(f"There is no report {number}.")
            new, words = known.new, text or known.new.better
            papers = await context.archive.papers([new.paper])
            if new.field != "other" and (not words or not papers):
                fail("It proposes no text: write the right one with --text, or dismiss it.")
            request = None
            try:
                if new.field != "other":
                    name = (new.field, new.text_language)
                    correction = curation.correction_of(context, papers[0], *name, words)
                    # Words of one's own are for the text as it is.
                    seen = None if text else Basis((name,), fingerprint([new.before]))
                    request = CorrectPaper(papers[0].key, (correction,), seen)
                return await context.reports.accept_report(number, request, attribution(""))
            except TextChanged:
                fail("The text was changed since it was reported; write it anew with --text.")
            except CurationRefused as error:
                fail(str(error))

    done = asyncio.run(decide())
    undo = f" To take it back: paperboy undo {done.edit}" if done.edit else ""
    print_line(f"Report {number} is accepted.{undo}")


def dismiss(
    number: NumberArgument,
    *,
    why: Annotated[str, typer.Option(help="The reason, which the member is told.")] = "",
) -> None:
    """Dismiss a report: the text stays as it is."""

    async def decide() -> None:
        async with open_archive(configuration.load(), warn) as context:
            try:
                await context.reports.dismiss_report(number, attribution(why.strip()))
            except CurationRefused as error:
                fail(str(error))

    asyncio.run(decide())
    print_line(f"Report {number} is dismissed.")


async def _find(context: Context, paper: str) -> Paper:
    try:
        return await curation.find_paper(context, paper)
    except CurationRefused as error:
        fail(str(error))
