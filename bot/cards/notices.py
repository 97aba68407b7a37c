"""What is told about deliveries that did not go as they should."""

from collections.abc import Mapping

from bot.cards.locale import Reason, Voice
from bot.cards.weeks import series_name
from bot.model.card import Card, Paragraph, Run
from bot.model.weeks import Week


def absence_card(voice: Voice, series: str, week: Week) -> Card:
    """Say in a channel that the week's issue did not come."""
    return Card(
        voice.say("No papers of the week this time"),
        blocks=(
            Paragraph(
                (
                    Run(
                        voice.say(
                            "{series} has not published {week} yet. It follows when it is there.",
                            series=series_name(voice, series),
                            week=week,
                        )
                    ),
                )
            ),
        ),
    )


def notice_card(voice: Voice, kind: str, channel: str, facts: Mapping[str, str]) -> Card:
    """Tell whoever subscribed what went wrong with a channel's digest, and what to do."""
    reason = Reason(facts.get("reason", ""))
    sentences = {
        "late": voice.say(
            "{week} was not posted: Paperboy could not do so in time. /digest now posts it.",
            week=facts.get("week", ""),
        ),
        "late_many": voice.say(
            "{number} weeks, {first} to {last}, came too late to be posted. /week shows them.",
            number=facts.get("number", ""),
            first=facts.get("first", ""),
            last=facts.get("last", ""),
        ),
        "missed": voice.say(
            "Paperboy did not run when the digest of {week} was due.", week=facts.get("week", "")
        ),
        "failed": voice.say(
            "A message of {week} could not be posted: {reason} /digest now tries it again.",
            week=facts.get("week", ""),
            reason=reason,
        ),
        "untold": voice.say(
            "Nobody can tell whether a message of {week} was posted: {reason} Please look.",
            week=facts.get("week", ""),
            reason=reason,
        ),
        "paused": voice.say(
            "The digest is paused: {reason} When that is mended, /digest resume goes on.",
            reason=reason,
        ),
    }
    return Card(
        voice.say("About the digest in {channel}", channel=channel),
        blocks=(Paragraph((Run(sentences[kind]),)),),
    )
