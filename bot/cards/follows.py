"""Cards of what people follow: what it is, and the papers that are new of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import time

from bot.cards.blocks import heading, note, quote_query
from bot.cards.locale import Locale
from bot.cards.papers import paper_list, paper_selector
from bot.model.card import Action, Bullets, Button, Card, Choice, Control, Option, Paragraph, Run
from bot.model.papers import Paper
from bot.model.people import Follow, FollowedPapers, FollowKind, PersonSettings

MOST_SHOWN = 20
"""How many papers a message shows; the others are counted."""

_OPTIONS = 25
"""How many things one list offers to unfollow."""

TagName = Callable[[str], str]
"""Returns what a tag is called in the reader's language."""


def follow_label(locale: Locale, follow: Follow, tag_name: TagName) -> str:
    """Return what is followed in a few words."""
    match follow.kind:
        case FollowKind.TAG:
            name = tag_name(follow.name)
            return f"#{follow.name}" + ("" if name.casefold() == follow.name else f" ({name})")
        case FollowKind.AUTHOR:
            return locale.translate("author {name}", name=follow.name)
        case FollowKind.WORDS:
            return locale.translate("“{words}”", words=follow.name)


def followed_card(
    locale: Locale, follow: Follow, settings: PersonSettings, tag_name: TagName
) -> Card:
    """Return that something is followed, and when its papers come."""
    said = locale.translate(
        "When a new week has such papers, a direct message tells you: one a week at most, at "
        "{time} ({zone}).",
        **_when(locale, settings),
    )
    advice = locale.translate("Another hour: /following time=20:00")
    stop = Button(locale.translate("Unfollow"), Action("unfollow", str(follow.id)))
    title = locale.translate("You follow {what}", what=follow_label(locale, follow, tag_name))
    return Card(
        title, "", (Paragraph((Run(said),)), note(advice)), (stop, _following_button(locale))
    )


def following_card(
    locale: Locale,
    follows: Sequence[Follow],
    settings: PersonSettings | None,
    tag_name: TagName,
) -> Card:
    """Return what a person follows, with the ways to end it."""
    if not follows:
        advice = locale.translate(
            "/follow and a tag, an author or words brings you the new papers of each week."
        )
        title = locale.translate("You follow nothing yet")
        return Card(title, blocks=(Paragraph((Run(advice),)),))
    items = tuple((Run(follow_label(locale, each, tag_name)),) for each in follows)
    blocks: list[Paragraph | Bullets] = [Bullets(items)]
    if settings is not None:
        when = locale.translate("Messages come at {time} ({zone}).", **_when(locale, settings))
        blocks.append(note(when + " " + locale.translate("Change it: /following time=20:00")))
    title = locale.translate_plural(
        "You follow {number} thing", "You follow {number} things", len(follows)
    )
    controls = (*stop_controls(locale, follows, tag_name), _this_week_button(locale))
    return Card(title, blocks=tuple(blocks), controls=controls)


def stop_controls(
    locale: Locale, follows: Sequence[Follow], tag_name: TagName
) -> tuple[Control, ...]:
    """Return what ends a follow: a button for one, a list for several."""
    if len(follows) == 1:
        action = Action("unfollow", str(follows[0].id))
        return (Button(locale.translate("Unfollow"), action),)
    options = [Option(follow_label(locale, each, tag_name), str(each.id)) for each in follows]
    return tuple(
        Choice(locale.translate("Unfollow"), tuple(options[start : start + _OPTIONS]), "unfollow")
        for start in range(0, len(options), _OPTIONS)
    )


def unfollowed_card(locale: Locale, follow: Follow, tag_name: TagName) -> Card:
    """Return that something is followed no more."""
    title = locale.translate(
        "You no longer follow {what}", what=follow_label(locale, follow, tag_name)
    )
    again = Button(locale.translate("Follow again"), Action("follow", _written(follow)))
    return Card(title, controls=(again, _following_button(locale)))


def not_followed_card(locale: Locale, asked: str) -> Card:
    """Return that what is to be ended is not followed."""
    title = (
        locale.translate("You do not follow “{asked}”", asked=quote_query(asked))
        if asked
        else locale.translate("You do not follow that any more")
    )
    return Card(title, controls=(_following_button(locale),))


def too_many_follows_card(locale: Locale, most: int) -> Card:
    """Return that a person follows as much as can be."""
    said = locale.translate("Unfollow something first.")
    title = locale.translate("You follow {number} things; more is not possible", number=most)
    return Card(title, blocks=(Paragraph((Run(said),)),), controls=(_following_button(locale),))


def unfollowable_card(locale: Locale, asked: str) -> Card:
    """Return that nothing can be followed by such words."""
    said = locale.translate(
        'A tag such as rl, author:"Yann LeCun" or words such as “world models” can be followed; '
        "words to leave out have a - before them."
    )
    title = locale.translate("“{asked}” cannot be followed", asked=quote_query(asked))
    return Card(title, blocks=(Paragraph((Run(said),)),))


def unknown_time_card(locale: Locale, name: str, value: str, examples: Sequence[str]) -> Card:
    """Return that an hour or a time zone is not understood."""
    title = (
        locale.translate("“{value}” is no time of day", value=quote_query(value))
        if name == "time"
        else locale.translate("“{value}” is no time zone", value=quote_query(value))
        if name == "zone"
        else locale.translate("“{value}” is no setting of messages", value=quote_query(value))
    )
    if not examples:
        return Card(title)
    said = locale.translate("Write it like: {examples}", examples=locale.format_list(examples))
    return Card(title, blocks=(Paragraph((Run(said),)),))


def new_papers_card(
    locale: Locale,
    found: Sequence[FollowedPapers],
    papers: Mapping[int, Paper],
    tag_name: TagName,
) -> Card | None:
    """Return the papers that are new of what a person follows; None where there are none."""
    shown: list[Paper] = []
    blocks: list[Paragraph | Bullets] = []
    total = 0
    for each in found:
        own = [papers[number] for number in each.papers if number in papers]
        total += len(own)
        room = own[: MOST_SHOWN - len(shown)]
        if room:
            label = follow_label(locale, each.follow, tag_name)
            blocks += [heading(label), paper_list(locale, room, first=len(shown) + 1)]
            shown += room
    if not shown:
        return None
    if total > len(shown):
        more = locale.translate_plural(
            "{number} more is not shown.", "{number} more are not shown.", total - len(shown)
        )
        blocks.append(note(more))
    title = locale.translate_plural(
        "{number} new paper that you follow", "{number} new papers that you follow", total
    )
    follows = [each.follow for each in found]
    controls = (
        paper_selector(locale, shown),
        *stop_controls(locale, follows, tag_name),
        _following_button(locale),
    )
    first = locale.first_text(shown[0].titles) or shown[0].key
    return Card(title, blocks=tuple(blocks), controls=controls, notification=f"{title}: {first}")


def no_new_papers_card(locale: Locale) -> Card:
    """Return that the last week brought nothing of what a person follows."""
    title = locale.translate("The last 7 days brought no paper that you follow")
    return Card(title, controls=(_following_button(locale),))


def with_undelivered_note(locale: Locale, card: Card) -> Card:
    """Add to a card that a direct message did not arrive, and the way to what it was about."""
    said = locale.translate(
        "A direct message to you did not arrive. Allow direct messages from Paperboy to get the "
        "next ones. The new papers that you follow are shown here too."
    )
    return replace(
        card,
        blocks=(note(said), *card.blocks),
        controls=(*card.controls, _this_week_button(locale)),
    )


def _when(locale: Locale, settings: PersonSettings) -> dict[str, str]:
    at: time = settings.at
    return {"time": locale.format_time(at), "zone": settings.zone}


def _written(follow: Follow) -> str:
    """Return a follow as it is written after `/follow`."""
    match follow.kind:
        case FollowKind.TAG:
            return f"tag:{follow.name}"
        case FollowKind.AUTHOR:
            return f'author:"{follow.name}"'
        case FollowKind.WORDS:
            return follow.name


def _following_button(locale: Locale) -> Button:
    return Button(locale.translate("What you follow"), Action("following", ""))


def _this_week_button(locale: Locale) -> Button:
    return Button(locale.translate("New papers"), Action("followed", ""))
