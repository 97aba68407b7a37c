"""Starts Paperboy: `paperboy`, or `python -m bot`."""

from bot.cli import app
from bot.cli.exit import report_errors


def main() -> None:
    """Run the command line; whatever is wrong is told in a sentence, with exit code 2."""
    with report_errors():
        app()


if __name__ == "__main__":
    main()
