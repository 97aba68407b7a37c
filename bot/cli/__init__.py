"""The command line, a module per command."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version as installed_version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("run", "Start Paperboy: the platforms that are set up, or else the terminal chat."),
    "ask": ("ask", "Answer one command, or each line of a file, and end."),
    "preview": ("preview", "Show the messages that a digest of a week would post."),
    "status": (
        "status",
        "Show what comes next, what was posted, what failed and why, and what is waited for.",
    ),
    "health": ("health", "Tell whether the bot is alive; ends with 2 where it is not."),
    "post": ("post", "Post a week to a channel now, once; it counts as that week's digest there."),
    "doctor": ("doctor", "Say what is missing where, and how it is mended; 0 where all is well."),
    "invite": (
        "doctor",
        "Print the address that lets Paperboy in, with the permissions that it needs.",
    ),
    "manifest": (
        "manifest",
        "Print the declaration of the app: its commands, rights and addresses.",
    ),
    "sync": (
        "sync",
        "Ask the sources for new weeks now; what they lose stays until it is accepted.",
    ),
    "sources": (
        "sync",
        "Show the state of each source: the last success, the next try, what is wrong.",
    ),
    "import": (
        "import_",
        "Read weeks in any known format, and keep them; each source all or nothing.",
    ),
    "enrich": (
        "enrich",
        "Ask arXiv for the records of all papers, and Hugging Face for their code.",
    ),
    "embed": (
        "embed",
        "Compute the vectors of papers that have none; the running bot does it by itself.",
    ),
    "translate": (
        "translate",
        "Make missing titles, summaries, abstracts and introductions with a language model.",
    ),
    "export": ("archive", "Write the archive as a bundle that `paperboy import` reads."),
    "backup": ("archive", "Write a consistent copy of the archive, also while the bot runs."),
    "restore": (
        "archive",
        "Put a copy in the place of the archive; nothing is posted twice for it.",
    ),
    "check": ("archive", "Verify that the archive is whole."),
    "transfer": ("archive", "Transfer the archive with all its deliveries to another database."),
    "correct": (
        "curate",
        "Put a text, the tags or the links right; no later import changes them.",
    ),
    "retag": ("curate", "Give a paper a tag, or take one away; no later import changes it."),
    "retract": (
        "curate",
        "Retract a paper: members see the reason in place of its texts, wherever it is shown.",
    ),
    "withdraw": (
        "curate",
        "Withdraw a week: members see the reason in place of its papers; it is posted no more.",
    ),
    "add": ("curate", "Add papers to a week; texts come from their records, or from other weeks."),
    "move": (
        "curate",
        "Move a paper to another week of its series, or to another position of its week.",
    ),
    "remove": ("curate", "Remove a paper from a week; no later import brings it back."),
    "undo": ("edits", "Take an edit back; an undo can be undone by its own number."),
    "history": ("edits", "Show what curators changed: who, when, why, before and after."),
    "report": ("reports", "Report a mistake in the text of a paper to the curators."),
    "subscriptions": ("status", "Which channels get which weeks, and when."),
    "reports": ("reports", "Lists reported mistakes, and decides about them."),
    "review": ("review", "Lists weeks that wait for approval, and decides about them."),
    "conflicts": (
        "conflicts",
        "Lists corrected texts that their source has changed, and decides.",
    ),
    "site": ("site", "The archive as web pages."),
}
"""The commands in the order of the help: each with its module, and what it does.

The help of all commands comes from here, so that it imports none of them.
"""


class LazyGroup(TyperGroup):
    """The commands, of which each is imported when it is run."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._loaded: set[str] = set()
        for name, (_, does) in COMMANDS.items():
            self.commands[name] = TyperCommand(name, short_help=does)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is to be run, imported."""
        if args:
            self.load(args[0])
        return super().resolve_command(ctx, args)

    def load(self, name: str) -> Any:
        """Import a command, if there is one of this name, and return it."""
        if name in COMMANDS and name not in self._loaded:
            commands = typer.Typer(rich_markup_mode=None)
            commands.callback()(_no_options)
            import_module(f"bot.cli.{COMMANDS[name][0]}").register(commands)
            found = typer.main.get_group(commands).commands
            self.commands.update(found)
            self._loaded.update(found)
        return self.commands.get(name)


def _no_options() -> None:
    """Make a group of a module's commands, also where it has but one."""


app = typer.Typer(
    name="paperboy",
    cls=LazyGroup,
    help="Brings a community the week's machine-learning papers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    # Rich doubles the time to the help.
    rich_markup_mode=None,
)


def _print_version(is_wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if is_wanted:
        typer.echo(f"paperboy {installed_version('paperboy')}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Bring a community the week's machine-learning papers."""
