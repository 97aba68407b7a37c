"""Tells which weeks wait for curators, and what keeps them from being reviewed."""

from bot.commands.context import Context
from bot.commands.series import known_series
from bot.model.channels import Target
from bot.model.papers import Issue
from bot.model.review_rules import ReviewFallback
from bot.model.reviews import ReviewState, review_for


async def waits_for_review(context: Context, target: Target, issue: Issue) -> bool:
    """Return whether a week must not be posted in a channel before a curator approves it."""
    if issue.series not in context.review_rules.series:
        return False
    known = await context.reviews.submit_weeks(issue.series, (issue.week,), context.now())
    found = review_for(known, target)
    return found is not None and found.state is not ReviewState.APPROVED


async def review_warnings(context: Context) -> tuple[str, ...]:
    """Return for operators what keeps curators from reviewing weeks; a sentence each."""
    rules, found = context.review_rules, list[str]()
    known = await known_series(context)
    for series in sorted(rules.series):
        if series not in known:
            found.append(f"The setting curation.review names {series}, which nothing fills.")
        places = await context.reviews.places_without_curators(series)
        if not places:
            continue
        then = (
            "they are posted as not reviewed"
            if rules.fallback is ReviewFallback.POST
            else "they are posted nowhere"
        )
        where = ", ".join(f"{each.platform}:{each.workspace}".rstrip(":") for each in places)
        found.append(
            f"New weeks of {series} wait for approval ({where}), but no curators' channel is "
            "chosen: write /curators here in it, or decide with `paperboy review`. Until then "
            f"{then}."
        )
    return tuple(found)
