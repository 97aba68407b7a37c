"""The real lists, where the folder of reference data is there."""

from pathlib import Path

from bot.sources.parsers.detect import parse_source
from storage.store import ArchiveStore


async def fill_with_real_weeks(store: ArchiveStore, reference_data: Path) -> None:
    """Save every week of the lists and two of the forum."""
    files = [
        *sorted((reference_data / "dair" / "years").glob("*.md")),
        reference_data / "seed" / "2023-10-09.txt",
        reference_data / "discourse" / "2026-06-08.html",
    ]
    for path in files:
        await store.save(parse_source(path.read_bytes(), path.name).issues)
