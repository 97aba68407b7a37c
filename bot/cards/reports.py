"""Forms and cards of reported mistakes: for members, for curators, and what became of one."""

from collections.abc import Sequence

from bot.cards.blocks import heading, note, paper_url, text_blocks
from bot.cards.fit import truncate
from bot.cards.locale import Locale
from bot.cards.references import format_reference
from bot.cards.text_differences import mark_differences
from bot.model.card import (
    Action,
    Block,
    Bullets,
    Button,
    Card,
    Control,
    Field,
    Form,
    Option,
    Paragraph,
    Run,
    Style,
)
from bot.model.editable_texts import fingerprint
from bot.model.papers import LANGUAGES, Issue, Paper
from bot.model.reports import LOCALIZED_TEXTS, TEXTS, Report, ReportState
from bot.ports.curation import CurationRefused

_MOST_LISTED = 10
"""Reports of a page of the list."""
_MAX_WRONG = 120
"""Characters of what is wrong, in the list."""


def report_form(locale: Locale, paper: Paper) -> Form:
    """Return the form in which a mistake in a paper's card is reported."""
    options = tuple(
        Option(text_name(locale, field, language), f"{field}/{language}".rstrip("/"))
        for field, language in _reportable(paper)
    )
    return _form(locale, (), options, Action("report", format_reference(paper)))


def week_report_form(locale: Locale, issue: Issue) -> Form:
    """Return the form in which a mistake in the list of a week is reported."""
    papers = tuple(
        Option(
            f"{entry.position}. {locale.first_text(entry.paper.titles) or entry.paper.key}",
            format_reference(entry.paper),
        )
        for entry in issue.entries
    )
    options = tuple(
        Option(text_name(locale, field, language), f"{field}/{language}".rstrip("/"))
        for field in TEXTS
        for language in (LANGUAGES if field in LOCALIZED_TEXTS else ("",))
    )
    first = Field("paper", locale.translate("Which paper?"), options=papers, required=True)
    return _form(locale, (first,), options, Action("report", f"{issue.week} {issue.series}"))


def text_name(locale: Locale, field: str, language: str) -> str:
    """Return what a text of a paper or an issue is called, with its language where it has one."""
    names = {
        "title": locale.translate("Title"),
        "summary": locale.translate("Summary"),
        "abstract": locale.translate("Abstract"),
        "tags": locale.translate("Tags"),
        "links": locale.translate("Links"),
        "introduction": locale.translate("Introduction"),
        "other": locale.translate("Something else"),
    }
    languages = {"ko": locale.translate("Korean"), "en": locale.translate("English")}
    return f"{names[field]} ({languages[language]})" if language else names[field]


def thanks_card(locale: Locale) -> Card:
    """Return thanks for a report."""
    said = locale.translate(
        "The people who look after the texts will see it, and you are told what becomes of it."
    )
    return _message(locale.translate("Thank you for the report"), said)


def report_refused_card(locale: Locale) -> Card:
    """Return that a person may report nothing."""
    said = locale.translate("Please write to the people who run this bot instead.")
    return _message(locale.translate("Your reports are not taken here"), said)


def report_limit_card(locale: Locale, count: int) -> Card:
    """Return that a person has reported enough for now."""
    said = locale.translate_plural(
        "{number} report an hour is taken from each person. Please try again later.",
        "{number} reports an hour are taken from each person. Please try again later.",
        count,
    )
    return _message(locale.translate("Thank you, that is enough for now"), said)


def report_card(locale: Locale, report: Report, paper: Paper | None) -> Card:
    """Return a report for curators: old and proposed text, and what they can do about it."""
    new = report.new
    blocks: list[Block] = []
    if paper is not None:
        title = locale.first_text(paper.titles) or paper.key
        blocks.append(Paragraph((Run(title, Style.STRONG, paper_url(paper)),)))
    blocks += [heading(locale.translate("What is wrong")), *text_blocks(new.wrong)]
    if new.better:
        old, proposed = mark_differences(new.before, new.better)
        blocks += [heading(locale.translate("As it was reported")), Paragraph(old or (Run("—"),))]
        blocks += [heading(locale.translate("Proposed")), Paragraph(proposed)]
    elif new.before:
        blocks += [
            heading(locale.translate("As it was reported")), *text_blocks(new.before),
        ]  # fmt: skip
    said = locale.translate(
        "Reported on {day} by {person}", day=locale.format_date(report.made_at.date()),
        person=f"{new.target.platform}:{new.person}",
    )  # fmt: skip
    blocks.append(note(said))
    if report.state is not ReportState.OPEN:
        blocks.append(note(_decision(locale, report)))
    name = text_name(locale, new.field, new.text_language)
    return Card(
        locale.translate("Report {number}: {text}", number=str(report.id), text=name),
        blocks=tuple(blocks),
        controls=_controls(locale, report, paper),
    )


def edit_report_form(locale: Locale, report: Report, text: str, now: str) -> Form:
    """Return the form in which a curator words the correction that a report asks for.

    Its action says which text it was opened on: as it is now.
    """
    name = text_name(locale, report.new.field, report.new.text_language)
    field = Field("text", name, text, required=True, long=True)
    action = Action("accept_report", f"{report.id} {fingerprint([now])}")
    return Form(locale.translate("Correct the text"), (field,), action)


def dismiss_report_form(locale: Locale, report: Report) -> Form:
    """Return the form in which a curator dismisses a report."""
    field = Field("reason", locale.translate("Why? The member is told."), long=True)
    return Form(
        locale.translate("Dismiss the report"), (field,), Action("dismiss_report", str(report.id))
    )


def decided_card(locale: Locale, report: Report) -> Card:
    """Return to a curator what was done about a report."""
    if report.state is ReportState.DISMISSED:
        return _message(locale.translate("The report is dismissed"))
    if not report.edit:
        return _message(locale.translate("The report is closed"))
    said = locale.translate("Every message that shows the text is edited now.")
    return _message(locale.translate("The correction is made"), said)


def curation_refused_card(locale: Locale, reason: str) -> Card:
    """Return why nothing was changed."""
    return _message(locale.translate("Nothing was changed"), reason)


def refused_edit_card(locale: Locale, error: CurationRefused) -> Card:
    """Return why an edit was not made."""
    return curation_refused_card(locale, locale.translate(error.sentence, **error.values))


def not_curator_card(locale: Locale) -> Card:
    """Return that only curators may do that."""
    said = locale.translate("The people who run this bot say who is one.")
    return _message(locale.translate("Only curators may do that"), said)


def curator_channel_card(locale: Locale, open_reports: int) -> Card:
    """Return that the reports of a community are shown in this channel from now on."""
    said = locale.translate_plural(
        "{number} report is open.", "{number} reports are open.", open_reports
    )
    return _message(locale.translate("Reports are shown in this channel from now on"), said)


def report_list_card(
    locale: Locale, shown: Sequence[tuple[Report, Paper | None]], total: int, page: int
) -> Card:
    """Return a page of the open reports."""
    if not shown:
        return _message(locale.translate("No report is open"))
    items = tuple(_item(locale, report, paper) for report, paper in shown)
    controls: list[Control] = [
        Button(
            locale.translate("Report {number}", number=str(report.id)),
            Action("show_report", str(report.id)),
        )
        for report, _ in shown
    ]
    if page * _MOST_LISTED < total:
        controls.append(Button(locale.translate("More"), Action("reports", str(page + 1))))
    title = locale.translate_plural("{number} open report", "{number} open reports", total)
    return Card(title, blocks=(Bullets(items),), controls=tuple(controls))


def outcome_card(locale: Locale, report: Report, paper: Paper | None) -> Card:
    """Return to the member who reported a mistake what became of it."""
    title = (locale.first_text(paper.titles) or paper.key) if paper else ""
    if report.state is ReportState.ACCEPTED:
        said = locale.translate("Thank you: the mistake that you reported is corrected.")
        return Card(said, blocks=(Paragraph((Run(title),)),) if title else ())
    said = locale.translate("The curators left the text that you reported as it is.")
    blocks: list[Block] = [Paragraph((Run(title),))] if title else []
    if report.reason:
        blocks += text_blocks(report.reason)
    return Card(said, blocks=tuple(blocks))


def _form(
    locale: Locale, first: tuple[Field, ...], texts: tuple[Option, ...], action: Action
) -> Form:
    fields = (
        *first,
        Field("text", locale.translate("Which text?"), options=texts, required=True),
        Field("wrong", locale.translate("What is wrong?"), required=True, long=True),
        Field("better", locale.translate("The whole text in better words"), long=True),
    )
    title, submit = locale.translate("Report a mistake"), locale.translate("Send")
    return Form(title, fields, action, submit=submit)


def _reportable(paper: Paper) -> list[tuple[str, str]]:
    texts = {"title": paper.titles, "summary": paper.summaries, "abstract": paper.abstracts}
    found = [
        (field, language)
        for field, localized in texts.items()
        for language in LANGUAGES
        if localized.get(language)
    ]
    return [*found, *((field, "") for field in TEXTS if field not in LOCALIZED_TEXTS)]


def _controls(locale: Locale, report: Report, paper: Paper | None) -> tuple[Control, ...]:
    number, found = str(report.id), list[Control]()
    if report.state is ReportState.OPEN:
        is_text = report.new.field in LOCALIZED_TEXTS
        if report.new.field == "other":
            label = locale.translate("Mark as done")
            found.append(Button(label, Action("accept_report", number)))
        elif is_text and report.new.better:
            found.append(Button(locale.translate("Accept"), Action("accept_report", number)))
        if report.new.field != "other":
            found.append(Button(locale.translate("Edit"), Action("edit_report", number)))
        found.append(Button(locale.translate("Dismiss"), Action("dismiss_report", number)))
    elif report.edit:
        found.append(Button(locale.translate("Undo"), Action("undo_edit", str(report.edit))))
    if paper is not None:
        label = locale.translate("Open the paper")
        found.append(Button(label, Action("paper", format_reference(paper))))
    return tuple(found)


def _decision(locale: Locale, report: Report) -> str:
    day = locale.format_date(report.decided_at.date()) if report.decided_at else ""
    if report.state is ReportState.ACCEPTED:
        return locale.translate("Accepted on {day} by {person}", day=day, person=report.decided_by)
    if not report.reason:
        return locale.translate(
            "Dismissed on {day} by {person}", day=day, person=report.decided_by
        )
    return locale.translate(
        "Dismissed on {day} by {person}: {reason}",
        day=day, person=report.decided_by, reason=report.reason,
    )  # fmt: skip


def _item(locale: Locale, report: Report, paper: Paper | None) -> tuple[Run, ...]:
    title = (locale.first_text(paper.titles) or paper.key) if paper else f"id:{report.new.paper}"
    name = text_name(locale, report.new.field, report.new.text_language)
    wrong = " ".join(report.new.wrong.split())
    return (
        Run(f"{report.id}. {title}", Style.STRONG),
        Run(f"\n{name}: {truncate(wrong, _MAX_WRONG)}", Style.SMALL),
    )


def _message(title: str, said: str = "") -> Card:
    return Card(title, blocks=(Paragraph((Run(said),)),) if said else ())
