"""What the README says is so."""

import ast
import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import typer

from bot.cli import app
from bot.commands.registry import COMMANDS
from tests.module_map import modules, render_map

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_map_names_every_module_with_its_first_line() -> None:
    shown = re.search(r"<!-- map -->\n(.*)<!-- /map -->", README, re.DOTALL)

    assert shown is not None
    assert shown[1] == render_map(), "renew it: .venv/bin/python -m tests.module_map"


def test_every_module_says_what_it_is_for_in_one_sentence() -> None:
    for path in modules():
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert doc, path
        assert doc.split("\n\n")[0].rstrip().endswith("."), path


def test_every_command_of_the_chat_is_listed() -> None:
    for row in COMMANDS:
        assert re.search(rf"^\| `/{row.name}\b", README, re.MULTILINE), row.name
        assert f"`/{row.korean}`" in README


def test_every_command_of_the_command_line_is_listed_and_no_other() -> None:
    group = typer.main.get_group(app)
    listed = set(re.findall(r"^\| `paperboy (\w+)", README, re.MULTILINE))

    assert listed == set(group.commands)


def test_every_link_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}

    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", README):
        path, _, anchor = link.partition("#")
        assert (ROOT / path).exists(), link
        assert path or anchor in anchors, link


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["discord"], *extras["slack"]]
    table = README.split("## Dependencies")[1].casefold()

    for requirement in wanted:
        name = re.split(r"[\[<>=]", requirement)[0].casefold()
        assert name in table or name.replace("-", " ") in table or name.replace("-", "_") in table


def test_the_lock_pins_what_is_installed_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {
        name.replace("_", "-"): version
        for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE)
    }

    assert "://" not in lock
    own = {"paperboy", "pip", "setuptools", "wheel"}
    for found in distributions():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        if name not in own:
            assert pinned.get(name) == found.version, name


def test_the_procfile_starts_the_bot() -> None:
    assert (ROOT / "Procfile").read_text(encoding="utf-8") == "worker: paperboy run\n"
