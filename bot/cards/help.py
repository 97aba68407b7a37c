"""Cards that help: the list of commands, where the texts come from, what went wrong."""

from collections.abc import Sequence

from bot.cards.blocks import echo, heading, note
from bot.cards.locale import Voice
from bot.cards.weeks import series_name
from bot.model.card import Bullets, Card, LinkButton, Paragraph, Run, Style
from bot.model.papers import SAMPLE_SERIES
from bot.ports.archive import Totals

_SOURCES = {
    "dair": "https://github.com/dair-ai/AI-Papers-of-the-Week",
    "pytorch-kr": "https://discuss.pytorch.kr",
}


def help_card(voice: Voice, usage: Sequence[tuple[str, str]]) -> Card:
    """Return the commands: how each is written, and what it does."""
    items = tuple((Run(how, Style.CODE), Run(" " + what)) for how, what in usage)
    return Card(
        title=voice.say("What Paperboy answers"),
        blocks=(
            Bullets(items),
            note(voice.say("Names may be mistyped, squashed together, Korean or English.")),
        ),
    )


def about_card(voice: Voice, totals: Totals, version: str) -> Card:
    """Return where the texts come from and how they were made."""
    papers = voice.count("{number} paper", "{number} papers", totals.papers)
    weeks = voice.count("{number} week", "{number} weeks", totals.issues)
    items = tuple(
        (
            Run(series_name(voice, series), Style.STRONG, _SOURCES.get(series, "")),
            Run(": " + _extent(voice, count, str(week))),
        )
        for series, count, week in totals.series
    )
    sentences = [
        voice.say("The lists are curated by the communities named above; thanks to them."),
        voice.say("Korean texts of PyTorch Korea are summarised and translated by a machine."),
    ]
    if any(series == SAMPLE_SERIES for series, _, _ in totals.series):
        sentences.append(voice.say("The sample weeks make room for the first real ones."))
    return Card(
        title=f"Paperboy {version}",
        blocks=(
            note(f"{weeks} · {papers}"),
            heading(voice.say("Sources")),
            Bullets(items),
            *(Paragraph((Run(sentence),)) for sentence in sentences),
        ),
        controls=tuple(
            LinkButton(series_name(voice, series), _SOURCES[series])
            for series, _, _ in totals.series
            if series in _SOURCES
        ),
    )


def _extent(voice: Voice, count: int, newest: str) -> str:
    return voice.count(
        "{number} week, the newest {newest}",
        "{number} weeks, the newest {newest}",
        count,
        newest=newest,
    )


def unknown_command_card(voice: Voice, asked: str, nearest: Sequence[str]) -> Card:
    """Say that there is no such command."""
    advice = (
        voice.say("Did you mean {command}?", command=", ".join(nearest))
        if nearest
        else voice.say("/help lists what Paperboy answers.")
    )
    return Card(
        voice.say("There is no command “{asked}”", asked=echo(asked)),
        blocks=(Paragraph((Run(advice),)),),
    )


def usage_card(voice: Voice, how: str, what: str) -> Card:
    """Say how a command is written."""
    return Card(
        voice.say("Something is missing"),
        blocks=(Paragraph((Run(voice.say("Write: ")), Run(how, Style.CODE), Run(f" ({what})"))),),
    )


def gone_card(voice: Voice) -> Card:
    """Say that what a control meant is no longer there."""
    return Card(
        voice.say("This is no longer in the archive"),
        blocks=(Paragraph((Run(voice.say("It may have been joined or removed; try /find.")),)),),
    )


def failed_card(voice: Voice) -> Card:
    """Say that an answer failed by no fault of whoever asked."""
    return Card(
        voice.say("That did not work"),
        blocks=(Paragraph((Run(voice.say("Try again in a moment.")),)),),
    )


def share_label(voice: Voice) -> str:
    """Return what shows an answer that one person sees to everyone."""
    return voice.say("Show to everyone")
