"""Who may manage a digest on Slack: admins, creators, guests, and people Slack says nothing of."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.slack.api.users import UserDirectory
from adapters.slack.places import Origin
from bot.commands.context import Context
from tests import samples
from tests.slack_bot import platform, strict_server
from tests.slack_server import Server
from tests.slack_user import SlackUser, connect_user, is_private, visible_text
from tests.slack_workspace import ADMIN, CHANNEL, READER, TEAM

SUBSCRIBE = "/digest subscribe monday 09:00 Asia/Seoul"
GUEST = "U0GUEST"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as running:
        running.here.per_second = 10_000
        running.here.users[GUEST] = running.here.users[ADMIN] | {"id": GUEST, "team_id": "T9"}
        yield running


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"slack"}), series=("dair",), language="en")


@pytest.fixture
async def talk(server: Server, context: Context) -> AsyncIterator[SlackUser]:
    async with connect_user(server, context, "socket", managers=("U0BOSS",)) as found:
        yield found


@pytest.fixture
async def users(server: Server) -> AsyncIterator[UserDirectory]:
    slack = platform(server)
    yield UserDirectory(slack._api, ("U0BOSS",))  # noqa: SLF001 - the client that it talks with
    await slack.close()


async def test_a_guest_of_a_shared_channel_is_no_admin_here(
    talk: SlackUser, context: Context
) -> None:
    assert "may manage" in visible_text(await talk.slash(SUBSCRIBE, user=GUEST))
    talk.server.here.add_channel("C0009", "shared", creator=GUEST)
    refused = await talk.slash(SUBSCRIBE, user=GUEST, channel="C0009")
    assert "may manage" in visible_text(refused)
    assert await context.ledger.subscriptions() == ()
    assert "every Monday" in visible_text(await talk.slash(SUBSCRIBE, user=ADMIN))


async def test_a_member_of_the_organisation_is_no_guest(
    users: UserDirectory, server: Server
) -> None:
    server.here.users[GUEST]["enterprise_user"] = {"teams": ["T9", TEAM]}
    assert (await users.person(Origin(TEAM, GUEST, CHANNEL))).may_manage


async def test_who_cannot_be_looked_up_is_told_so_and_not_taken_for_a_stranger(
    talk: SlackUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.api.users._TIMEOUT_SECONDS", 0.05)
    talk.server.pick_fault = lambda method: "429" if method == "users.info" else ""
    answer = await talk.slash(SUBSCRIBE, user=ADMIN)
    assert "did not tell Paperboy who you are" in visible_text(answer)
    assert is_private(answer)
    assert "did not tell" in visible_text(await talk.slash("/digest", user=ADMIN))
    assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention", user=ADMIN))
    monkeypatch.setattr("adapters.slack.api.users._TIMEOUT_SECONDS", 10)
    talk.server.pick_fault = lambda _method: ""
    assert "every Monday" in visible_text(await talk.slash(SUBSCRIBE, user=ADMIN))


@pytest.mark.parametrize("error", ["missing_scope", "ratelimited", "token_expired"])
async def test_a_failed_look_up_is_not_remembered(
    users: UserDirectory, server: Server, error: str
) -> None:
    origin = Origin(TEAM, ADMIN, CHANNEL)
    server.pick_fault = lambda method: error if method == "users.info" else ""
    assert not (await users.person(origin)).is_identified
    server.pick_fault = lambda _method: ""
    if error != "token_expired":
        assert (await users.person(origin)).may_manage


async def test_only_the_bots_own_direct_messages_are_everyones_to_manage(
    users: UserDirectory, server: Server
) -> None:
    here = server.here
    here.add_channel("D0001", "", is_channel=False, is_im=True, user=READER)
    here.add_channel("D0NOT", "a-channel", creator=ADMIN)
    assert (await users.person(Origin(TEAM, READER, "D0001"))).may_manage
    for channel in ("D0NOT", "D0404"):
        origin = Origin(TEAM, READER, channel)
        assert not (await users.person(origin)).may_manage
        assert not await users.is_direct_with_bot(origin)
    assert not (await users.person(Origin(TEAM, GUEST, "D0001"))).may_manage


async def test_a_configured_manager_and_a_creator_may_manage(
    users: UserDirectory, server: Server
) -> None:
    server.here.add_channel("C0009", "mine", creator=READER)
    assert (await users.person(Origin(TEAM, READER, "C0009"))).may_manage
    assert not (await users.person(Origin(TEAM, READER, CHANNEL))).may_manage
    assert (await users.person(Origin(TEAM, "U0BOSS", CHANNEL))).may_manage


async def test_failures_are_told_only_in_a_channel_that_the_person_may_manage(
    talk: SlackUser, context: Context
) -> None:
    here = talk.server.here
    here.add_channel("C0MINE1", "mine", creator=READER)
    here.add_channel("C0OTHER", "staff")
    here.add_channel("C0AWAY1", "away", is_member=False, creator=READER)
    for channel in ("C0OTHER", "C0AWAY1", "C0NONE1"):
        words = f"{SUBSCRIBE} admin=<#{channel}|x>"
        refused = visible_text(await talk.slash(words, channel="C0MINE1"))
        assert "a channel that you may manage" in refused
    assert await context.ledger.subscriptions() == ()
    here.add_channel("C0MINE2", "mine too", creator=READER)
    await talk.slash(f"{SUBSCRIBE} admin=<#C0MINE2|x>", channel="C0MINE1")
    (kept,) = await context.ledger.subscriptions()
    assert kept.admin_channel == "C0MINE2"
    assert "every Monday" in visible_text(await talk.slash(SUBSCRIBE, channel="C0MINE1"))


async def test_a_group_is_chosen_by_slacks_own_picker(talk: SlackUser, context: Context) -> None:
    for group in ("<!subteam^readers>", "@readers", "<!channel>"):
        answer = await talk.slash(f"{SUBSCRIBE} mention={group}", user=ADMIN)
        assert await context.ledger.subscriptions() == (), visible_text(answer)
    await talk.slash(f"{SUBSCRIBE} mention=<!subteam^S0123ABC|@ml readers>", user=ADMIN)
    (kept,) = await context.ledger.subscriptions()
    assert kept.mention == "S0123ABC"


async def test_members_of_a_user_group_are_curators_as_it_stands_now(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, group = server.here, "S0CURATORS"
    here.scopes |= {"usergroups:read"}
    here.groups[group] = [ADMIN]
    slack = platform(server, curators=("U0NAMED",), curator_groups=(group,))
    users = slack._users  # noqa: SLF001 - what its listener asks

    async def may_curate(person: str) -> bool:
        return (await users.person(Origin(TEAM, person, CHANNEL))).may_curate

    assert [await may_curate(each) for each in (ADMIN, READER, "U0NAMED")] == [True, False, True]
    here.groups[group] = [READER]
    assert await may_curate(ADMIN), "it is asked again after some minutes"
    assert server.asked["usergroups.users.list"] == 1
    users._groups._calls.clear()  # noqa: SLF001 - which have passed
    assert [await may_curate(each) for each in (ADMIN, READER)] == [False, True]
    await slack.close()


async def test_a_user_group_that_cannot_be_read_is_told(server: Server) -> None:
    slack = platform(server, curator_groups=("S0CURATORS",))
    (missing,) = await slack.diagnose()
    assert "scope usergroups:read is missing" in missing
    assert "who is in the user groups of curators" in missing
    person = await slack._users.person(Origin(TEAM, ADMIN, CHANNEL))  # noqa: SLF001 - see above
    assert (person.may_manage, person.may_curate) == (True, False)
    server.here.scopes |= {"usergroups:read"}
    (unknown,) = await slack.diagnose()
    assert "The user group S0CURATORS of slack.curator_groups cannot be read" in unknown
    server.here.groups["S0CURATORS"] = []
    assert await slack.diagnose() == ()
    await slack.close()
