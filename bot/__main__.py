"""Starts Paperboy: `paperboy`, or `python -m bot`."""

import gc

from bot.cli import app
from bot.cli.exit import report_errors
from bot.cli.streams import tolerate_encodings

COLLECTED_AFTER = 50_000
"""How many more objects there are before cycles among the new ones are looked for.

Python's own 700 are a tenth of what a command takes to start, and of what an answer costs.
"""


def main() -> None:
    """Run the command line; an expected error is one sentence, with exit code 2."""
    gc.set_threshold(COLLECTED_AFTER)
    tolerate_encodings()
    with report_errors():
        app()


if __name__ == "__main__":
    main()
