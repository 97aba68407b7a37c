"""Cards of help, about and errors."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.blocks import heading, note, quote_query
from bot.cards.locale import Locale
from bot.cards.series import series_name
from bot.model.card import Bullets, Card, LinkButton, Paragraph, Run, Style
from bot.model.papers import SAMPLE_SERIES
from bot.ports.archive import Totals
from bot.ports.translations import MachineTextCount

_SOURCES = {
    "dair": "https://github.com/dair-ai/AI-Papers-of-the-Week",
    "pytorch-kr": "https://discuss.pytorch.kr",
}


def help_card(locale: Locale, usage: Sequence[tuple[str, str]]) -> Card:
    """Return the list of commands: the usage and description of each."""
    items = tuple((Run(how, Style.CODE), Run(" " + what)) for how, what in usage)
    return Card(
        title=locale.translate("What Paperboy answers"),
        blocks=(
            Bullets(items),
            note(locale.translate("Names may be mistyped, squashed together, Korean or English.")),
        ),
    )


def about_card(
    locale: Locale, totals: Totals, made: Sequence[MachineTextCount], version: str
) -> Card:
    """Return the sources of the texts and how they were made, also those of language models."""
    papers = locale.translate_plural("{number} paper", "{number} papers", totals.papers)
    weeks = locale.translate_plural("{number} week", "{number} weeks", totals.issues)
    items = tuple(
        (
            Run(series_name(locale, series), Style.STRONG, _SOURCES.get(series, "")),
            Run(": " + _totals_text(locale, count, str(week))),
        )
        for series, count, week in totals.series
    )
    sentences = [
        locale.translate("The lists are curated by the communities named above; thanks to them."),
        locale.translate(
            "Korean texts of PyTorch Korea are summarised and translated by a machine."
        ),
    ]
    if made:
        sentences.append(
            locale.translate(
                "Texts that the lists lack are made by a language model, checked by rules, and "
                "marked where they are shown: {made}. A mistake in one? “Report a mistake” under "
                "a paper and /report tell the curators, who put it right for good.",
                made="; ".join(_made_text(locale, each) for each in made),
            )
        )
    if any(series == SAMPLE_SERIES for series, _, _ in totals.series):
        sentences.append(locale.translate("The sample weeks make room for the first real ones."))
    return Card(
        title=f"Paperboy {version}",
        blocks=(
            note(f"{weeks} · {papers}"),
            heading(locale.translate("Sources")),
            Bullets(items),
            *(Paragraph((Run(sentence),)) for sentence in sentences),
        ),
        controls=tuple(
            LinkButton(series_name(locale, series), _SOURCES[series])
            for series, _, _ in totals.series
            if series in _SOURCES
        ),
    )


def _totals_text(locale: Locale, count: int, newest: str) -> str:
    return locale.translate_plural(
        "{number} week, the newest {newest}",
        "{number} weeks, the newest {newest}",
        count,
        newest=newest,
    )


def _made_text(locale: Locale, made: MachineTextCount) -> str:
    # The languages of a sentence are joined already, and so are those of its parts.
    locale = replace(locale, language_choice=locale.languages[0])
    return locale.translate_plural(
        "{model}, {number} text, the newest of {day}",
        "{model}, {number} texts, the newest of {day}",
        made.texts,
        model=made.model,
        day=made.newest.isoformat(),
    )


def unknown_command_card(
    locale: Locale, asked: str, nearest: Sequence[str], known: Sequence[str] = ()
) -> Card:
    """Return that there is no such command, with the nearest ones, or else all of its kind."""
    if nearest:
        advice = locale.translate("Did you mean {command}?", command=", ".join(nearest))
    elif known:
        advice = locale.translate("There are these: {names}", names=", ".join(known))
    else:
        advice = locale.translate("/help lists what Paperboy answers.")
    return Card(
        locale.translate("There is no command “{asked}”", asked=quote_query(asked)),
        blocks=(Paragraph((Run(advice),)),),
    )


def too_long_card(locale: Locale, most: int) -> Card:
    """Return a card that says how long a question may be."""
    said = locale.translate(
        "At most {number} characters are read.", number=locale.format_number(most)
    )
    return Card(locale.translate("That is too long"), blocks=(Paragraph((Run(said),)),))


def usage_card(locale: Locale, usage: str, description: str) -> Card:
    """Return the usage of a command."""
    return Card(
        locale.translate("Something is missing"),
        blocks=(
            Paragraph(
                (
                    Run(locale.translate("Write: ")),
                    Run(usage, Style.CODE),
                    Run(f" ({description})"),
                )
            ),
        ),
    )


def expired_control_card(locale: Locale) -> Card:
    """Return that the object of a control is no longer in the archive."""
    return Card(
        locale.translate("This is no longer in the archive"),
        blocks=(
            Paragraph((Run(locale.translate("It may have been joined or removed; try /find.")),)),
        ),
    )


def error_card(locale: Locale) -> Card:
    """Return that a request failed through no fault of the person."""
    return Card(
        locale.translate("That did not work"),
        blocks=(Paragraph((Run(locale.translate("Try again in a moment.")),)),),
    )


def share_label(locale: Locale) -> str:
    """Return the label of the button that shows a private reply to everyone."""
    return locale.translate("Show to everyone")
