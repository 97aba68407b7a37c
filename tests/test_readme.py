"""What the README and the documents say is so."""

import ast
import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.cli import COMMANDS as PROGRAMS
from bot.cli import LazyGroup, app
from bot.commands.registry import COMMANDS
from tests.generated_docs import GENERATED, modules, written

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATORS = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
DEPENDENCIES = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").casefold()
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob(".github/**/*.md")]
    if "node_modules" not in path.parts  # what `make pictures` installs
)


@pytest.mark.parametrize(("name", "marker"), [(name, marker) for name, marker, _ in GENERATED])
def test_the_generated_part_of_a_document_is_current(name: str, marker: str) -> None:
    (render,) = (render for _, each, render in GENERATED if each == marker)

    shown = written(name, marker, render())

    renew = ".venv/bin/python -m tests.generated_docs"
    assert (ROOT / name).read_text(encoding="utf-8") == shown, f"renew it: {renew}"


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= 150


def test_every_module_says_what_it_is_for_in_one_sentence() -> None:
    for path in modules():
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert doc, path
        assert doc.split("\n\n")[0].rstrip().endswith("."), path


def test_every_command_of_the_chat_is_listed() -> None:
    for row in COMMANDS:
        assert re.search(rf"^\| `/{row.name}\b", README, re.MULTILINE), row.name
        assert f"`/{row.korean_name}`" in README


def test_every_command_of_the_command_line_is_listed_and_no_other() -> None:
    group = typer.main.get_group(app)
    listed = set(re.findall(r"^\| `paperboy (\w+)", OPERATORS, re.MULTILINE))

    assert listed == set(group.commands)


def test_the_help_says_of_each_command_what_the_command_itself_says() -> None:
    group = typer.main.get_group(app)
    assert isinstance(group, LazyGroup)

    said = {
        name: " ".join(group.load(name).help.partition("\n\n")[0].split()) for name in PROGRAMS
    }

    assert said == {name: does for name, (_, does) in PROGRAMS.items()}


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in _anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    if document.name == "CHANGELOG.md":
        return  # it tells of files that were
    text = document.read_text(encoding="utf-8")

    for path in re.findall(r"`((?:bot|adapters|storage|config|tests|docs)/[\w./-]+)`", text):
        is_pattern = re.search(r"X|NAME|CARD", path)  # such as `adapters/X/` for any platform
        assert is_pattern or (ROOT / path).exists(), path


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *extras["discord"],
        *extras["slack"],
        *extras["meaning"],
        *extras["postgresql"],
    ]
    for requirement in wanted:
        name = re.split(r"[\[<>=]", requirement)[0].casefold()
        assert (
            name in DEPENDENCIES
            or name.replace("-", " ") in DEPENDENCIES
            or name.replace("-", "_") in DEPENDENCIES
        )


def test_the_lock_pins_what_is_installed_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    versions = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned: dict[str, str] = {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in map(Requirement, versions)
        if each.marker is None or each.marker.evaluate()
    }

    assert "://" not in lock
    own = {"paperboy", "pip", "setuptools", "wheel"}
    for found in distributions():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        if name not in own:
            assert pinned.get(name) == found.version, name


def test_the_lock_has_hashes_of_everything_and_the_constraints_its_versions() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace(" \\\n    ", " ")
    versions = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    entries = [line.split(" --hash=sha256:") for line in lock.splitlines()]

    assert [version for version, *_ in entries] == versions, "say: make lock"
    for version, *hashes in entries:
        assert hashes, f"{version} has no hash; say: make lock"
        assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in hashes), version


def test_the_procfile_starts_the_bot() -> None:
    started = (ROOT / "Procfile").read_text(encoding="utf-8")
    assert started == "release: paperboy status\nworker: paperboy run\n"
