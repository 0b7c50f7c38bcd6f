"""What a newcomer types: every command of the README, and the Makefile on a machine of stubs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import build_report

PROJECT = Path(build_report.__file__).parent
README = (PROJECT / "README.md").read_text()
TARGETS = ("report", "quick", "test", "check", "clean-environment")
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")

# Makes an environment whose commands write down how they were called.
STUB = """#!/bin/sh
if [ "$1" = -c ]; then exec PYTHON "$@"; fi
echo "made by $(basename "$0") $*" >> log
for folder; do :; done
mkdir -p "$folder/bin"
for name in python pip pytest ruff; do
  printf '#!/bin/sh\\necho "%s $*" >> log\\n' $name > "$folder/bin/$name"
  chmod +x "$folder/bin/$name"
done
echo 'PATH="$PWD/.venv/bin:$PATH"' > "$folder/bin/activate"
"""


def commands(start):
    """Return the commands of the README that begin so, in blocks of code and within lines."""
    blocks = re.findall(r"^    (.+)$", README, re.MULTILINE)
    lines = [re.split(r"\s{2,}", line)[0] for line in blocks]
    return [it for it in (*lines, *re.findall(r"`([^`]+)`", README)) if it.startswith(start)]


@pytest.mark.parametrize("command", sorted(set(commands("python build_report.py"))))
def test_command_of_the_readme_is_understood(command):
    build_report.parser().parse_intermixed_args(shlex.split(command)[2:])


def test_every_option_is_in_the_readme():
    options = {name for action in build_report.parser()._actions for name in action.option_strings}
    assert {name for name in options - {"-h", "--help"} if f"{name}" not in README} == set()


def test_requirement_files_of_the_readme_are_there():
    named = set(re.findall(r"requirements[\w-]*\.(?:txt|lock)", README))
    assert named >= {"requirements-dev.txt", "requirements-gpu.txt", "requirements.lock"}
    assert all((PROJECT / name).is_file() for name in named)


def test_gpu_requirements_have_the_report_s_tensorflow():
    (version,) = re.findall(r"^tensorflow==(\S+)", (PROJECT / "requirements.txt").read_text(), re.M)
    assert f"tensorflow[and-cuda]=={version}" in (PROJECT / "requirements-gpu.txt").read_text()


@pytest.fixture
def newcomer(tmp_path):
    """A folder with spaces in its name that holds the Makefile; returns a function that calls make."""
    place, stubs = tmp_path / "my own report", tmp_path / "stubs"
    place.mkdir()
    stubs.mkdir()
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(PROJECT / name, place / name)
    (stubs / "python3").write_text(STUB.replace("PYTHON", shlex.quote(sys.executable)))
    (stubs / "python3").chmod(0o755)
    path = os.pathsep.join([str(stubs), "/usr/bin", "/bin"])

    def make(*arguments):
        (place / "log").write_text("")
        given = {"cwd": place, "env": {"PATH": path}, "timeout": 60}
        subprocess.run(
            ["make", "-s", *arguments], check=True, capture_output=True, text=True, **given
        )
        return (place / "log").read_text().splitlines()

    make.place = place
    return make


@needs_make
@pytest.mark.skipif(Path("/usr/bin/uv").exists(), reason="uv would take the stub's place")
def test_make_sets_up_once_and_again_when_requirements_change(newcomer):
    first = newcomer()
    assert first == [
        "made by python3 -m venv .venv",
        "python -m pip install --quiet -r requirements-dev.txt",
        "python build_report.py",
    ]
    assert newcomer("quick") == ["python build_report.py --profile quick"]
    ready = (newcomer.place / ".venv" / "ready").stat().st_mtime
    os.utime(newcomer.place / "requirements.txt", (ready + 5, ready + 5))
    assert newcomer("test", "OPTIONS=-n 1")[0].startswith("made by")
    assert newcomer("clean-environment") == []
    assert not (newcomer.place / ".venv").exists()


@needs_make
def test_python_that_is_too_old_is_refused_in_a_line(newcomer):
    old = newcomer.place / "old"
    old.write_text(
        f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "
        "'import sys; sys.version_info = (3, 10, 12); exec(sys.argv[1])' \"$2\"\n"
    )
    old.chmod(0o755)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        newcomer("PYTHON=./old")
    assert refused.value.stderr.splitlines()[0] == (
        "Python 3.11 to 3.13 is needed: make PYTHON=python3.12"
    )
    assert not (newcomer.place / ".venv").exists()


@needs_make
@pytest.mark.parametrize("command", sorted(set(commands("make"))))
def test_make_of_the_readme_is_a_target(command):
    assert set(shlex.split(command)[1:]) <= {
        *TARGETS, "OPTIONS=--author 'A. Student'", "OPTIONS=--dry-run", "PYTHON=python3.12"
    }  # fmt: skip
    subprocess.run(
        [*shlex.split(command), "-n"], cwd=PROJECT, check=True, capture_output=True, timeout=60
    )
