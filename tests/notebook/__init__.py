"""A platform of the tests: people write into files of one folder, and read there.

Its folder is copied beside those of the product's platforms; see `tests/test_fourth_platform.py`.
"""

from collections.abc import Mapping
from typing import Any

from adapters.notebook.options import Options
from adapters.notebook.platform import Notebook

from bot.ports.platform import Platform


def connect(options: Options | Mapping[str, Any]) -> Platform:
    """Return the platform."""
    made: Platform = Notebook(Options.model_validate(options))
    return made
