"""The page for operators: who may see it, what it shows, and what its buttons do."""

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import httpx2
import pytest
from selectolax.lexbor import LexborHTMLParser

from adapters.site.admin import Admin
from bot.commands.administration import Administration, SourceStatus
from bot.commands.context import Context
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from tests import samples
from tests.site_client import open_site

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-the-operator"
CHANNEL = Target("fake", "100", "<b>papers</b>")
SOURCES = (
    SourceStatus(
        "dair", "https://lists.example/<x>", 7, datetime(2026, 11, 1, tzinfo=UTC), None,
        ("ALARM: 3 weeks are gone.",),
    ),
)  # fmt: skip


async def sources() -> tuple[SourceStatus, ...]:
    return SOURCES


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    wanted = Subscription(CHANNEL, "dair", zone="Asia/Seoul")
    await context.ledger.subscribe(wanted, context.now())
    return replace(context, platforms=frozenset({"fake"}))


@asynccontextmanager
async def admin_site(context: Context, token: str = "") -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of pages with the operators' page."""
    administration = Administration(context, sources, lambda: ('{"event": "Failed <i>"}',))
    async with open_site(
        context, public_url="http://localhost/", admin=Admin(administration, token)
    ) as site:
        yield site


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"anyone:{password}".encode()).decode()}


def form_of(page: str, action: str) -> dict[str, str]:
    """Return the fields of the form of the first subscription."""
    parsed = LexborHTMLParser(page)
    fields = {
        node.attributes["name"] or "": node.attributes["value"] or ""
        for node in parsed.css("article form input")
    }
    assert action in {node.attributes["value"] for node in parsed.css("article form button")}
    return fields | {"action": action}


async def test_it_shows_how_everything_stands(context: Context) -> None:
    async with admin_site(context) as site:
        english = await site.get("/admin/", headers={"Accept-Language": "en"})
        korean = await site.get("/admin/", headers={"Accept-Language": "ko"})

    text = " ".join(LexborHTMLParser(english.text).css_first("main").text().split())  # type: ignore[union-attr]
    assert "fake:100/<b>papers</b>" in text
    assert "Next: " in text
    assert "every Monday" in text
    assert "dair https://lists.example/<x> 7 weeks" in text
    assert "ALARM: 3 weeks are gone." in text
    assert '{"event": "Failed <i>"}' in text
    assert context.version in english.text
    assert "<b>papers" not in english.text
    assert '<html lang="ko">' in korean.text
    assert "최근 경고와 오류" in korean.text
    assert english.headers["cache-control"] == "no-store"
    assert "set-cookie" not in english.headers


async def test_its_buttons_pause_resume_and_post_again(context: Context) -> None:
    async with admin_site(context) as site:

        async def press(action: str) -> str:
            page = await site.get("/admin/")
            done = await site.post("/admin/", data=form_of(page.text, action))
            assert done.status_code == httpx2.codes.OK
            status = LexborHTMLParser(done.text).css_first("[role=status]")
            assert status is not None
            return " ".join(status.text().split())

        assert "is on its way" in await press("again")
        assert "was posted here already, or is on its way" in await press("again")
        await press("pause")
        assert [each.is_paused for each in await context.ledger.subscriptions()] == [True]
        assert "The digest goes on" in await press("resume")
        assert [each.is_paused for each in await context.ledger.subscriptions()] == [False]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "192.0.2.1"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "papers.example.org"},
        {"Host": "127.0.0.1.evil.example"},
        basic(""),
        basic(TOKEN),
    ],
)
async def test_without_a_token_only_this_machine_sees_it(
    context: Context, headers: dict[str, str]
) -> None:
    async with admin_site(context) as site:
        found = await site.get("/admin/", headers=headers)

    is_own = "Authorization" in headers
    assert found.status_code == (httpx2.codes.OK if is_own else httpx2.codes.NOT_FOUND)


@pytest.mark.parametrize(
    "headers",
    [{}, basic(""), basic(TOKEN[:-1]), basic(TOKEN + "x"), {"Authorization": "Basic !"},
     {"Authorization": f"Bearer {TOKEN}"}, {"Authorization": "Basic " + TOKEN}],
)  # fmt: skip
async def test_a_token_is_asked_for_also_on_this_machine(
    context: Context, headers: dict[str, str]
) -> None:
    async with admin_site(context, TOKEN) as site:
        refused = await site.get("/admin/", headers=headers)
        posted = await site.post("/admin/", headers=headers, data={"action": "pause"})
        seen = await site.get("/admin/", headers=basic(TOKEN) | {"X-Forwarded-For": "192.0.2.1"})

    assert refused.status_code == posted.status_code == httpx2.codes.UNAUTHORIZED
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert "papers" not in refused.text
    assert seen.status_code == httpx2.codes.OK


@pytest.mark.parametrize(
    ("more", "headers", "status"),
    [
        ({"key": ""}, {}, 403),
        ({"key": "0" * 64}, {}, 403),
        ({"key": "ä"}, {}, 403),
        ({}, {"Origin": "https://evil.example"}, 403),
        ({}, {"Origin": "null"}, 403),
        ({}, {"Sec-Fetch-Site": "cross-site"}, 403),
        ({}, {"Sec-Fetch-Site": "same-site"}, 403),
        ({"subscription": "999"}, {}, 400),
        ({"subscription": "-1"}, {}, 400),
        ({"subscription": "²"}, {}, 400),
        ({"subscription": "9" * 400}, {}, 400),
        ({"action": "unsubscribe"}, {}, 400),
        ({"action": "x" * 20_000}, {}, 413),
    ],
)
async def test_what_this_page_did_not_send_is_refused(
    context: Context, more: dict[str, str], headers: dict[str, str], status: int
) -> None:
    async with admin_site(context) as site:
        page = await site.get("/admin/")
        sent = form_of(page.text, "pause") | more
        refused = await site.post("/admin/", data=sent, headers=headers)

    assert refused.status_code == status
    assert not any(each.is_paused for each in await context.ledger.subscriptions())


async def test_a_form_of_an_earlier_program_is_refused(context: Context) -> None:
    async with admin_site(context) as site:
        before = form_of((await site.get("/admin/")).text, "pause")
    async with admin_site(context) as site:
        refused = await site.post("/admin/", data=before)

    assert refused.status_code == httpx2.codes.FORBIDDEN


async def test_many_subscriptions_are_shown_in_pages(context: Context) -> None:
    for number in range(60):
        wanted = Subscription(replace(CHANNEL, channel=f"c{number}"), "dair")
        await context.ledger.subscribe(wanted, context.now())
    async with admin_site(context) as site:
        pages = [(await site.get(f"/admin/?page={number}")).text for number in (1, 2)]
        wrong = [
            (await site.get(f"/admin/?page={number}")).status_code
            for number in ("0", "-1", "x", "99999999999")
        ]

    assert [len(re.findall("<article>", page)) for page in pages] == [50, 11]
    assert "1 / 2" in pages[0]
    assert wrong == [404, 200, 200, 404]


async def test_pages_without_it_have_none(context: Context) -> None:
    async with open_site(context) as site:
        assert (await site.get("/admin/")).headers["location"].endswith("/en/admin/")
        assert (await site.get("/en/admin/")).status_code == httpx2.codes.NOT_FOUND
