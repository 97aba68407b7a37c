"""The image, the compose files and the unit: what they start runs as they say."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.app.platforms import settings_type
from config import environment
from config.operation import MonitoringSettings
from storage.addresses import find_database
from tests.waiting import GUARD

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OWNER = "10001"
STOP_SECONDS = 10
"""How long a stop may take, as docs/operators.md promises."""
_READS = "--inh-caps=-all,+dac_read_search --ambient-caps=-all,+dac_read_search"
"""Where the tests run, Python may be in a folder of root; its user may read there."""


def instruction(name: str) -> list[str]:
    """Return the words of the last instruction of a name, which are written as JSON."""
    found = re.findall(rf"{name} (\[.*\])", DOCKERFILE)
    words: list[str] = json.loads(found[-1])
    return words


def test_the_image_holds_what_it_copies_and_no_more() -> None:
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
        for word in line.split()
    }

    assert kept[0] == "*"
    assert {line[1:] for line in kept if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == [f"{OWNER}:{OWNER}"]
    assert "PAPERBOY_" not in DOCKERFILE, "a host's DATABASE_URL has to be heard"


def test_lists_of_extras_name_those_that_there_are() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(project["optional-dependencies"]) - {"dev"}
    made = re.findall(r"^EXTRAS := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    told = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"[^.]*\sare extras", told)

    assert [set(each.split(",")) for each in made] == [extras]
    assert set(re.findall(r"`(\w+)`", sentence)) == extras
    guides = [file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md")]
    for text in (DOCKERFILE, *guides):
        for names in re.findall(r"(?:EXTRAS=|paperboy\[)([\w,]+)", text):
            assert set(names.split(",")) <= extras, names


def test_compose_starts_the_image_with_a_volume_and_nothing_else_to_write_to() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["paperboy"]

    assert service["read_only"]
    assert service["volumes"] == ["archive:/data"]
    assert "XDG_DATA_HOME=/data" in DOCKERFILE


def test_compose_with_postgresql_names_the_database_that_it_starts() -> None:
    services = yaml.safe_load((ROOT / "compose.postgresql.yaml").read_text("utf-8"))["services"]
    started, made = services["paperboy"], services["database"]["environment"]

    address = started["environment"]["PAPERBOY_DATABASE_URL"]
    named = re.fullmatch(r"postgresql://(\w+):(\$\{.*\})@(\w+)/(\w+)", address)
    assert named is not None
    user, password, host, name = named.groups()
    assert (user, password, name) == (
        made["POSTGRES_USER"], made["POSTGRES_PASSWORD"], made["POSTGRES_DB"],
    )  # fmt: skip
    assert [*started["depends_on"]] == [host]


def test_kubernetes_starts_the_image_as_compose_does() -> None:
    pod = yaml.safe_load((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8"))["spec"]
    claimed = {each["metadata"]["name"] for each in pod["volumeClaimTemplates"]}
    pod = pod["template"]["spec"]
    (container,) = pod["containers"]

    who = pod["securityContext"]
    assert {who["runAsUser"], who["runAsGroup"], who["fsGroup"]} == {int(OWNER)}
    assert container["securityContext"]["readOnlyRootFilesystem"]
    places = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert {places.pop(name) for name in claimed} == {"/data"}
    assert places == {each["name"]: "/tmp" for each in pod["volumes"]}  # noqa: S108 - as compose's
    assert pod["terminationGracePeriodSeconds"] > STOP_SECONDS
    settings = MonitoringSettings()
    (port,) = container["ports"]
    assert (port["containerPort"], "command" in container) == (settings.port, False)
    known = environment.known_variables(settings_type())
    assert all(variable["name"] in known for variable in container["env"])


def test_render_keeps_the_archive_on_its_disk() -> None:
    (service,) = yaml.safe_load((ROOT / "deploy" / "render.yaml").read_text("utf-8"))["services"]
    variables = {each["key"]: each.get("value", "") for each in service["envVars"]}

    assert service["startCommand"] in (ROOT / "Procfile").read_text(encoding="utf-8")
    assert (ROOT / service["buildCommand"].split()[-1]).is_file()
    database = find_database(variables["PAPERBOY_DATABASE_URL"])
    assert str(database.file and database.file.parent) == service["disk"]["mountPath"]
    assert service["maxShutdownDelaySeconds"] > STOP_SECONDS
    known = environment.known_variables(settings_type())
    assert all(name in known for name in variables if name.startswith("PAPERBOY_"))


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("skipped: systemd-analyze is not installed")
    text = (ROOT / "deploy" / "paperboy.service").read_text(encoding="utf-8")
    assert "ExecStart=/opt/paperboy/bin/paperboy run\n" in text
    unit = tmp_path / "paperboy.service"
    unit.write_text(text.replace("/opt/paperboy/bin/paperboy", "/bin/true"), encoding="utf-8")

    done = subprocess.run(  # noqa: S603 - systemd's own program
        [verify, "verify", str(unit)], capture_output=True, text=True, timeout=GUARD, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_image_keeps_the_rules_of_dockerfiles() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("skipped: hadolint is not installed")
    done = subprocess.run(  # noqa: S603 - what our own lock installs
        [linter, ROOT / "Dockerfile"], capture_output=True, text=True, timeout=GUARD, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.long
def test_wheel_and_source_run_in_an_environment_of_their_own(tmp_path: Path) -> None:
    """Build both, the wheel from the source, and use the wheel where no checkout is."""
    source, built, installed = (tmp_path / name for name in ("source", "dist", "env"))
    listed = subprocess.run(
        ["/usr/bin/git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split("\n")  # fmt: skip
    if not listed[0]:
        pytest.skip("skipped: there is no git here, which says what a checkout holds")
    for name in filter(None, listed):
        if (ROOT / name).is_file() and not name.startswith(("docs/", "benchmarks/", "tests/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)

    def run(*words: str | Path, cwd: Path = tmp_path) -> str:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(  # noqa: S603 - our own program
            words, cwd=cwd, capture_output=True, text=True, timeout=GUARD, check=False,
            env=kept | {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", built, source)
    (wheel,), (_archive,) = built.glob("*.whl"), built.glob("*.tar.gz")
    run(sys.executable, "-m", "venv", "--without-pip", installed)
    (packages,) = installed.glob("lib/python3.*/site-packages")
    program = installed / "bin" / "python"
    run(
        sys.executable, "-m", "pip", "--python", program, "install", "--quiet", "--no-deps",
        "--no-compile", "--no-index", wheel,
    )  # fmt: skip
    # What it depends on comes from here, but not the checkout: its .pth file is not followed.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    where = run(program, "-c", "import bot, config, storage, adapters; print(bot.__file__)")
    assert Path(where.strip()).is_relative_to(packages)
    assert run(installed / "bin" / "paperboy", "--version").startswith("paperboy 0.")
    run(installed / "bin" / "paperboy", "import", "--sample")
    assert "Ring Attention" in run(installed / "bin" / "paperboy", "ask", "/paper ringattention")
    told = {str(file.relative_to(packages)) for file in packages.rglob("*") if file.is_file()}
    rooms = ("bot/", "adapters/", "storage/", "config/")
    assert not {name for name in listed if name.startswith(rooms) if name not in told}


def _until_posting(check: Callable[[], "subprocess.Popen[str]"]) -> tuple[int, str]:
    """Ask for the health of a program that has just begun, until it is well."""
    until = time.monotonic() + GUARD
    while True:
        asked = check()
        beside = asked.communicate(timeout=GUARD)[1]
        if asked.returncode == 0 or time.monotonic() > until:
            return asked.returncode, beside


@pytest.mark.long
def test_the_program_of_the_image_needs_no_root_and_writes_on_its_volume_alone(
    tmp_path: Path,
) -> None:
    """Run what the image runs: its words, its user, a root that cannot be written, a volume."""
    if os.getuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        pytest.skip("skipped: only root can make a root that cannot be written")
    root, data = tmp_path / "root", tmp_path / "data"
    root.mkdir()
    data.mkdir()
    for folder in (*data.parents, data):
        if folder.is_relative_to("/tmp/pytest-of-root"):  # noqa: S108 - where pytest keeps them
            folder.chmod(0o755)
    os.chown(data, int(OWNER), int(OWNER))
    environment = {
        "XDG_DATA_HOME": str(data), "XDG_CONFIG_HOME": str(data), "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT), "PAPERBOY_WEBHOOK_CHANNELS": '{"papers": "https://127.0.0.1:9/"}',
        "PAPERBOY_WEBHOOK_SECRET": "of nobody" * 5, "PAPERBOY_SYNC_ENABLED": "false",
        "PAPERBOY_RECORD_ENABLED": "false",
    }  # fmt: skip
    assert instruction("ENTRYPOINT") == ["paperboy"]
    assert instruction("CMD") == ["run"]

    def started(words: list[str]) -> subprocess.Popen[str]:
        script = (
            f"mount --rbind / {root} && mount -o remount,ro,bind {root} && "
            f"mount --bind {data} {root}{data} && exec chroot {root} setpriv --reuid {OWNER} "
            f"--regid {OWNER} --clear-groups --no-new-privs {_READS} env -C {data} "
            f'{sys.executable} -m bot "$@"'
        )
        return subprocess.Popen(  # noqa: S603 - our own program
            ["/usr/bin/unshare", "--mount", "sh", "-c", script, "sh", *words],
            env=environment | {"PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    check = instruction("HEALTHCHECK .* CMD")[1:]
    program = started(instruction("CMD"))
    assert program.stderr is not None
    said = []
    for line in program.stderr:
        said.append(line)
        if '"Started"' in line:
            break
    health = _until_posting(lambda: started(check))
    program.send_signal(signal.SIGTERM)
    said += program.communicate(timeout=GUARD)[1].splitlines()
    assert program.returncode == 0, said
    assert any('"Stopped"' in line for line in said)
    archive = data / "paperboy" / "paperboy.sqlite3"
    assert (archive.stat().st_uid, archive.stat().st_mode & 0o777) == (int(OWNER), 0o600)

    assert health == (0, "")
    gone = started(check)
    assert gone.communicate(timeout=GUARD)[1] == "No bot posts on this database.\n"
    assert gone.returncode != 0
