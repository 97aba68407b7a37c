"""Golden files: what each platform made of a sample card when it was last looked at."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).with_name("golden")


def check(name: str, told: Any) -> None:
    """Fail where something is told otherwise than in its file; one that lacks is made."""
    golden = FOLDER / f"{name}.json"
    if not golden.exists():
        golden.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pytest.fail(f"{golden.name} was not there; it is now: look at it and keep it")
    assert json.loads(json.dumps(told)) == json.loads(golden.read_text("utf-8"))
