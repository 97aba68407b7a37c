"""The command that translates: what it does, counts and shows, and what a kill leaves."""

import json
import signal

import pytest

from bot.sources.parsers import bundle
from tests import fork_server
from tests.command_line import CommandLine
from tests.model_server import ModelServer, Said
from tests.translation_lies import BENCH_EN, BENCH_KO
from tests.translations import english, said, week
from tests.waiting import wait_until

ON_BOTH_DATABASES = "long"


WEBHOOK = {
    "PAPERBOY_WEBHOOK_CHANNELS": '{"papers": "http://127.0.0.1:9/x"}',
    "PAPERBOY_WEBHOOK_SECRET": "a" * 40,
}


def switched_on(endpoint: ModelServer) -> dict[str, str]:
    return {
        "PAPERBOY_TRANSLATION_ENABLED": "true",
        "PAPERBOY_TRANSLATION_BASE_URL": endpoint.url,
        "PAPERBOY_TRANSLATION_MODEL": "small-model",
        "PAPERBOY_TRANSLATION_PROMPT_PRICE": "1",
    }


@pytest.fixture
def listed(paperboy: CommandLine) -> CommandLine:
    """Return the command line, on an archive with a week in English."""
    papers = [
        english(
            number, f"{BENCH_EN} It is number {number} of its kind.", f"Promises, volume {number}"
        )
        for number in range(1, 9)
    ]
    file = paperboy.folder / "week.json"
    file.write_text(bundle.dump([week(*papers)], "json"), encoding="utf-8")
    assert paperboy("import", str(file))[0] == 0
    return paperboy


def test_the_command_translates_and_counts(listed: CommandLine, endpoint: ModelServer) -> None:
    settings = switched_on(endpoint)

    off = listed("translate")
    odd = listed("translate", "someday", **settings)
    dry = json.loads(listed("translate", "--dry-run", "--json", **settings)[1])
    asked = len(endpoint.asked)
    code, printed, _ = listed.child("translate", "--json", **settings)
    left = json.loads(listed("translate", "--dry-run", "--json", **settings)[1])
    other = listed("translate", "2020-W01", "--dry-run", **settings)[1]

    assert off[0] == 2
    assert "translation.enabled" in off[2]
    assert "'someday' is no week" in odd[2]
    assert asked == 0
    assert (dry["papers"], dry["texts"]) == (8, 17)
    # The introduction is written, and then translated.
    assert json.loads(printed)["kept"] == 18
    assert json.loads(printed)["cost"] > 0
    assert code == 0
    assert left["texts"] == 0
    assert other.startswith("Missing: 0 texts")


def test_curators_are_shown_what_failed_and_why(
    listed: CommandLine, endpoint: ModelServer
) -> None:
    settings = switched_on(endpoint)
    none = listed.child("translate", "--failed", **settings)
    wrong = said(title="약속, 1권", summary=BENCH_KO.replace("18%", "81%"))
    endpoint.responses += [wrong, said(summary=BENCH_KO.replace("18%", "81%"))]
    listed.child("translate", **settings)

    shown = listed.child("translate", "--failed", **settings)
    found = json.loads(listed.child("translate", "--failed", "--json", **settings)[1])

    assert none[1] == "No text failed the checks.\n"
    assert "2026-W24 arxiv:2606.00001, summary (ko): The number 18%" in shown[1]
    assert "81%" in shown[1]
    assert [(each["week"], each["field"]) for each in found] == [("2026-W24", "summary")]


def test_doctor_asks_the_endpoint(listed: CommandLine, endpoint: ModelServer) -> None:
    settings = {**switched_on(endpoint), **WEBHOOK}
    endpoint.responses += [said(word="hello"), Said(status=401, body="{}")]

    well = listed.child("doctor", **settings)
    wrong = listed.child("doctor", **settings)

    assert "translation: all is well." in well[1], well
    assert "set translation.key" in wrong[1]


@pytest.mark.long
async def test_a_kill_in_the_middle_translates_nothing_twice(
    listed: CommandLine, endpoint: ModelServer
) -> None:
    environ = listed.environ(**switched_on(endpoint))
    program = fork_server.start(["translate"], environ, 0, 1, 2)
    await wait_until(lambda: len(endpoint.asked) >= 3)
    endpoint.held.clear()
    count = len(endpoint.asked)
    await wait_until(lambda: len(endpoint.asked) > count)
    program.send(signal.SIGKILL)
    program.wait()
    before = [asked.texts for asked in endpoint.asked[:-1]]
    in_flight = endpoint.asked[-1].texts
    endpoint.held.set()
    listed.child("translate", **switched_on(endpoint))

    after = [asked.texts for asked in endpoint.asked[len(before) + 1 :]]
    assert [texts for texts in after if texts in before] == []
    assert in_flight in after
    # Eight papers, the introduction, and its translation.
    assert len(before) + len(after) == 10


def test_json_of_an_answer_has_what_a_machine_made_apart(
    listed: CommandLine, endpoint: ModelServer
) -> None:
    listed.child("translate", **switched_on(endpoint))

    found = json.loads(listed("ask", "/paper Promises, volume 3", "--json")[1])["papers"][0]

    assert set(found["title"]) == {"en"}
    assert [(text["field"], text["language"]) for text in found["machine_texts"]] == [
        ("title", "ko")
    ]
