"""Starts Paperboy: `paperboy`, or `python -m bot`."""

from bot.cli import app
from bot.cli.exit import report_errors
from bot.cli.streams import tolerate_encodings


def main() -> None:
    """Run the command line; an expected error is one sentence, with exit code 2."""
    tolerate_encodings()
    with report_errors():
        app()


if __name__ == "__main__":
    main()
