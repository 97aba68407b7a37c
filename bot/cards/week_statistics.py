"""Introduces a week that nobody introduced, by what was counted of it (pure)."""

from collections.abc import Iterable

from bot.cards.locale import Catalogues, Voice
from bot.model.papers import LANGUAGES, IssueStats, Localized, TagCount

SURVEY = "survey-paper"
"""The tag of papers that survey others."""

_FEW = 2
"""Fewer papers than these need no introduction; a tag of fewer papers is not called frequent."""

_NAMED = 3
_NAMED_FRESH = 5


def introduction(catalogues: Catalogues, counts: IssueStats) -> Localized:
    """Return the introduction in every language; nothing where there is little to count.

    Each number in it was counted; the same counts say the same.
    """
    if counts.papers < _FEW:
        return {}
    return {
        language: " ".join(_sentences(Voice(catalogues, language), counts))
        for language in LANGUAGES
    }


def _sentences(voice: Voice, counts: IssueStats) -> Iterable[str]:
    yield _surveys(voice, counts)
    subjects = [each for each in counts.tags if each.now >= _FEW and each.tag != SURVEY]
    if subjects:
        named = ", ".join(
            voice.count("{tag} ({number})", "{tag} ({number})", each.now, tag=f"#{each.tag}")
            for each in subjects[:_NAMED]
        )
        yield voice.say("Frequent subjects: {tags}.", tags=named)
    risen = sorted(
        (each for each in subjects if _has_risen(each, counts)),
        key=lambda each: _rise(each, counts),
    )
    if risen:
        yield voice.count(
            "More frequent than in the issue before: {tags}.",
            "More frequent than in the {number} issues before: {tags}.",
            counts.compared_issues,
            tags=", ".join(_against(voice, each, counts) for each in risen[:_NAMED]),
        )
    if counts.earlier:
        yield from _news(voice, counts)


def _surveys(voice: Voice, counts: IssueStats) -> str:
    surveys = next((each.now for each in counts.tags if each.tag == SURVEY), 0)
    total = voice.number(counts.papers)
    if not surveys:
        return voice.say("None of the {total} papers is a survey.", total=total)
    return voice.count(
        "{number} of the {total} papers is a survey.",
        "{number} of the {total} papers are surveys.",
        surveys,
        total=total,
    )


def _news(voice: Voice, counts: IssueStats) -> Iterable[str]:
    if counts.fresh:
        tags = ", ".join(f"#{tag}" for tag in counts.fresh[:_NAMED_FRESH])
        yield voice.say("For the first time in this list: {tags}.", tags=tags)
    if counts.listed:
        yield voice.count(
            "{number} of the papers was in an earlier issue already.",
            "{number} of the papers were in an earlier issue already.",
            counts.listed,
        )
    else:
        yield voice.say("No paper was in an earlier issue.")


def _has_risen(tag: TagCount, counts: IssueStats) -> bool:
    """Tell whether at least one paper more has a tag than had it in an issue on average."""
    return counts.compared_issues > 0 and (tag.now - 1) * counts.compared_issues >= tag.before


def _rise(tag: TagCount, counts: IssueStats) -> tuple[int, str]:
    """Return a sort key that puts what rose the most first."""
    return tag.before - tag.now * counts.compared_issues, tag.tag


def _against(voice: Voice, tag: TagCount, counts: IssueStats) -> str:
    return voice.count(
        "{tag} ({now} now, {before} then)",
        "{tag} ({now} now, {before} in those {number} together)",
        counts.compared_issues,
        tag=f"#{tag.tag}",
        now=voice.number(tag.now),
        before=voice.number(tag.before),
    )
