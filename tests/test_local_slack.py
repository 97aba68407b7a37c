"""The journey on a Slack that others wrote, in a browser; skipped where that Slack is absent."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def needed() -> tuple[str, str]:
    """Return local-slack and Chromium, or skip."""
    slack = os.environ.get("PAPERBOY_LOCAL_SLACK", "")
    if not slack or not Path(slack).is_file():
        pytest.skip(
            "skipped: PAPERBOY_LOCAL_SLACK does not name the program of the npm package "
            "local-slack-linux-x64@0.1.8"
        )
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("skipped: there is no Chromium to drive the page of local-slack")
    return slack, chromium


async def alone(*command: str) -> tuple[int, str]:
    """Run a command in a network namespace of its own; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        "unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "-",
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_member_asks_clicks_and_opens_the_thread(tmp_path: Path, mode: str) -> None:
    slack, chromium = needed()
    if (await alone("true"))[0]:
        pytest.skip("skipped: this machine lets nobody have a network of their own (unshare)")
    code, said = await alone(
        sys.executable, "-m", "tests.local_slack", slack, chromium, str(tmp_path), mode
    )
    assert code == 0, said[-2000:]
    kept = {each.name for each in tmp_path.glob("*.png")}  # noqa: ASYNC240 - nothing waits for it
    assert kept == {"slack-thread.png", "slack-week.png"}
