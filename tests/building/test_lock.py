"""Tests of `building.lock`: one build at a time in a folder, and no longer than it lives."""

import errno
import fcntl
import os
import re
import signal
import stat
import subprocess
import sys

import pytest

from building.lock import HOLDER, _holder, locked
from building.request import RequestError

HOLD = """
import sys
from pathlib import Path
from building.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path, toy_environment):
    """Another process that holds the lock of a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        env=toy_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_second_build_is_told_who_the_first_is_and_since_when(tmp_path, holder):
    with pytest.raises(RequestError) as refused, locked(tmp_path):
        pass
    words = (
        rf"another build is running in {re.escape(str(tmp_path))} \(process {holder.pid}, since "
    )
    assert re.match(words + r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\)$", str(refused.value))


def test_removed_lock_files_do_not_let_a_second_build_in(tmp_path, holder):
    for name in (".lock", ".building.json"):
        (tmp_path / name).unlink()
    with pytest.raises(RequestError, match="another build is running"), locked(tmp_path):
        pass


def test_folder_that_cannot_be_locked_itself_is_locked_by_its_file(tmp_path, monkeypatch):
    real = fcntl.flock

    def files_alone(descriptor, operation):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", files_alone)
    with locked(tmp_path):
        assert (tmp_path / ".building.json").exists()


def test_lock_of_a_killed_build_does_not_block(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / ".building.json").exists()
    with locked(tmp_path):
        pass
    assert not (tmp_path / ".building.json").exists()


def test_lock_is_let_go_after_an_error(tmp_path):
    with pytest.raises(ValueError, match="inside"), locked(tmp_path):
        raise ValueError("inside")
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("content", ["[" * 100_000, "[]", '{"pid": 1, "since": 2}', ""])
def test_holder_whose_note_is_damaged_has_just_started(tmp_path, content):
    (tmp_path / HOLDER).write_text(content)
    assert _holder(tmp_path) == "just started"


def test_holder_that_has_not_said_its_name_yet_has_just_started(tmp_path, holder):
    (tmp_path / ".building.json").write_text("{")
    with pytest.raises(RequestError, match=r"\(just started\)"), locked(tmp_path):
        pass


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    output = tmp_path / "file" / "report"
    with (
        pytest.raises(RequestError, match=f"cannot write to the output folder {output}"),
        locked(output),
    ):
        pass
