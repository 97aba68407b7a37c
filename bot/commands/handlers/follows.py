"""Handles what people follow: /follow, /unfollow and /following, and when they are told."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.cards.follows import (
    TagName,
    followed_card,
    following_card,
    new_papers_card,
    no_new_papers_card,
    not_followed_card,
    too_many_follows_card,
    unfollowable_card,
    unfollowed_card,
    unknown_time_card,
    with_undelivered_note,
)
from bot.cards.locale import Locale
from bot.commands.context import Context
from bot.commands.handlers.tags import resolve_known_tag
from bot.digests.preference_values import InvalidValue, parse_clock, parse_zone
from bot.lib.normalise import index_tokens, words
from bot.model.card import Card
from bot.model.people import Follow, FollowKind, FollowTerms, PersonSettings
from bot.papers.follows import author_key
from bot.papers.tagging import tag_name
from bot.ports.conversation import Reply, Request
from bot.ports.search_index import TextQuery
from bot.search.text_query import parse_text_query

MOST_FOLLOWS = 50
"""How much a person can follow."""
_MOST_LETTERS = 200
"""Characters of what is followed."""
_LOOKED_AT = 20
"""How many papers that mention a name are looked at for an author of that name."""
_MOST_NUMBER = 2**31 - 1
_NEWS = timedelta(days=7)
_SETTING = re.compile(
    r"(?:^|\s)(time|zone|시각|시간|시간대)\s*=\s*(.+?)(?=\s+(?:time|zone|시각|시간|시간대)\s*=|$)",
    re.IGNORECASE | re.DOTALL,
)
_SETTING_NAMES = {"시각": "time", "시간": "time", "시간대": "zone"}
_PREFIXED = re.compile(r"(?P<kind>tag|author|태그|저자):(?P<name>.+)", re.IGNORECASE | re.DOTALL)


async def follow(context: Context, request: Request) -> Reply:
    """Follow a tag, an author or words, and keep when to tell of new papers."""
    locale = context.locale(request)
    asked, given = split_settings(request)
    settings = await change_settings(context, request, given)
    if isinstance(settings, Reply):
        return settings
    wanted = await _parse_follow(context, asked)
    if wanted is None:
        return _private(unfollowable_card(locale, asked))
    now = context.now()
    await context.people.set_settings(request.person, settings, now)
    kept = await context.people.follow(request.person, wanted, MOST_FOLLOWS, now)
    if kept is None:
        return _private(too_many_follows_card(locale, MOST_FOLLOWS))
    return _private(followed_card(locale, kept, settings, tag_names(context, locale)))


async def following(context: Context, request: Request) -> Reply:
    """Answer with what the person follows; change when the person is told."""
    locale, person = context.locale(request), request.person
    asked, given = split_settings(request)
    if asked:
        return _private(unknown_time_card(locale, "", asked, ("time=20:00", "zone=Asia/Seoul")))
    if given:
        settings = await change_settings(context, request, given)
        if isinstance(settings, Reply):
            return settings
        await context.people.set_settings(person, settings, context.now())
    await context.people.note_use(person, context.now())
    found = await context.people.follows(person)
    kept = await context.people.settings(person)
    return _private(following_card(locale, found, kept, tag_names(context, locale)))


async def unfollow(context: Context, request: Request) -> Reply:
    """Follow something no more: by the number of a control, or by what was followed."""
    locale, asked = context.locale(request), request.argument.strip()
    names = tag_names(context, locale)
    if not asked:
        return await following(context, replace(request, fields={}))
    if asked.isdecimal() and (gone := await _remove(context, request, asked)):
        return _private(unfollowed_card(locale, gone, names))
    wanted = await _parse_follow(context, asked)
    for each in await context.people.follows(request.person):
        is_same = wanted and (each.kind, each.terms) == (wanted.kind, wanted.terms)
        if is_same or each.name.casefold() == asked.casefold():
            await context.people.unfollow(request.person, each.id)
            return _private(unfollowed_card(locale, each, names))
    return _private(not_followed_card(locale, "" if asked.isdecimal() else asked))


async def followed(context: Context, request: Request) -> Reply:
    """Answer with the papers of the last week that the person follows."""
    locale, now = context.locale(request), context.now()
    found = await context.people.followed_papers(request.person, now, now - _NEWS)
    numbers = [number for each in found for number in each.papers]
    papers = {paper.id: paper for paper in await context.archive.papers(numbers)}
    card = new_papers_card(locale, found, papers, tag_names(context, locale))
    return _private(card or no_new_papers_card(locale))


async def tell_undelivered(context: Context, request: Request, reply: Reply) -> Reply:
    """Add to a reply, once, that a direct message to the person did not arrive."""
    if not isinstance(reply.content, Card):
        return reply
    if not await context.people.take_undelivered(request.person):
        return reply
    card = with_undelivered_note(context.locale(request), reply.content)
    return replace(reply, content=card)


def tag_names(context: Context, locale: Locale) -> TagName:
    """Return what tags are called in a language."""
    return partial(tag_name, context.vocabulary, language=locale.languages[0])


def split_settings(request: Request) -> tuple[str, Mapping[str, str]]:
    """Return what was written before `time=` and `zone=`, and what these say."""
    written, given = request.argument, dict[str, str]()
    for match in _SETTING.finditer(written):
        name = match[1].casefold()
        given[_SETTING_NAMES.get(name, name)] = match[2].strip()
    asked = " ".join(_SETTING.sub(" ", written).split())
    named = {name: value for name, value in request.fields.items() if name in {"time", "zone"}}
    return asked, given | {name: value for name, value in named.items() if value.strip()}


async def change_settings(
    context: Context, request: Request, given: Mapping[str, str]
) -> PersonSettings | Reply:
    """Return when and how the person gets messages, with what was given; a reply if unclear."""
    kept = await context.people.settings(request.person) or await _default(context, request)
    name, value = "", ""
    try:
        for name, value in given.items():
            kept = (
                replace(kept, at=parse_clock(value))
                if name == "time"
                else replace(kept, zone=parse_zone(value))
            )
    except InvalidValue as error:
        locale = context.locale(request)
        card = unknown_time_card(locale, name, value, error.suggestions or ("Asia/Seoul",))
        return _private(card)
    language = context.locale(request).language_choice
    return replace(kept, workspace=request.target.workspace or kept.workspace, language=language)


async def _default(context: Context, request: Request) -> PersonSettings:
    """Return the hour and the zone of the community's digest, or else those of the bot."""
    target = request.target
    digests = await context.ledger.subscriptions(target) if target.channel else ()
    if not digests and target.workspace:
        digests = tuple(
            each
            for each in await context.ledger.subscriptions()
            if (each.target.platform, each.target.workspace) == (target.platform, target.workspace)
        )
    if digests:
        return PersonSettings(at=digests[0].at, zone=digests[0].zone)
    return PersonSettings(zone=context.zone)


async def _remove(context: Context, request: Request, number: str) -> Follow | None:
    return await context.people.unfollow(request.person, min(int(number), _MOST_NUMBER))


async def _parse_follow(context: Context, asked: str) -> Follow | None:
    """Return what is to be followed: a tag, an author of a paper, or else words."""
    asked = " ".join(asked.split())
    if not asked or len(asked) > _MOST_LETTERS:
        return None
    prefixed = _PREFIXED.fullmatch(asked)
    kind = prefixed["kind"].casefold() if prefixed else ""
    name = prefixed["name"].strip(' "“”') if prefixed else asked
    if kind in {"", "tag", "태그"} and (slug := await resolve_known_tag(context, name)):
        return Follow(FollowKind.TAG, slug, FollowTerms(tags=(slug,)))
    is_author = kind in {"author", "저자"}
    if author_key(name) and (is_author or await _is_author(context, name)):
        terms = FollowTerms(authors=(author_key(name),))
        return Follow(FollowKind.AUTHOR, name, terms)
    query = parse_text_query(asked, context.vocabulary, context.today())
    if not query.needed and not query.tags:
        return None
    terms = FollowTerms(query.tags, (), query.needed, query.excluded)
    return Follow(FollowKind.WORDS, asked, terms)


async def _is_author(context: Context, name: str) -> bool:
    """Tell whether a paper has an author of this name, which has a first and a family name."""
    if len(words(name)) == 1:
        return False
    query = TextQuery(needed=((index_tokens(name),),))
    papers = await context.archive.query_index(
        lambda index: index.papers(index.find_texts(query, _LOOKED_AT, 0)[0])
    )
    key = author_key(name)
    return any(
        key == author_key(each)
        for paper in papers
        if paper.record
        for each in paper.record.authors
    )


def _private(card: Card) -> Reply:
    return Reply(card, is_private=True)
