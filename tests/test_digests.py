"""/digest: what an admin says to it, and what it answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.console.render import render_text
from bot.cards.locale import Locale
from bot.cards.notices import notice_card
from bot.commands.context import Context
from bot.commands.dispatcher import dispatch
from bot.digests.planner import Planner
from bot.model.card import Button, Card, Choice, Form
from bot.model.channels import MessageRef, Person, Target
from bot.model.deliveries import PostedPart
from bot.ports.conversation import Reply, Request
from tests import samples

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = "long"

MONDAY = datetime(2023, 10, 16, 1, tzinfo=UTC)
HERE = Target("webhook", "", "papers")


@pytest.fixture
async def here(context: Context) -> Context:
    """Return a library with one week, in which webhooks can be posted to."""
    await context.archive.save([samples.issue()])
    return replace(context, now=lambda: MONDAY, platforms=frozenset({"webhook"}), series=("dair",))


async def say(
    context: Context, words: str, *, language: str = "en", may: bool = True, **fields: str
) -> Reply:
    person = Person("webhook", "admin", language, may_manage=may)
    return await dispatch(context, Request("digest", words, person, HERE, fields=fields))


async def told(context: Context, words: str, **more: str) -> str:
    return render_text((await say(context, words, **more)).content)  # type: ignore[arg-type]


async def test_subscribing_says_what_comes_next(here: Context) -> None:
    text = await told(here, "subscribe monday 09:00 Asia/Seoul language=both tags=llm")
    assert "every Monday at 09:00 (Asia/Seoul)" in text
    assert "Next: Mon, Oct 23, 2023" in text
    assert "#llm" in text


async def test_it_speaks_korean(here: Context) -> None:
    text = await told(here, "구독 월 09:00 서울=1 zone=Asia/Seoul", language="ko")
    assert "이해하지 못했습니다" in text
    text = await told(here, "구독 월 09:00 zone=Asia/Seoul", language="ko")
    assert "월요일 오전 9:00" in text


EVERY_SETTING = (
    "day=friday time=15:00 zone=Asia/Seoul language=en layout=threads tags=llm mention=readers "
    "patience=30m absence=say grace=5d quiet=23-7 admin=ops"
)


async def test_status_and_confirmation_show_every_setting(here: Context) -> None:
    for text in (await told(here, f"subscribe {EVERY_SETTING}"), await told(here, "status")):
        said = " ".join(text.split())
        for setting in (
            "every Friday at 15:00 (Asia/Seoul) · en · threads · #llm",
            "waits 30 min for a late week",
            "says when no week came",
            "posts a missed digest up to 5 days late",
            "quiet 23:00 to 07:00",
            "mentions readers",
            "failures are told in ops",
        ):
            assert setting in said


async def test_status_shows_every_setting_in_korean(here: Context) -> None:
    await say(here, f"subscribe {EVERY_SETTING}")
    said = " ".join((await told(here, "상태", language="ko")).split())
    for setting in (
        "매주 금요일 오후 3:00 (Asia/Seoul) · en · threads · #llm",
        "늦는 호는 30분 기다림",
        "새 호가 없으면 알림",
        "놓친 다이제스트는 5일 안에만 올림",
        "조용한 시간 오후 11:00 ~ 오전 7:00",
        "readers 멘션",
        "실패는 ops 채널에 알림",
        "다음: 2023년 10월 20일 (금) 오후 3:00",
    ):
        assert setting in said


async def test_settings_that_are_not_set_are_shown_too(here: Context) -> None:
    words = "subscribe tags=all mention=none patience=0 absence=silent quiet=off admin=none"
    said = " ".join((await told(here, words)).split())
    for setting in (
        "all tags",
        "does not wait for a late week",
        "says nothing when no week came",
        "no quiet hours",
        "mentions no one",
        "failures are told to the subscriber",
    ):
        assert setting in said


async def test_a_status_in_both_languages_does_not_mix_them_in_a_sentence(here: Context) -> None:
    said = " ".join((await told(here, "subscribe monday 09:00 KST", language="both")).split())
    assert "every Monday at 09:00 (Asia/Seoul)" in said
    assert "매주 월요일 오전 9:00 (Asia/Seoul)" in said


async def test_only_those_who_may_manage_decide(here: Context) -> None:
    for words in ("subscribe", "settings", "pause", "resume", "unsubscribe", "now"):
        reply = await say(here, words, may=False)
        assert reply.is_refused
        assert reply.is_private
    assert await here.ledger.subscriptions() == ()
    assert not (await say(here, "status", may=False)).is_refused


async def test_a_platform_without_digests_says_so(here: Context) -> None:
    elsewhere = replace(here, platforms=frozenset())
    for words in ("subscribe", "status"):
        said = await told(elsewhere, words)
        assert "No digest can be posted here" in said
        assert "No platform is set up yet" in said


async def test_a_mistake_changes_nothing_and_is_explained(here: Context) -> None:
    text = await told(here, "subscribe munday 09:00")
    assert "Nothing was changed" in text
    assert "monday" in text
    assert await here.ledger.subscriptions() == ()
    assert "pytorch-kr" not in await told(here, "subscribe series=nobody")


async def test_an_unknown_word_is_told_what_was_meant(here: Context) -> None:
    assert "/digest subscribe" in await told(here, "subscrib")


async def test_settings_ask_with_a_form_and_take_its_answers(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    form = (await say(here, "settings")).content
    assert isinstance(form, Form)
    assert {field.name: field.value for field in form.fields}["zone"] == "Asia/Seoul"
    argument = form.action.argument
    text = render_text((await say(here, argument, day="friday", time="18:30")).content)
    assert "every Friday at 18:30" in text


async def ask(context: Context, name: str, *, may: bool = True) -> Reply:
    person = Person("webhook", "admin", "en", may_manage=may)
    return await dispatch(context, Request(name, "", person, HERE))


async def test_a_form_begins_a_digest_and_changes_it(here: Context) -> None:
    form = (await ask(here, "digest_form")).content
    assert isinstance(form, Form)
    assert form.asks_channel
    values = {field.name: field.value for field in form.fields}
    assert (values["day"], values["time"], values["tags"]) == ("monday", "09:00", "all")
    begun = await say(here, form.action.argument, day="friday", tags="llm")
    assert "every Friday" in render_text(begun.content)
    assert [each.target for each in begun.subscriptions] == [HERE]
    again = (await ask(here, "digest_form")).content
    assert isinstance(again, Form)
    assert {field.name: field.value for field in again.fields}["tags"] == "llm"


async def test_whoever_may_not_decide_gets_the_status_for_a_form(here: Context) -> None:
    assert "no digest" in render_text((await ask(here, "digest_form", may=False)).content)


async def test_the_digests_of_a_server_are_told(here: Context) -> None:
    assert "No channel has a digest" in render_text((await ask(here, "digests")).content)
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    reply = await ask(here, "digests")
    assert "every Monday at 09:00" in render_text(reply.content)
    assert [each.series for each in reply.subscriptions] == ["dair"]


async def test_changing_keeps_the_rest(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul layout=threads tags=llm")
    await say(here, "settings time=10:00")
    (kept,) = await here.ledger.subscriptions()
    assert (f"{kept.at:%H:%M}", kept.layout.value, kept.tags) == ("10:00", "threads", ("llm",))


async def test_now_counts_as_this_weeks(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    assert "2023-W41 is on its way" in await told(here, "now")
    again = await say(here, "now")
    assert again.is_refused
    assert "already" in render_text(again.content)
    (kept,) = await here.ledger.subscriptions()
    later = replace(here, now=lambda: MONDAY + timedelta(days=7))
    digest = Planner(later.archive, later.ledger, _At(MONDAY + timedelta(days=7)))
    await digest.tick()
    account = await here.ledger.subscription_report(kept.id, 10)
    assert [str(report.delivery.week) for report in account.reports] == ["2023-W41"]


async def test_status_tells_what_was_posted_with_its_address(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    await say(here, "now")
    await here.ledger.acquire_or_renew("webhook", "me", None, here.now())
    owed = await here.ledger.next_parts("webhook", MONDAY, 5)
    (claimed,) = await here.ledger.claim("me", [(owed[0], 1)], MONDAY)
    ref = MessageRef(HERE, "7", url="https://bridge.example/7")
    assert await here.ledger.mark_posted([PostedPart(claimed.part, ref, MONDAY)])
    reply = await say(here, "status")
    assert "2023-W41 was posted Mon, Oct 16, 2023 10:00" in render_text(reply.content)
    assert "https://bridge.example/7" in str(reply.content)


async def test_status_tells_what_failed_and_why(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    await say(here, "now")
    await here.ledger.acquire_or_renew("webhook", "me", None, here.now())
    owed = await here.ledger.next_parts("webhook", MONDAY, 5)
    (claimed,) = await here.ledger.claim("me", [(owed[0], 1)], MONDAY)
    assert await here.ledger.mark_failed(claimed, "It is too odd.", MONDAY, is_unconfirmed=False)
    text = await told(here, "status")
    assert "0 of 1 messages" in text
    assert "It is too odd." in text


async def _lose_the_answer(here: Context) -> str:
    """Subscribe and post, so that it is not known whether the message is there; return its key."""
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    await say(here, "now")
    await here.ledger.acquire_or_renew("webhook", "me", None, here.now())
    owed = await here.ledger.next_parts("webhook", MONDAY, 5)
    (claimed,) = await here.ledger.claim("me", [(owed[0], 1)], MONDAY)
    assert await here.ledger.mark_failed(claimed, "No answer.", MONDAY, is_unconfirmed=True)
    return claimed.part.key


async def press(context: Context, button: Button, person: Person, target: Target = HERE) -> Reply:
    request = Request(button.action.name, button.action.argument, person, target)
    return await dispatch(context, request)


@pytest.mark.parametrize(("label", "owed"), [("It is there", 0), ("Post it again", 1)])
async def test_the_notice_of_a_message_that_may_be_there_settles_it(
    here: Context, label: str, owed: int
) -> None:
    await _lose_the_answer(here)
    (pending,) = await here.ledger.pending_notices("webhook", MONDAY, 5)
    card = notice_card(
        Locale(here.catalogues, "en"), pending.notice.kind, "papers", pending.notice.facts
    )
    (button,) = [
        each for each in card.controls if isinstance(each, Button) and each.label == label
    ]
    stranger = Person("webhook", "other", "en", may_manage=True)
    elsewhere = Target("webhook", "other server", "papers")
    assert (await press(here, button, stranger, elsewhere)).is_refused
    # The subscriber presses it in the direct message that brought it.
    direct = Target("webhook", "", "direct")
    assert not (await press(here, button, Person("webhook", "admin", "en"), direct)).is_refused
    assert len(await here.ledger.next_parts("webhook", MONDAY, 5)) == owed
    assert (await press(here, button, stranger)).is_refused


async def test_the_notice_of_a_week_that_came_too_late_posts_it(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    (kept,) = await here.ledger.subscriptions()
    (known, *_) = await here.archive.weeks(("dair",), 1)
    facts = {"week": str(known.week), "subscription": str(kept.id)}
    card = notice_card(Locale(here.catalogues, "en"), "late_week", "papers", facts)
    (button,) = [each for each in card.controls if isinstance(each, Button)]
    assert button.label == "Post it now"
    stranger = Person("webhook", "other", "en", may_manage=True)
    assert (await press(here, button, stranger, Target("webhook", "elsewhere", "c"))).is_refused
    admin, direct = Person("webhook", "admin", "en"), Target("webhook", "", "direct")
    for action in (f"99 {known.week}", f"{kept.id} 2020-W01", f"{kept.id}", ""):
        broken = replace(button, action=replace(button.action, argument=action))
        assert (await press(here, broken, admin, direct)).is_refused
    await here.ledger.set_paused(kept.id, MONDAY, paused=True)
    assert (await press(here, button, admin, direct)).is_refused
    await here.ledger.set_paused(kept.id, MONDAY, paused=False)
    assert not await here.ledger.next_parts("webhook", MONDAY, 5)
    assert not (await press(here, button, admin, direct)).is_refused
    assert await here.ledger.next_parts("webhook", MONDAY, 5)
    assert (await press(here, button, admin, direct)).is_refused


async def test_now_offers_what_to_do_with_a_message_that_may_be_there(here: Context) -> None:
    await _lose_the_answer(here)
    reply = await say(here, "now")
    assert isinstance(reply.content, Card)
    assert "It is not known" in reply.content.title
    again = [each for each in reply.content.controls if isinstance(each, Button)][1]
    manager = Person("webhook", "another admin", "en", may_manage=True)
    assert not (await press(here, again, manager)).is_refused
    (owed,) = await here.ledger.next_parts("webhook", MONDAY, 5)
    assert owed.part.first_tried_at is None
    assert "already" in await told(here, "now")


async def test_status_tells_what_is_waited_for(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    await say(here, "now")
    at = MONDAY + timedelta(days=7)
    await Planner(here.archive, here.ledger, _At(at)).tick()
    text = render_text((await say(replace(here, now=lambda: at), "status")).content)
    assert "Waiting until Tue, Oct 24, 2023 9:00" in text
    assert "2023-W42" in text


async def test_a_slot_that_is_seen_late_at_night_waits_for_the_morning_and_is_not_forgotten(
    here: Context,
) -> None:
    await say(here, "subscribe monday 02:30 UTC")
    monday = datetime(2023, 10, 23, tzinfo=UTC)
    (kept,) = await here.ledger.subscriptions()
    for hour in (4, 6, 9):
        assert (await here.ledger.subscription_report(kept.id, 10)).reports == ()
        await Planner(here.archive, here.ledger, _At(monday + timedelta(hours=hour))).tick()
    (report,) = (await here.ledger.subscription_report(kept.id, 10)).reports
    assert str(report.delivery.week) == "2023-W41"


async def test_pausing_and_resuming(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    assert "paused" in await told(here, "pause")
    assert "Paused" in await told(here, "status")
    assert (await say(here, "now")).is_refused
    assert "goes on" in await told(here, "resume")
    assert "Next:" in await told(here, "status")


async def test_unsubscribing_keeps_the_history(here: Context) -> None:
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    await say(here, "now")
    await say(here, "unsubscribe yes")
    assert "no digest" in await told(here, "status")
    await say(here, "subscribe monday 09:00 Asia/Seoul")
    assert (await say(here, "now")).is_refused


async def test_preview_shows_the_newest_week_to_the_asker_alone(here: Context) -> None:
    await say(here, "subscribe language=ko")
    reply = await say(here, "preview")
    assert reply.is_private
    assert "주간 ML 논문" in render_text(reply.content)


@pytest.mark.parametrize("words", ["", "status", "preview", "now", "settings", "pause"])
async def test_where_nothing_is_subscribed_it_says_how_to_begin(here: Context, words: str) -> None:
    assert "/digest subscribe" in await told(here, words)


class _At:
    """A clock that stands."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.monotonic: Callable[[], float] = lambda: 0.0

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


PYTORCH = "pytorch-kr"


@pytest.fixture
async def both_series(here: Context) -> Context:
    """Return a library whose channel has the digests of two series."""
    await here.archive.save([samples.issue([samples.FIREACT], series=PYTORCH)])
    found = replace(here, series=("dair", PYTORCH))
    for series in ("dair", PYTORCH):
        await say(found, f"subscribe monday 09:00 series={series} language=en")
    return found


async def test_before_the_first_weeks_the_series_of_a_source_is_subscribed(
    context: Context,
) -> None:
    empty = replace(
        context, now=lambda: MONDAY, platforms=frozenset({"webhook"}), series=(PYTORCH, "dair")
    )
    text = await told(empty, "subscribe monday 09:00")
    assert "DAIR.AI" in text
    assert "Nothing fills" not in text


async def test_weeks_decide_the_series_as_a_source_does(here: Context) -> None:
    await here.archive.save([samples.issue([samples.FIREACT], series=PYTORCH)])
    korean = replace(here, series=(PYTORCH, "dair"))
    assert "PyTorch Korea" in await told(korean, "subscribe monday 09:00")
    no_source = replace(here, series=("elsewhere", "dair"), source_series=frozenset())
    assert "DAIR.AI" in await told(no_source, "subscribe monday 09:00")


async def test_a_series_that_nothing_fills_is_named_when_subscribed_and_in_the_status(
    here: Context,
) -> None:
    here = replace(here, series=(PYTORCH, "dair"))
    for words in (f"subscribe series={PYTORCH}", "status"):
        text = " ".join((await told(here, words)).split())
        assert f"Nothing fills the series {PYTORCH}." in text
        assert "takes another: dair" in text
    korean = await told(here, "status", language="ko")
    assert f"{PYTORCH} 시리즈를 채우는 곳이 없습니다." in korean


async def test_a_series_without_a_source_whose_weeks_are_old_is_named(here: Context) -> None:
    here = replace(here, source_series=frozenset())
    assert "No source" not in await told(here, "subscribe series=dair")
    old = replace(here, today=lambda: MONDAY.date() + timedelta(weeks=8))
    text = " ".join((await told(old, "status")).split())
    assert "No source brings new weeks of dair; its newest is 2023-W41." in text


@pytest.mark.parametrize("word", ["now", "preview", "settings"])
async def test_with_several_series_one_is_asked_for(both_series: Context, word: str) -> None:
    reply = await say(both_series, word)
    assert "Which digest is meant?" in render_text(reply.content)
    assert isinstance(reply.content, Card)
    actions = [each.action for each in reply.content.controls if isinstance(each, Button)]
    assert [each.argument for each in actions] == [
        f"{word} series=dair",
        f"{word} series={PYTORCH}",
    ]
    assert {each.name for each in actions} == {"digest"}
    chosen = await say(both_series, actions[1].argument)
    assert not chosen.is_refused


async def test_commands_take_a_series_by_name_or_as_a_bare_word(both_series: Context) -> None:
    assert "FireAct" in await told(both_series, f"preview series={PYTORCH}")
    assert "FireAct" in await told(both_series, f"preview {PYTORCH}")
    assert "FireAct" in await told(both_series, "preview", series=PYTORCH)
    assert "Ring Attention" in await told(both_series, "preview dair")
    assert "PyTorch Korea" in await told(both_series, f"pause {PYTORCH}")
    paused = {each.series: each.is_paused for each in await both_series.ledger.subscriptions(HERE)}
    assert paused == {"dair": False, PYTORCH: True}
    assert "PyTorch Korea" in await told(both_series, "resume 시리즈=pytorch-kr")
    assert not any(each.is_paused for each in await both_series.ledger.subscriptions(HERE))
    assert "is on its way" in await told(both_series, "now dair")


@pytest.mark.parametrize("word", ["now", "preview", "pause", "resume", "unsubscribe"])
async def test_a_series_that_the_channel_has_not_is_refused(
    both_series: Context, word: str
) -> None:
    text = await told(both_series, f"{word} series=elsewhere")
    assert "no digest of elsewhere" in text
    assert "dair, pytorch-kr" in text
    assert "“day=monday” is not understood" in await told(both_series, f"{word} monday")
    assert "“xyz” is not understood" in await told(both_series, f"{word} xyz")
    assert len(await both_series.ledger.subscriptions(HERE)) == 2


async def test_unsubscribing_asks_first(both_series: Context) -> None:
    reply = await say(both_series, "unsubscribe")
    assert not reply.is_refused
    assert "End the digest of this channel?" in render_text(reply.content)
    assert len(await both_series.ledger.subscriptions(HERE)) == 2
    assert isinstance(reply.content, Card)
    labels = {
        each.label: each.action for each in reply.content.controls if isinstance(each, Button)
    }
    assert list(labels) == ["End the digest: DAIR.AI", "End the digest: PyTorch Korea"]

    ended = await say(both_series, labels["End the digest: PyTorch Korea"].argument)
    assert "has ended" in render_text(ended.content)
    assert [each.series for each in await both_series.ledger.subscriptions(HERE)] == ["dair"]

    assert "끝낼까요?" in await told(both_series, "구독해지", language="ko")
    assert (await say(both_series, "unsubscribe yes", may=False)).is_refused
    assert "끝" in await told(both_series, "구독해지 네", language="ko")
    assert await both_series.ledger.subscriptions(HERE) == ()


async def test_the_digests_of_a_server_are_listed(both_series: Context) -> None:
    text = await told(both_series, "list")
    assert "DAIR.AI papers: every Monday at 09:00" in " ".join(text.split())
    assert "PyTorch Korea papers:" in " ".join(text.split())


async def test_a_stopped_digest_is_ended_from_another_channel(both_series: Context) -> None:
    gone, other = await both_series.ledger.subscriptions(HERE)
    assert "end_digest" not in str((await say(both_series, "list")).content)
    await both_series.ledger.pause_channel(HERE, "The channel is gone.", MONDAY)
    await both_series.ledger.set_paused(other.id, MONDAY, paused=False)
    (_, other) = await both_series.ledger.subscriptions(HERE)
    reply = await say(both_series, "list")
    assert "Paused: The channel is gone." in render_text(reply.content)
    assert isinstance(reply.content, Card)
    (choice,) = [each for each in reply.content.controls if isinstance(each, Choice)]
    assert (choice.action, [each.value for each in choice.options]) == (
        "end_digest",
        [str(gone.id)],
    )
    assert "end_digest" not in str((await say(both_series, "list", may=False)).content)

    elsewhere = Target("webhook", "", "other")

    async def end(argument: str, *, may: bool = True, target: Target = elsewhere) -> Reply:
        person = Person("webhook", "admin", "en", may_manage=may)
        return await dispatch(both_series, Request("end_digest", argument, person, target))

    assert (await end(f"{gone.id} yes", may=False)).is_refused
    assert (await end(f"{other.id} yes")).is_refused
    assert (await end(f"{gone.id} yes", target=Target("webhook", "9", "x"))).is_refused
    asked = await end(str(gone.id))
    assert "End this digest?" in render_text(asked.content)
    assert len(await both_series.ledger.subscriptions()) == 2
    assert "has ended" in render_text((await end(f"{gone.id} yes")).content)
    assert await both_series.ledger.subscriptions() == (other,)


async def test_help_lists_what_the_platform_has(here: Context) -> None:
    def ask(platform: str) -> Request:
        return Request("help", "", Person(platform, "me", "en"), Target(platform, "", "x"))

    webhook = await dispatch(here, ask("webhook"))
    console = await dispatch(here, ask("console"))
    assert "/digest" in render_text(webhook.content)
    assert "/digest" not in render_text(console.content)
    assert "/paper" in render_text(console.content)


async def test_a_series_is_named_as_it_is_shown(both_series: Context) -> None:
    await say(both_series, "subscribe dair.ai")
    await say(both_series, "subscribe PyTorch Korea")
    assert "PyTorch Korea" in await told(both_series, "pause pytorch korea")
    assert "DAIR.AI" not in await told(both_series, "resume series=PyTorch Korea")
    assert "DAIR.AI" in await told(both_series, "unsubscribe DAIR.AI")


async def test_what_is_not_understood_is_named_in_the_readers_language(here: Context) -> None:
    await say(here, "subscribe")
    said = await told(here, "settings day=매일 mention=@독자들!", language="ko")
    assert "요일에 쓸 수 없는 값입니다" in said
    assert "멘션에 쓸 수 없는 값입니다" in said
    assert "@ 를 입력하면 나오는 목록에서" in said
    assert "요일 값이 두 개입니다: 월 / 수" in await told(here, "설정 day=월,수", language="ko")


async def test_a_word_that_is_no_subcommand_is_told_what_there_is(here: Context) -> None:
    said = " ".join((await told(here, "language=fr")).split())
    assert "There are these: /digest subscribe, /digest status" in said
    assert "Did you mean" not in said
    assert "Did you mean /digest subscribe?" in await told(here, "subscrib")
