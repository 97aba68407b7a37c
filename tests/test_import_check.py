"""An import is judged as a sync is: what looks wrong is held back until `--accept`."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests import dair_lists
from tests.command_line import CommandLine

pytestmark = pytest.mark.slow

DAYS = timedelta(days=7)
NEW = date(2026, 6, 28)
KNOWN = [NEW - number * DAYS for number in range(1, 6)]
LAST_YEAR = date(2025, 6, 29)


def write(folder: Path, name: str, *weeks: str) -> str:
    """Write a file of weeks; return its path."""
    path = folder / name
    path.write_text("# AI Papers of the Week\n\n" + "\n".join(weeks), encoding="utf-8")
    return str(path)


def week(start: date, heading: str = "", papers: int = 10) -> str:
    heading = f"## Top AI Papers of the Week ({heading}" if heading else ""
    return dair_lists.week(start, dair_lists.rows(start, papers), heading)


@pytest.fixture
def stocked(paperboy: CommandLine, tmp_path: Path) -> CommandLine:
    """Return the command line with an archive of some weeks."""
    source = write(tmp_path, "known.md", *map(week, [*KNOWN, LAST_YEAR]))
    assert paperboy("import", source)[0] == 0
    return paperboy


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        ("June 28 - July 5) - 2062", "it ends on 2062-07-05, and today is"),
        ("June 28 - July 5) - 2025", "most of its papers are of 2026-06 or later"),
        ("June 14 - June 21) - 2026", "its 10 papers are replaced by wholly others"),
    ],
)
def test_a_wrong_date_changes_nothing_until_it_is_accepted(
    stocked: CommandLine, tmp_path: Path, heading: str, reason: str
) -> None:
    before = stocked("export")[1]
    source = write(tmp_path, "new.md", week(NEW, heading))

    code, said, told = stocked("import", source)

    assert code == 2
    assert "0 added, 0 updated" in said
    assert reason in told
    assert f"import it again with --accept: {source}" in told
    assert stocked("export")[1] == before
    accepted, said, _ = stocked("import", "--accept", source)
    assert (accepted, "--accept" in said) == (0, False)
    assert stocked("export")[1] != before
    assert stocked("import", source)[0] == 0  # what was accepted once is known


def test_a_wrong_week_holds_back_no_other_of_its_file(
    stocked: CommandLine, tmp_path: Path
) -> None:
    source = write(tmp_path, "new.md", week(NEW + DAYS), week(NEW, "June 28 - July 5) - 2062"))

    code, said, told = stocked("import", source, "--json")

    totals = json.loads(said)
    assert (code, totals["added"]) == (3, 10)
    assert totals["problems"][0]["message"].startswith("2062-W26: ")
    assert told == ""


def test_a_corrected_week_is_taken_and_the_wrong_one_moves(
    stocked: CommandLine, tmp_path: Path
) -> None:
    wrong = write(tmp_path, "new.md", week(NEW, "June 28 - July 5) - 2062"))
    assert stocked("import", "--accept", wrong)[0] == 0

    code, _, told = stocked("import", write(tmp_path, "new.md", week(NEW)))

    assert (code, told) == (0, "")
    weeks = re.findall(r'"week": "([^"]+)"', stocked("export")[1])
    assert "2026-W27" in weeks
    assert "2062-W26" not in weeks


def test_a_loss_of_papers_or_links_is_held_back(stocked: CommandLine, tmp_path: Path) -> None:
    before = stocked("export")[1]
    bare = [re.sub(r"\[Paper\]\([^)]*\), ", "", row) for row in dair_lists.rows(KNOWN[0], 10)]

    fewer = stocked("import", write(tmp_path, "a.md", week(KNOWN[0], papers=3)))
    unlinked = stocked("import", write(tmp_path, "b.md", dair_lists.week(KNOWN[0], bare)))

    assert (fewer[0], unlinked[0]) == (2, 2)
    assert "2026-W26 has 3 papers; it had 10." in fewer[2]
    assert "2026-W26 lost links of 10 of 10 papers." in unlinked[2]
    assert stocked("export")[1] == before


def test_each_series_of_a_bundle_is_judged_by_itself(stocked: CommandLine, tmp_path: Path) -> None:
    code, bundle, _ = stocked("export", "--week", "2026-W26")
    twin = json.loads(bundle)
    twin["issues"].append(
        twin["issues"][0]
        | {"series": "ours", "papers": [{"title": {"en": f"Other {n}"}} for n in range(10)]}
    )
    path = tmp_path / "twin.json"
    path.write_text(json.dumps(twin), encoding="utf-8")

    code, said, told = stocked("import", str(path))

    assert (code, told) == (0, "")
    assert "10 added, 0 updated, 10 unchanged" in said


def test_old_papers_are_right_in_a_week_that_a_person_gave(
    paperboy: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "classics.txt"
    path.write_text("1706.03762\n1810.04805\n1512.03385\n2005.14165\n", encoding="utf-8")
    words = ("import", str(path), "--series", "ours", "--week")

    code, said, told = paperboy(*words, "2026-W26")
    ahead = datetime.now(UTC).year + 2
    future = paperboy(*words, f"{ahead}-W26")

    assert (code, told) == (0, "")
    assert "4 added" in said
    assert future[0] == 2
    assert f"{ahead}-W26: it ends on" in future[2]
