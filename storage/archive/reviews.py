"""Stores reviews of new weeks, shows them to curators, and what these decided."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from bot.lib.marker import _
from bot.model.channels import Target
from bot.model.curation import Attribution
from bot.model.reports import CuratorChannel
from bot.model.reviews import EVERYWHERE, Review, ReviewOutcome, ReviewState, ReviewVerdict
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from bot.ports.changes import Change
from bot.ports.curation import CurationRefused
from storage.archive.review_messages import find_channels, review_from_row, show
from storage.changes import announce
from storage.deliveries import held_weeks, message_edits
from storage.schema.deliveries import deliveries, subscriptions
from storage.schema.reports import curator_channels
from storage.schema.reviews import reviews
from storage.schema.types import storable
from storage.schema.upserts import insert_or

_RECENT = timedelta(days=21)
"""A week that began longer ago is posted at no slot by itself, and is not reviewed."""
_PLACE = (reviews.c.platform, reviews.c.workspace)
_WEEK = (reviews.c.series, reviews.c.year, reviews.c.number)
_MOST_PLACES = 20


def find_submittable(
    connection: Connection, series: str, weeks: Sequence[Week], now: datetime
) -> tuple[tuple[Week, ...], tuple[Review, ...]]:
    """Return which of these weeks are still to be submitted, and the reviews of all of them."""
    named = [(series, week.year, week.number) for week in weeks]
    of_weeks = select(reviews).where(tuple_(*_WEEK).in_(named)).order_by(reviews.c.id)
    known = tuple(map(review_from_row, connection.execute(of_weeks)))
    submitted = {each.week for each in known}
    oldest = (now - _RECENT).date()
    fresh = [
        week
        for week in weeks
        if week not in submitted and date.fromisocalendar(week.year, week.number, 1) >= oldest
    ]
    return tuple(week for week in fresh if not _is_delivered(connection, series, week)), known


def submit(
    connection: Connection, series: str, weeks: Sequence[Week], now: datetime
) -> tuple[Review, ...]:
    """Let curators review weeks; see `bot.ports.reviews.ReviewStore.submit_weeks`."""
    for week in find_submittable(connection, series, weeks, now)[0]:
        _add(connection, series, week, EVERYWHERE, now)
        for channel in find_channels(connection, series):
            _add(connection, series, week, channel.target, now)
            show(connection, find_of_week(connection, series, week), channel, now)
    return find_submittable(connection, series, weeks, now)[1]


def show_waiting(connection: Connection, channel: CuratorChannel, now: datetime) -> None:
    """Let curators of a newly chosen channel decide about the weeks that wait."""
    for each in list_waiting(connection, EVERYWHERE, now - _RECENT):
        if channel.target in [known.target for known in find_channels(connection, each.series)]:
            _add(connection, each.series, each.week, channel.target, now, like=each)
            show(connection, find_of_week(connection, each.series, each.week), channel, now)


def find(connection: Connection, number: int) -> Review | None:
    """Return a review."""
    row = connection.execute(select(reviews).where(reviews.c.id == number)).first()
    return review_from_row(row) if row else None


def find_of_week(connection: Connection, series: str, week: Week) -> tuple[Review, ...]:
    """Return the reviews of a week."""
    of_week = select(reviews).where(*_is_of_week(series, week)).order_by(reviews.c.id)
    return tuple(map(review_from_row, connection.execute(of_week)))


def list_waiting(
    connection: Connection, place: Target | None, since: datetime
) -> tuple[Review, ...]:
    """Return what is pending or held in a workspace, or at all places, and not too old."""
    waits = reviews.c.state.in_((ReviewState.PENDING.value, ReviewState.HELD.value))
    query = select(reviews).where(waits, reviews.c.submitted_at > since)
    if place is not None:
        query = query.where(*_is_at(place))
    order = (reviews.c.year, reviews.c.number, reviews.c.series, reviews.c.id)
    return tuple(map(review_from_row, connection.execute(query.order_by(*order))))


def decide(
    connection: Connection, number: int, verdict: ReviewVerdict, by: Attribution, now: datetime
) -> ReviewOutcome:
    """Decide about a week in one workspace, and in those without a review of their own."""
    found = find(connection, number)
    if found is None:
        raise CurationRefused(_("There is no review {number}."), number=number)
    # It first: of two curators at once one waits here, and then finds it decided.
    _set(connection, (reviews.c.id == number,), verdict, by, now)
    everywhere = (*_is_of_week(found.series, found.week), *_is_at(EVERYWHERE))
    _set(connection, everywhere, ReviewVerdict(verdict.state), by, now, is_repeatable=True)
    decided = find_of_week(connection, found.series, found.week)
    changed = [each for each in decided if each.id == number or each.place == EVERYWHERE]
    return _settle(connection, changed, verdict.state, now)


def decide_week(
    connection: Connection,
    place: tuple[str, Week],
    verdict: ReviewVerdict,
    by: Attribution,
    now: datetime,
) -> ReviewOutcome:
    """Decide about a week at all places."""
    series, week = place
    if not find_of_week(connection, series, week):
        sentence = _("{week} of {series} waits for no approval.")
        raise CurationRefused(sentence, week=week, series=series)
    _set(connection, _is_of_week(series, week), verdict, by, now)
    return _settle(connection, find_of_week(connection, series, week), verdict.state, now)


def list_schedules(connection: Connection, review: Review) -> tuple[Subscription, ...]:
    """Return one subscription for each schedule by which a review counts."""
    columns = ("weekday", "at", "zone", "patience")
    query = (
        select(*(subscriptions.c[name] for name in columns))
        .where(
            subscriptions.c.series == review.series,
            subscriptions.c.weekday.is_not(None),
            subscriptions.c.is_paused.is_(False),
            subscriptions.c.is_ended.is_(False),
            or_(
                held_weeks.is_governed_by(review),
                held_weeks.is_governed_everywhere(review.series, review.week),
            ),
        )
        .distinct()
    )
    return tuple(
        Subscription(review.place, review.series, **row)
        for row in connection.execute(query).mappings()
    )


def schedule(connection: Connection, number: int, due_at: datetime | None, now: datetime) -> None:
    """Record when the fallback of a review takes effect."""
    of_review = (reviews.c.id == number, reviews.c.due_at.is_distinct_from(due_at))
    if connection.execute(update(reviews).where(*of_review).values(due_at=due_at)).rowcount:
        message_edits.request_for_reviews(connection, [number], now)


def list_uncurated(connection: Connection, series: str) -> tuple[Target, ...]:
    """Return workspaces with digests of a series; none where curators are shown its weeks."""
    if connection.execute(select(curator_channels.c.platform).limit(1)).first() is not None:
        return ()
    query = (
        select(subscriptions.c.platform, subscriptions.c.workspace)
        .where(subscriptions.c.series == series, subscriptions.c.is_ended.is_(False))
        .distinct()
        .order_by(subscriptions.c.platform, subscriptions.c.workspace)
        .limit(_MOST_PLACES)
    )
    return tuple(Target(*row, "") for row in connection.execute(query))


def rename_week(connection: Connection, series: str, old: Week, new: Week) -> None:
    """Let the reviews of a misdated week count for its right name."""
    if not find_of_week(connection, series, new):
        right = {"year": new.year, "number": new.number}
        connection.execute(update(reviews).where(*_is_of_week(series, old)).values(right))


def _add(  # noqa: PLR0913, PLR0917 - the columns of a row
    connection: Connection,
    series: str,
    week: Week,
    place: Target,
    now: datetime,
    like: Review | None = None,
) -> None:
    values = {
        "series": series,
        "year": week.year,
        "number": week.number,
        "platform": place.platform,
        "workspace": place.workspace,
        "state": like.state.value if like else ReviewState.PENDING.value,
        "submitted_at": like.submitted_at if like else now,
        "decided_by": like.decided_by if like else "",
        "decided_at": like.decided_at if like else None,
        "reason": like.reason if like else "",
        "is_reviewed": like.is_reviewed if like else False,
        "is_reminded": False,
    }
    connection.execute(insert_or(reviews).values(values).on_conflict_do_nothing())


def _set(  # noqa: PLR0913 - a decision, and which rows it is about
    connection: Connection,
    wanted: tuple[ColumnElement[bool], ...],
    verdict: ReviewVerdict,
    by: Attribution,
    now: datetime,
    *,
    is_repeatable: bool = False,
) -> None:
    """Store a decision. Raises CurationRefused where it is another one than was expected."""
    expected = verdict.expected
    state = reviews.c.state == expected.value if expected else literal(value=True)
    values: dict[str, Any] = {
        "state": verdict.state.value,
        "decided_by": storable(by.actor),
        "decided_at": now,
        "reason": storable(by.reason) if verdict.state is ReviewState.HELD else "",
    }
    if verdict.state is ReviewState.APPROVED:
        values["is_reviewed"] = True
    changed = connection.execute(
        update(reviews)
        .where(*wanted, state, reviews.c.state != verdict.state.value)
        .values(values)
    )
    if changed.rowcount or is_repeatable:
        return
    row = connection.execute(select(reviews).where(*wanted).limit(1)).one()
    # The command line alone says it; in chat the review is shown as it is.
    sentence = "It is {state} already, by {person}."
    raise CurationRefused(sentence, state=row.state, person=row.decided_by)


def _settle(
    connection: Connection, changed: Sequence[Review], state: ReviewState, now: datetime
) -> ReviewOutcome:
    """Let messages show a decision, and take back what is held and was not begun."""
    message_edits.request_for_reviews(connection, [each.id for each in changed], now)
    announce(connection, Change.PLAN)
    first = next((each for each in changed if each.place != EVERYWHERE), changed[0])
    posted = 0
    for each in changed:
        if state is ReviewState.HELD:
            held_weeks.take_back(connection, each)
        posted += held_weeks.count_begun(connection, each)
    if state is ReviewState.APPROVED:
        message_edits.request_for_issue(connection, first.series, first.week, now)
    return ReviewOutcome(first, posted)


def _is_delivered(connection: Connection, series: str, week: Week) -> bool:
    found = (
        select(deliveries.c.id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(*message_edits.is_of_issue(series, week))
        .limit(1)
    )
    return connection.execute(found).first() is not None


def _is_of_week(series: str, week: Week) -> tuple[ColumnElement[bool], ...]:
    return (
        reviews.c.series == series,
        reviews.c.year == week.year,
        reviews.c.number == week.number,
    )


def _is_at(place: Target) -> tuple[ColumnElement[bool], ...]:
    return tuple(column == part for column, part in zip(_PLACE, _name(place), strict=True))


def _name(place: Target) -> tuple[str, str]:
    return place.platform, place.workspace
